"""EnergyTrading.settleTransaction: which slots it draws from.

That no kWh is sold twice: test_settle_transaction_once.py.
"""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Receipt, actor
from tests.support.settlement import record
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    WEEK,
    Desk,
    Energy,
    books,
    refuses,
)

MATCHED, SETTLED = TransactionStatus
DAILY, WEEKLY, QUARTER_HOURLY = PeriodKind.DAILY, PeriodKind.WEEKLY, PeriodKind.QUARTER_HOURLY
FIRST = MONDAY // HOUR


def drawn(desk: Desk, receipt: Receipt) -> dict[int, int]:
    """Wh by slot, counted from the first of Monday, in the order of the events."""
    first = desk.market.slot(MONDAY)
    return {
        event["slot"] - first: event["amount"]
        for event in desk.logged(receipt, desk.market.settlement, "EnergyDelivered")
    }


def progress(desk: Desk, number: int) -> tuple[int, int, TransactionStatus]:
    """Delivered, slots done with, status."""
    found = desk.transaction(number)
    return found.delivered, found.settled_slots, found.status


def close(desk: Desk, account: LocalAccount, *slots: int) -> None:
    """Close slots, counted from the first of Monday."""
    first = desk.market.slot(MONDAY)
    numbers = [first + slot for slot in slots]
    desk.market.do(desk.keeper, desk.market.settlement, "closeSlots", account.address, numbers)


# Slots and cursor


def test_settle_transaction__several_slots__are_drawn_in_order_until_all_is_delivered(
    desk: Desk,
) -> None:
    number = desk.agree(2500, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4):
        desk.produce(1000, at=MONDAY + hour * HOUR)
    receipt = desk.settle(number)
    assert drawn(desk, receipt) == {0: 1000, 1: 1000, 2: 500}
    assert desk.energy(desk.seller, FIRST + 3) == Energy(produced=1000)
    assert desk.transaction(number).status is SETTLED


def test_settle_transaction__slots_outside_the_period__are_left_alone(desk: Desk) -> None:
    number = desk.agree(5000)
    for time in (desk.start, desk.end, desk.end + 60):
        desk.produce(1000, at=time)
    receipt = desk.settle(number)
    assert drawn(desk, receipt) == {1: 1000}
    desk.market.go_to(MONDAY + 99 * HOUR)
    assert drawn(desk, desk.settle(number)) == {}
    assert progress(desk, number) == (1000, 1, SETTLED)


def test_settle_transaction__slots_not_final__keep_the_cursor(desk: Desk) -> None:
    market = desk.market
    number = desk.agree(9000, kind=DAILY, start=MONDAY)
    late = market.register_meter(desk.seller, actor("late meter"), rated_power=RATED_POWER)
    desk.produce(1000, at=MONDAY + HOUR)
    desk.settle(number)
    assert progress(desk, number) == (1000, 0, MATCHED)

    # The first hour takes readings until two o'clock; late energy in it is drawn as well.
    final = market.final_at(FIRST)
    assert final == MONDAY + 2 * HOUR
    desk.produce(200, at=final - 60)
    market.at(final - 50).read_meter(late, timestamp=MONDAY + HOUR, produced=70)
    market.at(final - 1)
    assert drawn(desk, desk.settle(number)) == {0: 70, 1: 200}
    assert progress(desk, number) == (1270, 0, MATCHED)

    market.at(final)
    receipt = desk.settle(number)
    assert desk.emitted(receipt) == []
    assert progress(desk, number) == (1270, 1, MATCHED)
    # Moving on was all there was.
    with refuses(market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        desk.settle(number)

    # The second hour is drawn again, from where it was.
    desk.produce(35, at=final + 60)
    market.at(final + 70).read_meter(late, timestamp=final, produced=11)
    assert drawn(desk, desk.settle(number)) == {1: 11, 2: 35}
    assert progress(desk, number) == (1316, 1, MATCHED)


def test_settle_transaction__final_slots_without_energy__are_done_with(desk: Desk) -> None:
    number = desk.agree(9000, kind=DAILY, start=MONDAY)
    desk.market.at(desk.market.final_at(FIRST + 6))
    desk.settle(number)
    assert progress(desk, number) == (0, 7, MATCHED)


def test_settle_transaction__full_delivery_in_final_slots__ends_it_there(desk: Desk) -> None:
    number = desk.agree(1500, kind=DAILY, start=MONDAY)
    for hour in (1, 2):
        desk.produce(1000, at=MONDAY + hour * HOUR)
    desk.market.go_to(MONDAY + 20 * HOUR)
    desk.settle(number)
    assert progress(desk, number) == (1500, 2, SETTLED)


# maxSlots


def test_settle_transaction__max_slots__is_how_far_it_looks(desk: Desk) -> None:
    number = desk.agree(9000, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4, 5):
        desk.produce(100 * hour, at=MONDAY + hour * HOUR)
    # It is five o'clock: the hours until four are final.
    assert drawn(desk, desk.settle(number, 2)) == {0: 100, 1: 200}
    assert progress(desk, number) == (300, 2, MATCHED)
    assert drawn(desk, desk.settle(number, 3)) == {2: 300, 3: 400, 4: 500}
    assert progress(desk, number) == (1500, 4, MATCHED)
    # The fifth is neither final nor has it more, and one slot from there is no further.
    desk.produce(70, at=MONDAY + 5 * HOUR + 100)
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        desk.settle(number, 1)
    assert drawn(desk, desk.settle(number, 2)) == {5: 70}
    assert progress(desk, number) == (1570, 4, MATCHED)


def test_settle_transaction__max_slots_of_all_there_are__is_no_overflow(desk: Desk) -> None:
    number = desk.agree(9000, kind=DAILY, start=MONDAY)
    desk.produce(100, at=MONDAY + HOUR)
    desk.market.go_to(desk.market.final_at(FIRST + 23))
    assert drawn(desk, desk.settle(number, FOREVER)) == {0: 100}
    assert progress(desk, number) == (100, 24, SETTLED)


def test_settle_transaction__without_max_slots__looks_at_48(desk: Desk) -> None:
    number = desk.agree(9000, kind=WEEKLY, start=MONDAY)
    for slot in (0, 47, 48, 167):
        record(desk.market, desk.seller, FIRST + slot, produced=1000 + slot)
    desk.market.go_to(MONDAY + 2 * WEEK)
    steps = []
    while desk.transaction(number).status is MATCHED:
        receipt = desk.settle(number)
        steps.append((drawn(desk, receipt), desk.transaction(number).settled_slots))
    assert steps == [({0: 1000, 47: 1047}, 48), ({48: 1048}, 96), ({}, 144), ({167: 1167}, 168)]


def test_settle_transaction__a_week_slot_by_slot__ends_after_168(desk: Desk) -> None:
    number = desk.agree(168 * 50 + 1, kind=WEEKLY, start=MONDAY)
    for day in range(7):
        for hour in (9, 12):
            slot = FIRST + 24 * day + hour
            record(desk.market, desk.seller, slot, produced=100 + day)
    desk.market.go_to(desk.market.final_at(FIRST + 167))
    delivered = 0
    for slot in range(168):
        assert progress(desk, number) == (delivered, slot, MATCHED)
        desk.settle(number, 1)
        delivered += 100 + slot // 24 if slot % 24 in (9, 12) else 0
    assert progress(desk, number) == (delivered, 168, SETTLED)
    cost = cost_down(delivered, PRICE)
    compensation = collateral(168 * 50 + 1 - delivered, desk.collateral)
    assert desk.money(desk.buyer) == (FUNDS - cost + compensation, 0)
    assert desk.money(desk.seller) == (FUNDS + cost - compensation, 0)


@pytest.mark.parametrize("max_slots", [FOREVER, 671, 96])
def test_settle_transaction__a_week_of_quarter_hours__ends_after_672(
    quarter_desk: Desk, max_slots: int
) -> None:
    desk = quarter_desk
    number = desk.agree(9000, kind=WEEKLY, start=MONDAY)
    first = desk.market.slot(MONDAY)
    for slot in (0, 95, 96, 670, 671):
        record(desk.market, desk.seller, first + slot, produced=1000)
    desk.market.at(desk.market.final_at(first + 671))
    slots = 0
    while desk.transaction(number).status is MATCHED:
        desk.settle(number, max_slots)
        slots = min(slots + max_slots, 672)
        assert desk.transaction(number).settled_slots == slots
    assert progress(desk, number) == (5000, 672, SETTLED)


@settings(on_chain, max_examples=10)
@given(
    produced=st.dictionaries(st.integers(0, 23), st.integers(1, 3000), max_size=8),
    amount=st.integers(1, 9000),
    parts=st.lists(st.integers(1, 9), min_size=24, max_size=24),
)
def test_settle_transaction__cut_up_in_any_way__delivers_and_pays_the_same(
    desk: Desk, produced: dict[int, int], amount: int, parts: list[int]
) -> None:
    market = desk.market
    with rewound(market):
        number = desk.agree(amount, 250_001, kind=DAILY, start=MONDAY)
        for slot, wh in produced.items():
            record(market, desk.seller, FIRST + slot, produced=wh)
        market.go_to(market.final_at(FIRST + 23))
        with rewound(market):
            desk.settle(number)
            at_once = books(market)
        for part in parts:
            if desk.transaction(number).status is MATCHED:
                desk.settle(number, part)
        assert books(market) == at_once


# Quarter hours


def test_settle_transaction__a_quarter__is_one_slot(quarter_desk: Desk) -> None:
    desk = quarter_desk
    start = desk.start + 900
    number = desk.agree(kind=QUARTER_HOURLY, start=start)
    desk.produce(1000, at=start)
    desk.produce(1200, at=start + 900)
    desk.produce(1400, at=start + 1000)
    assert drawn(desk, desk.settle(number)) == {5: 1200}
    final = start + 900 + desk.market.grace
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        desk.market.at(final - 1)
        desk.settle(number)
    desk.market.at(final)
    desk.settle(number)
    assert progress(desk, number) == (1200, 1, SETTLED)


def test_settle_transaction__an_hour_of_quarters__is_four_slots(quarter_desk: Desk) -> None:
    desk = quarter_desk
    number = desk.agree(5000)
    for quarter in range(5):
        desk.produce(100 + quarter, at=desk.start + 900 * quarter)
    assert drawn(desk, desk.settle(number)) == {4: 101, 5: 102, 6: 103, 7: 104}
    for done in range(4):
        assert progress(desk, number) == (410, done, MATCHED)
        desk.market.at(desk.market.final_at(desk.slot + done))
        desk.settle(number)
    assert progress(desk, number) == (410, 4, SETTLED)


# Closed slots


@pytest.mark.parametrize("party", ["seller", "buyer"])
def test_settle_transaction__slots_closed_by_a_party__deliver_nothing(
    desk: Desk, party: str
) -> None:
    number = desk.agree(9000, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4):
        desk.produce(100 * hour, at=MONDAY + hour * HOUR)
    desk.market.go_to(desk.market.closable_at(FIRST + 3))
    close(desk, getattr(desk, party), 0, 2)

    # The second and the fourth could be closed as well, and are not.
    assert drawn(desk, desk.settle(number)) == {1: 200, 3: 400}

    assert progress(desk, number) == (600, 5, MATCHED)
    assert desk.energy(desk.seller, FIRST) == Energy(produced=100, closed=party == "seller")
    assert desk.energy(desk.buyer, FIRST) == Energy(closed=party == "buyer")
    assert desk.energy(desk.seller, FIRST + 1) == Energy(produced=200, sold=200)


@pytest.mark.parametrize("party", ["seller", "buyer"])
def test_settle_transaction__all_slots_closed__ends_and_compensates(desk: Desk, party: str) -> None:
    number = desk.agree()
    desk.produce(5000, at=desk.start + 600)
    desk.market.go_to(desk.market.closable_at(desk.slot))
    close(desk, getattr(desk, party), 1)
    receipt = desk.settle(number)
    assert desk.emitted(receipt) == ["TransactionSettled"]
    assert progress(desk, number) == (0, 1, SETTLED)
    held = collateral(AMOUNT, desk.collateral)
    assert desk.money(desk.buyer) == (FUNDS + held, 0)
    assert desk.money(desk.seller) == (FUNDS - held, 0)


def test_settle_transaction__before_slots_close__there_is_a_grace_time_for_it(desk: Desk) -> None:
    number = desk.agree()
    desk.produce(AMOUNT, at=desk.end)
    closable = desk.market.closable_at(desk.slot)
    with refuses(
        desk.market,
        errors.Settlement_SlotNotClosable,
        slot=desk.slot,
        closable_at=closable,
    ):
        desk.market.at(closable - 1)
        close(desk, desk.seller, 1)
    # In the very block in which the slot can be closed, who settles first gets the energy.
    desk.market.at(closable)
    desk.settle(number)
    assert progress(desk, number)[0] == AMOUNT
