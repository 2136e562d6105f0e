"""Feeders as operators describe them: files of cables, and at which bus each meter is.

A folder has four files in the format of SimBench (UTF-8, with these columns and perhaps others):

    buses.csv         bus, longitude, latitude
    lines.csv         line, from_bus, to_bus, length_km, max_a
    transformers.csv  lower_bus, rated_mva, lower_kv: one line
    meters.csv        meter (the address of its key), bus
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.resources.abc import Traversable
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.domain.feeder import Bus, Feeder, Line
from energy_grid.errors import InputError

__all__ = ["MeteredFeeder", "load_cables", "load_feeder"]

# Of a current in each of three phases.
_PHASES = Decimal(3).sqrt()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredFeeder:
    """A feeder, and the bus of each meter by the address of its key."""

    feeder: Feeder
    meters: Mapping[str, str]


def load_feeder(folder: Traversable) -> MeteredFeeder:
    """The feeder of a folder with its meters.

    Raises:
        InputError: a file is missing or wrong; the message names it.
    """
    feeder, meters = load_cables(folder), {}
    for row in _rows(folder, "meters.csv", ("meter", "bus")):
        if row["bus"] not in feeder.buses:
            raise InputError(f"meters.csv: {row['bus']!r} is no bus of buses.csv")
        meters[checksum(row["meter"].lower())] = row["bus"]
    return MeteredFeeder(feeder=feeder, meters=meters)


def load_cables(folder: Traversable) -> Feeder:
    """The feeder of a folder without its meters.

    Raises:
        InputError: as `load_feeder`.
    """
    columns = ("lower_bus", "rated_mva", "lower_kv")
    transformers = list(_rows(folder, "transformers.csv", columns))
    if len(transformers) != 1:
        raise InputError(f"transformers.csv has {len(transformers)} transformers: name one")
    (transformer,) = transformers
    volts = 1000 * _number(transformer, "lower_kv")
    places = list(_rows(folder, "buses.csv", ("bus", "longitude", "latitude")))
    lines = [
        Line(
            name=row["line"],
            upper=row["from_bus"],
            lower=row["to_bus"],
            length_m=int(1000 * _number(row, "length_km")),
            rating_w=int(_PHASES * volts * _number(row, "max_a")),
        )
        for row in _rows(folder, "lines.csv", ("line", "from_bus", "to_bus", "length_km", "max_a"))
    ]
    ends = {transformer["lower_bus"], *(end for line in lines for end in (line.upper, line.lower))}
    buses = [
        Bus(
            name=row["bus"],
            longitude=float(_number(row, "longitude")),
            latitude=float(_number(row, "latitude")),
        )
        for row in places
        # The other side of the transformer is no part of it.
        if row["bus"] in ends
    ]
    rating = int(10**6 * _number(transformer, "rated_mva"))
    return Feeder.of(transformer["lower_bus"], rating, buses, lines)


def _rows(folder: Traversable, name: str, columns: Iterable[str]) -> Iterable[dict[str, str]]:
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {name} of the feeder {folder}: {error}") from None
    reader = csv.DictReader(text.splitlines())
    missing = [each for each in columns if each not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{name} of the feeder has no column {missing[0]}")
    for row in reader:
        if None in row.values() or None in row:
            raise InputError(f"{name}, line {reader.line_num}: a value is missing, or too many are")
        yield row


def _number(row: Mapping[str, Any], name: str) -> Decimal:
    try:
        found = Decimal(row[name])
    except InvalidOperation:
        raise InputError(f"the feeder's {name} {row[name]!r} is no number") from None
    if not found.is_finite():
        raise InputError(f"the feeder's {name} {row[name]!r} is no number")
    return found
