"""Forecasts as pages show them: hour by hour, beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from energy_grid.api.models import Forecast, ForecastHour

__all__ = ["Ahead", "ahead_of"]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast with its hours: of each its begin, its forecast and what was measured in Wh, None
    where there is none."""

    forecast: Forecast
    hours: Sequence[tuple[datetime, ForecastHour | None, int | None]]


def ahead_of(forecasts: Sequence[Forecast]) -> list[Ahead]:
    """Each with what was measured before and since."""
    return [Ahead(each, _hours(each)) for each in forecasts]


def _hours(forecast: Forecast) -> list[tuple[datetime, ForecastHour | None, int | None]]:
    ahead = {each.start: each for each in forecast.hours}
    measured = {each.start: each.wh for each in forecast.measured}
    starts = sorted({*ahead, *measured})
    return [(start, ahead.get(start), measured.get(start)) for start in starts]
