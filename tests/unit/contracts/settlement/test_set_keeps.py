"""Settlement.setKeeps."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import (
    DAY,
    SettlementWorld,
)
from tests.unit.contracts.settlement.suite import (
    S,
    at,
)


def test_set_keeps__before_an_earlier_choice_is_reached__is_refused(world: SettlementWorld) -> None:
    north, number = at(world, "north"), world.numbers["north"]
    settlement, today = world.settlement, world.today
    settlement.setKeeps(True, by=north)
    settlement.setKeeps(False, by=north)
    settlement.setKeeps(True, by=north)
    world.chain.set_time((today + 2) * DAY)
    with refused(S + "KeepsPending", north, today, today + 1):
        settlement.setKeeps(False, by=north)
    settlement.closeThrough([north], today + 0)
    settlement.setKeeps(False, by=north)
    kept = [settlement.keepsAt(number, today + each) for each in range(5)]
    assert kept == [False, True, True, False, False]


@pytest.mark.parametrize("first", [20_010, 2**15 + 5])
@pytest.mark.parametrize("changes", [14, 15, 16, 17, 40])
@pytest.mark.parametrize("undone", [False, True])
def test_keeps_at__of_days_that_are_forgotten__is_true(
    world: SettlementWorld, first: int, changes: int, undone: bool
) -> None:
    """Days of 16 bits, also in 2059."""
    world.chain.set_time(first * DAY)
    world.open("late", 1)
    late, number = at(world, "late"), world.numbers["late"]
    settlement, today = world.settlement, world.today
    was, keeps = {today: False}, False
    for day in range(today, today + changes):
        world.chain.set_time(day * DAY + 5000)
        if day > today:
            settlement.closeThrough([late], day - 1)
        keeps = not keeps
        settlement.setKeeps(keeps, by=late)
        was[day + 1] = keeps
    if undone:
        settlement.setKeeps(not keeps, by=late)
        was[today + changes] = not keeps
    found = {day: settlement.keepsAt(number, day) for day in was}
    known = today if changes <= 15 else today + changes - 15
    assert all(found[day] == was[day] for day in was if day >= known)
    assert all(found[day] for day in was if day < known)
