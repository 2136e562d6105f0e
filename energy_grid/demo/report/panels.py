"""The panels of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from numpy.typing import NDArray

from energy_grid.cli.numbers import clock, kilos
from energy_grid.demo.day_report import DayReport, HouseholdRow
from energy_grid.demo.report.style import (
    CREDITS,
    GRID,
    INK,
    LOAD,
    MARKET,
    MUTED,
    PAPER,
    SUN,
    TRADED,
)
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT
from energy_grid.domain.units import W_PER_KW, WH_PER_KWH

__all__ = ["draw_bills", "draw_energy", "draw_load", "draw_plants", "draw_prices", "draw_trades"]

_TICKS = range(0, 25, 2)
_FEWEST_BARS = 12
_MOST_UPRIGHT = 30


def draw_prices(axes: Axes, report: DayReport) -> None:
    """What energy cost among neighbours, between the two prices of the grid."""
    unit = 10**report.currency.decimals
    grid, feed_in = report.tariff.grid_price / unit, report.tariff.feed_in / unit
    _day_axes(axes, "Prices", f"{report.currency.symbol} per kWh")
    for price, name in ((grid, "grid price"), (feed_in, "feed-in tariff")):
        axes.axhline(price, color=MUTED, linewidth=1.1, linestyle=(0, (5, 3)))
        axes.annotate(name, (0.1, price), xytext=(0, 3), textcoords="offset points", color=MUTED)
    traded = _levels((slot.traded_price for slot in report.slots), unit)
    clearing = _levels((slot.clearing_price for slot in report.slots), unit)
    edges = _edges(report)
    axes.stairs(
        traded, edges, baseline=None, color=TRADED, linewidth=2.2, label="average traded price"
    )
    axes.stairs(clearing, edges, baseline=None, color=MARKET, linewidth=2.2, label="clearing price")
    axes.set_ylim(max(feed_in - 0.15 * (grid - feed_in), 0), grid + 0.15 * (grid - feed_in))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)


def draw_energy(axes: Axes, report: DayReport) -> None:
    """What was produced and consumed."""
    _day_axes(axes, "Produced and consumed", "kWh per slot")
    edges = _edges(report)
    produced = _levels((slot.produced for slot in report.slots), WH_PER_KWH)
    consumed = _levels((slot.consumed for slot in report.slots), WH_PER_KWH)
    axes.stairs(
        produced, edges, fill=True, color=SUN, alpha=0.8, label="produced by panels and batteries"
    )
    axes.stairs(consumed, edges, baseline=None, color=INK, linewidth=1.8, label="consumed")
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)


def draw_trades(axes: Axes, report: DayReport) -> None:
    """Where the deficits of households were met from."""
    _day_axes(axes, "Deficits by source", "kWh per slot")
    edges = _edges(report)
    traded = _levels((slot.delivered for slot in report.slots), WH_PER_KWH)
    burned = _levels((slot.burned for slot in report.slots), WH_PER_KWH)
    from_grid = _levels((slot.from_grid for slot in report.slots), WH_PER_KWH)
    wanted = _levels((slot.wanted for slot in report.slots), WH_PER_KWH)
    middles, width = (edges[1:] + edges[:-1]) / 2, (edges[1] - edges[0]) * 0.86
    axes.bar(middles, traded, width, color=TRADED, label="trades with neighbours")
    axes.bar(middles, burned, width, bottom=traded, color=CREDITS, label="energy credits")
    axes.bar(
        middles, from_grid, width, bottom=traded + burned, color=GRID, alpha=0.55, label="the grid"
    )
    axes.stairs(
        wanted, edges, baseline=None, color=INK, linewidth=1.3, label="forecast, as ordered"
    )
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, borderaxespad=0.2)


def draw_load(axes: Axes, report: DayReport) -> None:
    """The feeder's load below its thresholds, and load reduction it."""
    feeder, edges = report.feeder, _edges(report)
    _day_axes(axes, "Load of the feeder", "kW")
    load = _levels((row.watts for row in feeder.loads), W_PER_KW)
    without = _levels((row.without_event for row in feeder.loads), W_PER_KW)
    if (event := feeder.event) is not None:
        start, end = ((at - feeder.loads[0].start) / 3600 for at in (event.start, event.end))
        axes.axvspan(start, end, color=SUN, alpha=0.25, linewidth=0, label="demand response")
    axes.stairs(load, edges, fill=True, color=LOAD, label="load")
    axes.stairs(
        without,
        edges,
        baseline=load,
        fill=True,
        facecolor=PAPER,
        edgecolor=GRID,
        hatch="////",
        linewidth=0,
        label="load reduction",
    )
    reported = _levels((row.kw for row in feeder.loads), 1)
    axes.stairs(
        reported, edges, baseline=None, color=INK, linewidth=1.3, label="as reported, whole kW"
    )
    for percent, name, tint, offset in (
        (HIGH_PERCENT, "HIGH", MUTED, -10),
        (CRITICAL_PERCENT, "CRITICAL", GRID, -10),
        (100, f"rating {feeder.rating_kw} kW", INK, 3),
    ):
        level = feeder.rating_kw * percent / 100
        axes.axhline(level, color=tint, linewidth=1.1, linestyle=(0, (5, 3)))
        axes.annotate(
            name, (0.1, level), xytext=(0, offset), textcoords="offset points", color=tint
        )
    axes.set_ylim(0, max(feeder.rating_kw, *without) * 1.25)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, borderaxespad=0.2)


def draw_plants(axes: Axes, report: DayReport) -> None:
    """What became of each plant's energy, the largest first, and which credits it earned."""
    rows = sorted(report.plants.plants, key=lambda row: -row.amounts.produced)
    axes.set_title("Plants: what became of their energy", pad=10)
    axes.set_ylabel("kWh on the day")
    at, base = np.arange(len(rows)), np.zeros(len(rows))
    for field, color, label in (
        ("used", LOAD, "used by the household and its battery"),
        ("sold", TRADED, "sold in the auctions"),
        ("sold_on_spot", MARKET, "sold on the spot market"),
        ("energy_credits", CREDITS, "kept as energy credits"),
    ):
        wh = _levels((getattr(row.amounts, field) for row in rows), WH_PER_KWH)
        axes.bar(at, wh, 0.7, bottom=base, color=color, label=label)
        base = base + wh
    for place, (top, row) in enumerate(zip(base, rows, strict=True)):
        if row.amounts.carbon_credits:
            axes.annotate(
                f"{kilos(row.amounts.carbon_credits)} kg",
                (place, top),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                size=8,
                color=MUTED,
            )
    names = [f"{row.household.number}{'' if row.clean else ' b'}" for row in rows]
    axes.set_xticks(at, names, size=8.5)
    axes.tick_params(axis="x", length=2, pad=2)
    axes.set_xlabel(
        "household (b: with a battery); above the bars: CO2e of its carbon credits", loc="left"
    )
    axes.set_xlim(-0.8, max(len(rows), _FEWEST_BARS) - 0.2)
    axes.set_ylim(0, max(base.max() * 1.12, 1))
    axes.legend(loc="upper right", borderaxespad=0.4)


def draw_bills(figure: Figure, place: SubplotSpec, report: DayReport) -> None:
    """Bills with and without the market: owners of panels have a scale of their own."""
    plain = [row for row in report.households if not row.household.pv_peak_w]
    solar = [row for row in report.households if row.household.pv_peak_w]
    groups = [
        (rows, title)
        for rows, title in (
            (plain, "Bills of households without panels"),
            (solar, "Bills with panels"),
        )
        if rows
    ]
    columns = place.subgridspec(
        1,
        len(groups),
        wspace=0.1,
        width_ratios=[max(len(rows), _FEWEST_BARS) for rows, _ in groups],
    )
    for column, (rows, title) in enumerate(groups):
        axes = figure.add_subplot(columns[column])
        _bill_marks(axes, rows, report)
        axes.set_title(title, pad=10)
        if column == 0:
            axes.set_ylabel(f"{report.currency.symbol} for the day")
            axes.set_xlabel("household", loc="left")
            axes.legend(loc="upper right", borderaxespad=0.4)


def _bill_marks(axes: Axes, rows: Sequence[HouseholdRow], report: DayReport) -> None:
    """A line per household from its reference bill to its bill, and what its credits would add."""
    unit, crowded = 10**report.currency.decimals, len(report.households) > _MOST_UPRIGHT
    rows = sorted(rows, key=lambda row: -row.bill.reference)
    reference = np.array([row.bill.reference for row in rows]) / unit
    bills = np.array([row.bill.bill for row in rows]) / unit
    credited = np.array([row.bill.bill - row.bill.credit_value for row in rows]) / unit
    at = np.arange(len(rows))
    colors = np.where(bills <= reference, TRADED, GRID)
    axes.vlines(at, bills, reference, color=colors, linewidth=2.4, alpha=0.6)
    for values, mark, size, color, label in (
        (reference, "o", 4.5, MUTED, "reference bill"),
        (bills, "o", 4.5, MARKET, "bill"),
        (credited, "_", 8, CREDITS, "bill, were energy credits paid at the feed-in tariff"),
    ):
        fill = "none" if color == MUTED else "full"
        axes.plot(at, values, mark, color=color, markersize=size, fillstyle=fill, label=label)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set_xticks(at, [str(row.household.number) for row in rows], size=6.5 if crowded else 8.5)
    axes.tick_params(axis="x", length=2, pad=2, rotation=90 if crowded else 0)
    axes.set_xlim(-0.8, len(rows) - 0.2)


def _day_axes(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, pad=10)
    axes.set_ylabel(unit)
    axes.set_xlim(0, 24)
    axes.set_xticks(list(_TICKS), [clock(hour * 3600) for hour in _TICKS])


def _edges(report: DayReport) -> NDArray[np.float64]:
    """The bounds of the slots in hours."""
    return np.linspace(0, 24, len(report.slots) + 1)


def _levels(values: Iterable[int | None], unit: int) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value / unit for value in values])
