"""GridManagement.updateGridStatus."""

from __future__ import annotations

from energy_grid.domain.enums import GridCondition
from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import STRANGER, log


def test_update_grid_status__each_condition__is_shown(world: GridWorld) -> None:
    assert world.grid.call("getGridStatus()")[6] == GridCondition.NORMAL
    for condition in reversed(GridCondition):
        world.grid.updateGridStatus(condition, by=ADMIN)
        assert log(world, "GridConditionSet") == {"condition": condition}
        assert world.grid.call("getGridStatus()")[6] == condition


def test_update_grid_status__none_of_them_or_by_others__refused(world: GridWorld) -> None:
    with refused("0x"):
        world.grid.updateGridStatus(len(GridCondition), by=ADMIN)
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.updateGridStatus(1, by=STRANGER)
