"""GridManagement.toggleEmergencyMode."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import GridWorld
from tests.unit.contracts.grid.participants import STRANGER, events, log


def test_toggle_emergency_mode__again_and_again__on_off_and_on_after_its_end(
    world: GridWorld,
) -> None:
    until = world.now + 7_200
    for expected in (until, 0, until):
        world.toggle()
        assert events(world)[0] == "EmergencyModeSet"
        assert log(world, "EmergencyModeSet") == {"until": expected}
        world.compare("home")
    world.chain.set_time(until)
    world.toggle()
    assert log(world, "EmergencyModeSet") == {"until": until + 7_200}


def test_toggle_emergency_mode__with_a_protocol_in_force__emergency_goes_on(
    world: GridWorld,
) -> None:
    world.implement("home", 1)
    for _ in range(2):
        world.toggle()
        world.compare("home")
    assert world.tariffs.factorOf(1, world.running + 1) == 30_000


def test_toggle_emergency_mode__by_others__refused(world: GridWorld) -> None:
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.toggleEmergencyMode(by=STRANGER)
