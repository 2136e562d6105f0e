"""The day as one HTML file that needs no other: charts to point at, the tables below them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib import resources

from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.curves import curves
from energy_grid.demo.report.notes import CREDIT, headline, summary
from energy_grid.demo.report.sections import sections
from energy_grid.demo.report.style import GRID, INK, MUTED, PAPER, SHARED
from energy_grid.demo.report.tables import Table, as_html

__all__ = ["page"]

_CSS = f"""
body {{ margin: 2rem auto; max-width: 1080px; padding: 0 1rem; background: {PAPER};
       color: {INK}; font: 15px/1.45 system-ui, sans-serif; }}
h1 {{ font-size: 1.6rem; margin: 0 }} h2 {{ font-size: 1.15rem; margin: 2.2rem 0 .6rem }}
p {{ color: {MUTED}; margin: .3rem 0 1rem; max-width: 75ch; overflow-wrap: anywhere }}
figure {{ margin: 1.6rem 0 }} figcaption {{ font-weight: 600 }} small {{ color: {MUTED} }}
.plot {{ min-height: 17rem }} .u-legend {{ font-size: .85rem; text-align: left }}
.u-legend th {{ border: 0; white-space: normal; text-align: left }}
tbody tr.u-series:nth-child(n) {{ background: none }}
summary {{ color: {MUTED}; cursor: pointer }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .18rem .5rem; text-align: right; white-space: nowrap }}
th {{ border-bottom: 1px solid {MUTED}; font-weight: 600; vertical-align: bottom }}
th.word, td.word {{ text-align: left }} td.claim {{ text-align: left; white-space: normal }}
tbody tr:nth-child(even) {{ background: #f5f7f9 }}
tfoot td {{ border-top: 1px solid {MUTED}; font-weight: 600 }}
.good {{ color: {SHARED} }} .bad {{ color: {GRID} }} .quiet {{ color: {MUTED} }}
/* A phone shows the bill, with the grid alone, and what is saved, before anybody scrolls. */
@media (max-width: 30rem) {{ table {{ font-size: .8rem }} th, td {{ padding: .18rem .25rem }} }}
"""


def page(report: DayReport) -> str:
    """The page. What draws its charts is in it: `make pages` has built that."""
    folder = resources.files(__package__)
    style, program = (
        folder.joinpath(f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en" data-zone="UTC"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(headline(report))}</title><style>{style}{_CSS}</style></head><body>",
            f"<h1>{escape(headline(report))}</h1>{_text(summary(report))}",
            *(part for curve in curves(report) for part in curve.as_html()),
            *_sections(report),
            "<h2>The check</h2><p>Computed anew from the chain and the data of its calls.</p>",
            *_check(report),
            f"{_text(CREDIT)}<script>{program}</script></body></html>\n",
        )
    )


def _sections(report: DayReport) -> Iterator[str]:
    for title, parts in sections(report):
        yield f"<h2>{escape(title)}</h2>"
        for part in parts:
            if isinstance(part, Table):
                yield from as_html(part)
            elif isinstance(part, str):
                yield _text(part)


def _check(report: DayReport) -> Iterator[str]:
    yield '<div class="wide"><table><tbody>'
    for statement in report.check:
        style, mark = ("good", "ok") if statement.holds else ("bad", "NO")
        yield (
            f'<tr><td class="word {style}">{mark}</td><td class="claim">{escape(statement.claim)}'
            f' <span class="quiet">{escape(statement.numbers)}</span></td></tr>'
        )
    yield "</tbody></table></div>"


def _text(text: str) -> str:
    return f"<p>{escape(text)}</p>"
