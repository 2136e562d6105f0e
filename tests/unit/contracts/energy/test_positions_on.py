"""EnergyAccounts.positionsOn."""

from __future__ import annotations

from tests.support.core.energy_suite import EnergyWorld, leg, period
from tests.unit.contracts.energy.suite import HIGHEST, tomorrow


def _slots(pages: tuple[int, ...]) -> list[int]:
    lanes = [page >> 32 * lane & 2**32 - 1 for page in pages for lane in range(8)]
    return [(lane + 2**31) % 2**32 - 2**31 for lane in lanes]


def test_positions_on__trades_of_slots_days_and_weeks_are_added(world: EnergyWorld) -> None:
    energy, book = world.energy, world.as_settlement.book
    monday = (tomorrow(world) + 3) // 7 * 7 + 7 - 3
    slots = range(monday * 96, (monday + 1) * 96)
    assert _slots(energy.positionsOn(monday, [1])) == [0] * 96
    book(period(slots[8:16], 0), [leg(1, 10, sell=True)])
    book(period(slots, 1), [leg(1, 3, sell=False)])
    book(period(range(slots.start, slots.start + 7 * 96), 2), [leg(1, 200, sell=True)])
    wanted = [-197] * 8 + [-207] * 8 + [-197] * 80
    assert _slots(energy.positionsOn(monday, [1])) == wanted
    assert [energy.positionOf(1, slot) for slot in slots] == wanted
    assert _slots(energy.positionsOn(monday + 1, [1])) == [-200] * 96
    assert _slots(energy.positionsOn(monday + 7, [1])) == [0] * 96


def test_positions_on__a_slot_that_does_not_fit__is_beyond_all(world: EnergyWorld) -> None:
    energy, book, day = world.energy, world.as_settlement.book, tomorrow(world)
    slots = range(day * 96, (day + 1) * 96)
    book(period(slots[-1:], 0), [leg(1, HIGHEST - 1, sell=False)])
    book(period(slots, 1), [leg(1, 1, sell=False)])
    assert _slots(energy.positionsOn(day, [1])) == [1] * 95 + [HIGHEST]
    book(period(slots, 1), [leg(1, 1, sell=False)])
    assert _slots(energy.positionsOn(day, [1])) == [2] * 88 + [-(2**31)] * 8
    assert energy.positionOf(1, slots[-1]) == HIGHEST + 1


def test_positions_on__of_many__one_after_the_other(world: EnergyWorld) -> None:
    energy, book, day = world.energy, world.as_settlement.book, tomorrow(world)
    book(period(range(day * 96, (day + 1) * 96), 1), [leg(2, 7, sell=True)])
    assert _slots(energy.positionsOn(day, [1, 2, 1])) == [0] * 96 + [-7] * 96 + [0] * 96
    assert energy.positionsOn(day, []) == ()
