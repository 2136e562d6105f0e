"""Closing of days: which accounts and days are in which transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from energy_grid.client import EnergyGrid
from energy_grid.contracts.settlement import Settlement
from energy_grid.errors import EnergyGridError
from energy_grid.market.days import ClosedDay, closed_day, settled_days
from tests.support.fake_node import FakeNode

ACCOUNTS = [f"0x{number:040x}" for number in range(1, 200)]
PLACE = "0x" + "f" * 40


class Accounts(Settlement):
    """Accounts by their first open days; others have no number."""

    def __init__(self, cursors: Mapping[str, int]) -> None:
        super().__init__(FakeNode(), PLACE)
        self._cursors = cursors

    def call_many(self, function: str, argument_lists: Iterable[Any], **_: Any) -> list[Any]:
        known = list(self._cursors)
        if function == "numberOf":
            return [known.index(each) + 1 if each in known else 0 for (each,) in argument_lists]
        assert function == "cursorAt"
        return [self._cursors[known[number - 1]] for (number,) in argument_lists]


def _plan(
    cursors: Mapping[str, int], final: int, asked: list[str], through: int | None = None
) -> list[tuple[list[str], int]]:
    market = EnergyGrid.__new__(EnergyGrid)
    market.settlement, market.sender = Accounts(cursors), None  # type: ignore[assignment]
    market.last_final_day = lambda: final  # type: ignore[method-assign]
    plan = market.close_days(ACCOUNTS[0], asked, through)
    function = market.settlement.abi.function("closeThrough")
    decoded = [function.inputs.decode(call.data[4:]) for call in plan.calls]
    return [([each.lower() for each in accounts], day) for accounts, day in decoded]


def test_close_days__of_a_few__are_one_transaction() -> None:
    one, other = ACCOUNTS[:2]
    assert _plan({one: 100, other: 98}, 105, [one, other, one]) == [([one, other], 105)]
    assert _plan({one: 100, other: 98}, 105, [one, other], 99) == [([other], 99)]


def test_close_days__many_of_one__are_in_order() -> None:
    one = ACCOUNTS[0]
    found = _plan({one: 100}, 250, [one])
    assert found == [([one], 159), ([one], 219), ([one], 250)]


def test_close_days__of_many__are_several_transactions() -> None:
    found = _plan(dict.fromkeys(ACCOUNTS[:150], 100), 100, ACCOUNTS[:150])
    assert [(len(accounts), day) for accounts, day in found] == [(60, 100), (60, 100), (30, 100)]
    assert [each for accounts, _ in found for each in accounts] == ACCOUNTS[:150]


def test_close_days__nothing_is_due__says_from_when_on() -> None:
    one, other = ACCOUNTS[:2]
    with pytest.raises(EnergyGridError, match="the first open day is 1970-04-11, the last final"):
        _plan({one: 100}, 99, [one, other])
    with pytest.raises(EnergyGridError, match="none of these addresses has a settlement account"):
        _plan({}, 99, [one])


def test_closed_day__has_the_values_of_its_event() -> None:
    closed = 11 << 184 | 2 << 140 | (2**40 - 3) << 100 | 2**100 - 5
    flows = 10 << 208 | 9 << 168 | 8 << 128 | 7 << 80 | 6 << 40 | 4
    log = {"account": PLACE, "day": 7, "closed": closed, "flows": flows}
    assert closed_day(log) == ClosedDay(  # type: ignore[arg-type]
        account=PLACE,
        day=7,
        money=-5,
        net=-3,
        position=2,
        taken=8,
        given=4,
        drawn=9,
        kept=6,
        from_grid=10,
        fed_in=7,
        deemed=11,
    )


def test_settled_days__have_the_values_of_their_event() -> None:
    first, second = (12 << 224 | 2**100 - 5, 4), (40 << 224 | 3, 7 << 40)
    log = {"day": 7, "words": (*first, *second)}
    holders = {12: ACCOUNTS[0], 40: ACCOUNTS[1]}
    alone = [
        closed_day({"account": account, "day": 7, "closed": closed, "flows": flows})  # type: ignore[arg-type]
        for account, (closed, flows) in zip(ACCOUNTS, (first, second), strict=False)
    ]
    assert settled_days(log, holders) == alone  # type: ignore[arg-type]
    assert [each.money for each in alone] == [-5, 3]
    assert settled_days({"day": 7, "words": ()}, {}) == []  # type: ignore[arg-type]
