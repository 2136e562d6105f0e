"""The table of networks, and the places that a market is looked for in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.chain.networks import NETWORKS, is_url, network_named
from energy_grid.client import EnergyGrid
from energy_grid.errors import DeploymentError, InputError
from tests.support.artifacts import ROOT

PARAMETERS = {file.stem: file for file in ROOT.glob("scripts/_deploy/networks/*.yaml")}


def _yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def test_networks__are_those_that_can_be_deployed_to() -> None:
    assert set(NETWORKS) == set(PARAMETERS) == {"local", "sepolia", "base_sepolia", "volta"}
    for name, network in NETWORKS.items():
        chains = _yaml(PARAMETERS[name])["chainId"]
        assert network.chain_ids == tuple(chains if isinstance(chains, list) else [chains])
        assert network.deployment == Path(f"deployments/{name}.json")
    assert set(NETWORKS["local"].chain_ids) == LOCAL_CHAINS


def test_networks__are_as_ape_has_them() -> None:
    config = _yaml(ROOT / "ape-config.yaml")
    nodes = {
        f"{ecosystem}:{name}:node": node["uri"]
        for ecosystem, networks in config["node"].items()
        if isinstance(networks, dict)
        for name, node in networks.items()
        if isinstance(node, dict)
    }
    chains = {
        f"{each['ecosystem']}:{each['name']}:node": each["chain_id"]
        for each in config["networks"]["custom"]
    }
    local = NETWORKS["local"]
    assert local.ape == f"ethereum:local:{local.rpc}"
    others = [each for each in NETWORKS.values() if each is not local]
    assert [each.rpc for each in others] == [nodes[each.ape] for each in others]
    # Ape knows Sepolia by itself.
    known = {**chains, "ethereum:sepolia:node": 11155111}
    assert [each.chain_ids for each in others] == [(known[each.ape],) for each in others]


def test_network__unknown__is_refused_with_the_names() -> None:
    for connect in (network_named, EnergyGrid.connect):
        with pytest.raises(InputError) as refusal:
            connect("goerli")
        assert str(refusal.value) == (
            "'goerli' is no network: name one of local, sepolia, base_sepolia, volta; the address"
            " of a node begins with http:// or https://"
        )


def test_network__node__is_the_public_one_or_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ENERGY_GRID_RPC", raising=False)
    assert NETWORKS["volta"].node == "https://volta-rpc.energyweb.org"
    monkeypatch.setenv("ENERGY_GRID_RPC", "http://127.0.0.1:1")
    assert NETWORKS["volta"].node == "http://127.0.0.1:1"


def test_network__require__only_its_own_chains() -> None:
    NETWORKS["local"].require(1337, "it")
    with pytest.raises(DeploymentError) as refusal:
        NETWORKS["local"].require(1338, "it")
    assert str(refusal.value) == (
        "it is on chain 1338, and the network local is chain 31337 or 1337"
    )


def test_connect__by_address_without_a_file__or_by_two_nodes__is_refused(tmp_path: Path) -> None:
    for arguments in ({}, {"deployment": tmp_path, "rpc": "http://127.0.0.1:2"}):
        with pytest.raises(InputError, match="name the network, or one node and the deployment"):
            EnergyGrid.connect("http://127.0.0.1:1", **arguments)


def test_connect__by_name_without_a_deployment__names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeploymentError, match=r"no deployment file deployments/volta\.json"):
        EnergyGrid.connect("volta")


@pytest.mark.parametrize(
    ("place", "expected"),
    [("http://x", True), ("https://x", True), ("localhost:8545", False), ("volta", False)],
)
def test_is_url__both_protocols(place: str, expected: bool) -> None:
    assert is_url(place) is expected
