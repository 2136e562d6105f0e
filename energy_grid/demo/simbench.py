"""Two weeks of a low-voltage grid: the SimBench extract that comes with the package.

A village with 92 households, 11 of them with solar panels alone and 8 with panels and a battery,
in a winter and in a summer week of 2016. ``data/SOURCE.md`` names the source and the licence and
says what was changed; ``scripts/data/extract_simbench.py`` makes the files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import resources

from energy_grid.demo.profiles import Household, Neighbourhood, ProfileWeek, metered
from energy_grid.domain.battery import Battery
from energy_grid.errors import InputError

__all__ = [
    "FOLDER",
    "HouseholdChoiceError",
    "NoDataForDayError",
    "UnknownWeekError",
    "all_households",
    "choose",
    "load",
    "week_of",
    "weeks",
]

FOLDER = resources.files(__package__).joinpath("data")
"""Where the files are."""


class UnknownWeekError(InputError):
    """There is no week of this name."""


class NoDataForDayError(InputError):
    """No week has this day."""


class HouseholdChoiceError(InputError):
    """The village cannot give these households, or so many of them."""


def weeks() -> tuple[ProfileWeek, ...]:
    """The weeks there are data for."""
    return tuple(
        ProfileWeek(name=row["week"], lead_in=date.fromisoformat(row["lead_in"]))
        for row in csv.DictReader(_lines("weeks.csv"))
    )


def week_of(day: date) -> str:
    """The name of the week, Monday to Sunday, in which a day lies.

    Raises:
        NoDataForDayError: none; the message names the days there are.
    """
    known = sorted(weeks(), key=lambda week: week.lead_in)
    for week in known:
        if day in week.days:
            return week.name
    spans = ", ".join(f"{week.days[0]} to {week.days[-1]} ({week.name})" for week in known)
    raise NoDataForDayError(f"no data for {day}: there are {spans}")


def all_households() -> tuple[Household, ...]:
    """All households by number, which counts from 1."""
    return tuple(
        Household(
            number=int(row["number"]),
            name=row["name"],
            bus=row["bus"],
            connected_w=int(row["connected_w"]),
            pv_peak_w=int(row["pv_peak_w"]),
            battery=_battery(row),
        )
        for row in csv.DictReader(_lines("households.csv"))
    )


def choose(households: int | Sequence[int] | None = None) -> tuple[Household, ...]:
    """All households, some number of them, or those with the given numbers; ordered by number.

    A number of households is chosen the same way every time: those with panels and those with a
    battery keep their shares (at least one has panels), and small, middle and large plants and
    loads are all represented.

    Raises:
        HouseholdChoiceError: too many or none, an unknown number, or one given twice.
    """
    known = all_households()
    if households is None:
        return known
    if isinstance(households, int):
        return _representative(known, households)
    return _numbered(known, households)


def load(week: str, households: int | Sequence[int] | None = None) -> Neighbourhood:
    """A week of the households that ``choose`` gives.

    Raises:
        UnknownWeekError: no such week.
        HouseholdChoiceError: see ``choose``.
    """
    by_name = {known.name: known for known in weeks()}
    if week not in by_name:
        raise UnknownWeekError(f"no week {week!r}: there are {', '.join(by_name)}")
    selected = choose(households)
    loads = _columns(f"consumption_{week}.csv")
    suns = _columns(f"pv_{week}.csv")
    return Neighbourhood(
        week=by_name[week],
        households=selected,
        meters={
            household.number: metered(
                generation_wh=suns.get(household.number, (0,) * len(loads[household.number])),
                load_wh=loads[household.number],
                battery=household.battery,
            )
            for household in selected
        },
    )


def _representative(known: Sequence[Household], count: int) -> tuple[Household, ...]:
    if not 1 <= count <= len(known):
        raise HouseholdChoiceError(f"1 to {len(known)} households can be had, not {count}")
    stored = [household for household in known if household.battery]
    panels = [household for household in known if household.pv_peak_w and not household.battery]
    plain = [household for household in known if not household.pv_peak_w]
    solar = max(1, _share(count, len(stored) + len(panels), len(known)))
    with_battery = _share(solar, len(stored), len(stored) + len(panels))
    return tuple(
        sorted(
            _spread(stored, with_battery)
            + _spread(panels, solar - with_battery)
            + _spread(plain, count - solar),
            key=lambda household: household.number,
        )
    )


def _share(count: int, part: int, whole: int) -> int:
    """``count * part / whole``, rounded half up."""
    return (2 * count * part + whole) // (2 * whole)


def _spread(group: Sequence[Household], count: int) -> list[Household]:
    """So many of a group, at even distances from its smallest to its largest."""
    ordered = sorted(group, key=lambda one: (one.pv_peak_w, one.connected_w, one.number))
    return [ordered[(2 * index + 1) * len(ordered) // (2 * count)] for index in range(count)]


def _numbered(known: Sequence[Household], numbers: Sequence[int]) -> tuple[Household, ...]:
    if not numbers:
        raise HouseholdChoiceError("no household is chosen")
    by_number = {household.number: household for household in known}
    for number in numbers:
        if number not in by_number:
            raise HouseholdChoiceError(f"no household {number}: they are 1 to {len(known)}")
        if numbers.count(number) > 1:
            raise HouseholdChoiceError(f"household {number} is given twice")
    return tuple(by_number[number] for number in sorted(numbers))


def _battery(row: dict[str, str]) -> Battery | None:
    if row["battery_capacity_wh"] == "0":
        return None
    return Battery(
        power_w=int(row["battery_power_w"]),
        capacity_wh=int(row["battery_capacity_wh"]),
        efficiency_percent=int(row["efficiency_percent"]),
    )


def _columns(name: str) -> dict[int, tuple[int, ...]]:
    """Wh per quarter hour by household number; the first column is the time."""
    header, *rows = csv.reader(_lines(name))
    columns = list(zip(*rows, strict=True))[1:]
    return {
        int(number): tuple(map(int, column))
        for number, column in zip(header[1:], columns, strict=True)
    }


def _lines(name: str) -> Iterator[str]:
    text = FOLDER.joinpath(name).read_text(encoding="utf-8")
    return iter(text.splitlines())
