"""A market in the hands of a user of web3.py: what they pass in, and what they get out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from web3 import HTTPProvider, Web3
from web3.datastructures import AttributeDict
from web3.logs import DISCARD
from web3.middleware import Web3Middleware

from energy_grid.client import EnergyGrid, InputError, events
from tests.integration.conftest import BUYER
from tests.support.market import Market


class Counting(Web3Middleware):
    """Remembers the methods of all requests."""

    methods: list[str]

    def request_processor(self, method: Any, params: Any) -> Any:
        self.methods.append(method)
        return method, params


def test_connect__web3__carries_every_request(grid: EnergyGrid, file: Path) -> None:
    counting = type("Own", (Counting,), {"methods": []})
    w3 = Web3(HTTPProvider(grid.node.url))
    w3.middleware_onion.add(counting)
    with EnergyGrid.connect(w3, file) as market:
        assert market.w3 is w3
        counting.methods.clear()
        receipt = market.deposit_with_permit(BUYER, 70).execute()[-1]
        assert "eth_sendRawTransactionSync" in counting.methods
        assert market.settlement.balance_of(BUYER.address) == 70
        (deposited,) = market.settlement.history(events.Settlement_Deposited)
        assert deposited.amount == 70
        assert deposited.transaction == receipt.transaction


def test_connect__provider__works_as_its_address(grid: EnergyGrid, file: Path) -> None:
    with EnergyGrid.connect(HTTPProvider(grid.node.url), file) as market:
        assert market.trading_domain == grid.trading_domain
        assert market.w3.eth.chain_id == 31337


def test_connect__web3_without_the_deployment__is_rejected(grid: EnergyGrid) -> None:
    with pytest.raises(InputError, match="one node and the deployment file"):
        EnergyGrid.connect(Web3(HTTPProvider(grid.node.url)))


def test_receipt__is_that_of_web3(grid: EnergyGrid) -> None:
    receipt = grid.deposit_with_permit(BUYER, 70).execute()[-1]
    found = grid.w3.eth.get_transaction_receipt(receipt.web3["transactionHash"])
    assert isinstance(receipt.web3, AttributeDict)
    assert receipt.web3 == found
    (event,) = (
        grid.web3_contract("Settlement")
        .events.Deposited()
        .process_receipt(receipt.web3, errors=DISCARD)
    )
    (ours,) = grid.settlement.events(found["logs"], events.Settlement_Deposited)
    assert event["args"]["amount"] == ours.amount == 70


def test_contract__of_web3__reads_and_writes_the_same(grid: EnergyGrid, market: Market) -> None:
    money = grid.web3_contract(grid.money)
    assert money.functions.balanceOf(BUYER.address).call() == grid.money.balance_of(BUYER.address)
    market.node.rpc("anvil_impersonateAccount", BUYER.address)
    approved = money.functions.approve(grid.settlement.address, 7).transact({"from": BUYER.address})
    grid.w3.eth.wait_for_transaction_receipt(approved)
    assert grid.money.allowance(BUYER.address, grid.settlement.address) == 7


def test_call__is_sent_by_web3(grid: EnergyGrid, market: Market) -> None:
    call = grid.money.approve(grid.settlement.address, 9)
    market.node.rpc("anvil_impersonateAccount", BUYER.address)
    sent = grid.w3.eth.send_transaction(
        {"from": BUYER.address, "to": call.to, "data": call.data, "value": call.value}
    )
    grid.w3.eth.wait_for_transaction_receipt(sent)
    assert grid.money.allowance(BUYER.address, grid.settlement.address) == 9
