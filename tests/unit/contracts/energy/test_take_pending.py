"""EnergyAccounts.takePending."""

from __future__ import annotations

from tests.support.core.energy_suite import DAY, DAYS, METER, EnergyWorld
from tests.unit.contracts.energy.suite import TARIFF, first


def test_take_pending__once_and_unread_days_stay(world: EnergyWorld) -> None:
    energy, slot, day = world.energy, first(world), world.today + 1
    assert energy.takePending(1, by=DAYS) == 0
    world.settlement.setCursor(1, day)
    world.chain.set_time((day + 1) * DAY + 900)
    world.close_numbers([1], day)
    unread = energy.unreadOf(1)
    assert unread[0] == 1
    assert unread[1] > 0
    energy.recordSpan(1, slot, slot + 4, 1000, 0, by=METER)
    assert energy.pendingOf(1) == 1000 * TARIFF.buy
    assert energy.takePending(1, by=DAYS) == 1000 * TARIFF.buy
    assert energy.pendingOf(1) == 0
    assert energy.unreadOf(1) == unread
    assert energy.takePending(1, by=DAYS) == 0


def test_take_pending__export__is_negative_and_nothing_is_open(world: EnergyWorld) -> None:
    energy, slot = world.energy, first(world)
    world.chain.set_time((world.today + 2) * DAY)
    energy.recordSpan(1, slot, slot + 4, 0, 1000, by=METER)
    assert energy.termsOf([1])[0] >> 248 & 1 == 1
    assert energy.takePending(1, by=DAYS) == -1000 * TARIFF.feed_in
    assert energy.termsOf([1])[0] >> 248 & 1 == 0
