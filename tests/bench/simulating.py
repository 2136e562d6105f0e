"""How long a year of the demo's households takes to simulate, beside their reference bills alone.

    python -m tests.bench.simulating

Writes docs/what_if.md. The data have a winter and a summer week: the year has each of them in turn.
The bill with the grid alone takes one pass over the same meters, and no neighbours: what has to
settle each slot among all cannot be faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import process_time

from energy_grid.demo.community import Recording, village
from energy_grid.domain.costs import grid_alone
from energy_grid.domain.simulation import Home, Simulation, Terms
from tests.bench.results import Machine, this_machine
from tests.bench.timing import best_of
from tests.support.artifacts import ROOT

__all__ = ["SimulationRow", "measure_simulation", "page"]

_PAGE = ROOT / "docs" / "what_if.md"
_WEEKS, _TURNS = 52, 3
_TERMS = Terms(grid_price=300_000, feed_in=80_000, network_fee=0, theta=5000)
_HEAD = """\
# What if, measured

How long a year of 92 households takes to [simulate](concepts/simulation.md), by the quarter hour.
`python -m tests.bench.simulating` writes this page; here on {machine.day} with
{machine.processor}, {machine.cores} cores, Python {machine.python}. The year is the demo's winter
and summer week in turn.

Seconds are of a core. The last column compares with the reference bills of the same meters alone,
one pass over each household without its neighbours, in the same run.

| Community | Households | Slots | Seconds | Reference bills, s | Ratio |
|---|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRow:
    """Seconds of a core for one community: all of it, and its reference bills alone."""

    name: str
    households: int
    slots: int
    simulated: float
    alone: float


def measure_simulation(weeks: int = _WEEKS, turns: int = _TURNS) -> list[SimulationRow]:
    """A row without and with a battery in each household, and one of the static key."""
    year = _year(weeks)
    static = replace(_TERMS, is_static=True)
    return [
        _row("as it is", lambda: year.simulate(_TERMS), turns),
        _row("with the static key", lambda: year.simulate(static), turns),
        _row("with a battery each", lambda: year.simulate(_TERMS, batteries=100), turns),
    ]


def _year(weeks: int) -> Recording:
    parts = village("winter"), village("summer")

    def joined(series: Sequence[Sequence[int]]) -> list[int]:
        of_week = [each[part.lead :] for each, part in zip(series, parts, strict=True)]
        return [wh for week in range(weeks) for wh in of_week[week % 2]]

    homes = [
        Home(
            name=one.name,
            generation_wh=joined((one.generation_wh, other.generation_wh)),
            load_wh=joined((one.load_wh, other.load_wh)),
            battery=one.battery,
        )
        for one, other in zip(*(part.homes for part in parts), strict=True)
    ]
    return replace(parts[0], homes=homes, lead=0)


def _row(name: str, simulate: Callable[[], Simulation], turns: int) -> SimulationRow:
    found = simulate()
    prices = found.terms.deficit_prices(found.slots, found.slot_seconds)
    feed_in = [found.terms.feed_in] * len(prices)

    def alone() -> None:
        for home in found.homes:
            grid_alone(zip(home.meter.nets_wh, prices, feed_in, strict=True))

    return SimulationRow(
        name=name,
        households=len(found.homes),
        slots=len(found.slots),
        simulated=best_of(simulate, turns, process_time),
        alone=best_of(alone, turns, process_time),
    )


def page(rows: Sequence[SimulationRow], machine: Machine) -> str:
    """The page in docs/."""
    return _HEAD.format(machine=machine) + "".join(
        f"| {row.name} | {row.households} | {row.slots:,} | {row.simulated:.1f} | {row.alone:.2f} |"
        f" {row.simulated / row.alone:.0f} |\n"
        for row in rows
    )


def main() -> None:
    """Measure, print and write the page."""
    text = page(measure_simulation(), this_machine())
    print(text)
    _PAGE.write_text(text)


if __name__ == "__main__":
    main()
