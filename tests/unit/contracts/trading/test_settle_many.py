"""EnergyTrading.settleMany."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.examples import rewound
from tests.support.market import MONDAY, Receipt
from tests.unit.contracts.trading.traders import (
    DAY,
    FOREVER,
    HOUR,
    Traders,
    books,
    refuses,
)


def settle_many(traders: Traders, numbers: Sequence[int], max_slots: int = FOREVER) -> Receipt:
    return traders.market.do(
        traders.keeper, traders.market.trading, "settleMany", numbers, max_slots
    )


@pytest.mark.parametrize("missing", [0, 3, FOREVER])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_settle_many__one_missing__is_refused_as_a_whole(
    traders: Traders, missing: int, place: int
) -> None:
    numbers = [traders.agree(500), traders.agree(500)]
    traders.produce(1000, at=traders.start + 600)
    numbers.insert(place, missing)
    with refuses(traders.market, errors.EnergyTrading_NoSuchTransaction, transaction_id=missing):
        settle_many(traders, numbers)


def test_settle_many__none__does_nothing(traders: Traders) -> None:
    traders.agree()
    traders.produce(1000, at=traders.start + 600)
    before = books(traders.market)
    assert settle_many(traders, []).logs == []
    assert books(traders.market) == before


def test_settle_many__settled_or_waiting__are_passed_over(traders: Traders) -> None:
    settled, due = traders.agree(300), traders.agree(400)
    waiting = traders.agree(500, start=traders.end)
    traders.produce(1000, at=traders.start + 600)
    traders.settle(settled)
    assert traders.transaction(settled).status is TransactionStatus.SETTLED

    receipt = settle_many(traders, [settled, waiting, due])

    assert traders.logged(receipt, traders.market.trading, "TransactionSettled") == [
        {"transaction_id": due, "delivered": 400, "refund": 0, "compensation": 0}
    ]
    assert traders.transaction(waiting).status is TransactionStatus.MATCHED
    # All that was there is done.
    before = books(traders.market)
    assert settle_many(traders, [settled, waiting, due]).logs == []
    assert books(traders.market) == before


def test_settle_many__one_named_twice__is_settled_once(traders: Traders) -> None:
    number = traders.agree(400)
    traders.produce(1000, at=traders.start + 600)
    receipt = settle_many(traders, [number, number])
    assert traders.logged(receipt, traders.market.trading, "TransactionDelivered") == [
        {"transaction_id": number, "amount": 400}
    ]
    assert traders.energy(traders.seller).sold == 400


def test_settle_many__no_slots__does_nothing(traders: Traders) -> None:
    number = traders.agree(400)
    traders.produce(1000, at=traders.start + 600)
    before = books(traders.market)
    assert settle_many(traders, [number], 0).logs == []
    assert books(traders.market) == before


def test_settle_many__slots__are_counted_for_each(traders: Traders) -> None:
    numbers = [traders.agree(900, kind=PeriodKind.DAILY, start=MONDAY) for _ in range(2)]
    for hour in (1, 2, 3):
        traders.produce(1000, at=MONDAY + hour * HOUR)
    traders.market.go_to(MONDAY + DAY)

    settle_many(traders, numbers, 1)
    assert [traders.transaction(number).delivered for number in numbers] == [900, 100]
    assert traders.transaction(2).settled_slots == 1
    settle_many(traders, numbers, 1)
    assert traders.transaction(2).delivered == 900


def test_settle_many__competing_for_the_same_kwh__the_first_named_is_served_first(
    traders: Traders,
) -> None:
    first, second = traders.agree(800), traders.agree(800, buyer=traders.rival)
    traders.produce(1000, at=traders.start + 600)
    settle_many(traders, [second, first])
    assert traders.transaction(second).delivered == 800
    assert traders.transaction(first).delivered == 200
    assert traders.energy(traders.seller).sold == 1000


@pytest.mark.parametrize("max_slots", [1, 3, 48, FOREVER])
@pytest.mark.parametrize("hours", [2, 9, 40])
def test_settle_many__any_number__leaves_what_settling_one_by_one_leaves(
    traders: Traders, max_slots: int, hours: int
) -> None:
    traders.set_fees(37, 12_345)
    numbers = [
        traders.agree(901, 333_333),
        traders.agree(2000, 99_999, kind=PeriodKind.DAILY, start=MONDAY, buyer=traders.rival),
        traders.agree(777, 250_001, start=traders.end),
        traders.agree(5000, 123_457, kind=PeriodKind.DAILY, start=MONDAY),
    ]
    for hour in (1, 2, 3):
        traders.produce(1234, at=MONDAY + hour * HOUR)
    traders.market.go_to(MONDAY + hours * HOUR + 2 * HOUR)
    now = traders.market.now + 1

    with rewound(traders.market):
        for number in numbers:
            traders.market.at(now)
            if traders.transaction(number).status is TransactionStatus.MATCHED:
                try:
                    traders.settle(number, max_slots)
                except errors.EnergyTrading_NothingToSettle:
                    continue
        one_by_one = books(traders.market)
    traders.market.at(now)
    settle_many(traders, numbers, max_slots)
    assert books(traders.market) == one_by_one
