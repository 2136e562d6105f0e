"""The day in one picture: prices, surplus, deficits, load, every household's bill and plant."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.notes import CREDIT, headline, summary
from energy_grid.demo.report.panels import (
    draw_bills,
    draw_deficits,
    draw_flow,
    draw_load,
    draw_plants,
    draw_prices,
    draw_surplus,
)
from energy_grid.demo.report.style import MUTED

__all__ = ["draw"]

_LEFT = 0.07
# Inches: what a row of height 1 takes with the gap below it, and what lies around all rows.
_ROW, _TOP, _BOTTOM = 3.0654, 1.5, 0.925
_EDGES = _TOP + _BOTTOM
_HEIGHTS, _PLANTS = (1, 1, 1, 1, 1, 1.3), 1.3


def draw(report: DayReport) -> Figure:
    """The picture, to be drawn and saved under the settings of `style.RULES`."""
    # Without panels there are no plants to show.
    heights = (*_HEIGHTS, _PLANTS) if report.plants.plants else _HEIGHTS
    height = _EDGES + _ROW * sum(heights)
    figure = Figure(figsize=(12, height))
    FigureCanvasAgg(figure)
    figure.text(_LEFT, 1 - 0.41 / height, headline(report), size=18, weight="bold", va="center")
    figure.text(_LEFT, 1 - 0.62 / height, summary(report), size=10, color=MUTED, va="top")
    figure.text(_LEFT, 0.185 / height, CREDIT, size=8, color=MUTED)
    rows = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        left=_LEFT,
        right=0.945,
        top=1 - _TOP / height,
        bottom=_BOTTOM / height,
        hspace=0.38,
    )
    draw_prices(figure.add_subplot(rows[0]), report)
    draw_surplus(figure.add_subplot(rows[1]), report)
    draw_deficits(figure.add_subplot(rows[2]), report)
    draw_load(figure.add_subplot(rows[3]), report)
    draw_flow(figure.add_subplot(rows[4]), report)
    draw_bills(figure, rows[5], report)
    if report.plants.plants:
        draw_plants(figure.add_subplot(rows[6]), report)
    return figure
