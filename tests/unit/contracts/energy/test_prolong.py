"""EnergyAccounts.prolong."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    EnergyWorld,
)
from tests.unit.contracts.energy.suite import (
    STRANGER,
    checksum,
)


def test_prolong__what_cannot_be__is_refused(world: EnergyWorld) -> None:
    energy, slot, guardian = world.energy, world.slot, world.authority
    with refused("AccessManagedUnauthorized", checksum(STRANGER)):
        energy.prolong(slot, slot + 1, 1, by=STRANGER)
    with refused("EnergyAccounts_TooLong", 7 * DAY + 1, 7 * DAY):
        energy.prolong(slot, slot + 1, 7 * DAY + 1, by=guardian)
    with refused("EnergyAccounts_NothingProlonged"):
        energy.prolong(slot, slot + 1, 0, by=guardian)
    for end in (slot, slot + 7 * 96 + 1):
        with refused("EnergyAccounts_BadRange", slot, end):
            energy.prolong(slot, end, 1, by=guardian)
    latest = (world.now + DAY) // 900
    for late in (latest + 1, 2**256 - 1):
        with refused("EnergyAccounts_TooFarAhead", late, latest):
            energy.prolong(late, late, 1, by=guardian)
    mark = world.chain.snapshot()
    energy.prolong(latest, latest + 7 * 96, 1, by=guardian)
    world.chain.revert(mark)
    with refused("EnergyAccounts_SlotFinal", slot - 9):
        energy.prolong(slot - 9, slot, 1, by=guardian)
    energy.prolong(slot, slot + 2, 900, by=guardian)
    assert world.chain.logs[0][1:] == (
        "Prolonged",
        {"from_slot": slot, "to_slot": slot + 2, "extra": 900},
    )
    with refused("EnergyAccounts_OutageOpen", slot + 1):
        energy.prolong(slot + 2, slot + 3, 1, by=guardian)
    world.chain.set_time((slot + 1) * 900 + 1799)
    assert not energy.isFinal(slot)
    world.chain.set_time((slot + 1) * 900 + 1800)
    assert energy.isFinal(slot)
    assert not energy.isFinal(slot + 1)
    # A slot after the outage can be final before one in it.
    world.chain.set_time((slot + 3) * 900 + 900)
    assert energy.isFinal(slot + 2)
