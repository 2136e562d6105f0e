"""Integers as people read them in tables and sentences: rounded to a fixed number of places.

Exact amounts are written by `energy_grid.domain.units`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from energy_grid.domain.profiles import Household

if TYPE_CHECKING:
    # Drags in what takes a moment to import, and help and refusals need `counted` alone.
    from energy_grid.services.day_report import Currency

__all__ = ["clock", "coins", "counted", "fixed", "kilos", "kw", "kwh", "owns", "short_name", "year"]

_DAY_MINUTES = 1440


def fixed(value: int, decimals: int, places: int) -> str:
    """``value`` of 10**-decimals units with so many places, half rounded away from zero."""
    step = 10 ** (decimals - places)
    rounded = (abs(value) + step // 2) // step
    whole, fraction = divmod(rounded, 10**places)
    sign = "-" if value < 0 and rounded else ""
    return f"{sign}{whole:,}.{fraction:0{places}d}" if places else f"{sign}{whole:,}"


def kwh(wh: int) -> str:
    """kWh with two places."""
    return fixed(wh, 3, 2)


def kilos(grams: int) -> str:
    """kg with two places."""
    return fixed(grams, 3, 2)


def kw(watts: int) -> str:
    """kW with two places."""
    return fixed(watts, 3, 2)


def coins(amount: int, currency: Currency, places: int = 2) -> str:
    """Whole coins with two places, or so many."""
    return fixed(amount, currency.decimals, places)


def counted(number: int, noun: str) -> str:
    """``"1 household"``, ``"2 households"``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clock(timestamp: int) -> str:
    """The time of day, UTC: ``"09:45"``."""
    hours, minutes = divmod(timestamp // 60 % _DAY_MINUTES, 60)
    return f"{hours:02}:{minutes:02}"


def year(timestamp: int) -> int:
    """The year, UTC."""
    return datetime.fromtimestamp(timestamp, UTC).year


def short_name(household: Household) -> str:
    """Its name without the name of the grid: ``"Load 12"`` of ``"LV2.101 Load 12"``."""
    return household.name.partition(" ")[2] or household.name


def owns(household: Household) -> str:
    """Panels and battery of a household: ``"9.8 kWp + 14 kWh"``."""
    if not household.pv_peak_w:
        return ""
    panels = f"{fixed(household.pv_peak_w, 3, 1)} kWp"
    if household.battery is None:
        return panels
    return f"{panels} + {fixed(household.battery.capacity_wh, 3, 0)} kWh"
