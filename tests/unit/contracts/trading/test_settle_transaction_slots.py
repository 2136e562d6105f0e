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
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    WEEK,
    Energy,
    Traders,
    books,
    refuses,
)

MATCHED, SETTLED = TransactionStatus
DAILY, WEEKLY, QUARTER_HOURLY = PeriodKind.DAILY, PeriodKind.WEEKLY, PeriodKind.QUARTER_HOURLY
FIRST = MONDAY // HOUR


def drawn(traders: Traders, receipt: Receipt) -> dict[int, int]:
    """Wh by slot, counted from the first of Monday, in the order of the events."""
    first = traders.market.slot(MONDAY)
    return {
        event["slot"] - first: event["amount"]
        for event in traders.logged(receipt, traders.market.settlement, "EnergyDelivered")
    }


def progress(traders: Traders, number: int) -> tuple[int, int, TransactionStatus]:
    """Delivered, slots done with, status."""
    found = traders.transaction(number)
    return found.delivered, found.settled_slots, found.status


def close(traders: Traders, account: LocalAccount, *slots: int) -> None:
    """Close slots, counted from the first of Monday."""
    first = traders.market.slot(MONDAY)
    numbers = [first + slot for slot in slots]
    traders.market.do(
        traders.keeper, traders.market.settlement, "closeSlots", account.address, numbers
    )


# Slots and cursor


def test_settle_transaction__several_slots__are_drawn_in_order_until_all_is_delivered(
    traders: Traders,
) -> None:
    number = traders.agree(2500, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4):
        traders.produce(1000, at=MONDAY + hour * HOUR)
    receipt = traders.settle(number)
    assert drawn(traders, receipt) == {0: 1000, 1: 1000, 2: 500}
    assert traders.energy(traders.seller, FIRST + 3) == Energy(produced=1000)
    assert traders.transaction(number).status is SETTLED


def test_settle_transaction__slots_outside_the_period__are_left_alone(traders: Traders) -> None:
    number = traders.agree(5000)
    for time in (traders.start, traders.end, traders.end + 60):
        traders.produce(1000, at=time)
    receipt = traders.settle(number)
    assert drawn(traders, receipt) == {1: 1000}
    traders.market.go_to(MONDAY + 99 * HOUR)
    assert drawn(traders, traders.settle(number)) == {}
    assert progress(traders, number) == (1000, 1, SETTLED)


def test_settle_transaction__slots_not_final__keep_the_cursor(traders: Traders) -> None:
    market = traders.market
    number = traders.agree(9000, kind=DAILY, start=MONDAY)
    late = market.register_meter(traders.seller, actor("late meter"), rated_power=RATED_POWER)
    traders.produce(1000, at=MONDAY + HOUR)
    traders.settle(number)
    assert progress(traders, number) == (1000, 0, MATCHED)

    # The first hour takes readings until two o'clock; late energy in it is drawn as well.
    final = market.final_at(FIRST)
    assert final == MONDAY + 2 * HOUR
    traders.produce(200, at=final - 60)
    market.at(final - 50).read_meter(late, timestamp=MONDAY + HOUR, produced=70)
    market.at(final - 1)
    assert drawn(traders, traders.settle(number)) == {0: 70, 1: 200}
    assert progress(traders, number) == (1270, 0, MATCHED)

    market.at(final)
    receipt = traders.settle(number)
    assert traders.emitted(receipt) == []
    assert progress(traders, number) == (1270, 1, MATCHED)
    # Moving on was all there was.
    with refuses(market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        traders.settle(number)

    # The second hour is drawn again, from where it was.
    traders.produce(35, at=final + 60)
    market.at(final + 70).read_meter(late, timestamp=final, produced=11)
    assert drawn(traders, traders.settle(number)) == {1: 11, 2: 35}
    assert progress(traders, number) == (1316, 1, MATCHED)


def test_settle_transaction__final_slots_without_energy__are_done_with(traders: Traders) -> None:
    number = traders.agree(9000, kind=DAILY, start=MONDAY)
    traders.market.at(traders.market.final_at(FIRST + 6))
    traders.settle(number)
    assert progress(traders, number) == (0, 7, MATCHED)


def test_settle_transaction__full_delivery_in_final_slots__ends_it_there(traders: Traders) -> None:
    number = traders.agree(1500, kind=DAILY, start=MONDAY)
    for hour in (1, 2):
        traders.produce(1000, at=MONDAY + hour * HOUR)
    traders.market.go_to(MONDAY + 20 * HOUR)
    traders.settle(number)
    assert progress(traders, number) == (1500, 2, SETTLED)


# maxSlots


def test_settle_transaction__max_slots__is_how_far_it_looks(traders: Traders) -> None:
    number = traders.agree(9000, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4, 5):
        traders.produce(100 * hour, at=MONDAY + hour * HOUR)
    # It is five o'clock: the hours until four are final.
    assert drawn(traders, traders.settle(number, 2)) == {0: 100, 1: 200}
    assert progress(traders, number) == (300, 2, MATCHED)
    assert drawn(traders, traders.settle(number, 3)) == {2: 300, 3: 400, 4: 500}
    assert progress(traders, number) == (1500, 4, MATCHED)
    # The fifth is neither final nor has it more, and one slot from there is no further.
    traders.produce(70, at=MONDAY + 5 * HOUR + 100)
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        traders.settle(number, 1)
    assert drawn(traders, traders.settle(number, 2)) == {5: 70}
    assert progress(traders, number) == (1570, 4, MATCHED)


def test_settle_transaction__max_slots_of_all_there_are__is_no_overflow(traders: Traders) -> None:
    number = traders.agree(9000, kind=DAILY, start=MONDAY)
    traders.produce(100, at=MONDAY + HOUR)
    traders.market.go_to(traders.market.final_at(FIRST + 23))
    assert drawn(traders, traders.settle(number, FOREVER)) == {0: 100}
    assert progress(traders, number) == (100, 24, SETTLED)


def test_settle_transaction__without_max_slots__looks_at_48(traders: Traders) -> None:
    number = traders.agree(9000, kind=WEEKLY, start=MONDAY)
    for slot in (0, 47, 48, 167):
        record(traders.market, traders.seller, FIRST + slot, produced=1000 + slot)
    traders.market.go_to(MONDAY + 2 * WEEK)
    steps = []
    while traders.transaction(number).status is MATCHED:
        receipt = traders.settle(number)
        steps.append((drawn(traders, receipt), traders.transaction(number).settled_slots))
    assert steps == [({0: 1000, 47: 1047}, 48), ({48: 1048}, 96), ({}, 144), ({167: 1167}, 168)]


def test_settle_transaction__a_week_slot_by_slot__ends_after_168(traders: Traders) -> None:
    number = traders.agree(168 * 50 + 1, kind=WEEKLY, start=MONDAY)
    for day in range(7):
        for hour in (9, 12):
            slot = FIRST + 24 * day + hour
            record(traders.market, traders.seller, slot, produced=100 + day)
    traders.market.go_to(traders.market.final_at(FIRST + 167))
    delivered = 0
    for slot in range(168):
        assert progress(traders, number) == (delivered, slot, MATCHED)
        traders.settle(number, 1)
        delivered += 100 + slot // 24 if slot % 24 in (9, 12) else 0
    assert progress(traders, number) == (delivered, 168, SETTLED)
    cost = cost_down(delivered, PRICE)
    compensation = collateral(168 * 50 + 1 - delivered, traders.collateral)
    assert traders.money(traders.buyer) == (FUNDS - cost + compensation, 0)
    assert traders.money(traders.seller) == (FUNDS + cost - compensation, 0)


@pytest.mark.parametrize("max_slots", [FOREVER, 671, 96])
def test_settle_transaction__a_week_of_quarter_hours__ends_after_672(
    quarter_hour_traders: Traders, max_slots: int
) -> None:
    traders = quarter_hour_traders
    number = traders.agree(9000, kind=WEEKLY, start=MONDAY)
    first = traders.market.slot(MONDAY)
    for slot in (0, 95, 96, 670, 671):
        record(traders.market, traders.seller, first + slot, produced=1000)
    traders.market.at(traders.market.final_at(first + 671))
    slots = 0
    while traders.transaction(number).status is MATCHED:
        traders.settle(number, max_slots)
        slots = min(slots + max_slots, 672)
        assert traders.transaction(number).settled_slots == slots
    assert progress(traders, number) == (5000, 672, SETTLED)


@settings(on_chain, max_examples=10)
@given(
    produced=st.dictionaries(st.integers(0, 23), st.integers(1, 3000), max_size=8),
    amount=st.integers(1, 9000),
    parts=st.lists(st.integers(1, 9), min_size=24, max_size=24),
)
def test_settle_transaction__cut_up_in_any_way__delivers_and_pays_the_same(
    traders: Traders, produced: dict[int, int], amount: int, parts: list[int]
) -> None:
    market = traders.market
    with rewound(market):
        number = traders.agree(amount, 250_001, kind=DAILY, start=MONDAY)
        for slot, wh in produced.items():
            record(market, traders.seller, FIRST + slot, produced=wh)
        market.go_to(market.final_at(FIRST + 23))
        with rewound(market):
            traders.settle(number)
            at_once = books(market)
        for part in parts:
            if traders.transaction(number).status is MATCHED:
                traders.settle(number, part)
        assert books(market) == at_once


# Quarter hours


def test_settle_transaction__a_quarter__is_one_slot(quarter_hour_traders: Traders) -> None:
    traders = quarter_hour_traders
    start = traders.start + 900
    number = traders.agree(kind=QUARTER_HOURLY, start=start)
    traders.produce(1000, at=start)
    traders.produce(1200, at=start + 900)
    traders.produce(1400, at=start + 1000)
    assert drawn(traders, traders.settle(number)) == {5: 1200}
    final = start + 900 + traders.market.grace
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=number):
        traders.market.at(final - 1)
        traders.settle(number)
    traders.market.at(final)
    traders.settle(number)
    assert progress(traders, number) == (1200, 1, SETTLED)


def test_settle_transaction__an_hour_of_quarters__is_four_slots(
    quarter_hour_traders: Traders,
) -> None:
    traders = quarter_hour_traders
    number = traders.agree(5000)
    for quarter in range(5):
        traders.produce(100 + quarter, at=traders.start + 900 * quarter)
    assert drawn(traders, traders.settle(number)) == {4: 101, 5: 102, 6: 103, 7: 104}
    for done in range(4):
        assert progress(traders, number) == (410, done, MATCHED)
        traders.market.at(traders.market.final_at(traders.slot + done))
        traders.settle(number)
    assert progress(traders, number) == (410, 4, SETTLED)


# Closed slots


@pytest.mark.parametrize("trader", ["seller", "buyer"])
def test_settle_transaction__slots_closed_by_seller_or_buyer__deliver_nothing(
    traders: Traders, trader: str
) -> None:
    number = traders.agree(9000, kind=DAILY, start=MONDAY)
    for hour in (1, 2, 3, 4):
        traders.produce(100 * hour, at=MONDAY + hour * HOUR)
    traders.market.go_to(traders.market.closable_at(FIRST + 3))
    close(traders, getattr(traders, trader), 0, 2)

    # The second and the fourth could be closed as well, and are not.
    assert drawn(traders, traders.settle(number)) == {1: 200, 3: 400}

    assert progress(traders, number) == (600, 5, MATCHED)
    assert traders.energy(traders.seller, FIRST) == Energy(produced=100, closed=trader == "seller")
    assert traders.energy(traders.buyer, FIRST) == Energy(closed=trader == "buyer")
    assert traders.energy(traders.seller, FIRST + 1) == Energy(produced=200, sold=200)


@pytest.mark.parametrize("trader", ["seller", "buyer"])
def test_settle_transaction__all_slots_closed__ends_and_compensates(
    traders: Traders, trader: str
) -> None:
    number = traders.agree()
    traders.produce(5000, at=traders.start + 600)
    traders.market.go_to(traders.market.closable_at(traders.slot))
    close(traders, getattr(traders, trader), 1)
    receipt = traders.settle(number)
    assert traders.emitted(receipt) == ["TransactionSettled"]
    assert progress(traders, number) == (0, 1, SETTLED)
    held = collateral(AMOUNT, traders.collateral)
    assert traders.money(traders.buyer) == (FUNDS + held, 0)
    assert traders.money(traders.seller) == (FUNDS - held, 0)


def test_settle_transaction__before_slots_close__there_is_a_grace_time_for_it(
    traders: Traders,
) -> None:
    number = traders.agree()
    traders.produce(AMOUNT, at=traders.end)
    closable = traders.market.closable_at(traders.slot)
    with refuses(
        traders.market,
        errors.Settlement_SlotNotClosable,
        slot=traders.slot,
        closable_at=closable,
    ):
        traders.market.at(closable - 1)
        close(traders, traders.seller, 1)
    # In the very block in which the slot can be closed, who settles first gets the energy.
    traders.market.at(closable)
    traders.settle(number)
    assert progress(traders, number)[0] == AMOUNT
