"""The levels of the grid suite: of a region's load and stability, and of what an operator may do.

Integers only, with the bounds of the contracts. Enums are numbered as on the chain.
"""

from __future__ import annotations

from enum import IntEnum

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "CRITICAL_PERCENT",
    "HIGH_PERCENT",
    "MAX_SCORE",
    "LoadStatus",
    "PermissionLevel",
    "StabilityLevel",
    "load_percentage",
    "load_status",
    "permission_level",
    "stability_level",
]

MAX_SCORE = 100
# From so many percent of its capacity on, a load is HIGH, and CRITICAL.
HIGH_PERCENT, CRITICAL_PERCENT = 80, 95


class LoadStatus(IntEnum):
    """How near a region's load is to its capacity."""

    LOW = 0
    """At most 30 %."""
    NORMAL = 1
    """31 to 79 %."""
    HIGH = 2
    """80 to 94 %."""
    CRITICAL = 3
    """95 % and more."""


class PermissionLevel(IntEnum):
    """What an operator may do; each level includes the ones before."""

    NONE = 0
    REPORT = 1
    """Load and stability reports; score 0 to 49."""
    OPERATE = 2
    """Balancing actions, region capacities, demand response; score 50 to 79."""
    COMMAND = 3
    """Automated responses and critical events; score 80 to 100."""


def load_percentage(demand: int, capacity: int) -> int:
    """Percent of the capacity that is asked for, rounded down; it can be above 100.

    ``demand`` and ``capacity`` in kW.

    Raises:
        DomainError: no capacity, or no natural number.
    """
    if natural("capacity", capacity) == 0:
        raise DomainError("without a capacity there is no percentage")
    return natural("demand", demand) * 100 // capacity


def load_status(percentage: int) -> LoadStatus:
    """The status of a load in whole percent of the capacity.

    Raises:
        DomainError: no natural number.
    """
    if natural("percentage", percentage) <= 30:
        return LoadStatus.LOW
    if percentage < HIGH_PERCENT:
        return LoadStatus.NORMAL
    return LoadStatus.HIGH if percentage < CRITICAL_PERCENT else LoadStatus.CRITICAL


def permission_level(score: int) -> PermissionLevel:
    """What an authorized operator of this score may do; any other operator may do nothing.

    Raises:
        DomainError: not from 0 to 100.
    """
    if natural("score", score) > MAX_SCORE:
        raise DomainError(f"a score is at most {MAX_SCORE}: {score}")
    if score < 50:
        return PermissionLevel.REPORT
    return PermissionLevel.OPERATE if score < 80 else PermissionLevel.COMMAND


class StabilityLevel(IntEnum):
    """How far frequency or voltage are from nominal, the worse of the two."""

    NORMAL = 0
    """49.50 to 50.50 Hz and 95 to 105 %."""
    ALERT = 1
    """49.00 to 51.00 Hz and 90 to 110 %."""
    EMERGENCY = 2
    """47.50 to 51.50 Hz and 85 to 115 %."""
    CRITICAL = 3
    """Beyond."""


# Lowest and highest of each level but the last: centihertz, percent of nominal.
_STABILITY_BANDS = (
    (StabilityLevel.NORMAL, (4950, 5050), (95, 105)),
    (StabilityLevel.ALERT, (4900, 5100), (90, 110)),
    (StabilityLevel.EMERGENCY, (4750, 5150), (85, 115)),
)


def stability_level(frequency: int, voltage: int) -> StabilityLevel:
    """The level of a frequency in centihertz and a voltage in percent of nominal.

    Raises:
        DomainError: no natural number.
    """
    natural("frequency", frequency)
    natural("voltage", voltage)
    for level, (lowest, highest), (least, most) in _STABILITY_BANDS:
        if lowest <= frequency <= highest and least <= voltage <= most:
            return level
    return StabilityLevel.CRITICAL
