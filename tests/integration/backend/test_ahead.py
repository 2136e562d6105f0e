"""What a feeder is to carry follows from what its houses are expected to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from energy_grid.backend.grid_service.ahead import flows_ahead
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import FORECASTS
from energy_grid.domain.power_flow import Twin
from energy_grid.market.feeders import MeteredFeeder
from tests.support.feeders import STREET
from tests.support.foreseeing import FIRST, HOUR, HOUSES, populate

ORIGIN = FIRST * HOUR
# Two houses at A and B; the others hang on another feeder.
FEEDER = MeteredFeeder(
    feeder=STREET.feeder, meters={HOUSES[0]: "A", HOUSES[1]: "B"}, grid=STREET.grid
)
assert STREET.grid is not None
TWIN = Twin(STREET.grid)


def store(database: Database, subject: str, what: str, low: int, median: int, high: int) -> None:
    row = {"subject": subject, "what": what, "origin": ORIGIN, "method": "model"}
    wh = {"low_wh": low, "median_wh": median, "high_wh": high}
    with database.writing() as connection:
        connection.execute(
            insert(FORECASTS),
            [
                {**row, **wh, "start": ORIGIN + step * HOUR, "is_public": False, "version": None}
                for step in range(48)
            ],
        )


def flows(database: Database) -> dict[str, Any]:
    """The first hour of each case."""
    with database.reading() as connection:
        found = [*flows_ahead(connection, "home", FEEDER, TWIN)]
    assert len(found) in (0, 3 * 48)
    return {case: flow for case, start, flow in found if start == ORIGIN}


@pytest.fixture
def street(database: Database) -> Database:
    populate(database)
    for house, wh in ((0, 300), (1, 600), (2, 900)):
        store(database, HOUSES[house], "load", 0, wh, 5_000)
    store(database, "region:home", "load", 900, 2_400, 3_600)
    return database


def test_ahead__of_loads__are_the_houses_parts_of_the_regions_quantiles(street: Database) -> None:
    found = flows(street)
    # Half of the region hangs on these cables, two thirds of it at B.
    expected = {"EXPECTED": 1_200, "LOADED": 1_800, "SUNNY": 450}
    for case, watts in expected.items():
        drawn = np.zeros((1, len(TWIN.grid.buses)))
        drawn[0, TWIN.index("A")], drawn[0, TWIN.index("B")] = watts / 3, watts * 2 / 3
        (slot,) = TWIN.flows(drawn).slots()
        assert found[case] == slot


def test_ahead__of_panels__feeds_back_most_where_it_is_sunny(street: Database) -> None:
    store(street, HOUSES[1], "production", 0, 1_000, 9_000)
    store(street, "region:home", "production", 200, 4_000, 8_000)
    found = flows(street)
    supply = [found[case].supply_w for case in ("LOADED", "EXPECTED", "SUNNY")]
    assert supply[0] > 1_500
    assert supply[1:] == sorted(supply[1:], reverse=True)
    assert supply[2] < -6_000
    assert found["SUNNY"].highest_bus == "B"


def test_ahead__without_a_forecast_of_the_region__is_none(database: Database) -> None:
    populate(database)
    assert flows(database) == {}
    store(database, HOUSES[0], "load", 0, 300, 600)
    assert flows(database) == {}
