"""The tables of a day: the terminal and the page show the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from rich import box
from rich import table as rich_table
from rich.console import Console
from rich.text import Text

from energy_grid.cli.numbers import fixed, kilos, kwh, year
from energy_grid.demo.bills import Bill
from energy_grid.demo.checks import Statement
from energy_grid.demo.day_report import Currency, DayReport
from energy_grid.demo.feeder_report import EventRow, ParticipantAmounts
from energy_grid.demo.names import coins, owns, short_name
from energy_grid.demo.plant_report import PlantAmounts, PlantsReport, SharedPlant
from energy_grid.demo.profiles import Household

__all__ = [
    "Table",
    "as_html",
    "as_text",
    "check_list",
    "community_table",
    "gas_table",
    "holder_table",
    "household_table",
    "part_table",
    "participant_table",
    "plant_table",
    "season_table",
]


_SAVED = "saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells: first words, then numbers.

    Attributes:
        words, numbers: titles of the columns, with "\\n" where they break.
        optional: columns that a narrow terminal leaves out, the first one first.
        total: the last row; without it, the table has none.
        signed: the title of the column that shows by a colour what is a gain and what is a loss.
    """

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    total: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    signed: str = ""

    def without(self, title: str) -> Table:
        """The same table without one column of words."""
        at = self.words.index(title)

        def cut(row: tuple[str, ...]) -> tuple[str, ...]:
            return row[:at] + row[at + 1 :]

        return replace(
            self,
            words=cut(self.words),
            rows=[cut(row) for row in self.rows],
            total=cut(self.total),
            optional=tuple(one for one in self.optional if one != title),
        )


def household_table(report: DayReport) -> Table:
    """A row per household, and their sum."""

    def cells(bill: Bill) -> tuple[str, ...]:
        amounts = (bill.bill, bill.grid_alone, bill.difference)
        energies = (
            *(bill.taken, bill.given, bill.bought, bill.sold),
            *(bill.kept - bill.drawn, bill.from_grid, bill.fed_in),
        )
        return *(coins(amount, report.currency) for amount in amounts), *_energies(energies)

    return Table(
        words=("no", "name", "panels kWp\n+ battery kWh"),
        numbers=(
            *("bill", "grid\nalone", _SAVED, "shared:\ntaken", "shared:\ngiven"),
            *("bought", "sold", "energy\ncredits", "from\ngrid", "fed in"),
        ),
        rows=[
            (*_household(row.household), owns(row.household), *cells(row.bill))
            for row in report.households
        ],
        total=("all", "", "", *cells(report.total)),
        optional=("name", "panels kWp\n+ battery kWh"),
        signed=_SAVED,
    )


def community_table(report: DayReport) -> Table:
    """What the households are to each other and to the grid, and would be without each other."""
    found = report.community
    return Table(
        words=("",),
        numbers=("on this day", "grid alone"),
        rows=[
            ("shared, kWh", kwh(found.shared), "-"),
            ("traded ahead, kWh", kwh(found.traded) if found.traded else "-", "-"),
            ("from the grid, kWh", kwh(found.grid), kwh(found.grid_alone)),
            ("fed in, kWh", kwh(found.fed_in), kwh(found.fed_in_alone)),
            (
                "self-sufficiency",
                f"{found.self_sufficiency} %",
                f"{found.self_sufficiency_alone} %",
            ),
        ],
    )


def participant_table(event: EventRow, currency: Currency) -> Table:
    """A row per household in the event, and their sum."""

    def cells(amounts: ParticipantAmounts) -> tuple[str, ...]:
        *watts, reward = amounts
        return *(f"{value:,}" if value else "-" for value in watts), coins(reward, currency)

    return Table(
        words=("no", "name"),
        numbers=(
            *("baseline\nW", "without\nevent W", "metered\nW", "reduction\nW"),
            f"reward\n{currency.symbol}",
        ),
        rows=[(*_household(one.household), *cells(one.amounts)) for one in event.participants],
        total=("all", "", *cells(event.total)),
    )


def plant_table(plants: PlantsReport, currency: Currency) -> Table:
    """A row per plant, and their sum."""

    def cells(amounts: PlantAmounts) -> tuple[str, ...]:
        grams = amounts.carbon_credits
        energies = (amounts.produced, amounts.used, amounts.given, amounts.other, amounts.kept)
        return *_energies(energies), kilos(grams) if grams else "-"

    return Table(
        words=("no", "name"),
        numbers=(
            *("kWp", "since"),
            f"book value\n{currency.symbol}",
            *("produced\nkWh", "used\nkWh", "shared\nkWh", "fed in,\nsold kWh"),
            *("energy\ncredits", "CO2e\nkg"),
        ),
        rows=[
            (
                *_household(row.household),
                fixed(row.household.pv_peak_w, 3, 1),
                str(year(row.commissioned_at)),
                coins(row.book_value, currency, 0),
                *cells(row.amounts),
            )
            for row in plants.plants
        ],
        total=("all", "", "", "", "", *cells(plants.total)),
        optional=("name",),
    )


def season_table(report: DayReport) -> Table:
    """A winter and a summer day side by side."""
    found, currency = report.seasons, report.currency

    def row(name: str, cells: Iterable[str]) -> tuple[str, ...]:
        return name, *cells

    def money(name: str) -> Iterator[str]:
        return (coins(getattr(one, name), currency) for one in found)

    return Table(
        words=("",),
        numbers=tuple(f"{one.day.day} {one.day:%B}\n{one.day.year}" for one in found),
        rows=[
            row(f"bills in cash, {currency.symbol}", money("bill")),
            row(f"with the grid alone, {currency.symbol}", money("bill_alone")),
            row(
                f"saved, {currency.symbol}",
                (coins(one.bill_alone - one.bill, currency) for one in found),
            ),
            row("used, kWh", (kwh(one.used) for one in found)),
            row("shared, kWh", (kwh(one.shared) for one in found)),
            row("from the grid, kWh", (kwh(one.grid) for one in found)),
            row("from the grid alone, kWh", (kwh(one.grid_alone) for one in found)),
            row("fed in, kWh", (kwh(one.fed_in) for one in found)),
        ],
    )


def holder_table(shared: SharedPlant, currency: Currency) -> Table:
    """A row per holder of shares, and their sum."""
    received = sum(row.received for row in shared.holders)
    return Table(
        words=("no", "name"),
        numbers=("shares", f"received\n{currency.symbol}"),
        rows=[
            (*_household(row.household), str(row.shares), coins(row.received, currency))
            for row in shared.holders
        ],
        total=("all", "", str(shared.shares), coins(received, currency)),
    )


def gas_table(report: DayReport) -> Table:
    """A row per operation."""
    households = len(report.households)
    return Table(
        words=("operation",),
        numbers=("sent", "gas\nmean", "gas\nmax", "done", "gas\neach", "a household\nand day"),
        rows=[
            (
                use.operation,
                *(
                    "-" if number is None else f"{number:,}"
                    for number in (
                        *(use.transactions, use.per_transaction, use.highest),
                        *(use.items, use.per_item, use.per_household(households)),
                    )
                ),
            )
            for use in report.gas
        ],
        total=("all", "", "", "", "", "", f"{report.gas_per_household:,}"),
    )


def part_table(report: DayReport) -> Table:
    """A row for each part of the day."""
    return Table(
        words=("of which for",),
        numbers=("gas a household\nand day",),
        rows=[(part, f"{gas:,}") for part, gas in report.gas_of_parts.items()],
        total=("all", f"{report.gas_per_household:,}"),
    )


def as_text(table: Table, console: Console) -> rich_table.Table:
    """A table for the terminal, with as many columns of words as fit."""
    drawn = rich_table.Table(
        box=box.SIMPLE_HEAD, padding=0, show_footer=bool(table.total), pad_edge=False
    )
    titles, feet = (*table.words, *table.numbers), table.total or ("",) * len(table.rows[0])
    for at, (title, foot) in enumerate(zip(titles, feet, strict=True)):
        right = at >= len(table.words) or title == "no"
        drawn.add_column(
            title,
            justify="right" if right else "left",
            no_wrap=True,
            footer=foot,
            footer_style="bold",
        )
    for row in table.rows:
        styles = (
            _STYLES[_sign(title, cell, table)] for title, cell in zip(titles, row, strict=True)
        )
        drawn.add_row(*(Text(cell, style=style) for cell, style in zip(row, styles, strict=True)))
    unbounded = console.options.update(width=_UNBOUNDED)
    if table.optional and console.measure(drawn, options=unbounded).maximum > console.width:
        return as_text(table.without(table.optional[0]), console)
    return drawn


def as_html(table: Table) -> Iterator[str]:
    """A table for the page."""
    left = len(table.words)

    def line(row: Sequence[str]) -> str:
        cells = [f'<td class="word">{escape(cell)}</td>' for cell in row[:left]]
        cells += [
            f'<td class="{_sign(title, cell, table)}">{escape(cell)}</td>'
            for title, cell in zip(table.numbers, row[left:], strict=True)
        ]
        return f"<tr>{''.join(cells)}</tr>"

    yield '<div class="wide"><table><thead><tr>'
    for at, title in enumerate((*table.words, *table.numbers)):
        word = ' class="word"' if at < left else ""
        yield f"<th{word}>{escape(title)}</th>".replace("\n", "<br>")
    yield "</tr></thead><tbody>"
    yield from map(line, table.rows)
    yield "</tbody>"
    if table.total:
        yield f"<tfoot>{line(table.total)}</tfoot>"
    yield "</table></div>"


def check_list(statements: Sequence[Statement], width: int) -> rich_table.Table:
    """What was checked, with a mark and the numbers: beside it where they fit, else below."""
    drawn = rich_table.Table.grid(padding=(0, 1, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column()
    for statement in statements:
        mark = Text("ok", style="green") if statement.holds else Text("NO", style="bold red")
        fits = len(statement.claim) + len(statement.numbers) + _MARK_AND_GAPS <= width
        gap = "  " if fits else "\n"
        drawn.add_row(mark, Text.assemble(statement.claim, gap, (statement.numbers, "dim")))
    return drawn


_MARK_AND_GAPS = 6
_STYLES = {"good": "green", "bad": "red", "": ""}
_UNBOUNDED = 10_000


def _household(household: Household) -> tuple[str, str]:
    return str(household.number), short_name(household)


def _energies(energies: Sequence[int]) -> Iterator[str]:
    return (kwh(energy) if energy else "-" for energy in energies)


def _sign(title: str, cell: str, table: Table) -> str:
    """Whether a cell is a gain or a loss."""
    if title != table.signed or not cell.strip("-0."):
        return ""
    return "bad" if cell.startswith("-") else "good"
