"""EnergyAccounts.termsOf."""

from __future__ import annotations

from tests.support.core.energy_suite import METER, EnergyWorld, leg, period
from tests.unit.contracts.energy.suite import STRANGER, first, playing_communities


def test_terms_of__words_in_the_order_of_the_numbers(world: EnergyWorld) -> None:
    energy, slot, day = playing_communities(world), first(world), world.today + 1
    energy.attach(1, 1, slot, 16_000, by=METER)
    world.settlement.setCursor(2, day)
    energy.attach(2, 2, slot, 9_000, by=METER)
    assert energy.termsOf([]) == ()
    world.as_settlement.book(period(range(slot, slot + 1), 0), [leg(1, 5, sell=True)])
    energy.setCommunity(1, 7, day, True, by=STRANGER)
    attached = day << 16 | 0xFFFF << 32
    north = attached | 1 | 16_000 << 48 | day << 80 | 7 << 152 | day << 176 | 1 << 250
    east = attached | 2 | 9_000 << 48
    assert energy.termsOf([2, 9, 1, 2]) == (east, 0, north, east)
