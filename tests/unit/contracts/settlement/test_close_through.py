"""Settlement.closeThrough."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import DAY, SettlementWorld, account_word
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    S,
    at,
    free,
    live_a_day,
    logged,
)


def test_close_through__double_and_unknown_names__change_nothing(world: SettlementWorld) -> None:
    world.attach("north", 8000, (0, 0))
    north = at(world, "north")
    live_a_day(world, {"north": -500})
    day, before = world.today - 1, free(world, "north")
    world.settlement.closeThrough([STRANGER, north, north, at(world, "south")], day)
    after = account_word(world.settlement.accountOf(north)[1])
    assert before - after["free"] == 24 * 500 * 300
    assert after["day"] == day + 1
    with refused(S + "NothingToClose", 2**256 - 1):
        world.settlement.closeThrough([north, STRANGER], 2**256 - 1)
    for last in (day, 2**256 - 1):
        with refused(S + "NothingToClose", last):
            world.settlement.closeThrough([], last)
        with refused(S + "NothingToClose", last):
            world.settlement.closeThrough([STRANGER], last)


def test_close_through__a_day_whose_last_slot_is_not_final__is_refused(
    world: SettlementWorld,
) -> None:
    settlement, north, day = world.settlement, at(world, "north"), world.today
    final = (day + 1) * DAY + world.rules.grace
    world.chain.set_time(final - 1)
    with refused(S + "NothingToClose", day):
        settlement.closeThrough([north], day)
    world.chain.set_time(final)
    settlement.closeThrough([north], day)
    with refused(S + "NothingToClose", day):
        settlement.closeThrough([north], day)


@pytest.mark.parametrize("stop", ["pause", "shutdown"])
def test_close_through__accounts_at_different_days__each_closes_its_own(
    world: SettlementWorld, stop: str
) -> None:
    """Also while stopped."""
    settlement, first = world.settlement, world.today
    getattr(settlement, stop)(by=world.authority)
    world.chain.set_time((first + 5) * DAY + 1000)
    settlement.closeThrough([at(world, "east")], first + 2)
    assert [day for _, day, *_ in logged(world, "DayClosed")] == [first, first + 1, first + 2]
    settlement.closeThrough([at(world, "east"), at(world, "north")], first + 3)
    closed = [(account, day) for account, day, *_ in logged(world, "DayClosed")]
    north, east = at(world, "north"), at(world, "east")
    assert closed == [
        *((north, day) for day in range(first, first + 3)),
        *((east, first + 3), (north, first + 3)),
    ]
    cursors = [settlement.cursorAt(world.numbers[name]) for name in world.numbers]
    assert cursors == [first + 4, first + 4, first]
