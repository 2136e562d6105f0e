"""The picture of a run: how time and gas grow with size, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from energy_grid.demo.report.style import GRID, MARKET, MUTED, PAPER, RULES, SHARED
from tests.bench.results import Results

__all__ = ["draw"]

_SIZES = (1, 10, 100)


def draw(results: Results, path: Path) -> None:
    """Write the picture as PNG."""
    with rc_context(RULES):
        figure = Figure(figsize=(10, 8.2), layout="constrained", dpi=100)
        panels = figure.subplots(2, 2).flat
        for show, axes in zip((_clearing, _batches, _trades, _rates), panels, strict=True):
            show(axes, results)
            axes.grid(True, which="major", axis="both")
            axes.minorticks_off()
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15)
        figure.savefig(path, metadata={"Software": None})


def _line(axes: Any, sizes: list[int], values: list[float], colour: str, label: str) -> None:
    axes.plot(sizes, values, "o-", color=colour, label=label, markersize=4, linewidth=1.6)


def _clearing(axes: Any, results: Results) -> None:
    rows = results.clearing
    sizes = [row.orders for row in rows]
    _line(axes, sizes, [row.python_sort for row in rows], MUTED, "Python's sort of the orders")
    _line(axes, sizes, [row.clear for row in rows], SHARED, "clearing, with fills and pairs")
    _line(axes, sizes, [row.numpy_sort for row in rows], MARKET, "numpy's sort of the prices")
    axes.set(xscale="log", yscale="log", title="Clearing a period", xlabel="orders")
    axes.set_ylabel("seconds")
    axes.legend()


def _batches(axes: Any, results: Results) -> None:
    sizes = list(_SIZES)
    names = [f"settleBatch, each of {size}, hour, used words" for size in sizes]
    _line(axes, sizes, [results.gas[name] for name in names], SHARED, "settleBatch")
    _line(axes, sizes, [results.floors[name] for name in names], MARKET, "floor")
    axes.axhline(90_000, color=GRID, linestyle="--", linewidth=1.2, label="limit at 100 pairs")
    axes.set(xscale="log", yscale="log", title="Gas of a pair, signatures included")
    axes.set(xlabel="pairs in a batch", ylabel="gas")
    ticks = [50_000, 75_000, 100_000, 150_000, 200_000]
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.legend()


def _rates(axes: Any, results: Results) -> None:
    found = results.signed_readings
    rates = {
        "recorded on chain": found.recorded,
        "verified off chain": found.verified,
        "signed": found.signed,
    }
    _bars(axes, rates)
    axes.axvline(500, color=GRID, linestyle="--", linewidth=1.2, label="500, the aim for verified")
    axes.set(xscale="log", title="Readings a second")
    axes.set_xlim(100, 3 * max(rates.values()))
    axes.legend(loc="upper right")


def _trades(axes: Any, results: Results) -> None:
    rates = {
        f"{row.batches_of} a batch, {_keepers(row.keepers)}": row.per_second
        for row in results.trades
    }
    _bars(axes, rates)
    axes.axvline(1_000, color=GRID, linestyle="--", linewidth=1.2, label="1,000, the aim")
    axes.set(xscale="log", title="Trades settled a second")
    axes.set_xlabel("from the book to the last payment")
    axes.set_xlim(10, 10 * max(1_000, *rates.values()))
    axes.legend(loc="upper right")


def _bars(axes: Any, rates: Mapping[str, float]) -> None:
    bars = axes.barh(list(rates), list(rates.values()), color=SHARED, height=0.55)
    labels = axes.bar_label(bars, [f"{rate:,.0f}" for rate in rates.values()], padding=3)
    for label in labels:
        label.set(color=MUTED, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1})
    axes.invert_yaxis()
    # Room above the first bar for what the line means.
    axes.set_ylim(len(rates) - 0.5, -1.2)


def _keepers(count: int) -> str:
    return "1 keeper" if count == 1 else f"{count} keepers"
