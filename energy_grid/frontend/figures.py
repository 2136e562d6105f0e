"""The figures of pages.

Each says exactly what it is to whoever reads the page by a program (``value``, ``datetime``);
people see it rounded, in their language, with its unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from energy_grid.domain.quantities import Coin
from energy_grid.frontend.words import Language

__all__ = ["figures"]

_NONE = Markup("&ndash;")


def figures(language: Language, coin: Coin, explorer: str) -> Mapping[str, Any]:
    """What templates write figures with, by name.

    Args:
        explorer: the address of a block explorer; empty: there is none.
    """

    def money(units: int, *, signed: bool = False) -> Markup:
        """Base units."""
        text = language.money(units, coin.decimals)
        return _data(units, f"{_plus(units, signed)}{text} {coin.symbol}")

    def thousandths(units: int, *, signed: bool = False) -> Markup:
        """Thousandths of base units, in which bills are exact."""
        text = language.money(Decimal(units) / 1000, coin.decimals)
        return _data(units, f"{_plus(units, signed)}{text} {coin.symbol}")

    def price(units: int | None, *, bare: bool = False) -> Markup:
        """Base units per kWh; a finer figure than money. Bare: its unit stands elsewhere."""
        if units is None:
            return _NONE
        unit = "" if bare else f" {coin.symbol}/kWh"
        return _data(units, f"{language.money(units, coin.decimals, 4)}{unit}")

    def energy(wh: int, *, bare: bool = False) -> Markup:
        return _data(wh, f"{language.kwh(wh)}{'' if bare else ' kWh'}")

    def power(watts: int) -> Markup:
        return _data(watts, f"{language.kwh(watts)} kW")

    def co2(grams: int) -> Markup:
        return _data(grams, f"{language.kwh(grams)} kg CO₂e")

    def count(value: int) -> Markup:
        return _data(value, language.number(value))

    def mass(milligrams: int) -> Markup:
        return _data(milligrams, f"{language.number(Decimal(milligrams) / 10**6, 2)} kg")

    def share(part: int, whole: int) -> Markup:
        if whole <= 0:
            return _NONE
        return _data(f"{part}/{whole}", language.share(Decimal(part) / whole))

    def time(value: datetime | None) -> Markup:
        """In UTC; the page's program writes it in the reader's own zone."""
        if value is None:
            return _NONE
        stamp = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        return Markup('<time datetime="{}">{}</time>').format(stamp, language.time(value))

    @cache
    def day_of(value: date | str) -> Markup:
        """A day of the market, which is one in UTC."""
        found = date.fromisoformat(value) if isinstance(value, str) else value
        return Markup('<time datetime="{}">{}</time>').format(
            found.isoformat(), language.day(found)
        )

    def address(value: str) -> Markup:
        return _place(explorer, "address", value, f"{value[:6]}…{value[-4:]}")

    def whole_address(value: str) -> Markup:
        """For people who compare it: who wants to be taken for another finds an account with the
        same ends."""
        return _place(explorer, "address", value, value, "address whole")

    def transaction(value: str) -> Markup:
        return _place(explorer, "tx", value, f"{value[:10]}…{value[-4:]}")

    found = (
        transaction,
        money,
        thousandths,
        price,
        energy,
        power,
        co2,
        count,
        mass,
        share,
        time,
        day_of,
        address,
        whole_address,
    )
    return {"coin": coin, **{each.__name__: each for each in found}}


def _data(value: int | str, text: str) -> Markup:
    # Pages of a year have thousands of these.
    return Markup(f'<data value="{escape(value)}">{escape(text)}</data>')


def _place(explorer: str, kind: str, value: str, text: str, style: str = "address") -> Markup:
    shown = Markup('<data class="{2}" value="{0}" title="{0}">{1}</data>')
    shown = shown.format(value, text, style)
    if not explorer:
        return shown
    link = Markup('<a href="{}" rel="noreferrer">{}</a>')
    return link.format(f"{explorer.rstrip('/')}/{kind}/{value}", shown)


def _plus(value: int, signed: bool) -> str:
    return "+" if signed and value > 0 else ""
