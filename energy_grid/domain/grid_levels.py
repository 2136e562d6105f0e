"""The levels of the grid suite: of a region's load and stability, and of what an operator may do.

Enums are numbered as on the chain.
"""

from __future__ import annotations

from energy_grid.domain.enums import LoadStatus, PermissionLevel, StabilityLevel

__all__ = [
    "CRITICAL_PERCENT",
    "HIGH_PERCENT",
    "NORMAL_PERCENT",
    "LoadStatus",
    "PermissionLevel",
    "StabilityLevel",
]

# From so many percent of its capacity on, a load is NORMAL, HIGH, and CRITICAL.
NORMAL_PERCENT, HIGH_PERCENT, CRITICAL_PERCENT = 31, 80, 95
