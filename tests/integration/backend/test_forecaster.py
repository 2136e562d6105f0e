"""The forecaster: each night its models, each origin its forecasts, each day its errors, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from energy_grid.api.values import time_of
from energy_grid.backend.analytics.forecaster import EVERY, Forecaster
from energy_grid.backend.analytics.models import COMMUNITY, EARLY
from energy_grid.backend.analytics.weather import Place
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import (
    FORECAST_ERRORS,
    FORECAST_MODELS,
    FORECAST_SUMS,
    FORECASTS,
    forget_forecasts,
)
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.errors import InputError
from energy_grid.serve.roles import Context, makers_of
from energy_grid.serve.settings import Settings
from tests.support.feeders import STREET
from tests.support.foreseeing import DAY, FIRST, HOUR, HOUSES, flows, leave, measure, populate, tick

# The history that a model needs, and a day more.
LONG = 61
WHAT = ("load", "production")


def rows_of(database: Database, table: Table, *which: Any) -> Sequence[Any]:
    with database.reading() as connection:
        return connection.execute(select(table).where(*which)).all()


def forecaster(database: Database) -> Forecaster:
    return Forecaster(database, Place(), lambda _: None)


@pytest.fixture
def houses(database: Database) -> Database:
    """Six houses, of which all are in a community, and have read ten days."""
    populate(database)
    measure(database, {each: flows(at, 10) for at, each in enumerate(HOUSES)})
    return database


def subjects(database: Database) -> set[tuple[str, str]]:
    return {(row.subject, row.what) for row in rows_of(database, FORECASTS)}


def test_forecaster__at_an_origin__forecasts_accounts_communities_and_regions(
    houses: Database,
) -> None:
    tick(houses, FIRST + 9 * DAY + 5)
    service = forecaster(houses)
    service.step()
    groups = {(each, what) for each in ("community:1", "region:home") for what in WHAT}
    loads = {(each, "load") for each in HOUSES}
    # Odd houses have no panels: what never comes is not forecast.
    panels = {(each, "production") for each in HOUSES[::2]}
    assert subjects(houses) == groups | loads | panels
    found = rows_of(houses, FORECASTS, FORECASTS.c.subject == HOUSES[1])
    origin = (FIRST + 9 * DAY) * HOUR
    assert [row.start for row in found] == [origin + HOUR * step for step in range(48)]
    assert {(row.origin, row.method, row.version) for row in found} == {(origin, EARLY, None)}
    assert all(0 < row.low_wh <= row.median_wh <= row.high_wh for row in found)
    assert service.describe() == "13 forecasts from 2024-01-10 00:00:00 UTC, 0 models"
    assert service.metrics()["origin_seconds"] == origin


def test_forecaster__asked_again__makes_an_origin_once(houses: Database) -> None:
    tick(houses, FIRST + 9 * DAY)
    forecaster(houses).step()
    count = len(rows_of(houses, FORECASTS))
    again = forecaster(houses)
    again.step()
    assert again.metrics()["made_total"] == 0
    tick(houses, FIRST + 9 * DAY + EVERY)
    again.step()
    assert len(rows_of(houses, FORECASTS)) == 2 * count


def test_forecaster__of_an_origin_that_meters_have_not_read__waits_an_hour(
    houses: Database,
) -> None:
    service, end = forecaster(houses), FIRST + 10 * DAY + EVERY
    tick(houses, end)
    service.step()
    assert not rows_of(houses, FORECASTS)
    tick(houses, end + 1)
    service.step()
    assert {row.origin for row in rows_of(houses, FORECASTS)} == {end * HOUR}


def test_forecaster__with_another_future__forecasts_the_same(houses: Database) -> None:
    origin = FIRST + 9 * DAY
    tick(houses, origin)
    forecaster(houses).step()
    expected = rows_of(houses, FORECASTS)
    with houses.writing() as connection:
        for table in (FORECASTS, FORECAST_SUMS):
            connection.execute(table.delete())
    # All that meters read from then on was something else.
    future = {each: [(9_000, 50)] * DAY for each in HOUSES}
    before = {each: flows(at, 10)[: 9 * DAY] for at, each in enumerate(HOUSES)}
    measure(houses, {each: [*before[each], *future[each]] for each in HOUSES})
    forecaster(houses).step()
    assert rows_of(houses, FORECASTS) == expected


def test_forecaster__of_a_new_household__gives_its_part_of_the_community(
    database: Database,
) -> None:
    populate(database)
    *others, newest = HOUSES
    measure(database, {each: flows(at, 10) for at, each in enumerate(others)})
    measure(database, {newest: flows(5, 1)}, FIRST + 9 * DAY)
    tick(database, FIRST + 9 * DAY + 12)
    forecaster(database).step()
    of = {
        each: rows_of(database, FORECASTS, FORECASTS.c.subject == each, FORECASTS.c.what == "load")
        for each in (newest, "community:1")
    }
    assert {row.method for row in of[newest]} == {COMMUNITY}
    # An equal part at first, and then as it was beside the others in the hours that it has read.
    began = (FIRST + 9 * DAY) * HOUR
    sums = rows_of(database, FORECAST_SUMS, FORECAST_SUMS.c.start >= began)
    was = sum(load for load, _ in flows(5, 1)[:12])
    should = sum(row.load_wh for row in sums if row.subject == "community:1") / 6
    day = sum(row.median_wh for row in of["community:1"]) / 6 / 2
    times = (was + day) / (should + day)
    assert times > 1.1
    for own, together in zip(*of.values(), strict=True):
        assert own.median_wh == pytest.approx(times * together.median_wh / 6, abs=1)
        assert (own.low_wh, own.high_wh) == (0, pytest.approx(2 * own.median_wh, abs=1))


def test_forecaster__of_a_newcomer_among_few__tells_nothing_of_a_neighbour(
    database: Database,
) -> None:
    neighbour, newest = HOUSES[:2]
    populate(database, (neighbour, newest))
    measure(database, {neighbour: flows(0, 10)})
    measure(database, {newest: flows(1, 1)}, FIRST + 9 * DAY)
    tick(database, FIRST + 9 * DAY + 12)
    forecaster(database).step()
    # Twice its own would be all that the neighbour is expected to do.
    assert not rows_of(database, FORECASTS, FORECASTS.c.subject == newest)


def test_errors__of_a_group_that_most_have_left_since__are_not_public(houses: Database) -> None:
    service, day = forecaster(houses), (FIRST + 9 * DAY) // DAY
    tick(houses, FIRST + 9 * DAY)
    service.step()
    given = rows_of(houses, FORECASTS, FORECASTS.c.subject == "community:1")
    assert all(row.is_public for row in given)
    leave(houses, HOUSES[1:], day)
    tick(houses, FIRST + 10 * DAY + EVERY + 1)
    service.step()
    # What came on that day is what one house did.
    of_community = FORECAST_ERRORS.c.subject == "community:1"
    found = rows_of(houses, FORECAST_ERRORS, of_community, FORECAST_ERRORS.c.what == "load")
    assert [row.came_wh for row in found] == [sum(taken for taken, _ in flows(0, 10)[9 * DAY :])]
    assert not any(row.is_public for row in found)


@pytest.fixture
def trained(database: Database) -> Database:
    """Six houses that have read enough for models."""
    populate(database)
    measure(database, {each: flows(at, LONG + 3) for at, each in enumerate(HOUSES)})
    tick(database, FIRST + LONG * DAY + 1)
    forecaster(database).step()
    return database


def test_models__of_a_night__are_trained_once_and_used(trained: Database) -> None:
    models = rows_of(trained, FORECAST_MODELS)
    assert {each.kind for each in models} == {"load", "production", "community"}
    night = (FIRST + LONG * DAY) * HOUR
    assert {each.night for each in models} == {night}
    versions = {each.kind: each.version for each in models}
    (own,) = {
        (row.version, row.is_public)
        for row in rows_of(trained, FORECASTS, FORECASTS.c.subject == HOUSES[1])
    }
    assert own == (versions["load"], False)
    (together,) = {
        (row.version, row.is_public)
        for row in rows_of(
            trained,
            FORECASTS,
            FORECASTS.c.subject == "region:home",
            FORECASTS.c.what == "load",
        )
    }
    assert together == (versions["community"], True)
    tick(trained, FIRST + LONG * DAY + 6)
    again = forecaster(trained)
    again.step()
    assert (again.metrics()["trained_total"], again.metrics()["made_total"]) == (0, 13)
    # The next night there are others, after a day of which nothing was made.
    tick(trained, FIRST + (LONG + 2) * DAY + 7)
    again.step()
    assert again.metrics()["trained_total"] == 3
    nights = {each.night for each in rows_of(trained, FORECAST_MODELS)}
    assert nights == {night, night + 2 * 86_400}


def test_errors__of_a_day__are_those_of_its_first_forecast(trained: Database) -> None:
    tick(trained, FIRST + (LONG + 1) * DAY + EVERY)
    service = forecaster(trained)
    service.step()
    of_house = FORECAST_ERRORS.c.subject == HOUSES[1]
    (found,) = rows_of(trained, FORECAST_ERRORS, of_house)
    came = [taken for taken, _ in flows(1, LONG + 3)]
    today, yesterday = (came[day * DAY :][:DAY] for day in (LONG, LONG - 1))
    origin = (FIRST + LONG * DAY) * HOUR
    given = rows_of(
        trained, FORECASTS, FORECASTS.c.subject == HOUSES[1], FORECASTS.c.origin == origin
    )[:DAY]
    assert (found.what, found.day, found.hours) == ("load", origin // 86_400, DAY)
    assert found.came_wh == sum(today)
    assert found.missed_wh == sum(
        abs(wh - row.median_wh) for wh, row in zip(today, given, strict=True)
    )
    assert found.yesterday_wh == sum(abs(a - b) for a, b in zip(today, yesterday, strict=True))
    assert (found.method, found.version) == (given[0].method, given[0].version)
    tick(trained, FIRST + (LONG + 1) * DAY + 2 * EVERY)
    service.step()
    assert len(rows_of(trained, FORECAST_ERRORS, of_house)) == 1


def test_forecaster__cut_short_after_a_training__does_not_train_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate(database)
    measure(database, {each: flows(at, LONG) for at, each in enumerate(HOUSES)})
    tick(database, FIRST + LONG * DAY)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Forecaster, "_forecast", killed)
        with pytest.raises(KeyboardInterrupt):
            forecaster(database).step()
    models = rows_of(database, FORECAST_MODELS)
    assert not rows_of(database, FORECASTS)
    again = forecaster(database)
    again.step()
    assert (again.metrics()["trained_total"], again.metrics()["made_total"]) == (0, 13)
    assert rows_of(database, FORECAST_MODELS) == models


def test_forecaster__weather_file_changes__follows_it(database: Database, tmp_path: Path) -> None:
    populate(database)
    measure(database, {each: flows(at, LONG) for at, each in enumerate(HOUSES)})
    file, lines = tmp_path / "weather.csv", list[str]()
    # As bright as the panels of the first house are, then a dark day.
    given = [wh for _, wh in flows(0, LONG + 3)]
    origin = LONG * DAY

    def write(irradiance: Sequence[int]) -> None:
        rows = [f"{time_of((FIRST + at) * HOUR)},{wh}" for at, wh in enumerate(irradiance)]
        file.write_text("\n".join(["start_utc,irradiance", *rows]))

    def day_ahead() -> int:
        service.step()
        newest = FORECASTS.c.origin == (FIRST + origin) * HOUR
        what = FORECASTS.c.subject == HOUSES[0], FORECASTS.c.what == "production"
        return sum(row.median_wh for row in rows_of(database, FORECASTS, newest, *what)[:DAY])

    service = Forecaster(database, Place(), lines.append, weather=file)
    write(given)
    tick(database, FIRST + origin + 1)
    bright = day_ahead()
    write([*given[:origin], *(wh // 10 for wh in given[origin:])])
    origin += EVERY
    tick(database, FIRST + origin + 1)
    dark = day_ahead()
    assert 0 < dark < 0.8 * bright
    file.write_text("no table")
    origin += EVERY
    tick(database, FIRST + origin + 1)
    assert day_ahead() < 0.8 * bright
    assert [line for line in lines if "start_utc and irradiance are needed" in line]


def test_forecaster__without_its_cluster__waits_for_it(houses: Database) -> None:
    tick(houses, FIRST + 9 * DAY)
    cut_off = Forecaster(houses, Place(), lambda _: None, "tcp://127.0.0.1:1")
    with pytest.raises(ConnectionError, match="no Dask scheduler answers"):
        cut_off.step()
    assert not rows_of(houses, FORECASTS)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("10.0.0.1:8786", "'10.0.0.1:8786' is no Dask scheduler: give tls://HOST:PORT"),
        ("tls://10.0.0.1", "is no Dask scheduler"),
        ("tcp://10.0.0.1:99999", "is no Dask scheduler"),
        ("tcp://10.0.0.1:8786", "households' hours would go to 10.0.0.1 unencrypted"),
        ("tcp://dask.example:8786", "use tls:// and certificates"),
    ],
)
def test_forecaster__of_a_cluster_that_anybody_reaches__is_refused(
    houses: Database, address: str, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        Forecaster(houses, Place(), lambda _: None, address)


def test_forecaster__of_a_cluster_without_certificates__says_so(houses: Database) -> None:
    tick(houses, FIRST + 9 * DAY)
    cut_off = Forecaster(houses, Place(), lambda _: None, "tls://127.0.0.1:1")
    with pytest.raises(ConnectionError, match=r"tls://127\.0\.0\.1:1: .*TLS"):
        cut_off.step()


@pytest.mark.parametrize(("members", "reading", "told"), [(5, 6, {"region:home"}), (4, 4, set())])
def test_sums__of_few_accounts__are_not_public(
    database: Database, members: int, reading: int, told: set[str]
) -> None:
    populate(database, HOUSES[:members])
    measure(database, {each: flows(at, 3) for at, each in enumerate(HOUSES[:reading])})
    tick(database, FIRST + 3 * DAY)
    forecaster(database).step()
    # Who knows both sums knows what the sixth house takes.
    sums = {row.subject: row.accounts for row in rows_of(database, FORECAST_SUMS)}
    assert sums == {"community:1": members, "region:home": reading}
    assert {row.subject for row in rows_of(database, FORECASTS) if row.is_public} == told


def test_sums__of_late_readings__stay(houses: Database) -> None:
    late = {HOUSES[0]: flows(0, 10)}
    with houses.writing() as connection:
        connection.execute(REGISTERS.delete().where(REGISTERS.c.meter == HOUSES[0]))
    tick(houses, FIRST + 9 * DAY)
    service = forecaster(houses)
    service.step()
    before = {*rows_of(houses, FORECAST_SUMS)}
    measure(houses, late)
    tick(houses, FIRST + 9 * DAY + EVERY)
    service.step()
    until = FORECAST_SUMS.c.start < (FIRST + 9 * DAY) * HOUR
    assert {*rows_of(houses, FORECAST_SUMS, until)} == before


def test_forecasts__that_are_old__are_forgotten(houses: Database) -> None:
    tick(houses, FIRST + 9 * DAY)
    service = forecaster(houses)
    service.step()
    # Of two weeks without readings nothing follows.
    tick(houses, FIRST + 25 * DAY + 1)
    service.step()
    assert not rows_of(houses, FORECASTS)


def test_forget__of_a_household__leaves_those_of_others(houses: Database) -> None:
    tick(houses, FIRST + 9 * DAY)
    forecaster(houses).step()
    before = subjects(houses)
    with houses.writing() as connection:
        forget_forecasts(connection, HOUSES[0], (FIRST + 10 * DAY) * HOUR)
    assert before - subjects(houses) == {(HOUSES[0], what) for what in WHAT}


def test_role__without_the_extra__is_off_and_says_how_to_get_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    settings = Settings(roles=["forecaster"])
    context = Context(settings=settings, database=database, connect=None, log=lines.append)  # type: ignore[arg-type]
    (made,) = makers_of(context).values()
    assert isinstance(made(), Forecaster)
    assert not lines
    monkeypatch.setattr("energy_grid.serve.roles.find_spec", lambda _: None)
    assert not makers_of(context)
    assert lines == ["forecaster: off, pip install 'energy-grid[foresight]' brings what it needs"]


def test_place__of_panels__is_among_the_buses() -> None:
    buses = STREET.feeder.buses.values()
    found = Place.among(buses)
    assert (found.latitude, found.longitude) == (pytest.approx(53.0), pytest.approx(11.125))
    assert Place.among([]) == Place()
