"""EnergyAccounts.setRatedPower."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    METER,
    EnergyWorld,
)
from tests.unit.contracts.energy.suite import (
    HIGHEST_MEMBER,
    tomorrow,
)


def test_set_rated_power__of_a_member__fits_the_sums_until_its_days_are_closed(
    world: EnergyWorld,
) -> None:
    energy, wh = world.energy, HIGHEST_MEMBER + 1
    world.join("north", "street")
    with refused("EnergyAccounts_PowerTooHigh", 1, wh, HIGHEST_MEMBER):
        energy.setRatedPower(1, wh * 4, by=METER)
    energy.setRatedPower(1, wh * 4 - 1, by=METER)
    assert energy.regionOf(1) == (1, False)
    world.settlement.setCursor(1, tomorrow(world))
    world.leave("north")
    with refused("EnergyAccounts_PowerTooHigh", 1, wh, HIGHEST_MEMBER):
        energy.setRatedPower(1, wh * 4, by=METER)
    world.settlement.setCursor(1, world.rules.beyond_horizon(world.now))
    energy.setRatedPower(1, wh * 4, by=METER)
    assert energy.regionOf(1) == (1, True)
