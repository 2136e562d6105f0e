"""Power, frequency, times and durations between people's words and the market's integers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.units import (
    format_carbon,
    format_day,
    format_decimal,
    format_duration,
    format_hertz,
    format_time,
    parse_carbon,
    parse_day,
    parse_decimal,
    parse_duration,
    parse_hertz,
    parse_kw,
    parse_percent,
    parse_time,
    parse_watts,
)
from energy_grid.errors import InputError


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_kw, "5", 5),
        (parse_kw, "5kW", 5),
        (parse_kw, "5 kW", 5),
        (parse_kw, "5.0kW", 5),
        (parse_kw, "2.5MW", 2500),
        (parse_kw, "0.001MW", 1),
        (parse_watts, "500", 500),
        (parse_watts, "500W", 500),
        (parse_watts, "0.5kW", 500),
        (parse_hertz, "49.98", 4998),
        (parse_hertz, "50Hz", 5000),
        (parse_hertz, "0.01 Hz", 1),
        (parse_percent, "97", 97),
        (parse_percent, "97%", 97),
        (parse_carbon, "1.5", 1500),
        (parse_carbon, "1.5kg", 1500),
        (parse_carbon, "500 g", 500),
        (parse_carbon, "0.000001t", 1),
        (parse_day, "1970-01-01", 0),
        (parse_day, "2024-01-01", 19_723),
        (parse_day, "9999-12-31", 2_932_896),
        (parse_duration, "90s", 90),
        (parse_duration, "15min", 900),
        (parse_duration, "2 h", 7200),
        (parse_duration, "30d", 2_592_000),
        (parse_time, "1970-01-01 00:00", 0),
        (parse_time, "2024-01-01T18:00", 1_704_132_000),
        (parse_time, "2024-01-01 18:00:01", 1_704_132_001),
        (parse_time, "2024-01-01 18:00:01 UTC", 1_704_132_001),
        (parse_time, "2024-01-01T18:00Z", 1_704_132_000),
        (parse_time, "2024-01-01T19:00+01:00", 1_704_132_000),
        (parse_time, "2024-01-01 13:00:00-05:00", 1_704_132_000),
    ],
)
def test_parse__with_its_unit_or_without__is_exact(
    parse: Callable[[str], int], text: str, value: int
) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        (parse_kw, "5kg", "'5kg' is not a power in kW: write one such as 5kW"),
        (parse_kw, "500W", "is not a power in kW"),
        (parse_kw, "5KW", "is not a power in kW"),
        (parse_kw, "-5", "is not a power in kW"),
        (parse_kw, "", "is not a power in kW"),
        (parse_kw, "kW", "is not a power in kW"),
        (parse_kw, "5.", "is not a power in kW"),
        (parse_kw, "5  kW", "is not a power in kW"),
        (parse_kw, "5kW\n", "is not a power in kW"),
        (parse_kw, "\u0665", "is not a power in kW"),
        (parse_kw, "0.5kW", "too fine for a power in kW: at most 0 decimals"),
        (parse_kw, "0.0001MW", "too fine"),
        (parse_kw, "9" * 100_000, "is not a power in kW|too fine"),
        (parse_watts, "5MW", "'5MW' is not a power in W: write one such as 500W"),
        (parse_watts, "0.5", "too fine"),
        (parse_watts, "0.0001kW", "too fine"),
        (parse_hertz, "49.987", "too fine for a frequency in Hz: at most 2 decimals"),
        (parse_hertz, "50V", "is not a frequency in Hz: write one such as 49.98"),
        (parse_percent, "97.5", "too fine for a percentage"),
        (parse_percent, "0.97x", "is not a percentage: write one such as 97"),
        (parse_carbon, "0.0005", "too fine for a mass of CO2e in kg: at most 3 decimals"),
        (parse_carbon, "0.5g", "too fine"),
        (parse_carbon, "1lb", "'1lb' is not a mass of CO2e in kg: write one such as 1.5kg"),
        (parse_day, "2024-1-1", "'2024-1-1' is not a day: write one such as 2024-01-01"),
        (parse_day, "2023-02-29", "is not a day"),
        (parse_day, "2024-01-01T00:00", "is not a day"),
        (parse_day, "1969-12-31", "1969-12-31 is before 1970"),
        (parse_day, "9" * 100_000, "is not a day"),
        (parse_duration, "2", "'2' is not a duration: write 90s, 15min, 2h or 30d"),
        (parse_duration, "h", "is not a duration"),
        (parse_duration, "1.5h", "too fine for a duration"),
        (parse_duration, "2weeks", "is not a duration"),
        (parse_time, "2024-01-01", "is not a time: write one in UTC such as 2024-01-01T18:00"),
        (parse_time, "2024-02-30 00:00", "is not a time"),
        (parse_time, "2024-01-01 18:00+0100", "is not a time"),
        (parse_time, "2024-01-01 18:00+25:00", "is not a time"),
        (parse_time, "2024-01-01 18:00+01:00 UTC", "is not a time"),
        (parse_time, "1969-12-31T23:59", "1969-12-31T23:59 is before 1970"),
        (parse_time, "1970-01-01T00:00+01:00", "is before 1970"),
    ],
)
def test_parse__anything_else__is_refused_in_one_line(
    parse: Callable[[str], int], text: str, says: str
) -> None:
    with pytest.raises(InputError, match=says) as refusal:
        parse(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 150


def test_parse_percent__of_finer_units__has_decimals() -> None:
    assert parse_percent("35.5%", 2) == 3550


def test_parse_decimal__can_be_negative() -> None:
    assert parse_decimal("-3.5", 2, "a temperature") == -350
    assert parse_decimal("0.25", 6, "a price") == 250_000
    for wrong in ("--1", "-", "+1", "1e3", "- 1"):
        with pytest.raises(InputError, match="is not a temperature"):
            parse_decimal(wrong, 2, "a temperature")


@given(st.integers(-(2**255), 2**255), st.integers(0, 18))
def test_parse_decimal__of_format_decimal__is_the_same(value: int, decimals: int) -> None:
    assert parse_decimal(format_decimal(value, decimals), decimals, "a number") == value


@given(st.integers(0, 2**32))
def test_parse_duration__of_format_duration__is_the_same(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "90 s"),
        (5400, "90 min"),
        (7200, "2 h"),
        (86_400, "1 d"),
    ],
)
def test_format_duration__has_the_largest_unit_that_divides_it(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_format_hertz__always_shows_two_places() -> None:
    assert [format_hertz(value) for value in (4998, 5000, 5)] == ["49.98 Hz", "50.00 Hz", "0.05 Hz"]


@given(st.integers(0, 253_402_300_799))
def test_parse_time__of_format_time__is_the_same(timestamp: int) -> None:
    assert parse_time(format_time(timestamp).removesuffix(" UTC")) == timestamp


def test_format_time__beyond_the_calendar__stays_a_number() -> None:
    assert format_time(253_402_300_799) == "9999-12-31 23:59:59 UTC"
    assert format_time(253_402_300_800) == "253402300800"
    assert format_time(2**256 - 1) == str(2**256 - 1)


@given(st.integers(0, 10**30))
def test_carbon__there_and_back__is_the_same(grams: int) -> None:
    text = format_carbon(grams)
    assert text.endswith(" kg CO2e")
    assert parse_carbon(text.removesuffix(" CO2e")) == grams


@given(st.integers(0, 2_932_896))
def test_day__there_and_back__is_the_same(day: int) -> None:
    assert parse_day(format_day(day)) == day
    assert format_time(day * 86_400).startswith(format_day(day))


def test_format_day__what_no_calendar_holds__stays_a_number() -> None:
    assert format_day(2_932_896) == "9999-12-31"
    assert format_day(2_932_897) == "2932897"
    assert format_day(2**256 - 1) == str(2**256 - 1)
