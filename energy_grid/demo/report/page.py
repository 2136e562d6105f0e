"""The day as one HTML file that needs no other: the picture inside, the tables below it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from energy_grid.demo.day_report import DayReport
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
from energy_grid.demo.report.style import GRID, INK, MUTED, PAPER, TRADED
from energy_grid.demo.report.tables import (
    as_html,
    gas_table,
    holder_table,
    household_table,
    participant_table,
    plant_table,
    spot_table,
)

__all__ = ["page"]

_CSS = f"""
body {{ margin: 2rem auto; max-width: 1080px; padding: 0 1rem; background: {PAPER};
       color: {INK}; font: 15px/1.45 system-ui, sans-serif; }}
h1 {{ font-size: 1.6rem; margin: 0 }} h2 {{ font-size: 1.15rem; margin: 2.2rem 0 .6rem }}
p {{ color: {MUTED}; margin: .3rem 0 1rem; max-width: 75ch }}
svg {{ width: 100%; height: auto }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .18rem .5rem; text-align: right; white-space: nowrap }}
th {{ border-bottom: 1px solid {MUTED}; font-weight: 600 }}
th.word, td.word {{ text-align: left }} td.claim {{ text-align: left; white-space: normal }}
tbody tr:nth-child(even) {{ background: #f5f7f9 }}
tfoot td {{ border-top: 1px solid {MUTED}; font-weight: 600 }}
.good {{ color: {TRADED} }} .bad {{ color: {GRID} }} .quiet {{ color: {MUTED} }}
"""


def page(report: DayReport, picture: str) -> str:
    """The page; ``picture`` is an SVG element."""
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(headline(report))}</title><style>{_CSS}</style></head><body>",
            f"<h1>{escape(headline(report))}</h1>{_text(summary(report))}",
            picture,
            _text(price_note()),
            _title(FEEDER),
            *_feeder(report),
            _title("Households"),
            _text(bill_note(report)),
            *as_html(household_table(report)),
            _text(energy_credits_note()),
            _title(PLANTS),
            _text(plant_note(report)),
            *_plants(report),
            _title(SPOT),
            _text(spot_note(report)),
            *_spot(report),
            _title("Gas"),
            *as_html(gas_table(report)),
            _title("The check"),
            _text("Computed from the state of the chain alone."),
            *_check(report),
            f"{_text(CREDIT)}</body></html>\n",
        )
    )


def _feeder(report: DayReport) -> Iterator[str]:
    event = report.feeder.event
    yield _text(feeder_note(report))
    yield _text(event_note(report))
    if event is not None:
        yield from as_html(participant_table(event, report.currency))
        yield _text(reward_note(report))
    yield _text(dip_note(report))


def _plants(report: DayReport) -> Iterator[str]:
    plants, currency = report.plants, report.currency
    if plants.plants:
        yield from as_html(plant_table(plants, currency))
        yield _text(sharing_note(report))
    if plants.shared is not None and plants.shared.revenue:
        yield from as_html(holder_table(plants.shared, currency))


def _spot(report: DayReport) -> Iterator[str]:
    if report.plants.spot.sold:
        yield from as_html(spot_table(report.plants.spot, report.currency))


def _check(report: DayReport) -> Iterator[str]:
    yield '<div class="wide"><table><tbody>'
    for statement in report.check:
        style, mark = ("good", "ok") if statement.holds else ("bad", "NO")
        yield (
            f'<tr><td class="word {style}">{mark}</td><td class="claim">{escape(statement.claim)}'
            f' <span class="quiet">{escape(statement.numbers)}</span></td></tr>'
        )
    yield "</tbody></table></div>"


def _title(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _text(text: str) -> str:
    return f"<p>{escape(text)}</p>"
