"""EnergyAccounts.settledTo."""

from __future__ import annotations

from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.support.core.gateway_street import GatewayStreet
from tests.unit.contracts.energy.suite import BY_GATEWAY


def test_settled_to__when_later_days_close_alone__it_stays(world: EnergyWorld) -> None:
    energy, settlement, day = world.energy, world.settlement, world.today
    assert energy.settledTo(1) == 0
    settlement.setWord(1, BY_GATEWAY)
    assert energy.settledTo(1) == day
    settlement.setCursor(1, day + 1)
    assert energy.settledTo(1) == day + 1
    world.chain.set_time((day + 3) * DAY)
    world.close_numbers([1], day + 1)
    settlement.setWord(1, 0)
    assert (settlement.cursorAt(1), energy.settledTo(1)) == (day + 2, day + 1)
    world.close_numbers([1], day + 2)
    assert energy.settledTo(1) == day + 1


def test_settled_to__only_of_who_was_measured(street: GatewayStreet) -> None:
    (measured, absent), day = street.numbers, street.first_day
    street.days.run(day, {measured: [-1] * 24})
    assert [street.energy.settledTo(each) for each in (measured, absent)] == [day + 1, 0]
