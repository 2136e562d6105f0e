"""Prints a day: table, plots, gas, check, and where the report is."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from energy_grid.demo.charts import energy_chart, load_chart, price_chart
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.files import ReportFiles
from energy_grid.demo.report.notes import (
    CREDIT,
    FEEDER,
    PLANTS,
    SPOT,
    bill_note,
    dip_note,
    energy_credits_note,
    event_note,
    feeder_note,
    headline,
    plant_note,
    price_note,
    reward_note,
    sharing_note,
    spot_note,
    summary,
)
from energy_grid.demo.report.tables import (
    as_text,
    check_list,
    gas_table,
    holder_table,
    household_table,
    participant_table,
    plant_table,
    spot_table,
)

__all__ = ["show"]

_WIDEST_CHART = 100


def show(report: DayReport, files: ReportFiles, seconds: float, console: Console) -> None:
    """Print all of it."""
    _title(console, headline(report))
    console.print(summary(report))
    console.print(as_text(household_table(report), console))
    console.print(bill_note(report), style="dim")
    console.print(energy_credits_note(), style="dim")
    width = min(console.width, _WIDEST_CHART)
    color = console.color_system is not None and not console.no_color

    def draw(chart: Callable[..., str]) -> None:
        # Ready to print: the colours are in it, and no line may be broken.
        console.print()
        console.file.write(chart(report, width, color=color) + "\n")

    draw(price_chart)
    draw(energy_chart)
    console.print(price_note(), style="dim")
    _title(console, FEEDER)
    draw(load_chart)
    console.print(feeder_note(report), style="dim")
    console.print(event_note(report))
    if report.feeder.event is not None:
        console.print(as_text(participant_table(report.feeder.event, report.currency), console))
        console.print(reward_note(report), style="dim")
    console.print(dip_note(report))
    _plants(report, console)
    _title(console, "Gas")
    console.print(as_text(gas_table(report), console))
    _title(console, "The check: computed from the state of the chain alone")
    console.print(check_list(report.check, console.width))
    console.print()
    console.print(f"Report   {files.page}", soft_wrap=True)
    console.print(f"Picture  {files.picture}", soft_wrap=True)
    console.print(f"Numbers  {files.numbers}", soft_wrap=True)
    console.print(CREDIT, style="dim")
    console.print(f"Done in {seconds:.0f} s.")


def _plants(report: DayReport, console: Console) -> None:
    plants, currency = report.plants, report.currency
    _title(console, PLANTS)
    if plants.plants:
        console.print(as_text(plant_table(plants, currency), console))
    console.print(plant_note(report), style="dim")
    if plants.plants:
        console.print(sharing_note(report))
    if plants.shared is not None and plants.shared.revenue:
        console.print(as_text(holder_table(plants.shared, currency), console))
    _title(console, SPOT)
    console.print(spot_note(report))
    if plants.spot.sold:
        console.print(as_text(spot_table(plants.spot, currency), console))


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold")
