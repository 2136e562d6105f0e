"""The day as one HTML file that needs no other: the picture inside, the tables below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from energy_grid.cli.numbers import counted, fixed, kilos, kwh, year
from energy_grid.demo.bills import Bill
from energy_grid.demo.day_report import Currency, DayReport
from energy_grid.demo.feeder_report import ParticipantAmounts
from energy_grid.demo.names import coins, owns, short_name
from energy_grid.demo.plant_report import PlantAmounts, SharedPlant
from energy_grid.demo.report.style import GRID, INK, MUTED, PAPER, TRADED
from energy_grid.demo.report.words import (
    CREDIT,
    FEEDER,
    PLANTS,
    SPOT,
    banked_note,
    bill_note,
    dip_note,
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

__all__ = ["page"]

_BILL_TITLES = (
    *("produced", "consumed", "bought", "sold", "banked", "from the grid"),
    *("bill", "grid alone", "saved"),
)
_PLANT_TITLES = ("produced", "sold", "on the spot", "banked")
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
            f"<h2>{escape(PLANTS)}</h2><p>{escape(plant_note(report))}</p>",
            *_plants(report),
            f"<h2>{escape(SPOT)}</h2><p>{escape(spot_note(report))}</p>",
            *_spot(report),
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


def _plants(report: DayReport) -> Iterable[str]:
    plants, currency = report.plants, report.currency
    if not plants.plants:
        return
    titles = (*_PLANT_TITLES, f"sales, {currency.symbol}", "CO2e, kg")
    yield from _head(("no", "name", "kWp", "since"), (f"book value, {currency.symbol}", *titles))
    for row in plants.plants:
        home = row.household
        words = (
            str(home.number),
            short_name(home),
            fixed(home.pv_peak_w, 3, 1),
            str(year(row.commissioned_at)),
        )
        value = f"<td>{coins(row.book_value, currency, 0)}</td>"
        yield _row(words, (value, *_plant(row.amounts, currency)))
    yield "</tbody><tfoot>"
    yield _row(("", "all", "", ""), ("<td></td>", *_plant(plants.total, currency)))
    yield "</tfoot></table></div>"
    yield f"<p>{escape(sharing_note(report))}</p>"
    if plants.shared is not None and plants.shared.revenue:
        yield from _holders(plants.shared, currency)


def _holders(shared: SharedPlant, currency: Currency) -> Iterable[str]:
    yield from _head(("no", "name"), ("shares", f"received, {currency.symbol}"))
    for row in shared.holders:
        words = (str(row.household.number), short_name(row.household))
        yield _row(words, _held(row.shares, row.received, currency))
    yield "</tbody><tfoot>"
    received = sum(row.received for row in shared.holders)
    yield _row(("", "all"), _held(shared.shares, received, currency))
    yield "</tfoot></table></div>"


def _spot(report: DayReport) -> Iterable[str]:
    spot, currency = report.plants.spot, report.currency
    if not spot.sold:
        return
    titles = ("offered, kWh", "price", "sold, kWh", f"paid, {currency.symbol}")
    yield from _head(("no", "name", "to"), titles)
    for row in spot.dealt:
        to = counted(row.buyers, "buyer") if row.buyer is None else short_name(row.buyer)
        cells = (
            kwh(row.wh),
            coins(row.price, currency, 3),
            kwh(row.sold),
            coins(row.paid, currency),
        )
        words = (str(row.seller.number), short_name(row.seller), to)
        yield _row(words, (f"<td>{cell}</td>" for cell in cells))
    yield "</tbody><tfoot>"
    sums = ("", "", kwh(spot.sold), coins(spot.paid, currency))
    yield _row(("", "all", counted(spot.buyers, "buyer")), (f"<td>{one}</td>" for one in sums))
    yield "</tfoot></table></div>"


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


def _plant(amounts: PlantAmounts, currency: Currency) -> list[str]:
    *energies, sales, grams = amounts
    cells = [f"<td>{kwh(energy) if energy else '-'}</td>" for energy in energies]
    cells.append(f"<td>{coins(sales, currency) if sales else '-'}</td>")
    return [*cells, f"<td>{kilos(grams) if grams else '-'}</td>"]


def _held(shares: int, received: int, currency: Currency) -> list[str]:
    return [f"<td>{shares}</td>", f"<td>{coins(received, currency)}</td>"]


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
