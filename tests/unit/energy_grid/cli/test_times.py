"""Times as the command line prints them."""

from __future__ import annotations

import pytest

from energy_grid.cli.times import format_minute, format_time, iso_time, zone_name
from energy_grid.domain.units import parse_time
from energy_grid.errors import InputError

NEW_YEAR, JULY = 1_704_067_200, 1_719_835_200
BEYOND = 253_402_300_800


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENERGY_GRID_TZ", raising=False)


def test_time__without_a_zone__is_in_utc() -> None:
    assert format_time(NEW_YEAR) == "2024-01-01 00:00:00 UTC"
    assert format_minute(NEW_YEAR) == "2024-01-01 00:00"
    assert zone_name() == "UTC"


def test_time__in_a_zone__has_the_offset_of_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENERGY_GRID_TZ", "Europe/Berlin")
    assert format_time(NEW_YEAR) == "2024-01-01 01:00:00+01:00"
    assert format_time(JULY) == "2024-07-01 14:00:00+02:00"
    assert format_minute(JULY) == "2024-07-01 14:00"
    assert zone_name() == "Europe/Berlin"
    assert format_time(BEYOND) == str(BEYOND)


@pytest.mark.parametrize("zone", ["", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("time", [0, NEW_YEAR, JULY, BEYOND - 86_400])
def test_time__as_it_is_printed__is_accepted(
    monkeypatch: pytest.MonkeyPatch, zone: str, time: int
) -> None:
    monkeypatch.setenv("ENERGY_GRID_TZ", zone)
    assert parse_time(format_time(time if time else 86_400)) == (time or 86_400)
    printed = iso_time(time)
    assert printed is not None
    assert parse_time(printed) == time


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Berlin"])
def test_time__of_an_unknown_zone__is_refused(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("ENERGY_GRID_TZ", zone)
    with pytest.raises(InputError, match="is no time zone: write one such as Europe/Berlin"):
        format_time(NEW_YEAR)


def test_iso_time__beyond_the_calendar__is_none() -> None:
    assert iso_time(NEW_YEAR) == "2024-01-01T00:00:00Z"
    assert iso_time(BEYOND) is None
    assert iso_time(2**64) is None
