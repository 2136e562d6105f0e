"""The levels of the grid suite: of a region's load and stability, and of what an operator may do.

Enums are numbered as on the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from energy_grid.domain.enums import LoadStatus, PermissionLevel, StabilityLevel

__all__ = [
    "BANDS",
    "CRITICAL_PERCENT",
    "HIGH_PERCENT",
    "NORMAL_PERCENT",
    "POSSIBLE_VOLTAGES",
    "Band",
    "Bands",
    "LoadStatus",
    "PermissionLevel",
    "StabilityLevel",
]

# From so many percent of its capacity on, a load is NORMAL, HIGH, and CRITICAL.
NORMAL_PERCENT, HIGH_PERCENT, CRITICAL_PERCENT = 31, 80, 95
# Percent of the nominal voltage: what no grid can have, StabilityMaintenance refuses.
POSSIBLE_VOLTAGES = range(50, 151)


class Band(NamedTuple):
    """The bounds of the levels NORMAL, ALERT and EMERGENCY, included; outside is CRITICAL."""

    normal_low: int
    normal_high: int
    alert_low: int
    alert_high: int
    emergency_low: int
    emergency_high: int


class Bands(NamedTuple):
    """Those of a region, as `IGridBands.Bands` on the chain.

    Attributes:
        nominal_frequency: centihertz.
        nominal_voltage: decivolts.
        frequency: centihertz.
        voltage: percent of nominal.
    """

    nominal_frequency: int
    nominal_voltage: int
    frequency: Band
    voltage: Band


BANDS: Mapping[str, Bands] = {
    "default": Bands(
        *(5_000, 2_300),
        Band(4_950, 5_050, 4_900, 5_100, 4_750, 5_150),
        Band(95, 105, 90, 110, 85, 115),
    ),
    "europe": Bands(
        *(5_000, 2_300),
        Band(4_995, 5_005, 4_980, 5_020, 4_750, 5_150),
        Band(90, 110, 90, 110, 85, 110),
    ),
    "north-america": Bands(
        *(6_000, 1_200),
        Band(5_994, 6_006, 5_980, 6_020, 5_850, 6_120),
        Band(95, 105, 92, 105, 88, 110),
    ),
}
"""Those that people know: of a deployment that says nothing else; of Continental Europe (50 mHz and
200 mHz, EN 50160); of North America (60 Hz, 120 V; ANSI C84.1, IEEE 1547)."""
