"""Feeders as operators describe them: files of cables, and at which bus each meter is.

A folder has four files in the format of SimBench (UTF-8, with these columns and perhaps others):

    buses.csv         bus, longitude, latitude
    lines.csv         line, from_bus, to_bus, length_km, max_a
    transformers.csv  lower_bus, rated_mva, lower_kv: one line
    meters.csv        meter (the address of its key), bus

Where lines.csv has the column r_ohm_per_km, voltages and losses can be computed. Then these columns
are needed too:

    buses.csv         rated_kv, setpoint_pu (of the upper bus), min_pu, max_pu
    lines.csv         r_ohm_per_km, x_ohm_per_km, b_us_per_km
    transformers.csv  upper_bus, upper_kv, phase_shift_degrees, short_circuit_percent,
                      no_load_current_percent, copper_loss_kw, iron_loss_kw, tap_position,
                      tap_neutral, tap_step_percent (taps of the upper winding)
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.resources.abc import Traversable
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.domain.electric_grid import Cable, ElectricGrid, RatedBus, Transformer
from energy_grid.domain.feeder import Bus, Feeder, Line
from energy_grid.errors import InputError

__all__ = ["MeteredFeeder", "load_cables", "load_electric_grid", "load_feeder"]

_ELECTRIC_BUS = ("bus", "rated_kv", "setpoint_pu", "min_pu", "max_pu")
_ELECTRIC_LINE = (
    *("line", "from_bus", "to_bus", "length_km", "max_a"),
    *("r_ohm_per_km", "x_ohm_per_km", "b_us_per_km"),
)
_TRANSFORMER = (
    *("upper_bus", "lower_kv", "upper_kv", "rated_mva", "phase_shift_degrees"),
    *("short_circuit_percent", "no_load_current_percent", "copper_loss_kw", "iron_loss_kw"),
    *("tap_position", "tap_neutral", "tap_step_percent"),
)
# Of a current in each of three phases.
_PHASES = Decimal(3).sqrt()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredFeeder:
    """A feeder, and the bus of each meter by the address of its key.

    Attributes:
        grid: None where the files say nothing of resistances.
    """

    feeder: Feeder
    meters: Mapping[str, str]
    grid: ElectricGrid | None = None


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
    return MeteredFeeder(feeder=feeder, meters=meters, grid=load_electric_grid(folder))


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


def load_electric_grid(folder: Traversable) -> ElectricGrid | None:
    """What a power flow needs to know of the feeder of a folder; None: the files do not say it.

    Raises:
        InputError: as `load_feeder`.
    """
    if not any("r_ohm_per_km" in row for row in _rows(folder, "lines.csv", ())):
        return None
    (row,) = _rows(folder, "transformers.csv", _TRANSFORMER)
    buses = {each["bus"]: each for each in _rows(folder, "buses.csv", _ELECTRIC_BUS)}
    above = buses.pop(row["upper_bus"], None)
    if above is None:
        raise InputError(f"buses.csv lacks {row['upper_bus']!r}, the transformer's upper bus")
    number = {name: float(_number(row, name)) for name in _TRANSFORMER[1:]}
    return ElectricGrid(
        station=row["lower_bus"],
        transformer=Transformer(
            upper_v=1000 * number["upper_kv"],
            lower_v=1000 * number["lower_kv"],
            rated_va=10**6 * number["rated_mva"],
            source_pu=float(_number(above, "setpoint_pu")),
            short_circuit=number["short_circuit_percent"] / 100,
            no_load=number["no_load_current_percent"] / 100,
            copper_w=1000 * number["copper_loss_kw"],
            iron_w=1000 * number["iron_loss_kw"],
            tap_position=int(number["tap_position"]),
            tap_neutral=int(number["tap_neutral"]),
            tap_step=number["tap_step_percent"] / 100,
            clock=int(number["phase_shift_degrees"]) // 30,
        ),
        buses=[
            RatedBus(
                name=each["bus"],
                rated_v=1000 * float(_number(each, "rated_kv")),
                least=float(_number(each, "min_pu")),
                most=float(_number(each, "max_pu")),
            )
            for each in buses.values()
        ],
        cables=[_cable(each) for each in _rows(folder, "lines.csv", _ELECTRIC_LINE)],
    )


def _cable(row: Mapping[str, str]) -> Cable:
    km = float(_number(row, "length_km"))
    return Cable(
        name=row["line"],
        upper=row["from_bus"],
        lower=row["to_bus"],
        r_ohm=km * float(_number(row, "r_ohm_per_km")),
        x_ohm=km * float(_number(row, "x_ohm_per_km")),
        b_siemens=km * float(_number(row, "b_us_per_km")) / 10**6,
        max_a=float(_number(row, "max_a")),
    )


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
