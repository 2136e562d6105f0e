"""EnergyTrading.settleTransaction, both forms: when it does what.

What is paid: test_settle_transaction_money.py. Which slots: test_settle_transaction_slots.py.
"""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from tests.support.market import MONDAY, Market
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    SETTLE,
    Desk,
    Energy,
    refuses,
    together,
)

MATCHED, SETTLED = TransactionStatus

# None is the form without maxSlots.
forms = pytest.mark.parametrize("max_slots", [None, 1, FOREVER])


@forms
@pytest.mark.parametrize("missing", [0, 2, FOREVER])
def test_settle_transaction__that_does_not_exist__is_refused(
    desk: Desk, missing: int, max_slots: int | None
) -> None:
    desk.agree()
    with refuses(desk.market, errors.EnergyTrading_NoSuchTransaction, transaction_id=missing):
        desk.settle(missing, max_slots)


def assert_waits(desk: Desk, number: int, max_slots: int | None, *, at: int | None = None) -> None:
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        if at is not None:
            desk.market.at(at)
        desk.settle(number, max_slots)


@forms
def test_settle_transaction__before_its_period__waits(desk: Desk, max_slots: int | None) -> None:
    number = desk.agree()
    # What the seller produces before the period is not for this transaction.
    desk.produce(5000, at=desk.start)
    assert_waits(desk, number, max_slots, at=desk.start)
    assert desk.energy(desk.seller, desk.slot - 1) == Energy(produced=5000)


@forms
def test_settle_transaction__before_any_reading__waits(desk: Desk, max_slots: int | None) -> None:
    number = desk.agree()
    for time in (desk.start + 1, desk.end - 1, desk.end, desk.end + 1):
        assert_waits(desk, number, max_slots, at=time)


@forms
def test_settle_transaction__only_others_metered__waits(desk: Desk, max_slots: int | None) -> None:
    buyers_meter = desk.market.register_meter(desk.buyer)
    rivals_meter = desk.market.register_meter(desk.rival, rated_power=RATED_POWER)
    number = desk.agree()
    time = desk.start + 600
    desk.market.at(time).read_meter(buyers_meter, timestamp=time, consumed=100, produced=100)
    desk.produce(5000, at=time + 1, meter=rivals_meter)
    assert_waits(desk, number, max_slots)


@forms
def test_settle_transaction__only_other_slots_metered__waits(
    desk: Desk, max_slots: int | None
) -> None:
    number = desk.agree()
    desk.produce(5000, at=desk.start)
    # One second later, and the reading would belong to the period.
    desk.produce(0, at=desk.end)
    desk.produce(5000, at=desk.end + 60)
    assert_waits(desk, number, max_slots)


def test_settle_transaction__no_slots__waits(desk: Desk) -> None:
    number = desk.agree()
    desk.produce(AMOUNT, at=desk.start + 600)
    assert_waits(desk, number, 0)
    desk.market.go_to(MONDAY + 50 * HOUR)
    assert_waits(desk, number, 0)
    desk.settle(number, 1)
    assert desk.transaction(number).status is SETTLED


@forms
def test_settle_transaction__a_part_produced__is_delivered_and_stays_matched(
    desk: Desk, max_slots: int | None
) -> None:
    number = desk.agree()
    before = desk.transaction(number)
    desk.produce(AMOUNT - 1, at=desk.start + 600)

    receipt = desk.settle(number, max_slots)

    assert desk.emitted(receipt) == ["EnergyDelivered", "DeliveryPaid", "TransactionDelivered"]
    assert desk.logged(receipt, desk.market.trading, "TransactionDelivered") == [
        {"transaction_id": number, "amount": AMOUNT - 1}
    ]
    assert desk.logged(receipt, desk.market.settlement, "EnergyDelivered") == [
        {
            "seller": desk.number(desk.seller),
            "buyer": desk.number(desk.buyer),
            "slot": desk.slot,
            "amount": AMOUNT - 1,
        }
    ]
    assert desk.transaction(number) == before._replace(delivered=AMOUNT - 1)
    assert desk.energy(desk.seller) == Energy(produced=AMOUNT - 1, sold=AMOUNT - 1)
    assert desk.energy(desk.buyer) == Energy(bought=AMOUNT - 1)
    assert_waits(desk, number, max_slots)


@forms
@pytest.mark.parametrize("surplus", [0, 1, 1000])
def test_settle_transaction__all_produced__is_settled_at_once(
    desk: Desk, surplus: int, max_slots: int | None
) -> None:
    number = desk.agree()
    before = desk.transaction(number)
    desk.produce(AMOUNT + surplus, at=desk.start + 600)

    receipt = desk.settle(number, max_slots)

    assert desk.emitted(receipt) == [
        *("EnergyDelivered", "DeliveryPaid", "TransactionDelivered", "TransactionSettled")
    ]
    assert desk.logged(receipt, desk.market.trading, "TransactionSettled") == [
        {"transaction_id": number, "delivered": AMOUNT, "refund": 0, "compensation": 0}
    ]
    assert desk.transaction(number) == before._replace(delivered=AMOUNT, status=SETTLED)
    assert desk.energy(desk.seller) == Energy(produced=AMOUNT + surplus, sold=AMOUNT)
    assert desk.energy(desk.buyer) == Energy(bought=AMOUNT)


@forms
@pytest.mark.parametrize("delivered", [0, AMOUNT // 2])
def test_settle_transaction__once_its_period_is_final__is_settled(
    desk: Desk, delivered: int, max_slots: int | None
) -> None:
    number = desk.agree()
    before = desk.transaction(number)
    if delivered:
        desk.produce(delivered, at=desk.start + 600)
        desk.settle(number, max_slots)
    final = desk.market.final_at(desk.slot)
    assert final == desk.end + desk.market.grace
    assert_waits(desk, number, max_slots, at=final - 1)

    desk.market.at(final)
    receipt = desk.settle(number, max_slots)

    assert desk.emitted(receipt) == ["TransactionSettled"]
    assert desk.transaction(number) == before._replace(
        delivered=delivered, settled_slots=1, status=SETTLED
    )


def test_settle_transaction__long_after_its_period__delivers_and_ends_in_one(desk: Desk) -> None:
    number = desk.agree()
    desk.produce(700, at=desk.end)
    desk.market.go_to(MONDAY + 1000 * HOUR)
    receipt = desk.settle(number)
    assert desk.emitted(receipt) == [
        *("EnergyDelivered", "DeliveryPaid", "TransactionDelivered", "TransactionSettled")
    ]
    found = desk.transaction(number)
    assert (found.delivered, found.settled_slots, found.status) == (700, 1, SETTLED)


@forms
def test_settle_transaction__settled_by_delivery__is_refused(
    desk: Desk, max_slots: int | None
) -> None:
    number = desk.agree()
    desk.produce(AMOUNT, at=desk.start + 600)
    desk.settle(number)
    desk.produce(AMOUNT, at=desk.start + 700)
    for time in (desk.start + 800, desk.market.final_at(desk.slot)):
        with refuses(desk.market, errors.EnergyTrading_AlreadySettled, transaction_id=number):
            desk.market.at(time)
            desk.settle(number, max_slots)


@forms
def test_settle_transaction__settled_by_time__is_refused(desk: Desk, max_slots: int | None) -> None:
    number = desk.agree()
    desk.market.go_to(desk.market.final_at(desk.slot))
    desk.settle(number)
    with refuses(desk.market, errors.EnergyTrading_AlreadySettled, transaction_id=number):
        desk.settle(number, max_slots)


@pytest.mark.parametrize("caller", ["buyer", "seller", "rival", "stranger"])
def test_settle_transaction__by_anyone__is_the_same(desk: Desk, caller: str) -> None:
    number = desk.agree()
    desk.produce(AMOUNT, at=desk.start + 600)
    desk.market.do(getattr(desk, caller), desk.market.trading, SETTLE, number)
    assert desk.transaction(number).status is SETTLED
    assert desk.money(desk.seller) == (FUNDS + AMOUNT * PRICE // 1000, 0)
    assert desk.money(desk.buyer) == (FUNDS - AMOUNT * PRICE // 1000, 0)


def test_settle_transaction__twice_in_one_block__happens_once(desk: Desk) -> None:
    number = desk.agree()
    desk.produce(AMOUNT, at=desk.start + 600)
    call = desk.market.trading.prepare(SETTLE, number)
    assert together(desk.market, (desk.keeper, call), (desk.stranger, call)) == [True, False]
    assert desk.money(desk.seller) == (FUNDS + AMOUNT * PRICE // 1000, 0)


@pytest.mark.parametrize("reading_first", [True, False])
def test_settle_transaction__in_one_block_with_the_reading__needs_it_first(
    desk: Desk, reading_first: bool
) -> None:
    number = desk.agree()
    time = desk.start + 600
    reading = desk.market.reading(timestamp=time, produced=AMOUNT)
    read = (desk.meter, desk.market.meters.prepare("submitReading", reading))
    settle = (desk.keeper, desk.market.trading.prepare(SETTLE, number))
    desk.market.at(time)
    if reading_first:
        assert together(desk.market, read, settle) == [True, True]
        assert desk.transaction(number).status is SETTLED
    else:
        assert together(desk.market, settle, read) == [False, True]
        assert desk.transaction(number).delivered == 0


@pytest.mark.anvil
def test_settle_transaction__among_many__costs_the_same_gas(market: Market, desk: Desk) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    for trader in (desk.buyer, desk.seller):
        busy.deposit(trader, FUNDS)
    meter = busy.register_meter(desk.seller, rated_power=RATED_POWER)
    for _ in range(120):
        buy = busy.buy(desk.buyer, 10, PRICE, start=desk.start)
        busy.match(buy, busy.sell(desk.seller, 10, PRICE, start=desk.start))
    time = desk.start + 600
    busy.at(time).read_meter(meter, timestamp=time, produced=100_000)

    figures = [busy.settle(number).gas_used for number in range(1, 121)]

    assert figures[3] == figures[50] == figures[119]
