"""What all commands of the grid suite have in common, and what they refuse without a chain."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from energy_grid.client import EnergyGrid
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.entrypoints.cli import main as cli
from energy_grid.entrypoints.cli.answers import as_document, listed, word, yes_or_no
from energy_grid.entrypoints.cli.main import main
from energy_grid.services.grid_ports import LoadReport
from tests.support.artifacts import ROOT

Output = pytest.CaptureFixture[str]
GROUPS = {"offer", "asset", "carbon", "operator", "grid", "dr", "oracle", "govern"}
NOBODY = "0x" + "1" * 40


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below one, with its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, each in inner.items():
        yield from _commands(each, (*path, name))


COMMANDS = {path: each for path, each in _commands(get_command(cli._commands)) if path[0] in GROUPS}


def test_commands__are_all_tried_on_a_chain() -> None:
    assert {path[0] for path in COMMANDS} == GROUPS
    tried = "".join(file.read_text() for file in ROOT.glob("tests/integration/test_cli_*.py"))
    words = [" ".join(path) for path in COMMANDS]
    assert [each for each in words if f"{each} " not in tried and f'{each}"' not in tried] == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_command__says_what_it_does_and_has_the_common_options(
    path: tuple[str, ...], capsys: Output
) -> None:
    assert main([*path, "--help"]) == 0
    said = capsys.readouterr().out
    options = {option for each in COMMANDS[path].params for option in each.opts}
    assert {"--rpc", "--deployment"} <= options
    assert len({"--account", "--json"} & options) == 1
    assert str(COMMANDS[path].short_help).endswith(".")
    for each in COMMANDS[path].params:
        assert each.help, each.name
    # Numbers of enums are nobody's business.
    assert "<0|" not in said


@pytest.mark.parametrize(
    "group",
    ["operator", "grid", "grid load", "dr event", "oracle submit", "govern", "govern propose"],
)
def test_group__without_a_command__shows_them(group: str, capsys: Output) -> None:
    assert main(shlex.split(group)) == 0
    captured = capsys.readouterr()
    assert "Commands:" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("operator", "No such command 'x'"),
        (f"operator verify {NOBODY}", "Missing option '--account'"),
        ("operator register A village --capacity 1kg --account local:1", "'1kg' is not a power"),
        ("operator score 0x1 ten --account local:1", "'ten' is not a whole number from 0 to 100"),
        ("grid load report village --capacity 5 --demand -1 --account local:1", "'--demand'"),
        ("grid load show ''", "'' is no region: a name of 1 to 32 ASCII characters"),
        (f"grid load show {'v' * 33}", "is no region"),
        ("grid load show d\u00f6rflein", "is no region"),
        ("grid load show village --rpc localhost:8545", "it begins with http:// or https://"),
        ("grid load history village --limit 0", "'--limit': 0 is not from 1 to 100"),
        ("grid load history village --limit 101", "'--limit': 101 is not from 1 to 100"),
        (f"operator score {NOBODY} 101 --account local:2", "'SCORE': 101 is not from 0 to 100"),
        (
            "grid balance open village shed --target 5 --account local:1",
            "'shed' is none of increase-generation, decrease-generation, shed-load, restore-load,"
            " reserve-activation",
        ),
        (
            "grid stability report village --frequency 50,1 --voltage 99 --account local:1",
            "'--frequency': '50,1' is not a frequency in Hz",
        ),
        (
            "grid stability respond village --frequency 50 --voltage 99 --severity bad"
            " --account local:1",
            "'bad' is none of normal, alert, emergency, critical",
        ),
        (
            "grid stability configure low-voltage shed-load --adjust 5 --priority 6"
            " --account local:1",
            "'--priority': 6 is not from 1 to 5",
        ),
        (f"dr event show {'9' * 79}", "is not a whole number from 0 on"),
        ("dr event start --target 5 --duration 2 --account local:1", "'2' is not a duration"),
        (f"dr baseline {NOBODY} --from now --to then", "'now' is not a time"),
        (
            f"operator verify {NOBODY} --account {'7' * 64}",
            "a key does not belong on a command line: use env:NAME or a keystore file",
        ),
        (f"operator verify {NOBODY} --account env:NOTHING", "there is no variable NOTHING"),
        (
            f"operator verify {NOBODY} --account safe:local:1,local:x",
            "'local:x' is nobody: write local:0, local:1",
        ),
        (f"operator verify {NOBODY} --account safe:", "'safe:' must name owners of the Safe"),
        ("govern vote 0 for --account local:1", "'PROPOSAL': 0 is not from 1 on"),
        ("govern vote 1 maybe --account local:1", "'maybe' is none of against, for, abstain"),
        ("oracle show tides", "'tides' is none of price, weather, grid"),
    ],
)
def test_command__wrong_words__one_line_and_2_and_no_node_asked(
    command: str, says: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EnergyGrid, "connect", lambda *_: pytest.fail("a node was asked"))
    words = shlex.split(command)
    assert main(words + (["x"] if words == ["operator"] else [])) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("energy-grid: ")
    assert captured.err.count("\n") == 1
    assert says in captured.err


def test_command__without_a_deployment_or_a_node__one_line_and_1(
    capsys: Output, tmp_path: Path
) -> None:
    file = tmp_path / "local.json"
    assert main(["grid", "status", "--deployment", str(file)]) == 1
    assert capsys.readouterr().err == f"energy-grid: there is no deployment file {file}\n"
    file.write_text("{}")
    assert main(["grid", "status", "--deployment", str(file)]) == 1
    assert "is no deployment file" in capsys.readouterr().err


def test_command__places_and_sender__can_come_from_the_environment(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []
    monkeypatch.setattr(EnergyGrid, "connect", lambda *places: asked.append(places) or _fail())
    monkeypatch.setenv("ENERGY_GRID_RPC", "http://127.0.0.1:1")
    monkeypatch.setenv("ENERGY_GRID_DEPLOYMENT", str(tmp_path / "x.json"))
    monkeypatch.setenv("ENERGY_GRID_ACCOUNT", "local:1")
    for command in (["grid", "status"], ["operator", "verify", NOBODY]):
        with pytest.raises(RuntimeError, match="asked"):
            main(command)
    assert asked == [("http://127.0.0.1:1", tmp_path / "x.json")] * 2


def _fail() -> None:
    raise RuntimeError("asked")


def test_as_document__has_names_of_enums_and_integers_as_they_are() -> None:
    report = LoadReport(
        capacity=2**200, demand=5, percentage=0, timestamp=1, status=LoadStatus.HIGH
    )
    document = as_document({"list": [report], "kind": ActionType.SHED_LOAD, "none": None})
    assert json.loads(json.dumps(document)) == {
        "list": [
            {
                "capacity": 2**200,
                "demand": 5,
                "percentage": 0,
                "timestamp": 1,
                "status": "HIGH",
            }
        ],
        "kind": "SHED_LOAD",
        "none": None,
    }


def test_words__are_those_that_people_type() -> None:
    assert word(ActionType.SHED_LOAD) == "shed-load"
    assert (yes_or_no(True), yes_or_no(False)) == ("yes", "no")
    assert listed(("a",), [], "Nothing.") == "Nothing."
