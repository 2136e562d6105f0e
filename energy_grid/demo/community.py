"""Communities to simulate: the demo's village, or what a user's own file has recorded.

A file is CSV in UTF-8, a row for each household and interval:

    time             its begin, in UTC such as 2024-01-01T18:00, or with an offset
    household        a name
    consumption_wh   what the household used, in whole Wh
    production_wh    what its panels gave; the column may be left out, and cells may be empty

Intervals are quarter hours, or hours; every household has the same ones, without a gap. Rows may
come in any order.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import StringIO
from pathlib import Path

from energy_grid.demo import simbench
from energy_grid.demo.profiles import QUARTER_SECONDS
from energy_grid.demo.trading_day import midnight
from energy_grid.domain.battery import Battery
from energy_grid.domain.periods import DAY_SECONDS, SLOT_LENGTHS
from energy_grid.domain.simulation import (
    MAX_INTERVAL_WH,
    MAX_MEMBERS,
    Home,
    Simulation,
    Terms,
    equip,
    meter,
    simulate,
)
from energy_grid.domain.units import format_time, parse_time
from energy_grid.errors import InputError

__all__ = ["Recording", "new_battery", "parse_recording", "read_recording", "village"]

_COLUMNS = ("time", "household", "consumption_wh", "production_wh")
_NEEDED = 3
_MAX_DIGITS = len(str(MAX_INTERVAL_WH))
_EFFICIENCY, _HALF = 95, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Households, and what they used and made.

    Attributes:
        seconds: of an interval.
        begin: of the first interval, Unix time.
        lead: how many intervals only fill batteries, before what is simulated begins.
    """

    homes: Sequence[Home]
    seconds: int
    begin: int
    lead: int = 0

    @property
    def has_battery(self) -> bool:
        """Whether there is one that others could get a copy of."""
        return any(home.battery for home in self.homes)

    def simulate(
        self,
        terms: Terms,
        *,
        slot_seconds: int | None = None,
        panels: int | None = None,
        batteries: int | None = None,
        battery: Battery | None = None,
    ) -> Simulation:
        """What these households would have paid.

        Args:
            slot_seconds: by default as long as the intervals.
            panels, batteries, battery: see `energy_grid.domain.simulation.equip`.

        Raises:
            InputError: slots are no whole intervals.
            DomainError: see `equip`.
        """
        length = slot_seconds or self.seconds
        start = self.begin + self.lead * self.seconds
        end = self.begin + len(self.homes[0].load_wh) * self.seconds
        if length < self.seconds or start % length or end % length:
            raise InputError(
                f"slots of {length} s: the data are intervals of {self.seconds} s from"
                f" {format_time(start)} to {format_time(end)}"
            )
        homes = equip(self.homes, panels=panels, batteries=batteries, battery=battery)
        meters = [
            meter(home, seconds=self.seconds, slot_seconds=length, first=self.lead)
            for home in homes
        ]
        return simulate(meters, terms, first_slot=start // length, slot_seconds=length)


@lru_cache(4)
def village(week: str, day: date | None = None) -> Recording:
    """A week of the demo's village, or a day of it; batteries are filled from the day before it on.

    Raises:
        UnknownWeekError: no such week.
    """
    found = simbench.load(week)
    lead = found.week.lead_in
    until = (day or found.week.days[-1]) - lead
    of_day = DAY_SECONDS // QUARTER_SECONDS
    last = (until.days + 1) * of_day
    homes = [
        Home(
            name=home.name,
            generation_wh=found.meters[home.number].generated_wh[:last],
            load_wh=found.meters[home.number].load_wh[:last],
            battery=home.battery,
        )
        for home in found.households
    ]
    return Recording(
        homes=homes,
        seconds=QUARTER_SECONDS,
        begin=midnight(lead),
        lead=until.days * of_day if day else of_day,
    )


def new_battery(capacity_wh: int) -> Battery:
    """One with half as many W as Wh."""
    return Battery(
        power_w=capacity_wh // _HALF, capacity_wh=capacity_wh, efficiency_percent=_EFFICIENCY
    )


def read_recording(file: Path) -> Recording:
    """What a user's file has.

    Raises:
        InputError: one line that says which row and column to mend.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return _recording(f"{file}", lines)
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror}. Name a CSV with the columns"
            f" {', '.join(_COLUMNS)}; without a file it is the demo's village"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is no text in UTF-8: save it as CSV in UTF-8") from None


def parse_recording(text: str) -> Recording:
    """What the text of such a file has.

    Raises:
        InputError: as `read_recording`.
    """
    return _recording("csv", StringIO(text, newline=""))


class _Rows:
    """The rows of a household: times, Wh, and where they stand."""

    def __init__(self) -> None:
        self.times, self.used, self.made, self.at = (array("q") for _ in range(4))

    def put(self, time: int, used: int, made: int, at: int) -> None:
        self.times.append(time)
        self.used.append(used)
        self.made.append(made)
        self.at.append(at)

    def sort(self) -> None:
        """By time."""
        order = sorted(range(len(self.times)), key=self.times.__getitem__)
        for name in ("times", "used", "made", "at"):
            column = getattr(self, name)
            setattr(self, name, array("q", (column[place] for place in order)))


def _recording(file: str, lines: Iterable[str]) -> Recording:
    try:
        return _of_rows(file, csv.reader(lines))
    except csv.Error as error:
        raise InputError(f"{file} is no CSV: {error}") from None


def _of_rows(file: str, rows: Iterator[list[str]]) -> Recording:
    places = _places(file, next(rows, []))
    homes: dict[str, _Rows] = {}
    for at, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) <= max(places):
            raise InputError(f"{file}, row {at}: it has {len(row)} columns, fewer than the first")
        time, name, used, made = (row[place].strip() if place >= 0 else "" for place in places)
        if not name:
            raise InputError(f"{file}, row {at}, column household: write a name")
        if name not in homes and len(homes) == MAX_MEMBERS:
            raise InputError(
                f"{file}, row {at}, column household: {name!r} is one more than the"
                f" {MAX_MEMBERS} that a community can have"
            )
        homes.setdefault(name, _Rows()).put(
            _time(file, at, time),
            _wh(file, at, "consumption_wh", used),
            _wh(file, at, "production_wh", made or "0"),
            at,
        )
    if not homes:
        raise InputError(f"{file} has no rows below its first: write one for each interval")
    for each in homes.values():
        each.sort()
    times = next(iter(homes.values())).times
    seconds = _seconds(file, times)
    for name, each in homes.items():
        _require_whole(file, name, each, range(times[0], times[-1] + 1, seconds))
    return Recording(
        homes=[
            Home(name=name, generation_wh=each.made.tolist(), load_wh=each.used.tolist())
            for name, each in homes.items()
        ],
        seconds=seconds,
        begin=times[0],
    )


def _places(file: str, header: list[str]) -> list[int]:
    """Where the columns are; -1: the last one is left out."""
    titles = [title.strip().lower() for title in header]
    for name in _COLUMNS[:_NEEDED]:
        if name not in titles:
            raise InputError(
                f"{file}, row 1: there is no column {name}; the first row names the columns"
                f" {', '.join(_COLUMNS)}, with commas between them"
            )
    return [titles.index(name) if name in titles else -1 for name in _COLUMNS]


@lru_cache(100_000)
def _parsed(text: str) -> int:
    return parse_time(text)


def _time(file: str, at: int, text: str) -> int:
    try:
        found = _parsed(text)
    except InputError as error:
        raise InputError(f"{file}, row {at}, column time: {error}") from None
    if found % QUARTER_SECONDS:
        raise InputError(f"{file}, row {at}, column time: {text} begins no quarter of an hour")
    return found


def _wh(file: str, at: int, column: str, text: str) -> int:
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= _MAX_DIGITS
        and int(text) <= MAX_INTERVAL_WH
    ):
        return int(text)
    raise InputError(
        f"{file}, row {at}, column {column}: {text[:40]!r} is not a whole number of Wh from 0 to"
        f" {MAX_INTERVAL_WH}"
    )


def _seconds(file: str, times: Sequence[int]) -> int:
    """The length of an interval, by the first two."""
    later = next((time for time in times if time > times[0]), times[0] + max(SLOT_LENGTHS))
    length = later - times[0]
    if length not in SLOT_LENGTHS or times[0] % length:
        raise InputError(
            f"{file}, column time: the first two are {format_time(times[0])} and"
            f" {format_time(later)}; intervals are full hours or quarters of an hour"
        )
    return length


def _require_whole(file: str, name: str, rows: _Rows, times: range) -> None:
    """Every household has every interval once."""
    for place, (found, at) in enumerate(zip(rows.times, rows.at, strict=True)):
        expected = times.start + place * times.step
        if found != expected:
            word = "again" if found < expected else f"before {format_time(expected)} is there"
            raise InputError(
                f"{file}, row {at}, column time: {format_time(found)} of {name} {word}; write one"
                " row for each interval"
            )
    if len(rows.times) != len(times):
        few = len(rows.times) < len(times)
        place = times[len(rows.times)] if few else rows.times[len(times)]
        raise InputError(
            f"{file}, column time: {name} has {'no row' if few else 'a row'} of"
            f" {format_time(place)}, unlike the household of the first row"
        )
