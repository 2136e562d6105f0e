"""The SDK's face on a deployed market: what its five-line example does, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.anvil import Anvil
from energy_grid.adapters.chain.deployments import Deployment
from energy_grid.adapters.chain.roles import Role
from energy_grid.client import (
    Account,
    EnergyGrid,
    MeterReading,
    OrderType,
    Period,
    PeriodKind,
)
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderStatus, OrderTerms, TransactionStatus
from energy_grid.errors import DeploymentError, DomainError, NodeUnreachableError
from energy_grid.services.ports import StopLevel
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.market import MONDAY, Market

METER = Account(b"\7" * 32)
HOUR = Period(kind=PeriodKind.HOURLY, start=MONDAY)
PRICE = 250_000


def test_deposit_with_permit__credits_the_vault_in_one_transaction(grid: EnergyGrid) -> None:
    receipt = grid.deposit_with_permit(BUYER, 50_000_000)
    assert [event.event for event in grid.events_in(receipt.logs)] == [
        "Approval",
        "Transfer",
        "AccountOpened",
        "Deposited",
    ]
    assert grid.settlement.balance_of(BUYER.address) == 50_000_000
    assert grid.money.balance_of(BUYER.address) == 50_000_000
    grid.deposit_with_permit(BUYER, 1)
    assert grid.settlement.balance_of(BUYER.address) == 50_000_001


def test_deposit_with_permit__more_than_there_is__is_refused(grid: EnergyGrid) -> None:
    with pytest.raises(errors.ERC20InsufficientBalance) as refusal:
        grid.deposit_with_permit(BUYER, 100_000_001)
    assert refusal.value.sender == BUYER.address
    assert (refusal.value.balance, refusal.value.needed) == (100_000_000, 100_000_001)


def test_sign_order__by_default_for_this_hour_and_the_next_free_nonce(grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 1_000_000)
    order = grid.sign_order(BUYER, OrderType.BUY, energy=1500, price=PRICE)
    assert order.terms == OrderTerms(
        trader=BUYER.address,
        order_type=OrderType.BUY,
        amount=1500,
        price=PRICE,
        expiry=HOUR.end - 1,
        period=HOUR,
    )
    assert (order.nonce, order.by_contract) == (0, False)
    standing = grid.standing(order)
    assert (standing.authentic, standing.refusal, standing.needed) == (True, Refusal.NONE, 375_000)
    receipt = grid.cancel_signed(BUYER, [0, 1])
    assert [event.event for event in grid.events_in(receipt.logs)] == ["SignedOrderCancelled"] * 2
    assert grid.standing(order).refusal is Refusal.NONCE_SPENT
    assert grid.sign_order(BUYER, OrderType.BUY, energy=1500, price=PRICE).nonce == 2
    receipt = grid.cancel_signed_below(BUYER, 40)
    assert [event.event for event in grid.events_in(receipt.logs)] == [
        "SignedFloorRaised",
        "SignedOrdersCancelledBelow",
    ]
    assert grid.next_nonce(BUYER.address) == 40
    assert grid.next_nonce(BUYER.address, taken=[40, 41]) == 42


def test_sign_order__that_could_never_trade__is_refused(grid: EnergyGrid) -> None:
    def sign(**changes: Any) -> None:
        grid.sign_order(BUYER, OrderType.SELL, **{"energy": 1500, "price": PRICE, **changes})

    for changes, says in (
        ({"energy": 0}, "the energy in Wh must be from 1 to"),
        ({"energy": 1.5}, "energy must be an integer"),
        ({"price": 2**64}, "the price must be from 1 to"),
        ({"nonce": 2**40}, "the nonce must be from 0 to"),
        ({"nonce": -1}, "nonce must not be negative"),
        ({"expiry": MONDAY - 1}, "it is over: its last second is 2023-12-31 23:59:59 UTC"),
        ({"period": Period(kind=PeriodKind.HOURLY, start=MONDAY - 3600)}, "it is over"),
    ):
        with pytest.raises(DomainError, match=says):
            sign(**changes)


def test_a_trade__from_deposit_to_delivery(market: Market, grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 50_000_000)
    grid.deposit_with_permit(SELLER, 50_000_000)
    number = grid.register_meter(
        grid.acting_safe(OWNERS), METER, SELLER.address, region="village", rated_power=10_000
    )
    info = grid.meters.get_meter(METER.address)
    assert (info.number, info.account, info.region) == (number, SELLER.address, "village")
    buy = grid.place_order(BUYER, OrderType.BUY, energy=1500, price=PRICE, period=HOUR)
    sell = grid.place_order(SELLER, OrderType.SELL, energy=1500, price=PRICE)
    (order, state), _ = grid.trading.get_orders(buy, 2)
    assert (order.trader, order.order_type) == (BUYER.address, OrderType.BUY)
    assert (state.period, state.start, state.remaining) == (HOUR.kind, HOUR.start, 1500)
    receipt = grid.send(SELLER, grid.trading.match_orders(buy, sell))
    assert grid.trading.get_order(sell).status is OrderStatus.FILLED
    market.go_to(HOUR.end)
    reading = MeterReading(
        timestamp=HOUR.end, consumption=0, production=1200, grid_frequency=5000, voltage=2300
    )
    grid.submit_readings(BUYER, [grid.sign_reading(METER, reading)])
    assert grid.meters.get_latest_reading(METER.address) == reading
    matched = grid.trading.events(receipt.logs, "OrdersMatched")[0]["transaction_id"]
    grid.send(BUYER, grid.trading.settle_transaction(matched))
    transaction = grid.trading.get_transaction(matched)
    assert (transaction.delivered, transaction.status) == (1200, TransactionStatus.MATCHED)
    slot = grid.slot(MONDAY)
    pairs = [(BUYER.address, slot), (SELLER.address, slot)]
    bought, sold = grid.settlement.energies_of(pairs)
    assert bought == grid.settlement.energy_of(*pairs[0])
    assert (bought.bought, sold.sold, sold.produced) == (1200, 1200, 1200)
    deliveries = grid.settlement.history("EnergyDelivered", from_block=receipt.block)
    assert [(log["slot"], log["amount"]) for log in deliveries] == [(slot, 1200)]


def test_slot__is_that_of_the_newest_block(market: Market, grid: EnergyGrid) -> None:
    assert grid.slot() == MONDAY // 3600
    market.go_to(MONDAY + 3600)
    assert grid.slot() == MONDAY // 3600 + 1


def test_reads__at_an_earlier_block__tell_what_was(grid: EnergyGrid) -> None:
    before = grid.node.block_number
    by_hash = grid.node.block(before)["hash"]
    grid.deposit_with_permit(BUYER, 7)
    balance_of = grid.settlement.balance_of
    assert balance_of(BUYER.address) == 7
    assert balance_of(BUYER.address, block_identifier=before) == 0
    assert balance_of(BUYER.address, block_identifier=by_hash) == 0


def test_simulate__tells_what_would_be_returned(grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 50_000_000)
    call = grid.trading.create_order(OrderType.BUY, amount=1000, price=PRICE)
    assert grid.trading.simulate(call, BUYER.address) == 1
    assert grid.trading.order_count() == 0
    with pytest.raises(errors.Settlement_UnknownAccount):
        grid.trading.simulate(call, SELLER.address)


def test_access__roles_as_the_file_says(grid: EnergyGrid) -> None:
    for role, holders in grid.deployment.roles.items():
        assert grid.access.members(role) == set(holders)
    pause = grid.settlement.abi.function("pause").selector
    assert grid.access.role_of(grid.settlement.address, pause) is Role.GUARDIAN
    guardian = grid.acting_safe(OWNERS)
    assert grid.access.can_call(guardian.address, grid.settlement.address, pause)
    assert not grid.access.can_call(BUYER.address, grid.settlement.address, pause)
    grid.send(guardian, grid.settlement.pause())
    assert grid.settlement.stop_level() is StopLevel.PAUSED
    with pytest.raises(errors.EmergencyStop_Stopped) as refusal:
        grid.deposit_with_permit(BUYER, 1)
    assert refusal.value.level is StopLevel.PAUSED


def test_connect__another_chain__is_refused(file: Path) -> None:
    with Anvil(chain_id=1337) as node, pytest.raises(DeploymentError, match="this node is on 1337"):
        EnergyGrid.connect(node.url, file)


def test_connect__nothing_deployed__is_refused(file: Path) -> None:
    with Anvil() as node, pytest.raises(DeploymentError, match=r"there is no \w+ at 0x"):
        EnergyGrid.connect(node.url, file)


def test_connect__other_sources__is_refused(market: Market, file: Path) -> None:
    document = json.loads(file.read_text())
    document["contracts"]["Settlement"]["abiHash"] = "0" * 64
    file.write_text(json.dumps(document))
    with pytest.raises(DeploymentError, match="Settlement was deployed from other sources"):
        EnergyGrid.connect(market.node.url, Deployment.load(file))


def test_connect__no_node__is_refused(file: Path) -> None:
    with Anvil() as node:
        url = node.url
    with pytest.raises(NodeUnreachableError, match=r"no node answers at 127\.0\.0\.1"):
        EnergyGrid.connect(url, str(file))
