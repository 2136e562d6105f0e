"""Writes the report's three files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.document import as_document
from energy_grid.demo.report.figure import draw
from energy_grid.demo.report.page import page
from energy_grid.demo.report.style import RULES
from energy_grid.errors import InputError

__all__ = ["ReportFiles", "make_folder", "write_report"]

_DOTS_PER_INCH = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Where the report is."""

    page: Path
    picture: Path
    numbers: Path


def make_folder(folder: Path) -> None:
    """Make the report's folder, unless it is there.

    Raises:
        InputError: it cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--report {folder}: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"--report {folder}: not writable")


def write_report(report: DayReport, folder: Path) -> ReportFiles:
    """Write picture, page and numbers into a folder."""
    files = ReportFiles(
        page=folder / "report.html", picture=folder / "day.png", numbers=folder / "result.json"
    )
    with mpl.rc_context(RULES):
        draw(report).savefig(files.picture, dpi=_DOTS_PER_INCH)
    files.page.write_text(page(report), encoding="utf-8")
    numbers = json.dumps(as_document(report), indent=1)
    files.numbers.write_text(numbers + "\n", encoding="utf-8")
    return files
