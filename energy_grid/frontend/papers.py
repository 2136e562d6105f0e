"""Statements as PDF: the words and figures of their page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.resources import as_file, files
from typing import Any

from markupsafe import Markup

from energy_grid.api.models import AccountDay, Statement, StatementLine
from energy_grid.domain.quantities import Coin
from energy_grid.frontend.figures import figures
from energy_grid.frontend.words import Language

__all__ = ["statement_pdf"]

_MARGIN, _SMALL, _TEXT, _TITLE = 15, 7, 10, 16
_WIDTHS = (46, 18, 24, 24)
_DAY_WIDTHS = (23, 23, 23, 16, 17, 17, 17, 16, 26)
_RULES = (200, 200, 200)
_FONT, _FILES = "DejaVu Sans", files("energy_grid.frontend") / "fonts"


def statement_pdf(
    statement: Statement,
    parts: Sequence[tuple[str, Sequence[StatementLine], int, int]],
    bank: Sequence[tuple[StatementLine, int]],
    days: tuple[date, date],
    words: Any,
    language: Language,
    coin: Coin,
) -> bytes:
    """A statement on paper (A4).

    Args:
        parts: its tables: name, lines, what rounding adds, and the sum.
        bank: what has changed the bank, and by how much, Wh.
        days: the first and the last one.
        words: the macros of its words.
    """
    # Who asks for no such file does not wait for it to load.
    from fpdf import FPDF
    from fpdf.enums import TableBordersLayout, TextEmphasis
    from fpdf.fonts import FontFace

    known = figures(language, coin, "")

    def plain(name: str, *values: Any, **options: Any) -> str:
        return Markup(known[name](*values, **options)).striptags()

    def said(name: str, *values: Any) -> str:
        return Markup(getattr(words, name)(*values)).striptags()

    def money(thousandths: int) -> str:
        return plain("thousandths", thousandths, signed=True)

    def energy(wh: int) -> str:
        return plain("energy", wh)

    paper = FPDF(format="A4")
    if statement.issued_at is not None:
        paper.set_creation_date(statement.issued_at)
    paper.set_margin(_MARGIN)
    paper.set_auto_page_break(True, _MARGIN)
    paper.set_title(said("title", *(plain("day_of", each) for each in days)))
    paper.set_lang(language.code)
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        with as_file(_FILES / name) as file:
            paper.add_font(_FONT, style, file)
    paper.add_page()

    def write(text: str, size: int = _TEXT, style: str = "") -> None:
        paper.set_font(_FONT, style, size)
        paper.multi_cell(0, None, text, align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(2)

    def table(rows: Sequence[Sequence[str]], widths: Sequence[int], size: int) -> None:
        """The first row is the head, the last one the sum."""
        paper.set_font(_FONT, "", size)
        paper.set_draw_color(*_RULES)
        with paper.table(
            col_widths=tuple(widths),
            text_align=("LEFT", *["RIGHT"] * (len(widths) - 1)),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis=TextEmphasis.B),
        ) as found:
            for place, cells in enumerate(rows):
                style = FontFace(emphasis=TextEmphasis.B) if place == len(rows) - 1 else None
                row = found.row(style=style)
                for cell in cells:
                    row.cell(cell)
        paper.ln(4)

    def what(line: StatementLine) -> str:
        correction = said("correction", line)
        return f"{said('label', line)} ({correction})" if correction else said("label", line)

    def cells(line: StatementLine) -> tuple[str, ...]:
        price = "" if line.price_per_kwh is None else plain("price", line.price_per_kwh, bare=True)
        if line.price_per_kwh is None and line.kind in ("grid", "bank"):
            price = said("column", "changing")
        return (
            what(line),
            "" if line.energy_wh is None else energy(line.energy_wh),
            price,
            money(line.money_thousandths),
        )

    write(said("title", *(plain("day_of", each) for each in days)), _TITLE, "B")
    write(said("whose", statement))
    write(said("state", statement, plain("time", statement.issued_at)))
    if statement.open_days:
        write(said("open", statement, lambda it: plain("count", it)))
    if statement.unknown_wh:
        write(said("unknown", statement, energy))
    write(said("booked"))
    for name, lines, rounding, total in parts:
        write(said("heading", name), style="B")
        rows = [tuple(said("column", each) for each in ("what", "energy", "price", "money"))]
        rows += [cells(each) for each in lines]
        if rounding:
            rows.append((said("column", "rounding"), "", "", money(rounding)))
        rows.append((said("column", "sum"), "", "", money(total)))
        table(rows, _WIDTHS, _TEXT)
    if bank:
        write(said("heading", "bank"), style="B")
        changes = [(what(line), energy(wh)) for line, wh in bank]
        change = said("column", "change"), energy(sum(wh for _, wh in bank))
        table([(said("column", "what"), said("column", "energy")), *changes, change], (3, 1), _TEXT)
    if statement.days:
        write(said("heading", "days"), style="B")
        of_days = [
            (plain("day_of", each.day), *_flows(each, energy), money(each.money_thousandths))
            for each in statement.days
        ]
        names = ("day", "taken", "given", "traded", "drawn", "kept", "grid", "fed", "money")
        last = (*_flows(statement.sum, energy), money(statement.sum.money_thousandths))
        head = tuple(said("column", each) for each in names)
        table([head, *of_days, (said("column", "sum"), *last)], _DAY_WIDTHS, _SMALL)
    return bytes(paper.output())


def _flows(day: AccountDay, energy: Any) -> tuple[str, ...]:
    found = (
        *(day.shared_taken_wh, day.shared_given_wh, day.traded_wh, day.credits_drawn_wh),
        *(day.credits_kept_wh, day.from_grid_wh, day.fed_in_wh),
    )
    return tuple(energy(each).removesuffix(" kWh") for each in found)
