"""What a region can do against an imbalance; the same rules on a chain are tested in
tests/invariant/test_balancing.py."""

from __future__ import annotations

import pytest

from energy_grid.domain.balancing import ActionStatus, ActionType
from energy_grid.errors import DomainError
from tests.model.balancing import (
    AboveAvailableError,
    Action,
    BadCapacityError,
    BadPriorityError,
    Capacity,
    CommittedError,
    NoCapacityError,
    NoSuchActionError,
    NotDueError,
    NotOpenError,
    PastDeadlineError,
    RegionBalance,
    ShareUsedError,
    TooManyActionsError,
    ZeroTargetError,
)

NOW = 1_700_000_000
INCREASE, DECREASE, SHED, RESTORE, ACTIVATE = ActionType


@pytest.fixture
def region() -> RegionBalance:
    """1000 kW, of which 600 run and 100 are kept in reserve; 500 are asked for."""
    region = RegionBalance(lifetime=3600)
    region.set_capacity(1000, 600, 100)
    region.report_demand(500, NOW)
    return region


def available(region: RegionBalance, now: int = NOW) -> list[int]:
    return [region.available_for(one, now) for one in ActionType]


def test_available_for__nothing_known__nothing() -> None:
    region = RegionBalance(lifetime=3600)
    region.report_demand(500, NOW)
    assert available(region) == [0] * 5
    with pytest.raises(NoCapacityError):
        region.initiate(SHED, 1, 1, NOW)


def test_available_for__fresh_region__by_the_table(region: RegionBalance) -> None:
    assert available(region) == [300, 600, 500, 0, 100]


def test_available_for__an_hour_after_the_report__no_load_to_shed(region: RegionBalance) -> None:
    assert region.available_for(SHED, NOW + 3600) == 500
    assert region.available_for(SHED, NOW + 3601) == 0


def test_initiate__an_action__commits_its_target(region: RegionBalance) -> None:
    action = region.initiate(INCREASE, 120, 2, NOW)

    assert action == Action(
        id=1, action_type=INCREASE, target=120, priority=2, deadline=NOW + 3600, operator="one"
    )
    assert available(region) == [180, 600, 500, 0, 100]
    assert region.committed(INCREASE) == 120
    with pytest.raises(AboveAvailableError, match="181 of 180 kW"):
        region.initiate(INCREASE, 181, 1, NOW)


def test_initiate__not_possible__refused(region: RegionBalance) -> None:
    with pytest.raises(ZeroTargetError):
        region.initiate(INCREASE, 0, 0, NOW)
    for priority in (0, 6):
        with pytest.raises(BadPriorityError, match=f": {priority}"):
            region.initiate(INCREASE, 1, priority, NOW)
    with pytest.raises(DomainError, match="target must not be negative"):
        region.initiate(INCREASE, -1, 1, NOW)


def test_initiate__no_place_left__refused_by_operator_then_priority_then_region(
    region: RegionBalance,
) -> None:
    for operator in ("one", "two", "three"):
        for _ in range(8):
            region.initiate(INCREASE, 1, 2, NOW, operator)
        if operator != "three":
            with pytest.raises(ShareUsedError, match=f"{operator} has 8"):
                region.initiate(INCREASE, 1, 1, NOW, operator)
    with pytest.raises(TooManyActionsError, match="24"):
        region.initiate(INCREASE, 1, 2, NOW, "four")
    for _ in range(8):
        region.initiate(INCREASE, 1, 1, NOW, "four")
    with pytest.raises(TooManyActionsError, match="32"):
        region.initiate(INCREASE, 1, 1, NOW, "five")
    assert region.initiate_automated(INCREASE, 1, 5, NOW).operator == ""
    region.cancel(25, NOW)
    region.initiate(INCREASE, 1, 1, NOW, "five")


def test_initiate_automated__more_than_there_is__what_there_is(region: RegionBalance) -> None:
    assert region.initiate_automated(ACTIVATE, 60, 1, NOW).target == 60
    assert region.initiate_automated(ACTIVATE, 60, 1, NOW).target == 40
    with pytest.raises(AboveAvailableError, match="nothing is left"):
        region.initiate_automated(ACTIVATE, 60, 1, NOW)


@pytest.mark.parametrize(
    ("action_type", "after"),
    [
        (INCREASE, Capacity(maximum=1000, current=620, reserve=100, shed=50)),
        (DECREASE, Capacity(maximum=1000, current=580, reserve=100, shed=50)),
        (SHED, Capacity(maximum=1000, current=600, reserve=100, shed=70)),
        (RESTORE, Capacity(maximum=1000, current=600, reserve=100, shed=30)),
        (ACTIVATE, Capacity(maximum=1000, current=620, reserve=80, shed=50)),
    ],
)
def test_complete__of_each_type__moves_the_capacity(
    region: RegionBalance, action_type: ActionType, after: Capacity
) -> None:
    region.complete(region.initiate(SHED, 50, 1, NOW).id, NOW)
    action = region.initiate(action_type, 20, 1, NOW)

    region.complete(action.id, NOW + 3600)

    assert region.capacity == after
    assert region.actions[action.id].status is ActionStatus.COMPLETED
    assert region.committed(action_type) == 0


def test_complete_and_cancel__after_the_deadline__refused(region: RegionBalance) -> None:
    action = region.initiate(SHED, 50, 1, NOW)

    with pytest.raises(NotDueError):
        region.expire(action.id, NOW + 3600)
    for late in (region.complete, region.cancel):
        with pytest.raises(PastDeadlineError):
            late(action.id, NOW + 3601)
    region.expire(action.id, NOW + 3601)
    assert region.actions[action.id].status is ActionStatus.EXPIRED
    assert available(region)[SHED] == 500


def test_cancel__an_action__frees_its_target(region: RegionBalance) -> None:
    action = region.initiate(DECREASE, 600, 1, NOW)
    assert region.available_for(DECREASE, NOW) == 0

    region.cancel(action.id, NOW + 3600)

    assert region.available_for(DECREASE, NOW) == 600
    for again in (region.cancel, region.complete, region.expire):
        with pytest.raises(NotOpenError, match="action 1 is CANCELLED"):
            again(action.id, NOW + 3601)
    with pytest.raises(NoSuchActionError):
        region.cancel(2, NOW)


def test_open_actions__several__by_priority_then_age(region: RegionBalance) -> None:
    for priority in (3, 1, 3, 2, 1):
        region.initiate(INCREASE, 1, priority, NOW)
    region.cancel(2, NOW)

    assert [one.id for one in region.open_actions()] == [5, 4, 1, 3]


def test_set_capacity__too_little_for_what_is_open__refused(region: RegionBalance) -> None:
    region.initiate(INCREASE, 100, 1, NOW)
    region.initiate(DECREASE, 90, 1, NOW)
    region.initiate(ACTIVATE, 80, 1, NOW)
    before = region.capacity

    for too_little, kind in (
        ((269, 90, 80), "INCREASE_GENERATION: 100 open, 99 possible"),
        ((270, 89, 80), "DECREASE_GENERATION: 90 open, 89 possible"),
        ((270, 90, 79), "RESERVE_ACTIVATION: 80 open, 79 possible"),
    ):
        with pytest.raises(CommittedError, match=kind):
            region.set_capacity(*too_little)
    assert region.capacity == before
    region.set_capacity(270, 90, 80)
    assert available(region)[:2] == [0, 0]


@pytest.mark.parametrize("capacity", [(10, 6, 5), (0, 1, 0), (2**64, 0, 0)])
def test_set_capacity__more_than_the_maximum__refused(capacity: tuple[int, int, int]) -> None:
    with pytest.raises(BadCapacityError):
        RegionBalance(lifetime=1).set_capacity(*capacity)


@pytest.mark.parametrize("capacity", [(10, -1, 5), (10, 5, -1), (10, 1.5, 5)])
def test_set_capacity__no_power__refused(capacity: tuple[int, int, int]) -> None:
    with pytest.raises(DomainError, match="must"):
        RegionBalance(lifetime=1).set_capacity(*capacity)
