"""Prints a day: tables, plots, gas, check, and where the report is."""

from __future__ import annotations

from rich.console import Console

from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.files import ReportFiles
from energy_grid.demo.report.notes import CREDIT, headline, summary
from energy_grid.demo.report.sections import sections
from energy_grid.demo.report.tables import Table, as_text, check_list

__all__ = ["show"]

_WIDEST_CHART = 100


def show(report: DayReport, files: ReportFiles, seconds: float, console: Console) -> None:
    """Print all of it."""
    _title(console, headline(report))
    console.print(summary(report))
    width = min(console.width, _WIDEST_CHART)
    color = console.color_system is not None and not console.no_color
    for title, parts in sections(report):
        _title(console, title)
        for part in parts:
            if isinstance(part, Table):
                console.print(as_text(part, console))
            elif isinstance(part, str):
                console.print(part, style="dim")
            else:
                # Ready to print: the colours are in it, and no line may be broken.
                console.file.write("\n" + part(report, width, color=color) + "\n")
    _title(console, "The check: computed anew from the chain and the data of its calls")
    console.print(check_list(report.check, console.width))
    console.print()
    console.print(f"Report   {files.page}", soft_wrap=True)
    console.print(f"Picture  {files.picture}", soft_wrap=True)
    console.print(f"Numbers  {files.numbers}", soft_wrap=True)
    console.print(CREDIT, style="dim")
    console.print(f"Done in {seconds:.0f} s.")


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold")
