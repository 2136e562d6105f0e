"""GridManagement.implementEmergencyProtocol."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import EmergencyProtocol
from tests.model.market import BPS
from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld, name
from tests.unit.contracts.grid.participants import STRANGER, log

HOME = name("home")
IN_FORCE = [protocol for protocol in EmergencyProtocol if protocol]


@pytest.mark.parametrize("protocol", IN_FORCE)
def test_implement_emergency_protocol__one_of_them__in_force_until_its_end(
    world: GridWorld, protocol: EmergencyProtocol
) -> None:
    until = world.now + 7_200
    world.implement("home", protocol)
    event = {"region": HOME, "protocol": protocol, "until": until}
    assert log(world, "EmergencyProtocolSet") == event
    assert world.grid.emergencyProtocolOf(HOME) == protocol
    world.compare("home")
    world.chain.set_time(until)
    assert world.grid.emergencyProtocolOf(HOME) == EmergencyProtocol.NONE
    world.compare("home")


def test_implement_emergency_protocol__renewed_and_ended__rewrites_what_has_not_begun(
    world: GridWorld,
) -> None:
    world.implement("home", 2)
    world.chain.set_time(world.now + 3_600)
    world.implement("home", 1)
    assert world.grid.emergencyUntil(HOME) == world.now + 7_200
    running = world.running
    world.implement("home", 0)
    assert world.grid.emergencyProtocolOf(HOME) == 0
    assert world.tariffs.factorOf(1, running) == 3 * BPS
    assert world.tariffs.factorOf(1, running + 1) == BPS


def test_implement_emergency_protocol__of_a_region_without_a_tariff__is_shown_alone(
    world: GridWorld,
) -> None:
    world.implement("nowhere", 3)
    assert world.grid.isRegionInEmergency(name("nowhere"))
    assert not world.grid.isRegionInEmergency(HOME)
    world.compare("home")


def test_implement_emergency_protocol__none_of_them_or_by_others__refused(
    world: GridWorld,
) -> None:
    with refused("0x"):
        world.grid.implementEmergencyProtocol(HOME, len(EmergencyProtocol), by=ADMIN)
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.implementEmergencyProtocol(HOME, 1, by=STRANGER)
