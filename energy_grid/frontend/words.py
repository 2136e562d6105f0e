"""The languages of the pages: what is said, and how numbers, money, energy and times are written.

English is what the sources say. Another language is one file, ``locales/<code>.po``: nothing else
names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
)
from babel.support import NullTranslations, Translations

from energy_grid.domain.units import WH_PER_KWH

__all__ = ["LANGUAGES", "Language", "language_of"]

_LOCALES = files("energy_grid.frontend") / "locales"
_SOURCE = "en"


@dataclass(frozen=True)
class Language:
    """A language.

    Attributes:
        code: as browsers ask for it.
        translations: of what the sources say.
    """

    code: str
    translations: NullTranslations

    @cached_property
    def locale(self) -> Locale:
        """Its rules for numbers and times."""
        return Locale.parse(self.code)

    @property
    def name(self) -> str:
        """What it calls itself."""
        return (self.locale.get_display_name(self.locale) or self.code).capitalize()

    def say(self, text: str, **values: object) -> str:
        """A text of the sources in this language, with values in it."""
        return str(self.translations.ugettext(text)) % values

    def number(self, value: Decimal | int, digits: int = 0) -> str:
        """A number with so many digits behind the point, its others in groups of three."""
        # Pages of a year have thousands: formatting by patterns takes ten times as long.
        return f"{Decimal(value):,.{digits}f}".translate(self._signs)

    @cached_property
    def _signs(self) -> Mapping[int, str]:
        found = {
            ",": get_group_symbol(self.locale),
            ".": get_decimal_symbol(self.locale),
            "-": get_minus_sign_symbol(self.locale),
        }
        return str.maketrans(found)

    def money(self, units: int | Decimal, decimals: int, digits: int = 2) -> str:
        """Base units of a coin as people write them, without its name."""
        return self.number(Decimal(units).scaleb(-decimals), digits)

    def kwh(self, wh: int, digits: int = 2) -> str:
        """Energy in kWh, without the unit."""
        return self.number(Decimal(wh) / WH_PER_KWH, digits)

    def share(self, part: Decimal | float) -> str:
        """A part of the whole, in percent."""
        return format_percent(part, format="#,##0 %", locale=self.locale)

    def day(self, value: date) -> str:
        """A day."""
        return _day(value, self.code)

    def time(self, value: datetime) -> str:
        """A moment to the minute, with its zone: pages write it in the reader's own."""
        day, clock = (format_skeleton(each, value, locale=self.locale) for each in ("MMMd", "Hm"))
        return f"{day}, {clock} UTC"


@lru_cache(1000)
def _day(value: date, code: str) -> str:
    return format_date(value, "medium", locale=code)


def language_of(wanted: str | None, accepted: str) -> Language:
    """The language of a reader: what they have chosen, else the first that their browser names.

    Args:
        accepted: a header ``Accept-Language``.
    """
    if wanted is not None and wanted in LANGUAGES:
        return LANGUAGES[wanted]
    weighed = []
    for place, part in enumerate(accepted.split(",")[:20]):
        code, _, quality = part.strip().partition(";q=")
        code = code.partition("-")[0].lower()
        if code in LANGUAGES:
            weighed.append((-_weight(quality), place, code))
    return LANGUAGES[min(weighed)[2] if weighed else _SOURCE]


def _weight(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0


@cache
def _languages() -> Mapping[str, Language]:
    found = {_SOURCE: Language(_SOURCE, NullTranslations())}
    for file in sorted(_LOCALES.iterdir(), key=lambda each: each.name):
        code = file.name.removesuffix(".po")
        if code == file.name:
            continue
        compiled = BytesIO()
        with file.open("rb") as opened:
            write_mo(compiled, read_po(opened, locale=code))
        compiled.seek(0)
        found[code] = Language(code, Translations(compiled))
    return found


LANGUAGES = _languages()
"""By their codes, English first."""
