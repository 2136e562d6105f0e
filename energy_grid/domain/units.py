"""Energy, money and prices between people's words and the market's integers.

Energy is counted in Wh, money in base units of the settlement token, prices in base units per
kWh. People write kWh and whole coins; both directions are exact, no float is involved.
"""

from __future__ import annotations

import operator
import re

from energy_grid.errors import DomainError, InputError

__all__ = [
    "WH_PER_KWH",
    "format_money",
    "format_price",
    "format_wh",
    "integer",
    "natural",
    "parse_kwh",
    "parse_money",
    "parse_price",
]

WH_PER_KWH = 1000
_KWH_DECIMALS = 3
_PLAIN_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
# The digits of the largest uint256, a point and as many again would be absurd: this is enough.
_MAX_CHARACTERS = 80


def integer(name: str, value: int) -> int:
    """``value`` as a Python int, so that no machine integer can overflow later.

    Raises:
        DomainError: it is not an integer.
    """
    try:
        return operator.index(value)
    except TypeError:
        raise DomainError(f"{name} must be an integer, not {value!r}") from None


def natural(name: str, value: int) -> int:
    """As `integer`, of what counts something.

    Raises:
        DomainError: it is not an integer, or negative.
    """
    number = integer(name, value)
    if number < 0:
        raise DomainError(f"{name} must not be negative: {number}")
    return number


def parse_kwh(text: str) -> int:
    """Wh of a number of kWh: ``"1.5"`` gives 1500.

    Raises:
        InputError: not a plain decimal number, or finer than one Wh.
    """
    return _parse(text, _KWH_DECIMALS, "an energy in kWh")


def parse_money(text: str, decimals: int) -> int:
    """Base units of an amount of a token with ``decimals``: ``"1.25"`` of 6 gives 1250000.

    Raises:
        InputError: not a plain decimal number, or finer than one base unit.
    """
    return _parse(text, decimals, "an amount of money")


def parse_price(text: str, decimals: int) -> int:
    """Base units per kWh of a price in whole coins per kWh.

    Raises:
        InputError: not a plain decimal number, or finer than one base unit.
    """
    return _parse(text, decimals, "a price per kWh")


def format_wh(wh: int) -> str:
    """``"1.5 kWh"`` of 1500 Wh; every Wh is shown."""
    return f"{_format(wh, _KWH_DECIMALS)} kWh"


def format_money(amount: int, decimals: int, symbol: str = "") -> str:
    """``"1.25 tUSD"`` of 1250000 base units; every base unit is shown."""
    return f"{_format(amount, decimals)} {symbol}".rstrip()


def format_price(price: int, decimals: int, symbol: str = "") -> str:
    """``"0.25 tUSD/kWh"`` of 250000 base units per kWh."""
    return f"{format_money(price, decimals, symbol)}/kWh"


def _parse(text: str, decimals: int, what: str) -> int:
    match = _PLAIN_DECIMAL.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    if match is None:
        shown = text if len(text) <= _MAX_CHARACTERS else text[:20] + "..."
        raise InputError(f"{shown!r} is not {what}: write a plain number such as 1.5")
    whole, fraction = match[1], (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise InputError(f"{text!r} is too fine for {what}: at most {decimals} decimals")
    return int(whole + fraction.ljust(decimals, "0"))


def _format(value: int, decimals: int) -> str:
    whole, fraction = divmod(abs(value), 10**decimals)
    digits = f"{fraction:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{'-' if value < 0 else ''}{whole}{'.' if digits else ''}{digits}"
