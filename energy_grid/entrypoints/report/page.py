"""The day as one HTML file that needs no other: the picture inside, the tables below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from energy_grid.entrypoints.numbers import coins, kwh, owns, short_name
from energy_grid.entrypoints.report.style import GRID, INK, MUTED, PAPER, TRADED
from energy_grid.entrypoints.report.words import (
    CREDIT,
    FEEDER,
    banked_note,
    bill_note,
    dip_note,
    event_note,
    feeder_note,
    headline,
    price_note,
    reward_note,
    summary,
)
from energy_grid.services.bills import Bill
from energy_grid.services.day_report import Currency, DayReport
from energy_grid.services.feeder_report import ParticipantAmounts

__all__ = ["page"]

_BILL_TITLES = (
    *("produced", "consumed", "bought", "sold", "banked", "from the grid"),
    *("bill", "grid alone", "saved"),
)
_REWARD_TITLES = ("usual, W", "otherwise, W", "drew, W", "counts, W")
_GAS_TITLES = ("sent", "gas, mean", "gas, max", "done", "gas each", "gas per kWh traded")

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
            f"<h1>{escape(headline(report))}</h1><p>{escape(summary(report))}</p>",
            picture,
            f"<p>{escape(price_note())}</p>",
            f"<h2>{escape(FEEDER)}</h2>",
            *_feeder(report),
            f"<h2>Households</h2><p>{escape(bill_note(report))}</p>",
            *_households(report),
            f"<p>{escape(banked_note())}</p>",
            "<h2>Gas</h2>",
            *_gas(report),
            "<h2>The check</h2><p>Computed from the state of the chain alone.</p>",
            *_check(report),
            f"<p>{escape(CREDIT)}</p></body></html>\n",
        )
    )


def _households(report: DayReport) -> Iterable[str]:
    yield from _head(("no", "name", "owns"), _BILL_TITLES)
    for row in report.households:
        home = row.household
        yield _row((str(home.number), short_name(home), owns(home)), _amounts(row.bill, report))
    yield "</tbody><tfoot>"
    yield _row(("", "all", ""), _amounts(report.total, report))
    yield "</tfoot></table></div>"


def _feeder(report: DayReport) -> Iterable[str]:
    event, currency = report.feeder.event, report.currency
    yield f"<p>{escape(feeder_note(report))}</p><p>{escape(event_note(report))}</p>"
    if event is not None:
        titles = (*_REWARD_TITLES, f"reward, {currency.symbol}")
        yield from _head(("no", "name"), titles)
        for one in event.participants:
            home = one.household
            yield _row((str(home.number), short_name(home)), _rewards(one.amounts, currency))
        yield "</tbody><tfoot>"
        yield _row(("", "all"), _rewards(event.total, currency))
        yield "</tfoot></table></div>"
        yield f"<p>{escape(reward_note(report))}</p>"
    yield f"<p>{escape(dip_note(report))}</p>"


def _gas(report: DayReport) -> Iterable[str]:
    yield from _head(("operation",), _GAS_TITLES)
    for use in report.gas:
        numbers = (
            use.transactions,
            use.per_transaction,
            use.highest,
            use.items,
            use.per_item,
            use.per_kwh(report.total.sold),
        )
        cells = [f"<td>{'-' if number is None else f'{number:,}'}</td>" for number in numbers]
        yield _row((use.operation,), cells)
    yield "</tbody></table></div>"


def _check(report: DayReport) -> Iterable[str]:
    yield '<div class="wide"><table><tbody>'
    for statement in report.check:
        style, mark = ("good", "ok") if statement.holds else ("bad", "NO")
        yield (
            f'<tr><td class="word {style}">{mark}</td><td class="claim">{escape(statement.claim)}'
            f' <span class="quiet">{escape(statement.numbers)}</span></td></tr>'
        )
    yield "</tbody></table></div>"


def _head(words: Sequence[str], numbers: Sequence[str]) -> Iterable[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f'<th class="word">{escape(word)}</th>' for word in words)
    yield "".join(f"<th>{escape(number)}</th>" for number in numbers)
    yield "</tr></thead><tbody>"


def _row(words: Sequence[str], cells: Iterable[str]) -> str:
    start = "".join(f'<td class="word">{escape(word)}</td>' for word in words)
    return f"<tr>{start}{''.join(cells)}</tr>"


def _rewards(amounts: ParticipantAmounts, currency: Currency) -> list[str]:
    *watts, reward = amounts
    cells = [f"<td>{value:,}</td>" if value else "<td>-</td>" for value in watts]
    return [*cells, f"<td>{coins(reward, currency)}</td>"]


def _amounts(bill: Bill, report: DayReport) -> list[str]:
    energies = (
        *(bill.produced, bill.consumed, bill.bought),
        *(bill.sold, bill.banked, bill.from_grid),
    )
    cells = [f"<td>{kwh(energy) if energy else '-'}</td>" for energy in energies]
    cells += [
        f"<td>{coins(amount, report.currency)}</td>" for amount in (bill.bill, bill.grid_alone)
    ]
    style = "good" if bill.saved > 0 else "bad" if bill.saved < 0 else ""
    cells.append(f'<td class="{style}">{coins(bill.saved, report.currency)}</td>')
    return cells
