"""Settlement.releaseSecurity."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER
from tests.support.core.settlement_suite import (
    DAY,
    SettlementWorld,
    account_word,
)
from tests.unit.contracts.settlement.suite import (
    S,
    at,
    free,
)


def test_release_security__when_the_days_of_its_meter_are_closed__is_free(
    world: SettlementWorld,
) -> None:
    settlement, north = world.settlement, at(world, "north")
    number, today = world.numbers["north"], world.today
    with refused(S + "NoSecurity", north):
        settlement.releaseSecurity(north)
    world.attach("north", 8000, (0, 0), security=33)
    with refused(S + "SecurityTaken", north):
        settlement.takeSecurity(number, 1, 8000, by=METER)
    with refused(S + "ZeroAmount"):
        settlement.takeSecurity(world.numbers["east"], 0, 8000, by=METER)
    with refused(S + "DaysOpen", north, today, 2**16 - 1):
        settlement.releaseSecurity(north)
    world.chain.set_time((today + 1) * DAY + 60)
    end = (today + 2) * 24
    world.energy.detach(number, end, by=METER)
    with refused(S + "DaysOpen", north, today, end // 24):
        settlement.releaseSecurity(north)
    world.chain.set_time((today + 2) * DAY + 900)
    settlement.closeThrough([north], today)
    with refused(S + "DaysOpen", north, today + 1, end // 24):
        settlement.releaseSecurity(north)
    settlement.closeThrough([north], today + 1)
    with refused("EnergyAccounts_RegistersMissing", number, end, (today + 32) * DAY):
        settlement.releaseSecurity(north)
    world.energy.recordSpan(number, end - 24, end, 0, 0, by=METER)
    before = free(world, "north")
    settlement.releaseSecurity(north)
    assert free(world, "north") == before + 33_000
    assert account_word(settlement.accountOf(north)[1])["deemed"] == 0
    with refused(S + "NoSecurity", north):
        settlement.releaseSecurity(north)
