"""EnergyAccounts.book."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    EnergyWorld,
    leg,
    period,
)
from tests.unit.contracts.energy.suite import (
    HIGHEST,
    first,
    tomorrow,
)


def test_book__false_periods__are_refused(world: EnergyWorld) -> None:
    book, slots = world.as_settlement.book, world.rules.day_slots
    start = first(world, 1)
    monday = (tomorrow(world) + 3) // 7 * 7 + 7 - 3
    false = [
        period(range(start, start), 0),
        period(range(start + 5, start + 9), 0),
        period(range(start, start + 4), 3),
        period(range(start + 1, start + 1 + slots), 1),
        period(range(start, start + slots - 1), 1),
        period(range((monday + 1) * slots, (monday + 8) * slots), 2),
        period(range(monday * slots, (monday + 7) * slots - 1), 2),
    ]
    for word in false:
        with refused("EnergyAccounts_BadPeriod", word):
            book(word, [])
    slot = world.slot
    with refused("EnergyAccounts_GateClosed", slot):
        book(period(range(slot, slot + 1), 0), [])
    book(period(range(slot + 1, slot + 2), 0), [])
    book(period(range(monday * slots, (monday + 7) * slots), 2), [])


def test_book__a_position_that_does_not_fit__is_left_out(world: EnergyWorld) -> None:
    slot = first(world)
    hour = period(range(slot, slot + 4), 0)
    words = [leg(1, HIGHEST, sell=False), leg(2, HIGHEST, sell=True), leg(2, 1, sell=True)]
    answers = world.as_settlement.book(hour, words)
    assert [word >> 48 & 0xFF for word in answers] == [0, 0, 2]
    answers = world.as_settlement.book(hour, [leg(1, 2**32 - 1, sell=True), leg(1, 1, sell=False)])
    assert [word >> 48 & 0xFF for word in answers] == [2, 2]
    assert world.energy.positionOf(2, slot) == -HIGHEST
    assert world.energy.positionOf(2, slot + 3) == -HIGHEST
    assert world.energy.positionOf(2, slot + 4) == 0
