"""Every page and drawing that is written by a program, by where it is in docs/."""

from __future__ import annotations

from pathlib import Path

from scripts._docs.commands import command_pages
from scripts._docs.contracts import contract_pages
from scripts._docs.kpis import kpi_page
from scripts._docs.lifecycles import diagrams
from scripts._docs.parameters import parameter_page
from scripts._docs.solidity import ROOT
from scripts._docs.sources import source_page

__all__ = ["DOCS", "generated"]

DOCS = ROOT / "docs"


def generated() -> dict[Path, str]:
    """The text of each."""
    pages = contract_pages() | command_pages() | source_page() | parameter_page() | kpi_page()
    return pages | diagrams()
