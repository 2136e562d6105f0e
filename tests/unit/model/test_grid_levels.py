"""Levels of load, of permission and of stability."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.grid_levels import LoadStatus, PermissionLevel, StabilityLevel
from energy_grid.errors import DomainError
from tests.model.grid_levels import load_percentage, load_status, permission_level, stability_level


@pytest.mark.parametrize(
    ("demand", "capacity", "percentage"),
    [
        (0, 1, 0),
        (750, 1000, 75),
        (309, 1000, 30),
        (310, 1000, 31),
        (1, 3, 33),
        (999, 1000, 99),
        (1001, 1000, 100),
        (2, 1, 200),
        (2**64 - 1, 1, (2**64 - 1) * 100),
    ],
)
def test_load_percentage__of_any_demand__rounded_down(
    demand: int, capacity: int, percentage: int
) -> None:
    assert load_percentage(demand, capacity) == percentage


@given(st.integers(0, 10**20), st.integers(1, 10**20))
def test_load_percentage__of_any_demand__is_the_largest_that_is_reached(
    demand: int, capacity: int
) -> None:
    percentage = load_percentage(demand, capacity)
    assert percentage * capacity <= demand * 100 < (percentage + 1) * capacity


@pytest.mark.parametrize(
    ("demand", "capacity", "output"),
    [
        (1, 0, "without a capacity"),
        (1, -1, "capacity must not be negative"),
        (-1, 1, "demand must not be negative"),
        (1.5, 1, "demand must be an integer"),
        (1, 1.5, "capacity must be an integer"),
    ],
)
def test_load_percentage__no_power__refused(demand: int, capacity: int, output: str) -> None:
    with pytest.raises(DomainError, match=output):
        load_percentage(demand, capacity)


@pytest.mark.parametrize(
    ("percentage", "status"),
    [
        (0, LoadStatus.LOW),
        (30, LoadStatus.LOW),
        (31, LoadStatus.NORMAL),
        (79, LoadStatus.NORMAL),
        (80, LoadStatus.HIGH),
        (94, LoadStatus.HIGH),
        (95, LoadStatus.CRITICAL),
        (100, LoadStatus.CRITICAL),
        (10**30, LoadStatus.CRITICAL),
    ],
)
def test_load_status__at_each_bound__changes(percentage: int, status: LoadStatus) -> None:
    assert load_status(percentage) is status


def test_load_status__negative__refused() -> None:
    with pytest.raises(DomainError, match="percentage must not be negative"):
        load_status(-1)


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (0, PermissionLevel.REPORT),
        (49, PermissionLevel.REPORT),
        (50, PermissionLevel.OPERATE),
        (79, PermissionLevel.OPERATE),
        (80, PermissionLevel.COMMAND),
        (100, PermissionLevel.COMMAND),
    ],
)
def test_permission_level__at_each_bound__changes(score: int, level: PermissionLevel) -> None:
    assert permission_level(score) is level


@pytest.mark.parametrize(("score", "output"), [(101, "at most 100: 101"), (-1, "not be negative")])
def test_permission_level__no_score__refused(score: int, output: str) -> None:
    with pytest.raises(DomainError, match=output):
        permission_level(score)


# By the bounds of each level: the first value is still in it, the second is not.
FREQUENCIES = [
    (4950, 4949, StabilityLevel.NORMAL),
    (5050, 5051, StabilityLevel.NORMAL),
    (4900, 4899, StabilityLevel.ALERT),
    (5100, 5101, StabilityLevel.ALERT),
    (4750, 4749, StabilityLevel.EMERGENCY),
    (5150, 5151, StabilityLevel.EMERGENCY),
]
VOLTAGES = [
    (95, 94, StabilityLevel.NORMAL),
    (105, 106, StabilityLevel.NORMAL),
    (90, 89, StabilityLevel.ALERT),
    (110, 111, StabilityLevel.ALERT),
    (85, 84, StabilityLevel.EMERGENCY),
    (115, 116, StabilityLevel.EMERGENCY),
]


@pytest.mark.parametrize(("inside", "outside", "level"), FREQUENCIES)
def test_stability_level__frequency_at_each_bound__changes(
    inside: int, outside: int, level: StabilityLevel
) -> None:
    assert stability_level(inside, 100) is level
    assert stability_level(outside, 100) is StabilityLevel(level + 1)


@pytest.mark.parametrize(("inside", "outside", "level"), VOLTAGES)
def test_stability_level__voltage_at_each_bound__changes(
    inside: int, outside: int, level: StabilityLevel
) -> None:
    assert stability_level(5000, inside) is level
    assert stability_level(5000, outside) is StabilityLevel(level + 1)


@given(st.integers(0, 10_000), st.integers(0, 200))
def test_stability_level__of_both__is_that_of_the_worse(frequency: int, voltage: int) -> None:
    alone = (stability_level(frequency, 100), stability_level(5000, voltage))
    assert stability_level(frequency, voltage) is max(alone)


@pytest.mark.parametrize(("frequency", "voltage"), [(-1, 100), (5000, -1), (50.0, 100)])
def test_stability_level__no_measurement__refused(frequency: int, voltage: int) -> None:
    with pytest.raises(DomainError, match="must"):
        stability_level(frequency, voltage)
