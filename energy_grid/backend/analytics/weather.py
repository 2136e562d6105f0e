"""What the sky gives: clear-sky irradiance of a place, and weather of a user's file."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from energy_grid.backend.analytics.history import hour_of, number_of
from energy_grid.backend.analytics.series import Array
from energy_grid.domain.feeder import Bus
from energy_grid.errors import InputError

__all__ = ["Place", "Weather", "read_weather"]

# Where nobody has said how panels stand: an average roof in Europe.
_TILT, _SOUTH, _TURBIDITY = 35, 180, 3.0
_HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Place:
    """Where panels are, in degrees, and how steep they are."""

    latitude: float = 51.0
    longitude: float = 10.0
    tilt: float = _TILT
    azimuth: float = _SOUTH

    @classmethod
    def among(cls, buses: Collection[Bus]) -> Place:
        """In the middle of the buses of feeders, if there are any."""
        if not buses:
            return cls()
        north, east = (
            sum(degrees) / len(buses)
            for degrees in zip(*((bus.latitude, bus.longitude) for bus in buses), strict=True)
        )
        return cls(north, east)

    def clear_sky(self, first: int, hours: int) -> Array:
        """W/m² on the panels in the middle of each hour, without a cloud (Ineichen and Perez)."""
        import pandas
        from pvlib import atmosphere, clearsky, irradiance, location

        middle = pandas.to_datetime(
            (np.arange(first, first + hours) * _HOUR_SECONDS + _HOUR_SECONDS // 2), unit="s"
        ).tz_localize("UTC")
        sun = location.Location(self.latitude, self.longitude).get_solarposition(middle)
        mass = atmosphere.get_relative_airmass(sun["apparent_zenith"])
        sky = clearsky.ineichen(sun["apparent_zenith"], mass, _TURBIDITY)
        position = self.tilt, self.azimuth, sun["apparent_zenith"], sun["azimuth"]
        beam = [sky[name].fillna(0) for name in ("dni", "ghi", "dhi")]
        found: Any = irradiance.get_total_irradiance(*position, *beam)["poa_global"]
        return np.asarray(found.fillna(0).clip(lower=0), dtype=float)


@dataclass(frozen=True)
class Weather:
    """Clear sky of a place, and irradiance that a file gives for hours past and to come.

    Attributes:
        given: by hour, in W/m² or any unit that is in proportion to it; empty without a file.
    """

    place: Place
    given: dict[int, float]
    first: int
    hours: int

    @cached_property
    def clear(self) -> Array:
        """Of each hour from ``first`` on, in W/m²."""
        return self.place.clear_sky(self.first, self.hours)

    @cached_property
    def irradiance(self) -> Array:
        """Of each hour from ``first`` on; NaN where the file has none."""
        span = range(self.first, self.first + self.hours)
        return np.array([self.given.get(hour, np.nan) for hour in span])


def read_weather(file: Path) -> dict[int, float]:
    """Irradiance by hour of a CSV with the columns ``start_utc`` and ``irradiance``.

    It has the forecast of each past hour as it was given, and that of the hours to come.

    Raises:
        InputError: it cannot be read; the message has row and column.
    """
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = csv.DictReader(lines)
            if not {"start_utc", "irradiance"} <= {*(rows.fieldnames or ())}:
                raise InputError(f"{file}: row 1: the columns start_utc and irradiance are needed")
            return {
                hour_of(file, at, "start_utc", row["start_utc"]): number_of(
                    file, at, "irradiance", row["irradiance"]
                )
                for at, row in enumerate(rows, 2)
            }
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {file}: {error}") from None
