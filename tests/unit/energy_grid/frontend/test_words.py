"""What pages say, in every language, and how they write figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.quantities import Coin
from energy_grid.frontend.figures import figures
from energy_grid.frontend.words import LANGUAGES, language_of
from scripts._pages import LOCALES, updated

ENGLISH, GERMAN = LANGUAGES["en"], LANGUAGES["de"]
COIN = Coin(decimals=6, symbol="tUSD")
_PLACES = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize("file", sorted(LOCALES.glob("*.po")), ids=lambda file: file.stem)
def test_catalogue__has_every_text_and_no_other(file: Path) -> None:
    """``make pages`` brings it up; a person translates."""
    before = file.read_bytes()
    catalogue = updated(file)
    known = {message.id for message in catalogue if message.id}
    for message in catalogue:
        assert message.string, f"not translated: {message.id}"
        if message.id:
            assert {*_PLACES.findall(message.id)} == {*_PLACES.findall(message.string)}
    assert before.count(b"\nmsgid ") + before.startswith(b"msgid ") == len(known)


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr,en;q=0.3,de;q=0.7", "de"),
        (None, "*;q=x,,;q=", "en"),
        ("de", "en", "de"),
        ("xx", "en", "en"),
    ],
)
def test_language__is_the_chosen_one_or_the_browsers(
    chosen: str | None, accepted: str, code: str
) -> None:
    assert language_of(chosen, accepted).code == code


def test_languages__call_themselves_what_their_people_do() -> None:
    assert [each.name for each in LANGUAGES.values()] == ["English", "Deutsch"]


def test_figures__are_exact_for_programs_and_rounded_for_people() -> None:
    english, german = figures(ENGLISH, COIN, ""), figures(GERMAN, COIN, "")
    assert english["money"](-1_234_565_001) == ('<data value="-1234565001">-1,234.57 tUSD</data>')
    assert german["money"](1_234_565_001, signed=True) == (
        '<data value="1234565001">+1.234,57 tUSD</data>'
    )
    assert english["thousandths"](-414_360_000) == '<data value="-414360000">-0.41 tUSD</data>'
    assert english["price"](250_000) == '<data value="250000">0.2500 tUSD/kWh</data>'
    assert german["energy"](1_500) == '<data value="1500">1,50 kWh</data>'
    assert english["share"](1, 3) == '<data value="1/3">33 %</data>'
    assert english["share"](0, 0) == english["price"](None) == "&ndash;"
    moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
    assert german["time"](moment) == (
        '<time datetime="2024-07-01T12:00:00Z">1. Juli, 12:00 UTC</time>'
    )
    assert german["day_of"]("2024-07-01") == '<time datetime="2024-07-01">01.07.2024</time>'


def test_figures__of_what_people_entered__stay_text() -> None:
    shown = figures(ENGLISH, Coin(decimals=0, symbol="<b>"), "")["money"](1)
    assert shown == '<data value="1">1.00 &lt;b&gt;</data>'
    assert figures(ENGLISH, COIN, "")["address"]('"><script>') == (
        '<data class="address" value="&#34;&gt;&lt;script&gt;"'
        ' title="&#34;&gt;&lt;script&gt;">&#34;&gt;&lt;scr…ipt&gt;</data>'
    )


def test_numbers__of_any_size__lose_nothing() -> None:
    assert ENGLISH.money(10**24 + 5 * 10**3, 6) == "1,000,000,000,000,000,000.00"
    assert ENGLISH.number(Decimal("0.125"), 2) == "0.12"


def test_address__where_an_explorer_is_known__links_to_it() -> None:
    found = figures(ENGLISH, COIN, "https://explorer.example/")
    account, transaction = "0x" + "1" * 40, "0x" + "2" * 64
    shown = found["address"](account)
    assert shown.startswith(
        f'<a href="https://explorer.example/address/{account}" rel="noreferrer">'
    )
    assert f'value="{account}"' in shown
    assert f"/tx/{transaction}" in found["transaction"](transaction)
    assert '"><script>' not in found["transaction"]('"><script>')


@given(
    st.integers(-(10**20), 10**20) | st.decimals(-(10**9), 10**9, places=8),
    st.sampled_from((0, 2, 4)),
)
def test_number__is_written_as_the_languages_rules_say(value: int | Decimal, digits: int) -> None:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    for each in LANGUAGES.values():
        expected = format_decimal(value, format=pattern, locale=each.locale)
        assert each.number(value, digits) == expected
