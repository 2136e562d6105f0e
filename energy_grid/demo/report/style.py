"""The colours and lines that the picture and the page share."""

from __future__ import annotations

from typing import Any

__all__ = ["CREDITS", "GRID", "INK", "LOAD", "MARKET", "MUTED", "PAPER", "RULES", "SHARED", "SUN"]

INK = "#1b2430"
MUTED = "#6b7684"
PAPER = "#ffffff"
SUN = "#f2b632"
SHARED = "#2a9d6f"
GRID = "#c8553d"
MARKET = "#2460a7"
CREDITS = "#8d7fc0"
LOAD = "#7fa3cd"

# Settings of matplotlib, whose own stubs list the names that its versions happen to know.
RULES: Any = {
    "axes.edgecolor": "#c5ccd3",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "grid.color": "#e6eaee",
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}
