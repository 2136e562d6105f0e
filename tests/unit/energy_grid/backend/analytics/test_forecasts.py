"""Forecasts know no future, are the same each time, and say which method they used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from energy_grid.backend.analytics.features import BASELINES, features
from energy_grid.backend.analytics.models import (
    LEAST_DAYS,
    MODEL,
    Forecast,
    Model,
    cold,
    forecast,
    train,
)
from energy_grid.backend.analytics.scores import USED, score
from energy_grid.backend.analytics.series import DAY, HISTORY, HORIZON, Array, Hours, Kind, total
from energy_grid.backend.analytics.weather import Place, Weather
from energy_grid.errors import InputError

# Monday, 2 March 2026.
FIRST = 20_514 * DAY
DAYS = 90
KINDS = (Kind.LOAD, Kind.PRODUCTION)


def _hours(kind: Kind, households: int = 3, days: int = DAYS) -> Hours:
    draw = np.random.default_rng(7)
    hour = np.arange(days * DAY)
    if kind is Kind.PRODUCTION:
        clouds = np.repeat(draw.uniform(0.2, 1.0, (households, days)), DAY, axis=1)
        wh = clouds * Place().clear_sky(FIRST, days * DAY) * 5
    else:
        works = hour // DAY % 7 < 5
        shape = 200 + 150 * np.sin(hour % DAY / DAY * 2 * np.pi) ** 2 + 200 * ~works
        wh = shape * draw.gamma(20, 1 / 20, (households, len(hour)))
    return Hours(kind=kind, names=tuple("abcdef"[:households]), first=FIRST, wh=wh)


def _weather(given: dict[int, float] | None = None) -> Weather:
    return Weather(Place(), given or {}, FIRST, DAYS * DAY + HORIZON)


@pytest.fixture(scope="module", params=KINDS)
def trained(request: pytest.FixtureRequest) -> tuple[Hours, Model]:
    hours = _hours(request.param)
    return hours, train(hours.until(hours.end - 14 * DAY), _weather())


@pytest.mark.parametrize("future", [np.nan, 0.0, 1e9])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turn", [0, 5, 18])
def test_features__another_future__are_the_same(kind: Kind, future: float, turn: int) -> None:
    hours = _hours(kind)
    origin = FIRST + HISTORY + 7 * DAY + turn
    changed = hours.wh.copy()
    changed[:, origin - FIRST :] = future
    shifted = np.roll(hours.wh[:, origin - FIRST :], 5, axis=1)
    moved = np.concatenate([hours.wh[:, : origin - FIRST], shifted], axis=1)
    expected = features(hours, origin, _weather())
    for wh in (changed, moved):
        found = features(replace(hours, wh=wh), origin, _weather())
        for name in ("table", "scale", "offset", "rests"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
        for name in BASELINES:
            np.testing.assert_array_equal(found.baselines[name], expected.baselines[name])


def test_features__another_past__differ() -> None:
    hours = _hours(Kind.LOAD)
    origin = FIRST + HISTORY + DAY
    changed = hours.wh.copy()
    changed[:, origin - 1 - FIRST] *= 2
    found = features(replace(hours, wh=changed), origin, _weather())
    assert not np.array_equal(found.table, features(hours, origin, _weather()).table)


def test_baselines__by_hand__their_hours() -> None:
    wh = np.arange(40.0 * DAY)[None]
    hours = Hours(kind=Kind.LOAD, names=("a",), first=FIRST, wh=wh)
    origin = FIRST + 30 * DAY + 5
    found = features(hours, origin, _weather()).baselines
    hour = 30 * DAY + 5 + np.arange(HORIZON)
    known = hour - DAY * (1 + np.arange(HORIZON) // DAY)
    np.testing.assert_array_equal(found["yesterday"][0], known)
    np.testing.assert_array_equal(found["last week"][0], hour - 7 * DAY)
    np.testing.assert_allclose(found["7-day mean"][0], known - 3 * DAY)


def test_train__twice__the_same_version(trained: tuple[Hours, Model]) -> None:
    hours, model = trained
    again = train(hours.until(hours.end - 14 * DAY), _weather())
    assert again == model
    assert Model.loads(model.dumps()) == model
    other = train(replace(hours, wh=hours.wh * 1.5).until(hours.end - 15 * DAY), _weather())
    assert other.version != model.version


def test_forecast__future_changed__is_the_same(trained: tuple[Hours, Model]) -> None:
    hours, model = trained
    origin = hours.end - 10 * DAY
    changed = hours.wh.copy()
    changed[:, origin - FIRST :] = 1e9
    expected = forecast(model, hours, origin, _weather())
    found = forecast(model, replace(hours, wh=changed), origin, _weather())
    np.testing.assert_array_equal(found.wh, expected.wh)
    assert expected.wh.shape == (3, 3, HORIZON)
    assert (np.diff(expected.wh, axis=0) >= 0).all()
    assert (expected.wh >= 0).all()


@pytest.mark.parametrize("shifts", [(-9.0, 9.0), (9.0, -9.0), (9.0, 9.0)])
def test_forecast__of_a_model_that_others_have_spoilt__promises_no_more_than_came(
    trained: tuple[Hours, Model], shifts: tuple[float, float]
) -> None:
    hours, model = trained
    # As of neighbours who feed in by night what they like.
    spoilt = replace(model, shifts=dict.fromkeys(model.shifts, shifts))
    low, median, high = forecast(spoilt, hours, hours.end, _weather()).wh
    last = hours.wh[:, -HISTORY:]
    assert (high <= np.maximum(median, 1.5 * last.max(axis=1, keepdims=True))).all()
    assert (low >= np.minimum(median, last.min(axis=1, keepdims=True) / 1.5)).all()
    assert ((low <= median) & (median <= high)).all()
    np.testing.assert_array_equal(median, forecast(model, hours, hours.end, _weather()).wh[1])


def test_forecast__after_two_absurd_readings__stays_within_what_came(
    trained: tuple[Hours, Model],
) -> None:
    hours, model = trained
    most = hours.wh[:, -HISTORY:].max(axis=1, keepdims=True)
    wh = hours.wh.copy()
    wh[:, [-5, -40]] = 1e9
    low, median, high = forecast(model, replace(hours, wh=wh), hours.end, _weather()).wh
    expected = forecast(model, hours, hours.end, _weather()).wh
    assert (high <= 3 * most).all()
    assert np.abs(low - expected[0]).max() <= most.max() / 2
    assert np.abs(median - expected[1]).max() <= most.max() / 2


def test_train__absurd_readings__moves_no_quantile_far(trained: tuple[Hours, Model]) -> None:
    hours, model = trained
    until = hours.until(hours.end - 14 * DAY)
    wh = until.wh.copy()
    wh[0, [-30, -400, -800]] = 1e9
    found = train(replace(until, wh=wh), _weather()).shifts[MODEL]
    np.testing.assert_allclose(found, model.shifts[MODEL], atol=0.1)


def test_score__regular_households__model_errs_less_and_quantiles_fit(
    trained: tuple[Hours, Model],
) -> None:
    hours, model = trained
    found = score(model, hours, range(hours.end - 14 * DAY, hours.end - HORIZON, 6), _weather())
    low, middle, high = found.calibration
    assert low < middle < high
    assert found.errors[USED] < 1.1 * min(found.errors[name] for name in (MODEL, *BASELINES))
    if hours.kind is Kind.LOAD:
        assert found.gain > 0
        assert low == pytest.approx(10, abs=5)
        assert high == pytest.approx(90, abs=5)


def test_train__a_household_that_repeats_itself__uses_a_baseline() -> None:
    hours = _hours(Kind.LOAD)
    week = hours.wh[0, : 7 * DAY]
    exact = np.concatenate([hours.wh, np.resize(week, (1, hours.wh.shape[1]))])
    found = train(replace(hours, names=(*hours.names, "exact"), wh=exact), _weather())
    assert found.chosen["exact"] == "last week"


def test_train__weather_given__errs_less() -> None:
    hours = _hours(Kind.PRODUCTION, households=1)
    given = dict(enumerate(hours.wh[0] * 0.2, FIRST))
    origins = range(hours.end - 14 * DAY, hours.end - HORIZON, 6)
    errors = []
    for weather in (_weather(), _weather(given)):
        model = train(hours.until(origins[0]), weather)
        errors.append(score(model, hours, origins, weather).errors[MODEL])
    assert errors[1] < errors[0] / 2


def test_train__a_household_that_is_silent_of_late__is_the_models_and_in_no_error() -> None:
    hours = _hours(Kind.LOAD)
    alone = train(hours.only(range(2)), _weather())
    hours.wh[2, 30 * DAY :] = np.nan
    found = train(hours, _weather())
    assert found.chosen["c"] == MODEL
    assert found.error == pytest.approx(alone.error, rel=0.1)


def test_train__panels_that_are_new__says_that_it_is_too_early() -> None:
    hours = _hours(Kind.PRODUCTION)
    hours.wh[:, : -20 * DAY] = 0
    with pytest.raises(InputError, match="production: all that was measured"):
        train(hours, _weather())


def test_train__nothing_was_measured_of_late__has_no_error() -> None:
    hours = _hours(Kind.LOAD)
    hours.wh[:, -22 * DAY :] = np.nan
    assert train(hours, _weather()).error == 0


def test_train__too_short__says_how_much_is_needed() -> None:
    with pytest.raises(InputError, match=f"59 days of history; a model needs {LEAST_DAYS}"):
        train(_hours(Kind.LOAD, days=59), _weather())


def test_cold__a_new_household__has_its_part_of_the_community() -> None:
    hours = _hours(Kind.LOAD)
    hours.wh[1, : -3 * DAY] = np.nan
    community = total(hours, "community", Kind.COMMUNITY)
    sky = _weather()
    models = [train(each, sky) for each in (hours, community)]
    ahead, together = (
        forecast(model, each, hours.end, sky)
        for model, each in zip(models, (hours, community), strict=True)
    )
    equal = together.wh[1, 0] / 3
    # As if it had had an equal part for a day, and then three days of twice as much.
    hours.wh[1, -3 * DAY :] = equal[:DAY].mean() * 2
    found: Forecast = cold(ahead, hours, equal, np.full(hours.wh.shape[1], equal[:DAY].mean()))
    assert found.methods[1] == "community"
    assert "community" not in (found.methods[0], found.methods[2])
    day = equal.sum() / 2
    times = (day + 6 * equal[:DAY].sum()) / (day + 3 * equal[:DAY].sum())
    np.testing.assert_allclose(found.wh[1, 1], equal * times)
    np.testing.assert_allclose(found.wh[2, 1], equal * times * 2)
    np.testing.assert_array_equal(found.wh[:, [0, 2]], ahead.wh[:, [0, 2]])


def test_total__half_measured__is_scaled_up() -> None:
    wh: Array = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]])
    hours = Hours(kind=Kind.LOAD, names=("a", "b"), first=0, wh=wh)
    found = total(hours, "both", Kind.COMMUNITY).wh[0]
    np.testing.assert_array_equal(found, [4.0, 4.0, np.nan])
