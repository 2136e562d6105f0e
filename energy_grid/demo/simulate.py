"""``energy-grid simulate``: what a community would have paid, off chain."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import facts, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.console import console
from energy_grid.cli.groups import GROUPS
from energy_grid.cli.numbers import counted, fixed, kwh
from energy_grid.cli.options import AsJson, percent, reading, whole
from energy_grid.demo import simbench
from energy_grid.demo.community import Recording, new_battery, read_recording, village
from energy_grid.demo.config import parse_day
from energy_grid.demo.outcome import KEYS, document
from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.costs import FACTOR_ONE
from energy_grid.domain.periods import SLOT_LENGTHS
from energy_grid.domain.simulation import HomeResult, Simulation, Terms
from energy_grid.domain.units import format_time, parse_decimal, parse_kwh, parse_price
from energy_grid.errors import InputError

__all__ = ["DECIMALS", "hours", "simulates"]

DECIMALS = 6
"""Of money: of one coin there are a million units."""
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})=([0-9.]{1,20})")
_LAST_HOUR, _FACTOR_DECIMALS, _MOST_FACTOR = 24, 4, 65_535
_PICTURES = (".png", ".svg", ".pdf")

simulates = CommandGroup.at_the_top()


def hours(words: Sequence[str]) -> tuple[int, ...]:
    """The factors of a day's hours of ``["17-20=1.5"]``, basis points.

    Raises:
        InputError: no hours, hours given twice, or a factor below 1.
    """
    factors = [FACTOR_ONE] * _LAST_HOUR
    given: set[int] = set()
    for text in words:
        match = _HOURS.fullmatch(text)
        if match is None:
            raise InputError(f"--time-of-use {text[:40]}: write hours and a factor, 17-20=1.5")
        first, end = int(match[1]), int(match[2])
        if not first < end <= _LAST_HOUR:
            raise InputError(f"--time-of-use {text}: hours go from 0 to 24, the later one second")
        factor = parse_decimal(match[3], _FACTOR_DECIMALS, "a factor")
        if not FACTOR_ONE <= factor <= _MOST_FACTOR:
            raise InputError(
                f"--time-of-use {text}: a factor is 1 to 6.5; --grid-price is that of the cheapest"
                " hours"
            )
        if given & {*range(first, end)}:
            raise InputError(f"--time-of-use {text}: another one has some of these hours")
        given |= {*range(first, end)}
        factors[first:end] = [factor] * (end - first)
    return tuple(factors)


def _key(text: str) -> str:
    if text not in KEYS:
        raise InputError(f"{text!r} is no key: write {' or '.join(KEYS)}")
    return text


def _price(flag: str, help: str, default: str) -> Any:
    return typer.Option(
        flag,
        parser=reading(lambda text: parse_price(text, DECIMALS)),
        metavar="PRICE",
        help=f"{help}, per kWh.",
        show_default=default,
    )


def _share(flag: str, help: str) -> Any:
    return typer.Option(
        flag, parser=whole(0, 100), metavar="PERCENT", help=help, show_default="as it is"
    )


@simulates.app.command("simulate", short_help=GROUPS["simulate"].summary)
def simulation(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            show_default="the demo's village",
            help="CSV with a row for each household and interval, and the columns time, household,"
            " consumption_wh, production_wh.",
        ),
    ] = None,
    week: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of the village: summer or winter.", show_default="summer"
        ),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Of the village, instead of a week.", show_default=False),
    ] = None,
    slot: Annotated[
        int | None,
        typer.Option(
            parser=reading(_length),
            metavar="SECONDS",
            help="Length of a slot, 900 or 3600.",
            show_default="that of the data",
        ),
    ] = None,
    grid_price: Annotated[int, _price("--grid-price", "What the grid takes", "0.30")] = 300_000,
    time_of_use: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOURS=FACTOR",
            help="Hours (UTC) in which the grid takes a multiple, such as 17-20=1.5; can be given"
            " several times.",
            show_default=False,
        ),
    ] = None,
    feed_in: Annotated[int, _price("--feed-in", "What the grid pays", "0.08")] = 80_000,
    network_fee: Annotated[int, _price("--network-fee", "Of shared energy", "0")] = 0,
    theta: Annotated[
        int, percent("--theta", "The shared price, from feed-in (0) to purchase (100).", "50")
    ] = 5000,
    key: Annotated[
        str,
        typer.Option(
            parser=reading(_key), metavar="KEY", help="Of sharing: dynamic, or static: equal parts."
        ),
    ] = "dynamic",
    panels: Annotated[int | None, _share("--panels", "How many households have panels.")] = None,
    batteries: Annotated[
        int | None, _share("--batteries", "How many have a battery, those with panels first.")
    ] = None,
    battery: Annotated[
        int | None,
        typer.Option(
            parser=reading(parse_kwh),
            metavar="KWH",
            help="Capacity of new batteries; they have half as many kW.",
            show_default="those of the others, in turn",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it: .png, .svg or .pdf.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What a community would have paid, and what its households pay with the grid alone.

    Off chain, by the rules by which a market settles days, to the last unit. Nobody trades or keeps
    energy credits. Bills are cash; the grid alone is what the same meters cost without neighbours.
    What panels and batteries cost is in no bill.

    Without panels to lose or to get, each household is as the data say. The first owners keep what
    they have; who gets panels gets a copy of an owner's, each of them in turn. Batteries keep one's
    own surplus for the evening, and are empty when the data begin.
    """
    if picture is not None and picture.suffix not in _PICTURES:
        raise InputError(f"--picture {picture}: it ends with {', '.join(_PICTURES)}")
    recording = _recording(file, week, day)
    if batteries and battery is None and not recording.has_battery:
        raise InputError("--batteries: the data have none to copy; say how large with --battery")
    found = recording.simulate(
        Terms(
            grid_price=grid_price,
            feed_in=feed_in,
            network_fee=network_fee,
            theta=theta,
            is_static=key == "static",
            factors=hours(time_of_use or []),
        ),
        slot_seconds=slot,
        panels=panels,
        batteries=batteries,
        battery=None if battery is None else new_battery(battery),
    )
    if picture is not None:
        # Plots take a second to import.
        from energy_grid.demo.report.simulation_figure import save_simulation

        save_simulation(found, picture)
    if as_json:
        print(json.dumps(document(found)))
    else:
        console().print(_shown(found))


def _length(text: str) -> int:
    if text not in map(str, SLOT_LENGTHS):
        raise InputError(f"{text!r}: a slot has 900 or 3600 seconds")
    return int(text)


def _recording(file: Path | None, week: str | None, day: str | None) -> Recording:
    if file is not None:
        if week or day:
            raise InputError("--week and --day are of the demo's village: leave out the file")
        return read_recording(file)
    if day is None:
        return village(week or "summer")
    if week is not None:
        raise InputError("--week and --day: choose one of them")
    known = parse_day(day)
    return village(simbench.week_of(known), known)


def _shown(found: Simulation) -> RenderableType:
    total, homes = found.total, len(found.homes)
    begin, end = (at * found.slot_seconds for at in (found.slots[0], found.slots[-1] + 1))
    gas = settlement_gas(homes, found.slot_seconds)
    rows = {
        "households": f"{counted(homes, 'household')}, {_owners(found)}",
        "time": f"{format_time(begin)} to {format_time(end)}, {counted(found.days, 'day')}",
        "price": f"{_coins(found.terms.prices.shared, 4)} per kWh among neighbours",
        "bills": f"{_coins(found.bill)}; with the grid alone {_coins(found.grid_alone)}:"
        f" {_coins(found.grid_alone - found.bill)} less",
        "self-sufficiency": f"{_percent(found.used_wh - total.from_grid, found.used_wh)} of"
        f" {kwh(found.used_wh)} kWh; with the grid alone"
        f" {_percent(found.used_wh - found.imported_wh, found.used_wh)}",
        "self-consumption": f"{_percent(found.generated_wh - total.fed_in, found.generated_wh)} of"
        f" {kwh(found.generated_wh)} kWh; with the grid alone"
        f" {_percent(found.generated_wh - found.exported_wh, found.generated_wh)}",
        "shared": f"{kwh(total.taken)} kWh",
        "in batteries": f"{kwh(found.stored_wh)} kWh more at the end than at the beginning, in no"
        f" bill; {kwh(found.lost_wh)} kWh lost",
        "gas": f"{gas:,} per household and day, for the settlement on the chain (measured with 100"
        " members)",
        "below": "kWh used, made by panels, shared (taken and given), from the grid; money with the"
        " grid alone, of the bill, and how much less that is",
    }
    titles = ("household", "has", ">used", ">made", ">shared", ">grid", ">alone", ">bill", ">less")
    return stacked(facts(rows), table(titles, map(_row, found.homes)))


def _owners(found: Simulation) -> str:
    panels, batteries = (
        sum(getattr(home.meter, name) for home in found.homes)
        for name in ("has_panels", "has_battery")
    )
    return f"{panels} with panels, {batteries} with a battery"


def _row(home: HomeResult) -> tuple[str, ...]:
    owned = ("panels", home.meter.has_panels), ("battery", home.meter.has_battery)
    return (
        home.meter.name,
        ", ".join(name for name, has in owned if has),
        kwh(home.meter.used_wh),
        kwh(home.meter.generated_wh),
        kwh(home.flows.taken + home.flows.given),
        kwh(home.flows.from_grid),
        _coins(home.grid_alone),
        _coins(home.bill),
        _coins(home.grid_alone - home.bill),
    )


def _coins(units: int, places: int = 2) -> str:
    return fixed(units, DECIMALS, places)


def _percent(part: int, of: int) -> str:
    return f"{fixed(part * 1000 // of, 1, 1)} %" if of else "none"
