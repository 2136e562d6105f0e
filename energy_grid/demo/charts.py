"""The day as plots in the terminal; each series has a mark of its own, so colours are a comfort."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import plotext

from energy_grid.cli.numbers import clock
from energy_grid.demo.day_report import DayReport
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT
from energy_grid.domain.units import W_PER_KW, WH_PER_KWH

__all__ = ["energy_chart", "flow_chart", "load_chart", "surplus_chart"]

_HEIGHT = 14
_TICKS = range(0, 25, 3)
_HOUR = 3600
_MARKS_PER_SLOT = 4
_BAR_WIDTH = 0.5
_STEPS = (1, 2, 5)
_MOST_TICKS = 6
_PERCENT = 100


class _Series(NamedTuple):
    label: str
    mark: str
    color: str
    values: Sequence[float | None]
    below: Sequence[float] = ()


def energy_chart(report: DayReport, width: int, *, color: bool) -> str:
    """Where the deficits of households were met from, stacked."""
    columns = (
        ("shared", "█", "green", [slot.shared for slot in report.slots]),
        ("bought ahead", "o", "blue", [slot.sold for slot in report.slots]),
        ("energy credits", "+", "magenta", [slot.drawn for slot in report.slots]),
        ("the grid", "x", "red", [slot.from_grid for slot in report.slots]),
    )
    return _stacked("Deficits by source, kWh per slot", columns, width, color=color)


def surplus_chart(report: DayReport, width: int, *, color: bool) -> str:
    """What became of what households had left over, stacked."""
    columns = (
        ("shared", "█", "green", [slot.shared for slot in report.slots]),
        ("sold ahead", "o", "blue", [slot.sold for slot in report.slots]),
        ("energy credits", "+", "magenta", [slot.kept for slot in report.slots]),
        ("fed in", "~", "orange", [slot.fed_in for slot in report.slots]),
    )
    return _stacked("Surplus by use, kWh per slot", columns, width, color=color)


def load_chart(report: DayReport, width: int, *, color: bool) -> str:
    """The feeder's load, with load reduction it, below the thresholds."""
    feeder = report.feeder
    loads = [row.watts / W_PER_KW for row in feeder.loads]
    otherwise = [row.without_event / W_PER_KW for row in feeder.loads]
    levels = [
        _Series(name, mark, tint, [feeder.rating_kw * percent / _PERCENT] * len(loads))
        for name, mark, tint, percent in (
            (f"critical ({CRITICAL_PERCENT} %)", "=", "red", CRITICAL_PERCENT),
            (f"high ({HIGH_PERCENT} %)", "-", "orange", HIGH_PERCENT),
        )
    ]
    taken = _Series("load reduction", "x", "gray", otherwise, loads)
    load = _Series("load", "█", "blue", loads, [0.0] * len(loads))
    return _draw("Load of the feeder, kW", [*levels, taken, load], width, color=color)


def flow_chart(report: DayReport, width: int, *, color: bool) -> str:
    """What goes through the transformer, both ways."""
    supply = [flow.supply_w / W_PER_KW for flow in report.feeder.flows]
    title = "Power through the transformer, kW"
    series = [_Series("to the houses; below 0: back into the grid", "█", "blue", supply)]
    return _draw(title, series, width, color=color)


def _stacked(
    title: str,
    columns: Sequence[tuple[str, str, str, Sequence[int]]],
    width: int,
    *,
    color: bool,
) -> str:
    below = [0.0] * len(columns[0][3])
    stack = []
    for label, mark, tint, column in columns:
        if not any(column):
            continue
        tops = [base + wh / WH_PER_KWH for base, wh in zip(below, column, strict=True)]
        stack.append(_Series(label, mark, tint, tops, below))
        below = tops
    if not stack:
        return f"{title}: none"
    # From the top down: where two bars share a line of text, it is the lower one's.
    return _draw(title, stack[::-1], width, color=color)


def _draw(title: str, series: Sequence[_Series], width: int, *, color: bool) -> str:
    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plotsize(width, _HEIGHT)
    plotext.theme("clear")
    plotext.xlim(0, 24)
    for one in series:
        known = [(at, value) for at, value in enumerate(one.values) if value is not None]
        hours = 24 / len(one.values)
        if one.below:
            _bars(one, hours)
        elif known:
            # Several marks across the slot's width: a level, not a point.
            parts = [(part + 0.5) / _MARKS_PER_SLOT for part in range(_MARKS_PER_SLOT)]
            places = [(at + part) * hours for at, _ in known for part in parts]
            levels = [value for _, value in known for _ in parts]
            plotext.scatter(places, levels, marker=one.mark, color=one.color)
    # A bar chart names its bars: the axes are labelled last.
    plotext.xticks(list(_TICKS), [clock(hour * _HOUR) for hour in _TICKS])
    ticks = _round_numbers(
        [v for one in series for v in (*one.values, *one.below) if v is not None]
    )
    plotext.ylim(min(ticks), max(ticks))
    plotext.yticks(ticks, [f"{tick:g}" for tick in ticks])
    drawn: str = plotext.build()
    names = "   ".join(f"{one.mark} {one.label}" for one in series)
    legend = textwrap.fill(f"{title}:   {names}", width)
    return f"{legend}\n{drawn if color else plotext.uncolorize(drawn)}"


def _bars(one: _Series, hours: float) -> None:
    """A bar per slot from one level to another; one by one, as plotext bars share their foot."""
    for at, (low, high) in enumerate(zip(one.below, one.values, strict=True)):
        if high is not None and high > low:
            plotext.bar(
                [(at + 0.5) * hours],
                [high],
                minimum=low,
                width=_BAR_WIDTH * hours,
                marker=one.mark,
                color=one.color,
            )


def _round_numbers(values: Sequence[float]) -> list[float]:
    """Round numbers from below the lowest value to above the highest, few enough to label."""
    low, high = min(values), max(values)
    if low == high:
        high += 1
    exponent = math.floor(math.log10(high - low)) - 1
    while True:
        for step in _STEPS:
            unit = step * 10.0**exponent
            first, last = math.floor(low / unit + 1e-9), math.ceil(high / unit - 1e-9)
            if 1 <= last - first < _MOST_TICKS:
                return [round(index * unit, 9) for index in range(first, last + 1)]
        exponent += 1
