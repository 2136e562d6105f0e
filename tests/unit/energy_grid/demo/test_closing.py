"""A day computed anew, compared with the model of the market."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo.closing import close_days, positions_of, sums_of
from energy_grid.domain.closing import summed
from tests.support.days import lived, plan_of

NAMES = ("net", "position", "taken", "given", "drawn", "kept", "from_grid", "fed_in", "money")
DAYS = [
    (date(2016, 7, 6), None, 3600),
    (date(2016, 7, 8), 40, 900),
    (date(2016, 7, 10), 12, 900),
    (date(2016, 12, 1), 40, 3600),
    (date(2016, 11, 28), 6, 900),
]


@pytest.mark.parametrize(("day", "households", "slot_seconds"), DAYS)
def test_close_days__any_day__is_what_the_model_makes_of_it(
    day: date, households: int | None, slot_seconds: int
) -> None:
    found = lived(plan_of(day, households, slot_seconds=slot_seconds))
    flows = close_days(found.records)
    balances = {
        (name, slot): balance
        for name, account in found.market.accounts.items()
        for slot, balance in account.balances.items()
    }
    assert {key: [getattr(one, name) for name in NAMES] for key, one in flows.items()} == {
        key: [getattr(one, name) for name in NAMES] for key, one in balances.items()
    }
    assert sum(one.taken for one in flows.values()) > 0


def test_close_days__summer__trades_and_credits_are_in_it() -> None:
    flows = summed(close_days(lived(plan_of(date(2016, 7, 6))).records).values())
    assert 0 < flows.drawn < flows.kept
    assert flows.position == 0
    positions = positions_of(lived(plan_of(date(2016, 7, 6))).records)
    assert sum(wh for wh in positions.values() if wh > 0) > 500


@pytest.mark.parametrize(("day", "households", "slot_seconds"), DAYS[:2])
def test_sums_of__slots__are_what_the_model_has_summed_up(
    day: date, households: int | None, slot_seconds: int
) -> None:
    found = lived(plan_of(day, households, slot_seconds=slot_seconds))
    sums = sums_of(found.records, positions_of(found.records))
    assert any(supply and demand for supply, demand in sums.values())
    (community,) = found.market.communities.values()
    assert {slot: each for (_, slot), each in sums.items()} == {
        slot: (community.surplus[slot], community.deficit[slot]) for _, slot in sums
    }
