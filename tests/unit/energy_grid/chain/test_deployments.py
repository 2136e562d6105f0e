"""Deployment files, and what they are held against."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.deployments import Deployment, SafeAccount
from energy_grid.chain.roles import Role
from energy_grid.errors import DeploymentError
from tests.support.fake_node import FakeNode

HOLDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
SAFE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
Change = Callable[[dict[str, Any]], object]


def _document() -> dict[str, Any]:
    contracts: dict[str, Any] = {
        name: {
            "address": "0x" + f"{index:040x}",
            "block": index,
            "transaction": "0x" + "0" * 64,
            "arguments": [HOLDER, 5],
            "abiHash": load(name).digest,
        }
        for index, name in enumerate(contract_names(), 3)
        if name != "MultiSendCallOnly"  # whose code is looked at
    }
    contracts["SettlementToken"] = {"address": contracts["TestDollar"]["address"]}
    return {
        "format": 2,
        "network": "ethereum:local:foundry",
        "chainId": 31337,
        "deployer": HOLDER.lower(),
        "parameters": {"slotLength": 3600},
        "contracts": contracts,
        "roles": {role.name: [HOLDER.lower()] for role in Role},
        "safes": {
            "treasury": {
                "address": SAFE.lower(),
                "owners": [HOLDER.lower(), SAFE],
                "threshold": 2,
            }
        },
    }


def _load(path: Path, document: Any) -> Deployment:
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return Deployment.load(path)


def _node(chain_id: int = 31337, code: str = "0x6001") -> FakeNode:
    node = FakeNode(code)
    node.__dict__["chain_id"] = chain_id
    return node


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deployment.json"


def test_load__everything_that_the_file_says(path: Path) -> None:
    deployment = _load(path, _document())
    assert (deployment.network, deployment.chain_id) == ("ethereum:local:foundry", 31337)
    assert deployment.deployer == HOLDER
    assert deployment.roles[Role.GUARDIAN] == (HOLDER,)
    assert deployment.parameters == {"slotLength": 3600}
    assert deployment.token == deployment.address("TestDollar")
    assert deployment.contracts["Settlement"].arguments == (HOLDER, 5)
    assert deployment.first_block == 3
    safe = SafeAccount(address=SAFE, owners=(HOLDER, SAFE), threshold=2)
    assert deployment.safes == {"treasury": safe}
    deployment.verify(_node())


def test_load__no_safe__none(path: Path) -> None:
    deployment = _load(path, _document() | {"safes": {}})
    assert deployment.safes == {}
    deployment.verify(_node())


def test_load__token_that_was_there_before__is_named_alone(path: Path) -> None:
    document = _document()
    del document["contracts"]["TestDollar"]
    deployment = _load(path, document)
    with pytest.raises(DeploymentError, match="ethereum:local:foundry has no TestDollar"):
        deployment.address("TestDollar")
    deployment.verify(_node())


def test_load__missing__says_so(path: Path) -> None:
    with pytest.raises(DeploymentError, match="there is no deployment file"):
        Deployment.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.pop("format"),
        lambda it: it.pop("contracts"),
        lambda it: it.update(contracts=[]),
        lambda it: it.update(roles={"KING": []}),
        lambda it: it.update(roles=[]),
        lambda it: it.update(chainId="many"),
        lambda it: it.update(chainId=float("inf")),
        lambda it: it["contracts"].pop("SettlementToken"),
        lambda it: it["contracts"]["Settlement"].pop("abiHash"),
        lambda it: it["safes"]["treasury"].pop("threshold"),
        lambda it: it["safes"]["treasury"].update(owners=["0x1"]),
        lambda it: it.update(safes="0x1"),
        lambda it: it["contracts"]["Settlement"].update(address="0x1"),
    ],
)
def test_load__something_else__says_so(path: Path, change: Change) -> None:
    document = _document()
    change(document)
    with pytest.raises(DeploymentError, match="is no deployment file"):
        _load(path, document)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "5", '{"format": 2}', "\x00", pytest.param("[" * 10**5, id="deep")],
)
def test_load__no_such_json__says_so(path: Path, text: str) -> None:
    with pytest.raises(DeploymentError, match="is no deployment file"):
        _load(path, text)


def test_load__later_format__says_so(path: Path) -> None:
    with pytest.raises(DeploymentError, match="has format 3, not 2"):
        _load(path, _document() | {"format": 3})


def test_load__without_a_contract__says_so(path: Path) -> None:
    document = _document()
    del document["contracts"]["SmartMeter"]
    with pytest.raises(DeploymentError, match="names no SmartMeter"):
        _load(path, document)


def test_verify__another_chain__is_refused(path: Path) -> None:
    with pytest.raises(DeploymentError, match="is on chain 31337, this node is on 246"):
        _load(path, _document()).verify(_node(chain_id=246))


def test_verify__no_code__is_refused(path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"there is no \w+ at 0x\w+ on chain 31337"):
        _load(path, _document()).verify(_node(code="0x"))


def test_verify__no_code_at_the_safe__is_refused(path: Path) -> None:
    deployment = _load(path, _document())
    node = _node()
    codes = [*("0x6001" for _ in deployment.contracts), "0x6001", "0x"]
    node.__dict__["rpc_batch"] = lambda requests: codes
    with pytest.raises(DeploymentError, match=f"there is no Safe of the treasury at {SAFE}"):
        deployment.verify(node)


def test_verify__other_code_where_the_safe_delegates_to__is_refused(path: Path) -> None:
    """Or whoever handed out the file could have the owners sign the Safe away."""
    document, address = _document(), "0x" + "9" * 40
    entry = {**document["contracts"]["Safe"], "abiHash": load("MultiSendCallOnly").digest}
    document["contracts"]["MultiSendCallOnly"] = {**entry, "address": address}
    with pytest.raises(DeploymentError, match=f"{address} is not the MultiSendCallOnly of Safe"):
        _load(path, document).verify(_node())


def test_verify__other_sources__is_refused(path: Path) -> None:
    document = _document()
    document["contracts"]["EnergyTrading"]["abiHash"] = "0" * 64
    with pytest.raises(DeploymentError, match="EnergyTrading was deployed from other sources"):
        _load(path, document).verify(_node())
