"""The tables that the demo prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from energy_grid.cli.numbers import counted, fixed, kilos, kwh, year
from energy_grid.demo.bills import Bill
from energy_grid.demo.checks import Statement
from energy_grid.demo.day_report import Currency, DayReport
from energy_grid.demo.feeder_report import EventRow, ParticipantAmounts
from energy_grid.demo.names import coins, owns, short_name
from energy_grid.demo.plant_report import (
    PlantAmounts,
    PlantsReport,
    SharedPlant,
    SpotReport,
)

__all__ = [
    "check_list",
    "gas_table",
    "holder_table",
    "household_table",
    "participant_table",
    "plant_table",
    "spot_table",
]


def household_table(report: DayReport, console: Console) -> Table:
    """A row per household and their sum; narrow terminals get fewer columns of words."""
    unbounded = console.options.update(width=_UNBOUNDED)
    for words in (("name", "owns"), ("owns",)):
        table = _household_table(report, words)
        if console.measure(table, options=unbounded).maximum <= console.width:
            return table
    return _household_table(report, ())


def gas_table(report: DayReport) -> Table:
    """A row per operation."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("operation", no_wrap=True)
    for title in ("sent", "gas, mean", "gas, max", "done", "gas each", "gas/kWh traded"):
        table.add_column(title, justify="right", no_wrap=True)
    traded = report.total.sold
    for use in report.gas:
        per_kwh = use.per_kwh(traded)
        table.add_row(
            use.operation,
            f"{use.transactions:,}",
            f"{use.per_transaction:,}",
            f"{use.highest:,}",
            f"{use.items:,}",
            f"{use.per_item:,}",
            "-" if per_kwh is None else f"{per_kwh:,}",
        )
    return table


def participant_table(event: EventRow, currency: Currency) -> Table:
    """A row per household in the event, and their sum."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_footer=True, pad_edge=False)
    table.add_column("no", justify="right", footer="all", footer_style="bold")
    titles = ("usual W", "otherwise W", "drew W", "counts W", f"reward {currency.symbol}")
    for title, sum_ in zip(titles, _reward_cells(event.total, currency), strict=True):
        table.add_column(title, justify="right", no_wrap=True, footer=sum_, footer_style="bold")
    for one in event.participants:
        table.add_row(str(one.household.number), *_reward_cells(one.amounts, currency))
    return table


def plant_table(plants: PlantsReport, currency: Currency) -> Table:
    """A row per plant, and their sum."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_footer=True, pad_edge=False)
    table.add_column("no", justify="right", footer="all", footer_style="bold")
    for title in ("kWp", "since", "book value"):
        table.add_column(title, justify="right", no_wrap=True)
    titles = ("produced", "sold", "on spot", "banked", "sales", "CO2e kg")
    for title, sum_ in zip(titles, _plant_cells(plants.total, currency), strict=True):
        table.add_column(title, justify="right", no_wrap=True, footer=sum_, footer_style="bold")
    for row in plants.plants:
        table.add_row(
            str(row.household.number),
            fixed(row.household.pv_peak_w, 3, 1),
            str(year(row.commissioned_at)),
            coins(row.book_value, currency, 0),
            *_plant_cells(row.amounts, currency),
        )
    return table


def holder_table(shared: SharedPlant, currency: Currency) -> Table:
    """A row per holder of shares."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_footer=True, pad_edge=False)
    table.add_column("no", justify="right", footer="all", footer_style="bold")
    received = sum(row.received for row in shared.holders)
    for title, sum_ in (
        ("shares", str(shared.shares)),
        (f"received {currency.symbol}", coins(received, currency)),
    ):
        table.add_column(title, justify="right", no_wrap=True, footer=sum_, footer_style="bold")
    for row in shared.holders:
        table.add_row(str(row.household.number), str(row.shares), coins(row.received, currency))
    return table


def spot_table(spot: SpotReport, currency: Currency) -> Table:
    """A row per trade, and per offer that somebody bought of."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_footer=True, pad_edge=False)
    table.add_column("no", justify="right", footer="all", footer_style="bold")
    table.add_column("to", no_wrap=True, footer=counted(spot.buyers, "buyer"), footer_style="bold")
    sums = ("", "", kwh(spot.sold), coins(spot.paid, currency))
    titles = ("offered kWh", "price", "sold kWh", f"paid {currency.symbol}")
    for title, sum_ in zip(titles, sums, strict=True):
        table.add_column(title, justify="right", no_wrap=True, footer=sum_, footer_style="bold")
    for row in spot.dealt:
        to = counted(row.buyers, "buyer") if row.buyer is None else str(row.buyer.number)
        table.add_row(
            str(row.seller.number),
            to,
            kwh(row.wh),
            coins(row.price, currency, 3),
            kwh(row.sold),
            coins(row.paid, currency),
        )
    return table


def check_list(statements: Sequence[Statement], width: int) -> Table:
    """What was checked, with a mark and the numbers: beside it where they fit, else below."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for statement in statements:
        mark = Text("ok", style="green") if statement.holds else Text("NO", style="bold red")
        fits = len(statement.claim) + len(statement.numbers) + _BESIDES <= width
        gap = "  " if fits else "\n"
        table.add_row(mark, Text.assemble(statement.claim, gap, (statement.numbers, "dim")))
    return table


# The mark and the gaps.
_BESIDES = 6
_UNBOUNDED = 10_000
_NUMBERS = (
    "produced",
    "consumed",
    "bought",
    "sold",
    "banked",
    "grid",
    "bill",
    "grid alone",
    "saved",
)


def _household_table(report: DayReport, words: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_footer=True, pad_edge=False)
    table.add_column("no", justify="right", footer="all", footer_style="bold")
    for title in words:
        table.add_column(title, no_wrap=True)
    for title, sum_ in zip(_NUMBERS, _cells(report.total, report.currency), strict=True):
        table.add_column(title, justify="right", no_wrap=True, footer=sum_, footer_style="bold")
    for row in report.households:
        cells = _cells(row.bill, report.currency)
        style = "red" if row.bill.saved < 0 else "green"
        description = {"name": short_name(row.household), "owns": owns(row.household)}
        table.add_row(
            str(row.household.number),
            *(description[title] for title in words),
            *cells[:-1],
            Text(cells[-1], style=style if row.bill.saved else ""),
        )
    return table


def _cells(bill: Bill, currency: Currency) -> tuple[str, ...]:
    energies = (
        bill.produced,
        bill.consumed,
        bill.bought,
        bill.sold,
        bill.banked,
        bill.from_grid,
    )
    amounts = (bill.bill, bill.grid_alone, bill.saved)
    return (
        *(kwh(energy) if energy else "-" for energy in energies),
        *(coins(amount, currency) for amount in amounts),
    )


def _plant_cells(amounts: PlantAmounts, currency: Currency) -> tuple[str, ...]:
    *energies, sales, grams = amounts
    return (
        *(kwh(energy) if energy else "-" for energy in energies),
        coins(sales, currency) if sales else "-",
        kilos(grams) if grams else "-",
    )


def _reward_cells(amounts: ParticipantAmounts, currency: Currency) -> tuple[str, ...]:
    *watts, reward = amounts
    return (*(f"{value:,}" if value else "-" for value in watts), coins(reward, currency))
