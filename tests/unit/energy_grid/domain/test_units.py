"""Between people's words and the market's integers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.units import (
    format_money,
    format_price,
    format_wh,
    natural,
    parse_kwh,
    parse_money,
    parse_price,
)
from energy_grid.errors import DomainError, InputError


@pytest.mark.parametrize(
    ("text", "wh"),
    [("0", 0), ("1.5", 1500), ("0.001", 1), ("1.5000", 1500), ("007", 7000), ("12345", 12345000)],
)
def test_parse_kwh__plain_decimals__are_exact(text: str, wh: int) -> None:
    assert parse_kwh(text) == wh


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "nan",
        "inf",
        "1e3",
        "1,5",
        ".5",
        "1.",
        " 1",
        "1\n",
        "1_0",
        "0x1",
        "\u0661",
        "kWh",
    ],
)
def test_parse_kwh__anything_else__is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_kwh(text)
    assert "\n" not in str(refusal.value)
    assert "an energy in kWh" in str(refusal.value)


def test_parse_kwh__finer_than_a_wh__is_refused() -> None:
    with pytest.raises(InputError, match=r"'1\.0005' is too fine .* at most 3 decimals"):
        parse_kwh("1.0005")


def test_parse_kwh__giant__is_refused_without_repeating_it() -> None:
    with pytest.raises(InputError) as refusal:
        parse_kwh("9" * 100_000)
    assert len(str(refusal.value)) < 120


def test_parse_money__uses_the_decimals_of_the_token() -> None:
    assert parse_money("1.25", 6) == 1_250_000
    assert parse_money("7", 0) == 7
    with pytest.raises(InputError, match="too fine"):
        parse_money("1.25", 1)


def test_parse_price__is_base_units_per_kwh() -> None:
    assert parse_price("0.25", 6) == 250_000
    with pytest.raises(InputError, match="a price per kWh"):
        parse_price("free", 6)


@pytest.mark.parametrize(
    ("wh", "text"),
    [(0, "0 kWh"), (1500, "1.5 kWh"), (1000, "1 kWh"), (1, "0.001 kWh"), (-1250, "-1.25 kWh")],
)
def test_format_wh__shows_every_wh(wh: int, text: str) -> None:
    assert format_wh(wh) == text


def test_format_money__with_and_without_a_symbol() -> None:
    assert format_money(1_250_000, 6) == "1.25"
    assert format_money(-1, 6, "tUSD") == "-0.000001 tUSD"
    assert format_money(100, 0, "yen") == "100 yen"
    assert format_price(250_000, 6, "tUSD") == "0.25 tUSD/kWh"


@given(st.integers(0, 2**256), st.integers(0, 18))
def test_parse_money__of_format_money__is_the_same(amount: int, decimals: int) -> None:
    assert parse_money(format_money(amount, decimals), decimals) == amount


@given(st.integers(0, 2**64))
def test_parse_kwh__of_format_wh__is_the_same(wh: int) -> None:
    assert parse_kwh(format_wh(wh).removesuffix(" kWh")) == wh


@pytest.mark.parametrize("value", [1.5, "1", None])
def test_natural__not_an_integer__is_refused(value: object) -> None:
    with pytest.raises(DomainError, match="amount must be an integer"):
        natural("amount", value)  # type: ignore[arg-type]


def test_natural__negative__is_refused_with_the_value() -> None:
    with pytest.raises(DomainError, match="amount must not be negative: -1"):
        natural("amount", -1)
