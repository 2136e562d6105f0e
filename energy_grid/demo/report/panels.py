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
    SHARED,
    SUN,
)
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT
from energy_grid.domain.units import W_PER_KW, WH_PER_KWH

__all__ = [
    "draw_bills",
    "draw_deficits",
    "draw_flow",
    "draw_load",
    "draw_plants",
    "draw_prices",
    "draw_surplus",
]

_TICKS = range(0, 25, 2)
_FEWEST_BARS = 12
_MOST_UPRIGHT = 30


def draw_prices(axes: Axes, report: DayReport) -> None:
    """What energy costs: of the grid, of neighbours who share, of neighbours who traded ahead."""
    unit, tariff = 10**report.currency.decimals, report.tariff
    grid, feed_in, shared = (
        price / unit for price in (tariff.grid_price, tariff.feed_in, tariff.shared)
    )
    _day_axes(axes, "Prices", f"{report.currency.symbol} per kWh")
    for price, name, color in (
        (grid, "grid price", MUTED),
        (shared, "shared energy", SHARED),
        (feed_in, "feed-in tariff", MUTED),
    ):
        axes.axhline(price, color=color, linewidth=1.4, linestyle=(0, (5, 3)))
        axes.annotate(name, (0.1, price), xytext=(0, 3), textcoords="offset points", color=color)
    clearing = _levels((slot.clearing_price for slot in report.slots), unit)
    if not np.isnan(clearing).all():
        axes.stairs(
            clearing,
            _edges(report),
            baseline=None,
            color=MARKET,
            linewidth=2.2,
            label="trades",
        )
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
    axes.set_ylim(max(feed_in - 0.15 * (grid - feed_in), 0), grid + 0.15 * (grid - feed_in))


def draw_surplus(axes: Axes, report: DayReport) -> None:
    """What became of what households had left over."""
    _stack(
        axes,
        report,
        "Surplus by use",
        (
            ("shared", [slot.shared for slot in report.slots], SHARED),
            ("sold ahead", [slot.sold for slot in report.slots], MARKET),
            ("kept as energy credits", [slot.kept for slot in report.slots], CREDITS),
            ("fed into the grid", [slot.fed_in for slot in report.slots], SUN),
        ),
        ("export of all meters", [slot.exported for slot in report.slots]),
    )


def draw_deficits(axes: Axes, report: DayReport) -> None:
    """Where the deficits of households were met from."""
    _stack(
        axes,
        report,
        "Deficits by source",
        (
            ("shared", [slot.shared for slot in report.slots], SHARED),
            ("bought ahead", [slot.sold for slot in report.slots], MARKET),
            ("energy credits", [slot.drawn for slot in report.slots], CREDITS),
            ("the grid", [slot.from_grid for slot in report.slots], GRID),
        ),
        ("import of all meters", [slot.imported for slot in report.slots]),
    )


def draw_load(axes: Axes, report: DayReport) -> None:
    """The feeder's load below its thresholds, and its reduction."""
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
        reported, edges, baseline=None, color=INK, linewidth=1.3, label="as last reported, whole kW"
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
    axes.set_ylim(0, max(max(feeder.rating_kw, *without) * 1.25, *reported * 1.1))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, borderaxespad=0.2)


def draw_flow(axes: Axes, report: DayReport) -> None:
    """What goes through the transformer, both ways, and between which bounds voltages are."""
    flows, edges = report.feeder.flows, _edges(report)
    _day_axes(axes, "Power through the transformer", "kW")
    supply = _levels((flow.supply_w for flow in flows), W_PER_KW)
    for values, color, label in (
        (np.maximum(supply, 0), LOAD, "to the houses"),
        (np.minimum(supply, 0), SUN, "back into the grid"),
    ):
        if values.any():
            axes.stairs(values, edges, fill=True, color=color, label=label)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    span = max(abs(supply).max(), 1) * 1.3
    axes.set_ylim(min(supply.min() * 1.3, -0.1 * span), span if supply.max() > 0 else 0.1 * span)
    volts = axes.twinx()
    volts.grid(False)
    lowest = _levels((flow.lowest_bps for flow in flows), 100)
    highest = _levels((flow.highest_bps for flow in flows), 100)
    volts.stairs(
        highest,
        edges,
        baseline=lowest,
        fill=True,
        color=MARKET,
        linewidth=1.2,
        label="voltages from lowest to highest",
    )
    volts.set_ylabel("% of the rated voltage")
    volts.spines["right"].set_visible(True)
    volts.set_ylim(88, 112)
    for percent in (90, 110):
        volts.axhline(percent, color=GRID, linewidth=1.1, linestyle=(0, (5, 3)))
    handles = [*axes.get_legend_handles_labels()[0], *volts.get_legend_handles_labels()[0]]
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.2
    )


def draw_plants(axes: Axes, report: DayReport) -> None:
    """What became of each plant's energy, the largest first, and which credits it earned."""
    rows = sorted(report.plants.plants, key=lambda row: -row.amounts.produced)
    axes.set_title("Plants that are assets: what became of their energy", pad=10)
    axes.set_ylabel("kWh on the day")
    at, base = np.arange(len(rows)), np.zeros(len(rows))
    for field, color, label in (
        ("used", LOAD, "used by the household and its battery"),
        ("given", SHARED, "shared"),
        ("other", SUN, "fed in or sold"),
        ("kept", CREDITS, "kept as energy credits"),
    ):
        wh = _levels((getattr(row.amounts, field) for row in rows), WH_PER_KWH)
        if not wh.any():
            continue
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
    names = [
        f"{row.household.number}{' b' if row.household.battery is not None else ''}" for row in rows
    ]
    axes.set_xticks(at, names, size=8.5)
    axes.tick_params(axis="x", length=2, pad=2)
    axes.set_xlabel(
        "household (b: with a battery); above the bars: CO2e of its carbon credits", loc="left"
    )
    axes.set_xlim(-0.8, max(len(rows), _FEWEST_BARS) - 0.2)
    axes.set_ylim(0, max(base.max() * 1.12, 1))
    axes.legend(loc="upper right", borderaxespad=0.4)


def draw_bills(figure: Figure, place: SubplotSpec, report: DayReport) -> None:
    """Bills of the day and with the grid alone: owners of panels have a scale of their own."""
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
    """A line per household from grid alone to its bill, and what its credits are worth."""
    unit, crowded = 10**report.currency.decimals, len(report.households) > _MOST_UPRIGHT
    rows = sorted(rows, key=lambda row: -row.bill.grid_alone)
    alone = np.array([row.bill.grid_alone for row in rows]) / unit
    bills = np.array([row.bill.bill for row in rows]) / unit
    credited = np.array([row.bill.bill - row.bill.credits_worth for row in rows]) / unit
    at = np.arange(len(rows))
    colors = np.where(bills <= alone, SHARED, GRID)
    axes.vlines(at, bills, alone, color=colors, linewidth=2.4, alpha=0.6)
    kept = any(row.bill.credits_worth for row in report.households)
    for values, mark, size, color, label in (
        (alone, "o", 4.5, MUTED, "with grid and feed-in alone"),
        (bills, "o", 4.5, MARKET, "bill"),
        (credited, "_", 8, CREDITS, "bill less what the energy credits kept are worth"),
    )[: None if kept else 2]:
        fill = "none" if color == MUTED else "full"
        axes.plot(at, values, mark, color=color, markersize=size, fillstyle=fill, label=label)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set_xticks(at, [str(row.household.number) for row in rows], size=6.5 if crowded else 8.5)
    axes.tick_params(axis="x", length=2, pad=2, rotation=90 if crowded else 0)
    axes.set_xlim(-0.8, len(rows) - 0.2)


def _stack(
    axes: Axes,
    report: DayReport,
    title: str,
    columns: Sequence[tuple[str, Sequence[int], str]],
    metered: tuple[str, Sequence[int]],
) -> None:
    """Bars per slot, one part above the other, below what the meters show."""
    _day_axes(axes, title, "kWh per slot")
    edges = _edges(report)
    middles, width = (edges[1:] + edges[:-1]) / 2, (edges[1] - edges[0]) * 0.86
    base = np.zeros(len(report.slots))
    for label, values, color in columns:
        if not any(values):
            continue
        wh = _levels(values, WH_PER_KWH)
        axes.bar(middles, wh, width, bottom=base, color=color, label=label)
        base = base + wh
    name, values = metered
    axes.stairs(
        _levels(values, WH_PER_KWH), edges, baseline=None, color=INK, linewidth=1.2, label=name
    )
    axes.set_ylim(0, max(base.max(), max(values) / WH_PER_KWH) * 1.05 or 1)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=5, borderaxespad=0.2)


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
