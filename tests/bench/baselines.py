"""How often households that change nothing are paid: the false-payment rate of demand response.

    python -m tests.bench.baselines

Writes docs/baselines.md. Takes the demo's households. Each of their days is drawn, of the same kind
(weekday or weekend), from all days of all households with the same profile, scaled by rated power:
the extract has eight days of each. Households with panels draw from their own days. As on the
chain, a slot of exactly 0 is unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from energy_grid.demo import simbench
from energy_grid.domain.baselines import (
    Baseline,
    Morning,
    PortfolioMember,
    baseline_of,
    counted_of,
    power_down,
    taken_of,
)
from tests.support.artifacts import ROOT

__all__ = ["Rates", "measure", "page"]

_PAGE = ROOT / "docs" / "baselines.md"
_SLOTS, _DAYS, _SIMILAR, _KNOWN = 96, 60, 10, 8
_SECONDS, _LENGTH, _MORNING = 900, 8, 12
_LEAST, _NOISE, _EVENTS, _PORTFOLIO, _SEED = 100, 200, 60, 20, 2026
_HIGHEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Shares of events in which a household, or a portfolio, is paid; and of the energy that would
    be taken without them."""

    name: str
    events: float
    energy: float
    portfolios: float | None


@dataclass(frozen=True, slots=True)
class _Event:
    """What one household shows: net Wh of the known similar days, their mornings, its own morning,
    and what it takes (W); None: unknown."""

    days: Sequence[int]
    mornings: Sequence[int]
    morning: int | None
    actual: int | None


def _years(week: str, draws: Random) -> Iterator[list[Sequence[int]]]:
    """Days of each household: its net of each quarter hour, export less import, Wh."""
    village = simbench.load(week, None)
    file = simbench.FOLDER.joinpath("loads.csv").read_text(encoding="utf-8")
    profiles = {row["load"]: row["profile"] for row in csv.DictReader(file.splitlines())}
    dates = (village.week.lead_in, *village.week.days)
    days = [village.slots(day, _SECONDS) for day in dates]
    houses = village.households
    for at, house in enumerate(houses):
        alike = [
            other
            for other, one in enumerate(houses)
            if profiles[one.name] == profiles[house.name] and not one.pv_peak_w
        ]
        pool = [at] if house.pv_peak_w else alike
        year = []
        for day in range(_DAYS):
            kind = [one for one, date in enumerate(dates) if (date.weekday() > 4) == (day % 7 > 4)]
            other, drawn = draws.choice(pool), draws.choice(kind)
            scale = house.connected_w, houses[other].connected_w
            nets = days[drawn][other].nets_wh
            year.append([net * scale[0] // scale[1] for net in nets])
        yield year


def _event(year: Sequence[Sequence[int]], day: int, start: int) -> _Event:
    similar = [one for one in range(day - 1, 0, -1) if (one % 7 > 4) == (day % 7 > 4)][:_SIMILAR]
    announced = start - _LENGTH

    def window(one: int) -> int | None:
        return taken_of(year[one][start : start + _LENGTH])

    def morning(one: int) -> int | None:
        return taken_of(year[one][announced - _MORNING : announced])

    pairs = [(window(one), morning(one)) for one in similar]
    known = [(wh, before) for wh, before in pairs if wh is not None and before is not None]
    taken = window(day)
    return _Event(
        days=[wh for wh, _ in known],
        mornings=[before for _, before in known],
        morning=morning(day),
        actual=None if taken is None else -power_down(-taken, _LENGTH * _SECONDS),
    )


def _found(event: _Event, noise: int) -> Baseline | None:
    if len(event.days) < _KNOWN:
        return None
    morning = Morning(event.mornings, event.morning, _MORNING * _SECONDS)
    seconds = _LENGTH * _SECONDS
    return baseline_of(event.days, seconds, noise_percent=noise, least=_LEAST, morning=morning)


def _hidden(event: _Event) -> Baseline | None:
    """Somebody who hides the days on which it took least, as many as need not be known."""
    pairs = sorted(zip(event.days, event.mornings, strict=True))[-_KNOWN:]
    days, mornings = [wh for wh, _ in pairs], [before for _, before in pairs]
    return _found(replace(event, days=days, mornings=mornings), _NOISE)


def _highest(event: _Event) -> Baseline | None:
    """As it was: the mean of the five highest days, and no minimum but 100 W."""
    days = sorted(event.days)[-_HIGHEST:]
    if not days:
        return None
    return Baseline(power_down(sum(days), len(days) * _LENGTH * _SECONDS), _LEAST)


def measure(week: str) -> list[Rates]:
    """Events of two hours at 16:00 to 20:00 UTC, announced two hours ahead."""
    draws = Random(_SEED)
    years = list(_years(week, draws))
    held = [(draws.randrange(50, _DAYS), draws.randrange(64, 80)) for _ in range(_EVENTS)]
    events = [[_event(year, day, start) for year in years] for day, start in held]
    rows = [
        _rates(
            "the highest 5 of 10, as before",
            [[_highest(e) for e in one] for one in events],
            events,
            draws,
            portfolios=False,
        )
    ]
    for noise in (100, 150, 200, 300):
        found = [[_found(each, noise) for each in one] for one in events]
        rows.append(_rates(f"noise factor {noise} %", found, events, draws, portfolios=True))
    hidden = [[_hidden(each) for each in one] for one in events]
    name = f"noise factor {_NOISE} %, the two days with least use hidden"
    rows.append(_rates(name, hidden, events, draws, portfolios=True))
    return rows


def _rates(
    name: str,
    found: Sequence[Sequence[Baseline | None]],
    events: Sequence[Sequence[_Event]],
    draws: Random,
    *,
    portfolios: bool,
) -> Rates:
    members = [
        [_member(*pair) for pair in zip(*one, strict=True)]
        for one in zip(found, events, strict=True)
    ]
    every = [one for event in members for one in event]
    paid = [one.reduction for one in every if one and one.reduction >= one.minimum]
    taken = sum(max(each.actual or 0, 0) for one in events for each in one)
    counted = []
    for event in members:
        chosen = draws.sample(event, _PORTFOLIO)
        counted.append(counted_of([one for one in chosen if one]) > 0)
    return Rates(
        name=name,
        events=len(paid) / len(every),
        energy=sum(paid) / taken,
        portfolios=sum(counted) / len(counted) if portfolios else None,
    )


def _member(expected: Baseline | None, event: _Event) -> PortfolioMember | None:
    """None: it cannot be verified, or takes no part."""
    if expected is None or event.actual is None:
        return None
    return PortfolioMember(expected.watts - event.actual, expected.minimum, 0)


def page() -> str:
    """The page in docs/."""
    lines = [
        "# Baselines, measured",
        "",
        "How often a household that changes nothing would be paid in a demand-response event, by"
        " chance alone. `python -m tests.bench.baselines` writes this page from the demo's 92"
        " households (SimBench, ODbL).",
        "",
        f"{_EVENTS} events of two hours between 16:00 and 22:00 UTC, announced two hours ahead; ten"
        f" similar days. A portfolio has {_PORTFOLIO} households. Energy: what is paid for, of all"
        " that is taken.",
        "",
    ]
    for week in ("winter", "summer"):
        lines += [
            f"## {week.capitalize()}",
            "",
            "| Rule | Events paid | Energy paid | Portfolios paid |",
            "|---|---:|---:|---:|",
        ]
        for row in measure(week):
            shared = "-" if row.portfolios is None else f"{row.portfolios:.1%}"
            lines.append(f"| {row.name} | {row.events:.1%} | {row.energy:.1%} | {shared} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    _PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {_PAGE.relative_to(ROOT)}")
