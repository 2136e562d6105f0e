"""EnergyAccounts.attach."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    METER,
    EnergyWorld,
    leg,
    period,
)
from tests.unit.contracts.energy.suite import (
    HIGHEST,
    first,
    tomorrow,
)


def test_attach__what_cannot_be__is_refused(world: EnergyWorld) -> None:
    energy, slot = world.energy, first(world)
    world.settlement.setCursor(2, world.today)
    with refused("EnergyAccounts_HasMeter", 1, 2**32 - 1):
        energy.attach(1, 1, slot, 1, by=METER)
    for false in (slot + 1, slot - world.rules.day_slots, 2**24 // 96 * 96 + 96):
        with refused("EnergyAccounts_BadBound", false):
            energy.attach(2, 1, false, 1, by=METER)
    with refused("Tariffs_NoSuchRegion", 3):
        energy.attach(2, 3, slot, 1, by=METER)
    wh = HIGHEST + 1
    with refused("EnergyAccounts_PowerTooHigh", 2, wh, HIGHEST):
        energy.attach(2, 1, slot, wh * 4, by=METER)
    energy.attach(2, 2, slot, wh * 4 - 1, by=METER)
    assert energy.regionOf(2) == (2, True)
    assert energy.meteredOf(2) == (slot, 2**32 - 1)


@pytest.mark.parametrize("kind", [0, 1, 2, "declared"])
def test_attach__with_energy_of_open_days__is_at_home(world: EnergyWorld, kind: int | str) -> None:
    energy, slot, day = world.energy, first(world), tomorrow(world)
    world.settlement.setCursor(2, world.today)
    if kind == "declared":
        world.as_settlement.declare(2, world.slot, 5)
        day = world.today
    else:
        monday = (day + 3 + 6) // 7 * 7 - 3
        start, length, day = ((slot, 1, day), (slot, 96, day), (monday * 96, 672, monday + 6))[
            int(kind)
        ]
        word = period(range(start, start + length), int(kind))
        world.as_settlement.book(word, [leg(2, 5, sell=False)])
    with refused("EnergyAccounts_OtherRegion", 2, 1):
        energy.attach(2, 2, slot, 1, by=METER)
    world.settlement.setCursor(2, day)
    with refused("EnergyAccounts_OtherRegion", 2, 1):
        energy.attach(2, 2, slot, 1, by=METER)
    mark = world.chain.snapshot()
    energy.attach(2, 1, slot, 1, by=METER)
    world.chain.revert(mark)
    world.settlement.setCursor(2, day + 1)
    energy.attach(2, 2, slot, 1, by=METER)


def test_attach__after_a_former_meter__needs_closed_days_and_the_same_region(
    world: EnergyWorld,
) -> None:
    energy, slot = world.energy, first(world, 1)
    energy.detach(1, first(world), by=METER)
    assert energy.meteredOf(1) == (first(world), first(world))
    with refused("EnergyAccounts_NoMeter", 1):
        energy.detach(1, first(world), by=METER)
    with refused("EnergyAccounts_NoMeter", 1):
        energy.setRatedPower(1, 5, by=METER)
    with refused("EnergyAccounts_HasMeter", 1, first(world)):
        energy.attach(1, 1, slot, 1, by=METER)
    with refused("EnergyAccounts_HasMeter", 1, first(world)):
        world.as_settlement.release(1)
    world.settlement.setCursor(1, tomorrow(world))
    with refused("EnergyAccounts_OtherRegion", 1, 1):
        energy.attach(1, 2, slot, 1, by=METER)
    energy.attach(1, 1, slot, 1, by=METER)
