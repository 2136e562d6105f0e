"""The charts of the page: tables that a program in the page draws, readable without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report.style import CREDITS, GRID, LOAD, MARKET, MUTED, SHARED, SUN

__all__ = ["Curve", "curves"]

_Series = tuple[str, str, Sequence[int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A chart.

    Attributes:
        unit: what its values are in, after ``digits`` places of the whole numbers are cut off.
        along: the places in the order of the page: Unix times of the day's slots, or ranks.
        series: names and colours, each with whole numbers, None where there is none.
        words: what a row of the table is called, where it is no time.
    """

    title: str
    unit: str
    digits: int
    along: Sequence[int]
    series: Sequence[_Series]
    words: Sequence[str] = ()

    def as_html(self) -> Iterator[str]:
        """The figure, with its table folded away."""
        of, legend = ("household", "place") if self.words else ("time (UTC)",) * 2
        yield (
            f'<figure class="chart" data-chart="steps" data-digits="{self.digits}" data-along="0"'
            f' data-legend="{legend}"><figcaption>{escape(self.title)} <small>{escape(self.unit)}'
            '</small></figcaption><div class="plot"></div><details><summary>Figures</summary>'
            f'<div class="wide"><table><thead><tr><th>{of}</th>'
        )
        for name, color, _ in self.series:
            yield f'<th style="color:{color}">{escape(name)}</th>'
        yield "</tr></thead><tbody>"
        for at, place in enumerate(self.along):
            yield f"<tr><td>{self._place(at, place)}</td>"
            for _, _, values in self.series:
                yield f"<td>{self._cell(values[at])}</td>"
            yield "</tr>"
        yield "</tbody></table></div></details></figure>"

    def _place(self, at: int, place: int) -> str:
        if self.words:
            return f'<data value="{place}">{escape(self.words[at])}</data>'
        moment = datetime.fromtimestamp(place, UTC)
        return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment:%H:%M}</time>'

    def _cell(self, value: int | None) -> str:
        if value is None:
            return ""
        shown = value / 10**self.digits
        return f'<data value="{value}">{shown:,.{min(self.digits, 3)}f}</data>'


def curves(report: DayReport) -> list[Curve]:
    """The day's charts, cash first."""
    slots, feeder, tariff = report.slots, report.feeder, report.tariff
    starts = [slot.start for slot in slots]
    symbol, decimals = report.currency.symbol, report.currency.decimals
    hour = 3600 // report.slot_seconds

    def kw(wh: Sequence[int]) -> list[int | None]:
        return [each * hour for each in wh]

    def of_day(title: str, unit: str, digits: int, *series: _Series) -> Curve:
        return Curve(title=title, unit=unit, digits=digits, along=starts, series=series)

    prices: list[_Series] = [
        ("grid price", GRID, [tariff.grid_price] * len(slots)),
        ("shared energy", SHARED, [tariff.shared] * len(slots)),
        ("feed-in tariff", SUN, [tariff.feed_in] * len(slots)),
    ]
    if any(slot.clearing_price is not None for slot in slots):
        prices.append(("trades", MARKET, [slot.clearing_price for slot in slots]))
    return [
        *_bills(report),
        of_day(
            *("Deficits by source", "kW", 3),
            ("all meters' import", MUTED, kw([slot.imported for slot in slots])),
            ("shared", SHARED, kw([slot.shared for slot in slots])),
            ("bought ahead", MARKET, kw([slot.sold for slot in slots])),
            ("energy credits", CREDITS, kw([slot.drawn for slot in slots])),
            ("the grid", GRID, kw([slot.from_grid for slot in slots])),
        ),
        of_day(
            *("Surplus by use", "kW", 3),
            ("all meters' export", MUTED, kw([slot.exported for slot in slots])),
            ("shared", SHARED, kw([slot.shared for slot in slots])),
            ("sold ahead", MARKET, kw([slot.sold for slot in slots])),
            ("kept as energy credits", CREDITS, kw([slot.kept for slot in slots])),
            ("fed in", SUN, kw([slot.fed_in for slot in slots])),
        ),
        of_day("Prices", f"{symbol} per kWh", decimals, *prices),
        of_day(
            *("Power through the transformer; below 0: back into the grid", "kW", 3),
            ("power", LOAD, [flow.supply_w for flow in feeder.flows]),
            ("losses", GRID, [flow.losses_w for flow in feeder.flows]),
        ),
        of_day(
            *("Voltages of the cables", "% of the rated one", 2),
            ("highest", SUN, [flow.highest_bps for flow in feeder.flows]),
            ("lowest", MARKET, [flow.lowest_bps for flow in feeder.flows]),
        ),
        of_day(
            *("Load in the evening, with and without demand response", "kW", 3),
            ("load", LOAD, [row.watts for row in feeder.loads]),
            ("without the event", GRID, [row.without_event for row in feeder.loads]),
        ),
    ]


def _bills(report: DayReport) -> Iterator[Curve]:
    """Owners of panels have a scale of their own."""
    for name, has_panels in (("without panels", False), ("with panels", True)):
        rows = [row for row in report.households if bool(row.household.pv_peak_w) == has_panels]
        if not rows:
            continue
        rows.sort(key=lambda row: -row.bill.grid_alone)
        series: list[_Series] = [
            ("with grid and feed-in alone", MUTED, [row.bill.grid_alone for row in rows]),
            ("bill", MARKET, [row.bill.bill for row in rows]),
        ]
        if any(row.bill.credits_worth for row in rows):
            worth = [row.bill.bill - row.bill.credits_worth for row in rows]
            series.append(("bill less what the credits kept are worth", CREDITS, worth))
        yield Curve(
            title=f"Bills in cash {name}, from the highest with the grid alone",
            unit=f"{report.currency.symbol} for the day",
            digits=report.currency.decimals,
            along=[*range(1, len(rows) + 1)],
            series=series,
            words=[f"{row.household.number}" for row in rows],
        )
