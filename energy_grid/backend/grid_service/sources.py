"""What reporters report: values at a time of the chain, in the units of the oracles.

Weather has Open-Meteo's JSON format of hours in UTC, temperatures in degrees Celsius and wind in
m/s or km/h; what is asked for is in the address:

    {"utc_offset_seconds": 0,
     "hourly_units": {"temperature_2m": "°C", "wind_speed_10m": "m/s", "cloud_cover": "%",
                      "shortwave_radiation": "W/m²"},
     "hourly": {"time": ["2024-01-01T00:00", ..], "temperature_2m": [3.1, ..],
                "wind_speed_10m": [4.2, ..], "cloud_cover": [75, ..],
                "shortwave_radiation": [0.0, ..]}}

Prices have two columns, beginnings of hours in UTC and money per kWh of the hour:

    2024-01-01T00:00,0.2512
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from io import StringIO
from statistics import median_low
from typing import Any

from sqlalchemy import select

from energy_grid.backend.grid_service.places import SourceError, read_place
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.views import VIEWS
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.weather_oracle import Weather
from energy_grid.domain.day_leaves import REGISTER_END
from energy_grid.domain.units import format_time

__all__ = ["metered_grid", "prices_in", "weather_in"]

_MEASURED = VIEWS["measured"]
_HOUR = 3600
# Of Open-Meteo's names: what the oracle counts in one unit of it, by the unit's name.
_WEATHER: Mapping[str, tuple[str, Mapping[str, Decimal]]] = {
    "shortwave_radiation": ("irradiance", {"W/m²": Decimal(1)}),
    "temperature_2m": ("temperature", {"°C": Decimal(100)}),
    "wind_speed_10m": ("wind_speed", {"m/s": Decimal(100), "km/h": Decimal(100) / Decimal("3.6")}),
    "cloud_cover": ("cloud_cover", {"%": Decimal(100)}),
}


def weather_in(place: str) -> Callable[[int], Weather]:
    """The weather of an hour, from a file or an address in Open-Meteo's format."""

    def weather(now: int) -> Weather:
        try:
            document = json.loads(read_place(place), parse_float=Decimal, parse_int=Decimal)
            hourly, units = document["hourly"], document["hourly_units"]
            if document["utc_offset_seconds"] != 0:
                raise SourceError("the weather's hours are not in UTC: ask with timezone=GMT")
            at = [_hour(each) for each in hourly["time"]].index(now - now % _HOUR)
            values = {
                name: _rounded(hourly[theirs][at] * factors[units[theirs]])
                for theirs, (name, factors) in _WEATHER.items()
            }
        except (ValueError, KeyError, TypeError, IndexError, ArithmeticError) as error:
            raise SourceError(
                f"the weather has no values of {format_time(now)}, or is not in Open-Meteo's"
                f" format ({type(error).__name__}: {error})"
            ) from None
        return Weather(**values)

    return weather


def prices_in(place: str, decimals: int) -> Callable[[int], int]:
    """The price of an hour, from a file or an address with lines of time and price.

    Args:
        decimals: of the oracle's unit.
    """

    def price(now: int) -> int:
        hour = now - now % _HOUR
        try:
            for row in csv.reader(StringIO(read_place(place))):
                if len(row) == 2 and row[0][:1].isdigit() and _hour(row[0]) == hour:
                    return _rounded(Decimal(row[1]).scaleb(decimals))
        except (ValueError, InvalidOperation, csv.Error) as error:
            raise SourceError(f"the prices are malformed: {error}") from None
        raise SourceError(f"the prices have none of {format_time(hour)}")

    return price


def metered_grid(
    database: Database, region: str, slot_length: int, nominal: int, capacity: int | None
) -> Callable[[int], GridState]:
    """The grid of a region as its settlement meters have read it, from the store, by way of the
    chain or of a gateway: the newest slot that half of them have read at both ends, none longer ago
    than a quarter of a day. A gateway's leaves come after their day: they say nothing of now, and
    are not taken.

    What they import is the demand in kW. The supply is what the region can draw: what its
    connection carries and what its meters export, or 0, not known, without a capacity. Frequency
    and voltage are the medians of the readings.

    Args:
        nominal: the voltage that is 100 %, in decivolts.
        capacity: what the region's connection carries, in kW, such as its transformer's rating.
    """

    def state(now: int) -> GridState:
        meters = _meters(database, region)
        newest = now - now % slot_length
        first = newest - _HOUR * 6
        wanted = select(_MEASURED).where(_MEASURED.c.time.between(first, newest))
        with database.reading() as connection:
            rows = connection.execute(wanted).all()
        found = {(row.time, row.meter): row for row in rows if row.meter in meters}
        for end in range(newest, first, -slot_length):
            pairs = [
                (found[end - slot_length, each], found[end, each])
                for each in meters
                if (end, each) in found and (end - slot_length, each) in found
            ]
            if pairs and 2 * len(pairs) >= len({*meters.values()}):
                return _grid_state(pairs, slot_length, nominal, capacity)
        raise SourceError(
            f"the meters of {region} have not read a slot since {format_time(first)}: half of them"
            " must send readings to a gateway of this database or to the chain; a day's leaves come"
            " too late for the grid's state"
        )

    return state


def _grid_state(
    pairs: list[tuple[Any, Any]], slot_length: int, nominal: int, capacity: int | None
) -> GridState:
    def kw(name: str) -> int:
        wh = sum((end._mapping[name] - begin._mapping[name]) % REGISTER_END for begin, end in pairs)
        return _rounded(Decimal(wh) * _HOUR / (slot_length * 1000))

    ends = [end for _, end in pairs]
    return GridState(
        demand=kw("import_wh"),
        supply=0 if capacity is None else capacity + kw("export_wh"),
        frequency=median_low(each.frequency for each in ends),
        voltage=_rounded(Decimal(median_low(each.voltage for each in ends)) * 100 / nominal),
    )


def _meters(database: Database, region: str) -> dict[str, int]:
    """The numbers of the settlement meters of a region, by all their keys."""
    keys = VIEWS["meter_keys"].c
    word = "0x" + region.encode().ljust(32, b"\0").hex()
    wanted = select(keys.meter, keys.number).where(keys.region == word, keys.is_settlement)
    with database.reading() as connection:
        return {row.meter: row.number for row in connection.execute(wanted)}


def _hour(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC).timestamp())


def _rounded(number: Decimal) -> int:
    if not number.is_finite():
        raise InvalidOperation(f"{number} is no number")
    return int(number.quantize(Decimal(1), ROUND_HALF_EVEN))
