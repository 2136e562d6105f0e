"""Calls built for wallets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.integration.backend.api.conftest import Api


def build(api: Api, contract: str, function: str, *arguments: Any) -> Any:
    sender = api.exchange.traders[0].address
    document = {
        "from": sender,
        "contract": contract,
        "function": function,
        "arguments": [*arguments],
    }
    return api.post("/calls", document).json()


def test_call__of_a_function__is_what_its_wrapper_prepares(api: Api) -> None:
    grid = api.exchange.grid
    settlement = grid.settlement
    found = build(api, "Settlement", "withdraw", "1000", api.exchange.traders[0].address)
    call = settlement.withdraw(1000, api.exchange.traders[0].address)
    assert (found["to"], found["data"]) == (call.to, f"0x{call.data.hex()}")
    assert found["reverts"] is None
    assert int(found["gas"]) > 21_000
    poor = build(api, "Settlement", "withdraw", str(10**12), api.exchange.traders[0].address)
    assert "insufficient balance" in poor["reverts"]
    assert poor["gas"] is None
    region = build(api, "GridManagement", "implementEmergencyProtocol", "home", "ISLANDING")
    assert "reverts" in region, region
    tariff = {
        "buy": "1",
        "feedIn": "1",
        "networkFee": "0",
        "protocolFee": "0",
        "maxFactor": "10000",
    }
    assert build(api, "Tariffs", "addRegion", "north", tariff)["data"].startswith("0x")
    enum = build(api, "BalancingCoordination", "initiateBalancingAction", "home", "SHED_LOAD", 1, 1)
    assert enum["function"] == "initiateBalancingAction(bytes32,uint8,uint256,uint8)"


@pytest.mark.parametrize(
    ("contract", "function", "arguments", "field", "detail"),
    [
        ("Nothing", "withdraw", [], "function", "Nothing"),
        ("Settlement", "nothing", [], "function", "Settlement has no function nothing"),
        ("Settlement", "balanceOf", ["0x"], "function", "balanceOf changes nothing"),
        ("Settlement", "withdraw", ["1"], "arguments", "withdraw(uint256,address) takes 2"),
        ("Settlement", "withdraw", [1.5, "x"], None, "cannot hold"),
        ("Settlement", "withdraw", [-1, "0x" + "00" * 20], None, "cannot hold"),
        ("EnergyTrading", "cancelSigned", ["7"], "arguments.0", "uint256[] is a list"),
        ("Tariffs", "addRegion", ["n", {"buy": 1}], "arguments.1", "an object with buy, feedIn"),
        ("Settlement", "withdraw", [[[[]]], {}], None, "cannot hold"),
    ],
)
def test_call__that_fits_no_function__names_the_argument(
    api: Api, contract: str, function: str, arguments: list[Any], field: str | None, detail: str
) -> None:
    problem = build(api, contract, function, *arguments)
    assert (problem["status"], problem.get("field")) == (422, field)
    assert detail in problem["detail"]


def test_call_of_money_that_knows_no_forwarder__is_not_offered_to_the_relay(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, account = api.exchange.grid, api.exchange.traders[0].address
    call = grid.money.transfer(account, 1)
    assert grid.relay_typed_data(account, call) is not None
    # As where the money is somebody else's token.
    others = {name: it for name, it in grid.deployment.contracts.items() if name != "TestDollar"}
    monkeypatch.setattr(grid, "deployment", replace(grid.deployment, contracts=others))
    assert grid.relay_typed_data(account, call) is None
