"""Statements on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from energy_grid.api.models import AccountDay, LineKind, Statement, StatementLine
from energy_grid.domain.quantities import Coin
from energy_grid.frontend.papers import statement_pdf
from energy_grid.frontend.site import words_of
from energy_grid.frontend.words import LANGUAGES
from tests.support.papers import text_of

_FLOWS = (
    *("net_wh", "traded_wh", "shared_taken_wh", "shared_given_wh"),
    *("credits_drawn_wh", "credits_kept_wh", "from_grid_wh", "fed_in_wh"),
)
# What a region is called, and who sends it.
_NAMES = ("Αθήνα", "Київ, Софія", "Łódź, Gdańsk", "Köln, Århus", "Երևան", "თბილისი")


def paper_of(name: str, language: str = "en") -> bytes:
    """A region's statement with a tax of this name."""
    nothing = dict.fromkeys(_FLOWS, 0)
    tax = StatementLine(
        kind="tax",
        name=name,
        of_month=None,
        price_per_kwh=None,
        energy_wh=1_000,
        money_thousandths=-1_000_000,
    )
    found = Statement(
        subject=f"region:{name}",
        month="2024-01",
        number="2024-01-1",
        issued_at=datetime(2024, 2, 8, tzinfo=UTC),
        accounts=5,
        days=[],
        sum=AccountDay(day="2024-01-31", money_thousandths=0, **nothing),
        open_days=0,
        unknown_wh=0,
        lines=[],
        money_thousandths=0,
        wallet=[],
        wallet_thousandths=0,
        taxes=[tax],
        taxes_thousandths=-1_000_000,
    )
    days = date(2024, 1, 1), date(2024, 1, 31)
    known = LANGUAGES[language]
    parts = [("taxes", found.taxes, 0, -1_000_000)]
    words = words_of(known, "statement_words.html")
    return statement_pdf(found, parts, [], days, words, known, Coin(decimals=6, symbol="tUSD"))


@pytest.mark.parametrize("name", _NAMES)
def test_paper__with_letters_of_any_alphabet__has_them_in_its_text(name: str) -> None:
    said = text_of(paper_of(name))
    assert said.count(name) == 2
    assert "?" not in said


def test_paper__with_a_font__has_the_letters_alone_that_it_uses() -> None:
    assert len(paper_of("Αθήνα")) < 60_000


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_lines__of_every_kind__have_a_name(language: str) -> None:
    words = words_of(LANGUAGES[language], "statement_words.html")
    tax = StatementLine.model_construct(kind="tax", name="VAT")
    lines = [StatementLine.model_construct(kind=kind, name=None) for kind in get_args(LineKind)]
    named = [str(words.label(each)) for each in (tax, *lines) if each.name or each.kind != "tax"]
    assert "" not in named
    assert len(set(named)) == len(get_args(LineKind))
