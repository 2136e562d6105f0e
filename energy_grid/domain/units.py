"""Energy, power, money and prices between people's words and the market's integers.

Energy is counted in Wh, money in base units of the settlement token, prices in base units per
kWh; power in kW at grid level and in W in a household, frequency in centihertz, voltage in percent
of nominal, carbon in g CO2e. People write kWh, whole coins, Hz and kg, and a unit behind a power or
a duration; both directions are exact, no float is involved.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from energy_grid.errors import DomainError, InputError

__all__ = [
    "MONEY_DECIMALS",
    "WH_PER_KWH",
    "W_PER_KW",
    "format_carbon",
    "format_day",
    "format_decimal",
    "format_duration",
    "format_hertz",
    "format_money",
    "format_price",
    "format_time",
    "format_volts",
    "format_watts",
    "format_wh",
    "integer",
    "natural",
    "parse_carbon",
    "parse_day",
    "parse_decimal",
    "parse_duration",
    "parse_hertz",
    "parse_kw",
    "parse_kwh",
    "parse_money",
    "parse_percent",
    "parse_price",
    "parse_time",
    "parse_watts",
]

MONEY_DECIMALS = 6
"""Money is not counted finer: the contracts' prices have 32 bits."""
WH_PER_KWH = 1000
W_PER_KW = 1000
_DAY_SECONDS = 86_400
_KWH_DECIMALS = 3
_HERTZ_DECIMALS, _VOLT_DECIMALS = 2, 1
# Units with the decimal places that a number in front of them may have.
_KW = {"": 0, "kW": 0, "MW": 3}
_WATTS = {"": 0, "W": 0, "kW": 3}
_GRAMS = {"": 3, "g": 0, "kg": 3, "t": 6}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": _DAY_SECONDS}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?: ?UTC|(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
_FIRST_DAY = date(1970, 1, 1)
# The year 10000.
_END_OF_CALENDAR = 253_402_300_800
_WITH_UNIT = re.compile(r"([0-9.]*) ?([A-Za-z%]*)")
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


def parse_kw(text: str) -> int:
    """kW of a power at grid level: ``"5"``, ``"5kW"``, ``"2.5MW"``.

    Raises:
        InputError: neither, or finer than one kW.
    """
    return _parse_with_unit(text, _KW, "a power in kW", "5kW")


def parse_watts(text: str) -> int:
    """W of a household's power: ``"500"``, ``"500W"``, ``"0.5kW"``.

    Raises:
        InputError: neither, or finer than one W.
    """
    return _parse_with_unit(text, _WATTS, "a power in W", "500W")


def parse_hertz(text: str) -> int:
    """Centihertz of a frequency in Hz: ``"49.98"`` gives 4998.

    Raises:
        InputError: not a plain decimal number, or finer than one centihertz.
    """
    units = {"": _HERTZ_DECIMALS, "Hz": _HERTZ_DECIMALS}
    return _parse_with_unit(text, units, "a frequency in Hz", "49.98")


def parse_percent(text: str, decimals: int = 0) -> int:
    """A percentage, ``"97"`` or ``"97%"``, in units of so many decimals.

    Raises:
        InputError: not a plain decimal number, or too fine.
    """
    return _parse_with_unit(text, {"": decimals, "%": decimals}, "a percentage", "97")


def parse_carbon(text: str) -> int:
    """g CO2e of a mass: ``"1.5"`` or ``"1.5kg"``, ``"500g"``, ``"0.25t"``.

    Raises:
        InputError: neither, or finer than one g.
    """
    return _parse_with_unit(text, _GRAMS, "a mass of CO2e in kg", "1.5kg")


def parse_decimal(text: str, decimals: int, what: str) -> int:
    """A number that can be negative, in units of so many decimals: ``"-3.5"`` of 2 gives -350.

    Raises:
        InputError: not a plain decimal number, or too fine.
    """
    negative = text.startswith("-")
    number = _parse(text.removeprefix("-"), decimals, what)
    return -number if negative else number


def parse_duration(text: str) -> int:
    """Seconds of ``"90s"``, ``"15min"``, ``"2h"`` or ``"30d"``.

    Raises:
        InputError: something else.
    """
    match = _WITH_UNIT.fullmatch(text)
    if match is None or match[2] not in _SECONDS:
        raise InputError(f"{_short(text)!r} is not a duration: write 90s, 15min, 2h or 30d")
    return _parse(match[1], 0, "a duration") * _SECONDS[match[2]]


def parse_time(text: str) -> int:
    """Unix seconds of a time: ``"2024-01-01 18:00"`` in UTC, with a ``T`` for the space or not, or
    ``"2024-01-01T19:00+01:00"`` with its offset.

    Raises:
        InputError: something else, or a time before 1970.
    """
    refusal = (
        f"{_short(text)!r} is not a time: write one in UTC such as 2024-01-01T18:00, or with an"
        " offset such as 2024-01-01T19:00+01:00"
    )
    match = _TIME.fullmatch(text)
    if match is None:
        raise InputError(refusal)
    try:
        found = datetime.fromisoformat(f"{match[1]}{match[2] or 'Z'}")
        seconds = int(found.timestamp())
    except (ValueError, OverflowError):
        raise InputError(refusal) from None
    if seconds < 0:
        raise InputError(f"{text} is before 1970")
    return seconds


def parse_day(text: str) -> int:
    """Days since 1970 of a date in UTC: ``"2024-01-01"`` gives 19723.

    Raises:
        InputError: something else.
    """
    refusal = f"{_short(text)!r} is not a day: write one such as 2024-01-01"
    if _DAY.fullmatch(text) is None:
        raise InputError(refusal)
    try:
        day = (date.fromisoformat(text) - _FIRST_DAY).days
    except ValueError:
        raise InputError(refusal) from None
    if day < 0:
        raise InputError(f"{text} is before 1970")
    return day


def format_day(day: int) -> str:
    """``"2024-01-01"`` of 19723; what no calendar holds stays a number."""
    if day >= _END_OF_CALENDAR // _DAY_SECONDS:
        return str(day)
    return str(_FIRST_DAY + timedelta(days=day))


def format_time(timestamp: int) -> str:
    """``"2024-01-01 18:00:00 UTC"``; what no calendar holds stays a number."""
    if timestamp >= _END_OF_CALENDAR:
        return str(timestamp)
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"


def format_duration(seconds: int) -> str:
    """``"2 h"`` of 7200: in the largest unit that divides it."""
    unit, size = max(
        ((name, size) for name, size in _SECONDS.items() if seconds % size == 0),
        key=lambda each: each[1] if seconds else -each[1],
    )
    return f"{seconds // size} {unit}"


def format_hertz(centihertz: int) -> str:
    """``"49.98 Hz"`` of 4998, always with two places."""
    whole, hundredths = divmod(centihertz, 10**_HERTZ_DECIMALS)
    return f"{whole}.{hundredths:02d} Hz"


def format_volts(decivolts: int) -> str:
    """``"230.1 V"`` of 2301."""
    return f"{format_decimal(decivolts, _VOLT_DECIMALS)} V"


def format_decimal(value: int, decimals: int) -> str:
    """``"-3.5"`` of -350 hundredths; every digit that is not 0 is shown."""
    return _format(value, decimals)


def format_wh(wh: int) -> str:
    """``"1.5 kWh"`` of 1500 Wh; every Wh is shown."""
    return f"{_format(wh, _KWH_DECIMALS)} kWh"


def format_watts(watts: int) -> str:
    """``"4.2 kW"`` of 4200 W; every W is shown."""
    return f"{_format(watts, _WATTS['kW'])} kW"


def format_money(amount: int, decimals: int, symbol: str = "") -> str:
    """``"1.25 tUSD"`` of 1250000 base units; every base unit is shown."""
    return f"{_format(amount, decimals)} {symbol}".rstrip()


def format_carbon(grams: int) -> str:
    """``"1.5 kg CO2e"`` of 1500 g; every g is shown."""
    return f"{_format(grams, _GRAMS['kg'])} kg CO2e"


def format_price(price: int, decimals: int, symbol: str = "") -> str:
    """``"0.25 tUSD/kWh"`` of 250000 base units per kWh."""
    return f"{format_money(price, decimals, symbol)}/kWh"


def _parse_with_unit(text: str, units: Mapping[str, int], what: str, example: str) -> int:
    match = _WITH_UNIT.fullmatch(text)
    if match is None or match[2] not in units or _PLAIN_DECIMAL.fullmatch(match[1]) is None:
        raise InputError(f"{_short(text)!r} is not {what}: write one such as {example}")
    return _parse(match[1], units[match[2]], what)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_CHARACTERS else text[:20] + "..."


def _parse(text: str, decimals: int, what: str) -> int:
    match = _PLAIN_DECIMAL.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    if match is None:
        raise InputError(f"{_short(text)!r} is not {what}: write a plain number such as 1.5")
    whole, fraction = match[1], (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise InputError(f"{text!r} is too fine for {what}: at most {decimals} decimals")
    return int(whole + fraction.ljust(decimals, "0"))


def _format(value: int, decimals: int) -> str:
    whole, fraction = divmod(abs(value), 10**decimals)
    digits = f"{fraction:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{'-' if value < 0 else ''}{whole}{'.' if digits else ''}{digits}"
