"""The levels of the grid suite by the bounds of the contracts; integers only."""

from __future__ import annotations

from energy_grid.domain.enums import LoadStatus, PermissionLevel, StabilityLevel
from energy_grid.domain.grid_levels import BANDS, CRITICAL_PERCENT, HIGH_PERCENT, Band, Bands
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "FIRST_SCORE",
    "MAX_SCORE",
    "load_percentage",
    "load_status",
    "permission_level",
    "stability_level",
]

MAX_SCORE = 100
FIRST_SCORE = 40


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


def stability_level(
    frequency: int, voltage: int, bands: Bands = BANDS["default"]
) -> StabilityLevel:
    """The level of a frequency in centihertz and a voltage in percent of nominal.

    Raises:
        DomainError: no natural number.
    """
    natural("frequency", frequency)
    natural("voltage", voltage)
    return max(_level(bands.frequency, frequency), _level(bands.voltage, voltage))


def _level(band: Band, value: int) -> StabilityLevel:
    bounds = [*band]
    for level in (StabilityLevel.NORMAL, StabilityLevel.ALERT, StabilityLevel.EMERGENCY):
        low, high = bounds[2 * level : 2 * level + 2]
        if low <= value <= high:
            return level
    return StabilityLevel.CRITICAL
