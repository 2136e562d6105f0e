"""The levels of the grid suite: of a region's load and stability, and of what an operator may do.

Enums are numbered as on the chain.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CRITICAL_PERCENT", "HIGH_PERCENT", "LoadStatus", "PermissionLevel", "StabilityLevel"]
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
