"""What a forecast is made of: all of it was known when its first hour began.

A window of four weeks that ends with the origin is the only sight of the series that features and
baselines have, so no later value can be in them. Weather of hours to come is what a file forecasts
of them; without one, it is the clear sky.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_grid.backend.analytics.series import DAY, HISTORY, HORIZON, Array, Hours, Kind
from energy_grid.backend.analytics.weather import Weather

__all__ = ["BASELINES", "Features", "features", "window"]

BASELINES = ("yesterday", "last week", "7-day mean")
_DAYS = HISTORY // DAY
_STEPS: Any = np.arange(HORIZON)
# 1970 began with a Thursday.
_THURSDAY, _SATURDAY = 3, 5
# See `_plausible`.
_USUAL, _RISE = 3, 2.0
# W/m² added to the clear sky, so that little in twilight is not much of nothing.
_TWILIGHT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Of the 48 hours from an origin.

    Attributes:
        table: shape (series, hours, features).
        scale: shape (series, hours): Wh that one of the model's unit is.
        offset: in units of ``scale``; what the model corrects.
        baselines: by name, in Wh.
        rests: shape (series, hours): nothing came in this hour of any of the 28 days; of panels, if
            the sun is down, of any of the last seven.
        least: shape (series, 1): Wh of the hour of the 28 days in which the least came.
        most: of that in which the most came.
    """

    table: Array
    scale: Array
    offset: Array
    baselines: dict[str, Array]
    rests: npt.NDArray[np.bool_]
    least: Array
    most: Array

    @property
    def relative(self) -> dict[str, Array]:
        """The baselines in units of ``scale``."""
        return {name: each / self.scale for name, each in self.baselines.items()}


def features(hours: Hours, origin: int, weather: Weather) -> Features:
    """Of all series, for the hours from ``origin`` on."""
    past = _plausible(window(hours, origin))
    at = _STEPS % DAY
    same = past[:, :, at]
    with warnings.catch_warnings():
        # Of hours that nobody has measured.
        warnings.simplefilter("ignore", RuntimeWarning)
        newest = np.nanmean(same[:, :2], axis=1)
        least, most = (
            np.nan_to_num(each(past, axis=(1, 2)))[:, None] for each in (np.nanmin, np.nanmax)
        )
        baselines = {
            "yesterday": np.where(np.isfinite(same[:, 0]), same[:, 0], newest),
            # Seven days before the hour itself, not before the origin.
            "last week": np.where(_STEPS < DAY, same[:, 6], same[:, 5]),
            "7-day mean": np.nanmean(same[:, :7], axis=1),
        }
        if hours.kind is Kind.PRODUCTION:
            parts = _of_panels(past, origin, weather, baselines["7-day mean"])
        else:
            parts = _of_load(past, origin, baselines["7-day mean"])
    scale, offset, columns = parts
    came = np.isfinite(same) & (same > 0)
    rests = ~came.any(axis=1)
    if hours.kind is Kind.PRODUCTION:
        begin = origin - weather.first
        rests |= ~came[:, :7].any(axis=1) & (weather.clear[begin : begin + HORIZON] == 0)
    table = np.stack([np.broadcast_to(each, scale.shape) for each in columns], axis=-1)
    return Features(
        table=table,
        scale=scale,
        offset=np.nan_to_num(offset),
        baselines={name: np.nan_to_num(each) for name, each in baselines.items()},
        rests=rests,
        least=least,
        most=most,
    )


def window(hours: Hours, origin: int) -> Array:
    """What is known at an origin: shape (series, 28 days, 24 hours), the day before it first."""
    whole = np.full((len(hours.names), HISTORY), np.nan)
    begin = origin - HISTORY
    first, end = max(hours.first, begin), min(hours.end, origin)
    if first < end:
        whole[:, first - begin : end - begin] = hours.wh[:, first - hours.first : end - hours.first]
    return whole.reshape(-1, _DAYS, DAY)[:, ::-1]


def _plausible(window: Array) -> Array:
    """The same, where no hour has more than twice the most of the third highest day: what a broken
    meter says of one or two days must not be expected again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        of_days = np.sort(np.nan_to_num(np.nanmax(window, axis=2)), axis=1)
    most = np.where(of_days[:, -_USUAL] > 0, _RISE * of_days[:, -_USUAL], np.inf)
    return np.minimum(window, most[:, None, None])


def _of_load(window: Array, origin: int, mean: Array) -> tuple[Array, Array, list[Array]]:
    hour_of_day: Any = _STEPS % DAY
    same = window[:, :, hour_of_day]
    scale = np.maximum(np.nan_to_num(np.nanmean(window, axis=(1, 2))), 1.0)[:, None]
    scale = np.broadcast_to(scale, mean.shape)
    hour = origin + _STEPS
    kind = _day_type(hour // DAY)
    before = hour[None] - DAY * (1 + _STEPS // DAY)[None] - DAY * np.arange(_DAYS)[:, None]
    alike = np.where(_day_type(before // DAY) == kind[None], 1.0, np.nan)
    typed = np.nanmean(same * alike, axis=1)
    offset = np.nanmean(np.stack([mean, typed]), axis=0) / scale
    columns = [
        *(same[:, day] / scale for day in (0, 1, 2, 5, 6, 13)),
        *(each / scale for each in (mean, np.nanmean(same, axis=1), typed)),
        np.nanmedian(same[:, :14], axis=1) / scale,
        *(np.nanmean(window[:, :days], axis=(1, 2))[:, None] / scale for days in (1, 2, 7)),
        *(np.nanmean(window[:, 0, -count:], axis=1)[:, None] / scale for count in (1, 3)),
        np.nanmean(window[:, :7, -3:], axis=(1, 2))[:, None] / scale,
        *(each[None].astype(float) for each in (_STEPS, hour % DAY, kind, _weekday(hour // DAY))),
    ]
    return scale, offset, columns


def _of_panels(
    window: Array, origin: int, weather: Weather, mean: Array
) -> tuple[Array, Array, list[Array]]:
    at = _STEPS % DAY
    begin = origin - HISTORY - weather.first
    clear = weather.clear[begin : begin + HISTORY + HORIZON] + _TWILIGHT
    past, coming = clear[:HISTORY].reshape(_DAYS, DAY)[::-1], clear[HISTORY:]
    of_days = np.nanmean(window, axis=2) / past.mean(axis=1)
    peak = np.maximum(np.nan_to_num(np.nanpercentile(of_days, 90, axis=1)), 1e-6)[:, None]
    scale = peak * coming[None]
    day = of_days / peak

    def indexed(days: int) -> Array:
        """Of the same hour in so many days, as a part of the clear sky."""
        found: Array = np.nanmean(window[:, :days], axis=1) / past[:days].mean(axis=0) / peak
        return found[:, at]

    given = weather.irradiance[begin : begin + HISTORY + HORIZON]
    was, will = given[:HISTORY].reshape(_DAYS, DAY)[::-1], given[HISTORY:]
    usual = np.nanmean(was[:7], axis=0)[at]
    rises = np.clip((will + _TWILIGHT / 4) / (usual + _TWILIGHT / 4), 0, 3)
    # Half of what the forecast says is its own error.
    offset = mean / scale * np.where(np.isfinite(rises), 0.4 + 0.6 * rises, 1.0)
    recent = [
        np.nanmean(window[:, 0, -count:], axis=1)[:, None] / past[0, -count:].mean() / peak
        for count in (3, 6)
    ]
    sky = np.nanpercentile(np.nanmean(was, axis=1) / past.mean(axis=1), 90)
    of_coming = [
        np.nanmean(will[at_ : at_ + DAY]) / coming[at_ : at_ + DAY].mean() / sky for at_ in (0, DAY)
    ]
    columns = [
        *(indexed(days) for days in (1, 7, 28)),
        np.nanpercentile(window / past, 85, axis=1)[:, at] / peak,
        *(day[:, :1], day[:, 1:2], *(np.nanmean(day[:, :n], axis=1)[:, None] for n in (3, 7, 14))),
        *recent,
        np.full((1, 1), past[0, -3:].mean()),
        *(_STEPS[None].astype(float), coming[None]),
        (will / coming / sky)[None],
        np.where(_STEPS < DAY, of_coming[0], of_coming[1])[None],
    ]
    return scale, offset, columns


def _weekday(day: Any) -> Any:
    """Monday is 0."""
    return (day + _THURSDAY) % 7


def _day_type(day: Any) -> Any:
    """0: a working day, 1: a Saturday, 2: a Sunday."""
    return np.maximum(_weekday(day) - _SATURDAY + 1, 0)
