"""EnergyTrading.settleTransaction, both forms: when it does what.

What is paid: test_settle_transaction_money.py. Which slots: test_settle_transaction_slots.py.
"""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from tests.support.market import MONDAY, Market
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    SETTLE,
    Energy,
    Traders,
    refuses,
    together,
)

MATCHED, SETTLED = TransactionStatus

# None is the form without maxSlots.
forms = pytest.mark.parametrize("max_slots", [None, 1, FOREVER])


@forms
@pytest.mark.parametrize("missing", [0, 2, FOREVER])
def test_settle_transaction__that_does_not_exist__is_refused(
    traders: Traders, missing: int, max_slots: int | None
) -> None:
    traders.agree()
    with refuses(traders.market, errors.EnergyTrading_NoSuchTransaction, transaction_id=missing):
        traders.settle(missing, max_slots)


def assert_waits(
    traders: Traders, number: int, max_slots: int | None, *, at: int | None = None
) -> None:
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        if at is not None:
            traders.market.at(at)
        traders.settle(number, max_slots)


@forms
def test_settle_transaction__before_its_period__waits(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    # What the seller produces before the period is not for this transaction.
    traders.produce(5000, at=traders.start)
    assert_waits(traders, number, max_slots, at=traders.start)
    assert traders.energy(traders.seller, traders.slot - 1) == Energy(produced=5000)


@forms
def test_settle_transaction__before_any_reading__waits(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    for time in (traders.start + 1, traders.end - 1, traders.end, traders.end + 1):
        assert_waits(traders, number, max_slots, at=time)


@forms
def test_settle_transaction__only_others_metered__waits(
    traders: Traders, max_slots: int | None
) -> None:
    buyers_meter = traders.market.register_meter(traders.buyer)
    rivals_meter = traders.market.register_meter(traders.rival, rated_power=RATED_POWER)
    number = traders.agree()
    time = traders.start + 600
    traders.market.at(time).read_meter(buyers_meter, timestamp=time, consumed=100, produced=100)
    traders.produce(5000, at=time + 1, meter=rivals_meter)
    assert_waits(traders, number, max_slots)


@forms
def test_settle_transaction__only_other_slots_metered__waits(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    traders.produce(5000, at=traders.start)
    # One second later, and the reading would belong to the period.
    traders.produce(0, at=traders.end)
    traders.produce(5000, at=traders.end + 60)
    assert_waits(traders, number, max_slots)


def test_settle_transaction__no_slots__waits(traders: Traders) -> None:
    number = traders.agree()
    traders.produce(AMOUNT, at=traders.start + 600)
    assert_waits(traders, number, 0)
    traders.market.go_to(MONDAY + 50 * HOUR)
    assert_waits(traders, number, 0)
    traders.settle(number, 1)
    assert traders.transaction(number).status is SETTLED


@forms
def test_settle_transaction__a_part_produced__is_delivered_and_stays_matched(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    before = traders.transaction(number)
    traders.produce(AMOUNT - 1, at=traders.start + 600)

    receipt = traders.settle(number, max_slots)

    assert traders.emitted(receipt) == ["EnergyDelivered", "DeliveryPaid", "TransactionDelivered"]
    assert traders.logged(receipt, traders.market.trading, "TransactionDelivered") == [
        {"transaction_id": number, "amount": AMOUNT - 1}
    ]
    assert traders.logged(receipt, traders.market.settlement, "EnergyDelivered") == [
        {
            "seller": traders.number(traders.seller),
            "buyer": traders.number(traders.buyer),
            "slot": traders.slot,
            "amount": AMOUNT - 1,
        }
    ]
    assert traders.transaction(number) == before._replace(delivered=AMOUNT - 1)
    assert traders.energy(traders.seller) == Energy(produced=AMOUNT - 1, sold=AMOUNT - 1)
    assert traders.energy(traders.buyer) == Energy(bought=AMOUNT - 1)
    assert_waits(traders, number, max_slots)


@forms
@pytest.mark.parametrize("surplus", [0, 1, 1000])
def test_settle_transaction__all_produced__is_settled_at_once(
    traders: Traders, surplus: int, max_slots: int | None
) -> None:
    number = traders.agree()
    before = traders.transaction(number)
    traders.produce(AMOUNT + surplus, at=traders.start + 600)

    receipt = traders.settle(number, max_slots)

    assert traders.emitted(receipt) == [
        *("EnergyDelivered", "DeliveryPaid", "TransactionDelivered", "TransactionSettled")
    ]
    assert traders.logged(receipt, traders.market.trading, "TransactionSettled") == [
        {"transaction_id": number, "delivered": AMOUNT, "refund": 0, "compensation": 0}
    ]
    assert traders.transaction(number) == before._replace(delivered=AMOUNT, status=SETTLED)
    assert traders.energy(traders.seller) == Energy(produced=AMOUNT + surplus, sold=AMOUNT)
    assert traders.energy(traders.buyer) == Energy(bought=AMOUNT)


@forms
@pytest.mark.parametrize("delivered", [0, AMOUNT // 2])
def test_settle_transaction__once_its_period_is_final__is_settled(
    traders: Traders, delivered: int, max_slots: int | None
) -> None:
    number = traders.agree()
    before = traders.transaction(number)
    if delivered:
        traders.produce(delivered, at=traders.start + 600)
        traders.settle(number, max_slots)
    final = traders.market.final_at(traders.slot)
    assert final == traders.end + traders.market.grace
    assert_waits(traders, number, max_slots, at=final - 1)

    traders.market.at(final)
    receipt = traders.settle(number, max_slots)

    assert traders.emitted(receipt) == ["TransactionSettled"]
    assert traders.transaction(number) == before._replace(
        delivered=delivered, settled_slots=1, status=SETTLED
    )


def test_settle_transaction__long_after_its_period__delivers_and_ends_in_one(
    traders: Traders,
) -> None:
    number = traders.agree()
    traders.produce(700, at=traders.end)
    traders.market.go_to(MONDAY + 1000 * HOUR)
    receipt = traders.settle(number)
    assert traders.emitted(receipt) == [
        *("EnergyDelivered", "DeliveryPaid", "TransactionDelivered", "TransactionSettled")
    ]
    found = traders.transaction(number)
    assert (found.delivered, found.settled_slots, found.status) == (700, 1, SETTLED)


@forms
def test_settle_transaction__settled_by_delivery__is_refused(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    traders.produce(AMOUNT, at=traders.start + 600)
    traders.settle(number)
    traders.produce(AMOUNT, at=traders.start + 700)
    for time in (traders.start + 800, traders.market.final_at(traders.slot)):
        with refuses(traders.market, errors.EnergyTrading_AlreadySettled, transaction_id=number):
            traders.market.at(time)
            traders.settle(number, max_slots)


@forms
def test_settle_transaction__settled_by_time__is_refused(
    traders: Traders, max_slots: int | None
) -> None:
    number = traders.agree()
    traders.market.go_to(traders.market.final_at(traders.slot))
    traders.settle(number)
    with refuses(traders.market, errors.EnergyTrading_AlreadySettled, transaction_id=number):
        traders.settle(number, max_slots)


@pytest.mark.parametrize("caller", ["buyer", "seller", "rival", "stranger"])
def test_settle_transaction__by_anyone__is_the_same(traders: Traders, caller: str) -> None:
    number = traders.agree()
    traders.produce(AMOUNT, at=traders.start + 600)
    traders.market.do(getattr(traders, caller), traders.market.trading, SETTLE, number)
    assert traders.transaction(number).status is SETTLED
    assert traders.money(traders.seller) == (FUNDS + AMOUNT * PRICE // 1000, 0)
    assert traders.money(traders.buyer) == (FUNDS - AMOUNT * PRICE // 1000, 0)


def test_settle_transaction__twice_in_one_block__happens_once(traders: Traders) -> None:
    number = traders.agree()
    traders.produce(AMOUNT, at=traders.start + 600)
    call = traders.market.trading.prepare(SETTLE, number)
    assert together(traders.market, (traders.keeper, call), (traders.stranger, call)) == [
        True,
        False,
    ]
    assert traders.money(traders.seller) == (FUNDS + AMOUNT * PRICE // 1000, 0)


@pytest.mark.parametrize("reading_first", [True, False])
def test_settle_transaction__in_one_block_with_the_reading__needs_it_first(
    traders: Traders, reading_first: bool
) -> None:
    number = traders.agree()
    time = traders.start + 600
    reading = traders.market.reading(timestamp=time, produced=AMOUNT)
    read = (traders.meter, traders.market.meters.prepare("submitReading", reading))
    settle = (traders.keeper, traders.market.trading.prepare(SETTLE, number))
    traders.market.at(time)
    if reading_first:
        assert together(traders.market, read, settle) == [True, True]
        assert traders.transaction(number).status is SETTLED
    else:
        assert together(traders.market, settle, read) == [False, True]
        assert traders.transaction(number).delivered == 0


@pytest.mark.anvil
def test_settle_transaction__among_many__costs_the_same_gas(
    market: Market, traders: Traders
) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    for trader in (traders.buyer, traders.seller):
        busy.deposit(trader, FUNDS)
    meter = busy.register_meter(traders.seller, rated_power=RATED_POWER)
    for _ in range(120):
        buy = busy.buy(traders.buyer, 10, PRICE, start=traders.start)
        busy.match(buy, busy.sell(traders.seller, 10, PRICE, start=traders.start))
    time = traders.start + 600
    busy.at(time).read_meter(meter, timestamp=time, produced=100_000)

    figures = [busy.settle(number).gas_used for number in range(1, 121)]

    assert figures[3] == figures[50] == figures[119]
