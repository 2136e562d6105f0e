"""The page about forecasts is what was measured, and says what was not reached."""

from __future__ import annotations

import pytest

from tests.bench.forecast import _PAGE, page, saved, saved_speed


def test_forecast_page__committed_figures__is_up_to_date(pytestconfig: pytest.Config) -> None:
    expected = page(saved(), saved_speed())
    if pytestconfig.getoption("--update-snapshots"):
        _PAGE.write_text(expected)
    assert _PAGE.read_text() == expected


def test_forecast_page__aims_missed_and_met__are_told() -> None:
    found = saved()
    for one in found.values():
        one["gain"], one["calibration"] = 15.0, [12.0, 50.0, 88.0]
    told = page(found, saved_speed())
    assert "not met" not in told
    assert "5 points off" not in told
    found["households"] |= {"gain": 14.9, "calibration": [16.0, 50.0, 90.0]}
    told = page(found, saved_speed())
    assert "not met: households (14.9 %)" in told
    assert "5 points off: households (6.0)" in told


def test_measured__what_is_used__errs_little_more_than_the_best() -> None:
    for one in saved().values():
        errors = dict(one["errors"])
        used = errors.pop("used")
        assert used <= 1.1 * min(errors.values())
