"""Markets on the networks that are known by name, on nodes that carry their chain ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.chain.networks import NETWORKS, Network
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.cli.main import main
from energy_grid.client import EnergyGrid
from energy_grid.errors import DeploymentError
from tests.support.market import Market

PLACES = ("ENERGY_GRID_NETWORK", "ENERGY_GRID_RPC", "ENERGY_GRID_DEPLOYMENT")


@pytest.fixture(params=NETWORKS)
def network(
    request: pytest.FixtureRequest,
    market: Market,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Network, DevNode]]:
    """A network, and a node of it with the market, whose deployment is where it belongs."""
    network = NETWORKS[request.param]
    document = json.loads(file.read_text())
    own = tmp_path / network.deployment
    own.parent.mkdir()
    own.write_text(json.dumps({**document, "chainId": network.chain_ids[0]}))
    monkeypatch.chdir(tmp_path)
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    with Anvil(chain_id=network.chain_ids[0]) as node:
        node.rpc("anvil_loadState", market.node.rpc("anvil_dumpState"))
        yield network, node


def test_connect__by_name__is_the_network_s_own_deployment(
    network: tuple[Network, DevNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, node = network
    with EnergyGrid.connect(found.name, rpc=node.url) as market:
        assert market.node.chain_id == found.chain_ids[0]
        assert market.money.symbol() == "tUSD"
    monkeypatch.setenv("ENERGY_GRID_RPC", node.url)
    with EnergyGrid.connect(found.name) as market:
        assert (market.node.url, market.node.chain_id) == (node.url, found.chain_ids[0])


def test_connect__by_the_name_of_another_network__is_refused(
    network: tuple[Network, DevNode],
) -> None:
    found, node = network
    other = "sepolia" if found.name == "volta" else "volta"
    with pytest.raises(DeploymentError) as refusal:
        EnergyGrid.connect(other, found.deployment, rpc=node.url)
    assert str(refusal.value) == (
        f"{found.deployment} is on chain {found.chain_ids[0]}, and the network {other} is chain"
        f" {NETWORKS[other].chain_ids[0]}"
    )


def test_command__by_the_name_of_a_network__from_the_line_or_the_environment(
    network: tuple[Network, DevNode],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, node = network
    assert main(["govern", "status", "--json", "--network", found.name, "--rpc", node.url]) == 0
    printed = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("ENERGY_GRID_RPC", node.url)
    monkeypatch.setenv("ENERGY_GRID_NETWORK", found.name)
    assert main(["govern", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == printed
    # What is typed comes before the environment, and a file before the network's own.
    other = "sepolia" if found.name == "volta" else "volta"
    monkeypatch.setenv("ENERGY_GRID_DEPLOYMENT", str(found.deployment))
    assert main(["govern", "status", "--network", other]) == 1
    assert f"and the network {other} is chain" in capsys.readouterr().err


def test_command__without_a_network__goes_by_its_node_and_file(
    network: tuple[Network, DevNode], capsys: pytest.CaptureFixture[str]
) -> None:
    found, node = network
    places = ["--rpc", node.url, "--deployment", str(found.deployment)]
    assert main(["govern", "status", *places]) == 0
    assert "to propose" in capsys.readouterr().out


def test_dry_run__with_a_key_that_everybody_knows__is_for_local_chains(
    network: tuple[Network, DevNode], capsys: pytest.CaptureFixture[str]
) -> None:
    found, node = network
    command = ["govern", "delegate", "--account", "local:5", "--dry-run"]
    code = main([*command, "--network", found.name, "--rpc", node.url])
    out, err = capsys.readouterr()
    if found.name == "local":
        assert (code, err) == (0, "")
        assert "GovernanceToken.delegate(address)" in out
    else:
        assert (code, out) == (2, "")
        assert "is public knowledge: use another one on chain" in err
