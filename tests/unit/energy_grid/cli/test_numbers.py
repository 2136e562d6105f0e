"""Integers as people read them."""

from __future__ import annotations

import pytest

from energy_grid.cli.numbers import clock, counted, fixed, kw, kwh
from energy_grid.demo.day_report import Currency
from energy_grid.demo.names import coins, owns, short_name
from energy_grid.demo.profiles import Household
from energy_grid.domain.battery import Battery


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0, 2, "0.00"),
        (4, 2, "0.00"),
        (-4, 2, "0.00"),
        (5, 2, "0.01"),
        (-5, 2, "-0.01"),
        (1_234_567, 2, "1,234.57"),
        (999_995, 2, "1,000.00"),
        (65_499, 0, "65"),
    ],
)
def test_fixed__any_value__is_rounded_half_away_from_zero(
    value: int, places: int, text: str
) -> None:
    assert fixed(value, 3, places) == text


def test_kwh_kw_and_coins__have_two_places() -> None:
    assert kwh(72_174) == "72.17"
    assert kw(11_445) == "11.45"
    assert coins(-1_995_000, Currency(symbol="tUSD", decimals=6)) == "-2.00"


def test_counted__one_and_any_other_number__singular_and_plural() -> None:
    assert [counted(number, "household") for number in (0, 1, 2, 1000)] == [
        "0 households",
        "1 household",
        "2 households",
        "1,000 households",
    ]


def test_clock__time_of_day__is_utc_and_wraps() -> None:
    assert [clock(at) for at in (1_467_763_200, 1_467_763_200 + 35_100, 86_400)] == [
        "00:00",
        "09:45",
        "00:00",
    ]


def test_owns__panels_and_battery__are_named() -> None:
    plain = Household(number=1, name="LV2.101 Load 12", bus="B", connected_w=1000)
    assert (owns(plain), short_name(plain)) == ("", "Load 12")
    battery = Battery(power_w=3000, capacity_wh=13_700, efficiency_percent=95)
    solar = Household(number=2, name="Solo", bus="B", connected_w=1, pv_peak_w=9_850)
    assert (owns(solar), short_name(solar)) == ("9.9", "Solo")
    both = Household(
        number=2, name="Solo", bus="B", connected_w=1, pv_peak_w=9_800, battery=battery
    )
    assert owns(both) == "9.8 + 14"
