"""EnergyTrading.settleMany."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.examples import rewound
from tests.support.market import MONDAY, Receipt
from tests.unit.contracts.trading.desk import (
    DAY,
    FOREVER,
    HOUR,
    Desk,
    books,
    refuses,
)


def settle_many(desk: Desk, numbers: Sequence[int], max_slots: int = FOREVER) -> Receipt:
    return desk.market.do(desk.keeper, desk.market.trading, "settleMany", numbers, max_slots)


@pytest.mark.parametrize("missing", [0, 3, FOREVER])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_settle_many__one_missing__is_refused_as_a_whole(
    desk: Desk, missing: int, place: int
) -> None:
    numbers = [desk.agree(500), desk.agree(500)]
    desk.produce(1000, at=desk.start + 600)
    numbers.insert(place, missing)
    with refuses(desk.market, errors.EnergyTrading_NoSuchTransaction, transaction_id=missing):
        settle_many(desk, numbers)


def test_settle_many__none__does_nothing(desk: Desk) -> None:
    desk.agree()
    desk.produce(1000, at=desk.start + 600)
    before = books(desk.market)
    assert settle_many(desk, []).logs == []
    assert books(desk.market) == before


def test_settle_many__settled_or_waiting__are_passed_over(desk: Desk) -> None:
    settled, due = desk.agree(300), desk.agree(400)
    waiting = desk.agree(500, start=desk.end)
    desk.produce(1000, at=desk.start + 600)
    desk.settle(settled)
    assert desk.transaction(settled).status is TransactionStatus.SETTLED

    receipt = settle_many(desk, [settled, waiting, due])

    assert desk.logged(receipt, desk.market.trading, "TransactionSettled") == [
        {"transaction_id": due, "delivered": 400, "refund": 0, "compensation": 0}
    ]
    assert desk.transaction(waiting).status is TransactionStatus.MATCHED
    # All that was there is done.
    before = books(desk.market)
    assert settle_many(desk, [settled, waiting, due]).logs == []
    assert books(desk.market) == before


def test_settle_many__one_named_twice__is_settled_once(desk: Desk) -> None:
    number = desk.agree(400)
    desk.produce(1000, at=desk.start + 600)
    receipt = settle_many(desk, [number, number])
    assert desk.logged(receipt, desk.market.trading, "TransactionDelivered") == [
        {"transaction_id": number, "amount": 400}
    ]
    assert desk.energy(desk.seller).sold == 400


def test_settle_many__no_slots__does_nothing(desk: Desk) -> None:
    number = desk.agree(400)
    desk.produce(1000, at=desk.start + 600)
    before = books(desk.market)
    assert settle_many(desk, [number], 0).logs == []
    assert books(desk.market) == before


def test_settle_many__slots__are_counted_for_each(desk: Desk) -> None:
    numbers = [desk.agree(900, kind=PeriodKind.DAILY, start=MONDAY) for _ in range(2)]
    for hour in (1, 2, 3):
        desk.produce(1000, at=MONDAY + hour * HOUR)
    desk.market.go_to(MONDAY + DAY)

    settle_many(desk, numbers, 1)
    assert [desk.transaction(number).delivered for number in numbers] == [900, 100]
    assert desk.transaction(2).settled_slots == 1
    settle_many(desk, numbers, 1)
    assert desk.transaction(2).delivered == 900


def test_settle_many__competing_for_the_same_kwh__the_first_named_is_served_first(
    desk: Desk,
) -> None:
    first, second = desk.agree(800), desk.agree(800, buyer=desk.rival)
    desk.produce(1000, at=desk.start + 600)
    settle_many(desk, [second, first])
    assert desk.transaction(second).delivered == 800
    assert desk.transaction(first).delivered == 200
    assert desk.energy(desk.seller).sold == 1000


@pytest.mark.parametrize("max_slots", [1, 3, 48, FOREVER])
@pytest.mark.parametrize("hours", [2, 9, 40])
def test_settle_many__any_number__leaves_what_settling_one_by_one_leaves(
    desk: Desk, max_slots: int, hours: int
) -> None:
    desk.set_fees(37, 12_345)
    numbers = [
        desk.agree(901, 333_333),
        desk.agree(2000, 99_999, kind=PeriodKind.DAILY, start=MONDAY, buyer=desk.rival),
        desk.agree(777, 250_001, start=desk.end),
        desk.agree(5000, 123_457, kind=PeriodKind.DAILY, start=MONDAY),
    ]
    for hour in (1, 2, 3):
        desk.produce(1234, at=MONDAY + hour * HOUR)
    desk.market.go_to(MONDAY + hours * HOUR + 2 * HOUR)
    now = desk.market.now + 1

    with rewound(desk.market):
        for number in numbers:
            desk.market.at(now)
            if desk.transaction(number).status is TransactionStatus.MATCHED:
                try:
                    desk.settle(number, max_slots)
                except errors.EnergyTrading_NothingToSettle:
                    continue
        one_by_one = books(desk.market)
    desk.market.at(now)
    settle_many(desk, numbers, max_slots)
    assert books(desk.market) == one_by_one
