"""The page that maps every function of the source documents to ours, from docs/interface.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from scripts._docs.solidity import ROOT

__all__ = ["camel_case", "source_page"]

# Numbers in the table, titles of the documents, and what they are written for.
_DOCUMENTS = {
    "000": ("Smart Grid Management System", "Clarity"),
    "001": ("Blockchain-Based Energy Grid Load Balancing", "Clarity"),
    "002": ("Decentralized Energy Grid Management Platform", "Solidity"),
    "003": ("Decentralized Energy Trading Network", "Clarity"),
    "004": ("Grid Load Balancing Incentives", "Soroban, in Rust"),
}
_SECTION = re.compile(r"^### (.+)\n\n\*\*Of\*\* (.+)\.$", re.MULTILINE)


def source_page() -> dict[Path, str]:
    """The page by where it is in docs/."""
    with (ROOT / "docs/interface.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    differences = _differences()
    parts = [
        "<!-- Written by `make docs` from docs/interface.csv: change that. -->",
        "# What became of the source documents",
        "Five source documents describe parts of this market. This page lists each of their"
        " functions and features, and where it is here. [Where we differ](differences.md) gives"
        " the reasons for differences.",
    ]
    for source, (title, language) in _DOCUMENTS.items():
        lines = [_line(row, differences) for row in rows if row["source"] == source]
        head = ["| There | Contract | Function | Note |", "|---|---|---|---|"]
        parts += [f"## {source}: {title} ({language})", "\n".join([*head, *lines])]
    return {Path("sources.md"): "\n\n".join(parts) + "\n"}


def camel_case(name: str) -> str:
    """A name of theirs as ours are written: ``report-load`` as ``reportLoad``."""
    first, *rest = re.split(r"[-_]", name)
    return first + "".join(word.capitalize() for word in rest)


def _line(row: Mapping[str, str], differences: Mapping[str, list[str]]) -> str:
    contract, function = row["contract"], row["function"]
    name = function.partition("(")[0]
    page = f"reference/contracts/{contract}.md"
    anchor = "deployment" if name == "constructor" else name.lower()
    here = f"[{contract}]({page}) | [`{function}`]({page}#{anchor})"
    why = [*differences.get(row["source_name"], []), *differences.get(name, [])]
    notes = "; ".join(dict.fromkeys(filter(None, [row["note"], *why])))
    there = row["source_name"]
    return f"| {there if ' ' in there else f'`{there}`'} | {here} | {notes} |"


def _differences() -> dict[str, list[str]]:
    """Which sections of docs/differences.md speak of a function, by its name there or here."""
    found: dict[str, list[str]] = {}
    for title, names in _SECTION.findall((ROOT / "docs/differences.md").read_text()):
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for name in re.findall(r"`([\w-]+)`", names):
            found.setdefault(name, []).append(f"[{title}](differences.md#{anchor})")
    return found
