"""Integers in tables and sentences, rounded to a fixed number of places.

Exact amounts are written by `energy_grid.domain.units`.
"""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["clock", "counted", "fixed", "kilos", "kw", "kwh", "year"]

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
