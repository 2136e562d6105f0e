"""A simulation in one picture: the average day's energy, and every household's bill."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from energy_grid.demo.report.style import GRID, MARKET, MUTED, RULES, SHARED, SUN
from energy_grid.domain.simulation import HomeResult, Simulation
from energy_grid.domain.units import WH_PER_KWH
from energy_grid.errors import InputError

__all__ = ["draw_simulation", "save_simulation"]

_UNIT = 10**6
_HOUR, _HOURS = 3600, 24
_DOTS_PER_INCH = 140


def save_simulation(found: Simulation, file: Path) -> None:
    """Draw it into a file, in the form that its name ends with.

    Raises:
        InputError: the file cannot be written.
    """
    with mpl.rc_context(RULES):
        figure = draw_simulation(found)
        try:
            figure.savefig(file, dpi=_DOTS_PER_INCH)
        except OSError as error:
            raise InputError(f"--picture {file}: {error.strerror}") from None


def draw_simulation(found: Simulation) -> Figure:
    """The picture, to be saved under the settings of `style.RULES`."""
    figure = Figure(figsize=(12, 8), layout="constrained")
    FigureCanvasAgg(figure)
    days, bills = figure.subplots(2, 1)
    _draw_day(days, found)
    plain = [home for home in found.homes if not home.meter.has_panels]
    solar = [home for home in found.homes if home.meter.has_panels]
    _draw_bills(bills, [*sorted(plain, key=_alone), *sorted(solar, key=_alone)])
    return figure


def _alone(home: HomeResult) -> int:
    return -home.grid_alone


def _draw_day(axes: Axes, found: Simulation) -> None:
    """Deficits above the line, surplus below it, of the mean of all days."""
    at = np.arange(_HOURS)
    shared, grid, fed_in = (
        _by_hour(found, name) / found.days for name in ("taken", "from_grid", "fed_in")
    )
    axes.bar(at, shared, color=SHARED, label="shared: taken and given")
    axes.bar(at, grid, bottom=shared, color=GRID, label="from the grid")
    axes.bar(at, -shared, color=SHARED)
    axes.bar(at, -fed_in, bottom=-shared, color=SUN, label="fed in")
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set_title("Deficits above, surplus below: hours (UTC) of the average day")
    axes.set_ylabel("kWh per hour")
    axes.set_xticks(range(0, _HOURS, 2))
    axes.legend(loc="best")


def _by_hour(found: Simulation, name: str) -> NDArray[np.float64]:
    """kWh of all days by the hour of the day."""
    hours = [slot * found.slot_seconds // _HOUR % _HOURS for slot in found.slots]
    kwh = [getattr(each, name) / WH_PER_KWH for each in found.by_slot]
    sums = np.zeros(_HOURS)
    np.add.at(sums, hours, kwh)
    return sums


def _draw_bills(axes: Axes, homes: list[HomeResult]) -> None:
    at = np.arange(len(homes))
    alone, bills = (
        np.array([getattr(home, name) for home in homes]) / _UNIT for name in ("grid_alone", "bill")
    )
    axes.vlines(at, bills, alone, color=np.where(bills <= alone, SHARED, GRID), linewidth=2.4)
    axes.plot(at, alone, "o", color=MUTED, fillstyle="none", label="with the grid alone")
    axes.plot(at, bills, "o", color=MARKET, markersize=4.5, label="bill")
    axes.set_title("Bills: households without panels, then with panels")
    axes.set_ylabel("money")
    axes.set_xticks([])
    axes.legend(loc="best")
