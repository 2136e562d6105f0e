"""The day in one picture: prices, energy, trades, the feeder, and every household's bill."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from energy_grid.entrypoints.report.panels import (
    draw_bills,
    draw_energy,
    draw_load,
    draw_prices,
    draw_trades,
)
from energy_grid.entrypoints.report.style import MUTED
from energy_grid.entrypoints.report.words import CREDIT, headline, summary
from energy_grid.services.day_report import DayReport

__all__ = ["draw"]

_LEFT = 0.07


def draw(report: DayReport) -> Figure:
    """The picture, to be drawn and saved under the settings of `style.RULES`."""
    figure = Figure(figsize=(12, 18.5))
    FigureCanvasAgg(figure)
    figure.text(_LEFT, 0.978, headline(report), size=18, weight="bold", va="center")
    figure.text(_LEFT, 0.961, summary(report), size=10, color=MUTED, va="center")
    figure.text(_LEFT, 0.010, CREDIT, size=8, color=MUTED)
    rows = figure.add_gridspec(
        5,
        1,
        height_ratios=(1, 1, 1, 1, 1.3),
        left=_LEFT,
        right=0.975,
        top=0.928,
        bottom=0.05,
        hspace=0.38,
    )
    draw_prices(figure.add_subplot(rows[0]), report)
    draw_energy(figure.add_subplot(rows[1]), report)
    draw_trades(figure.add_subplot(rows[2]), report)
    draw_load(figure.add_subplot(rows[3]), report)
    draw_bills(figure, rows[4], report)
    return figure
