"""The levels of the grid suite: of a region's load, and of what an operator may do.

Integers only, with the bounds of the contracts. Enums are numbered as on the chain.
"""

from __future__ import annotations

from enum import IntEnum

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "MAX_SCORE",
    "LoadStatus",
    "PermissionLevel",
    "load_percentage",
    "load_status",
    "permission_level",
]

MAX_SCORE = 100


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
    if percentage < 80:
        return LoadStatus.NORMAL
    return LoadStatus.HIGH if percentage < 95 else LoadStatus.CRITICAL


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
