"""The hints about what to do next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.networks import NETWORKS, NoDeploymentError, WrongChainError
from energy_grid.cli import hints, main
from energy_grid.cli.hints import HINTS, about_places
from energy_grid.errors import DeploymentError, NodeUnreachableError

COMMAND = re.compile(r"energy-grid ((?:[a-z-]+ ?)+)")


def _is_command(words: list[str]) -> bool:
    """Whether a command or a group has the first of these words as its name."""
    found = get_command(main._commands)
    for word in words:
        inner = getattr(found, "commands", None)
        if not inner:
            return True
        if word not in inner:
            return False
        found = inner[word]
    return True


def _named(text: str) -> list[list[str]]:
    return [match[1].split() for match in COMMAND.finditer(text)]


def test_hints__are_of_errors_that_exist() -> None:
    errors = {each.name for name in contract_names() for each in load(name).errors.values()}
    assert set(HINTS) <= errors


def test_hints__name_commands_that_exist() -> None:
    texts = [
        *HINTS.values(),
        *re.findall(r"energy-grid [a-z -]+", Path(hints.__file__).read_text()),
    ]
    named = [words for text in texts for words in _named(text)]
    assert ["dr", "program", "list"] in [words[:3] for words in named]
    assert [each for each in named if not _is_command(each)] == []


def test_no_node__on_a_local_network__says_how_to_start_one() -> None:
    with pytest.raises(NodeUnreachableError) as refusal, about_places(None):
        raise NodeUnreachableError("no node answers at 127.0.0.1:8545")
    assert str(refusal.value) == (
        "no node answers at 127.0.0.1:8545: start one with anvil --accounts 30, or name another"
        " with --rpc"
    )
    away = pytest.raises(NodeUnreachableError, match="at x: name another with --rpc")
    with away, about_places("volta"):
        raise NodeUnreachableError("no node answers at x")


@pytest.mark.parametrize("name", NETWORKS)
def test_no_deployment__says_how_to_deploy_to_the_network(name: str) -> None:
    with pytest.raises(DeploymentError) as refusal, about_places(name):
        raise NoDeploymentError("there is no file")
    assert str(refusal.value) == (
        f"there is no file: deploy the market with ape run deploy --network {NETWORKS[name].ape},"
        " or name its file with --deployment"
    )


def test_wrong_chain_and_other_sources__say_what_to_name_or_do() -> None:
    wrong = pytest.raises(DeploymentError, match="wrong: name a node of that chain with --rpc, or")
    with wrong, about_places("volta"):
        raise WrongChainError("wrong")
    gone = pytest.raises(DeploymentError, match="gone: deploy the market with ape run deploy")
    with gone, about_places(None):
        raise DeploymentError("gone")
