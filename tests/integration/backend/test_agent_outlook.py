"""What an agent knows of the hours to come: forecasts of the store, and prices of the chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from energy_grid.backend.agent.orders import Worth
from energy_grid.backend.agent.outlook import forecast_of, worth_of
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import FORECASTS
from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from tests.integration.conftest import OWNERS
from tests.support.market import MONDAY, Market, actor

HOUR, FIRST = 3600, MONDAY // 3600
HOUSE = actor("house").address


def _said(database: Database, what: str, origin: int, wh: tuple[int, int, int], hours: int) -> None:
    low, median, high = wh
    rows: list[dict[str, Any]] = [
        {
            "subject": HOUSE,
            "what": what,
            "origin": origin,
            "start": origin + at * HOUR,
            "low_wh": low,
            "median_wh": median,
            "high_wh": high,
            "method": "model",
            "version": None,
            "is_public": False,
        }
        for at in range(hours)
    ]
    with database.writing() as connection:
        connection.execute(insert(FORECASTS), rows)


def test_forecast_of__load_and_production__is_the_net_of_the_newest_origin(
    database: Database,
) -> None:
    _said(database, "load", MONDAY, (1, 1, 1), 48)
    _said(database, "load", MONDAY + 6 * HOUR, (600, 700, 1_000), 48)
    _said(database, "production", MONDAY + 6 * HOUR, (600, 1_000, 1_000), 48)
    with database.reading() as connection:
        found = forecast_of(connection, HOUSE)
    assert found is not None
    assert (found.first, found.net.shape) == (FIRST + 6, (3, 48))
    assert found.net[:, 0].tolist() == [-200, 300, 400]
    assert found.since(FIRST + 53).shape == (3, 1)
    assert found.of(FIRST + 5) is None
    assert found.of(FIRST + 54) is None
    assert found.of(FIRST + 53) is not None


def test_forecast_of__load_alone__has_no_production(database: Database) -> None:
    _said(database, "load", MONDAY, (600, 700, 1_000), 48)
    with database.reading() as connection:
        found = forecast_of(connection, HOUSE)
    assert found is not None
    assert found.net[:, 47].tolist() == [-1_000, -700, -600]


def test_forecast_of__nothing_said__is_none(database: Database) -> None:
    with database.reading() as connection:
        assert forecast_of(connection, HOUSE) is None


def test_worth_of__before_and_after_joining_a_community__is_what_tariff_and_neighbours_say(
    market: Market, grid: EnergyGrid, database: Database
) -> None:
    house = Account.local(10)
    market.node.set_balance(house.address, 10**21)
    market.give_money(house.address, 100_000_000)
    grid.deposit(house, grid.coins("90")).execute()
    grid.register_meter(
        grid.acting_safe(OWNERS), Account.local(11), house, region="home", rated_power=5000
    ).execute()
    community = grid.create_community(house, "home", 5_000).execute()
    grid.join_community(house, community).execute()
    indexer = Indexer(grid, database, finality=1)
    while indexer.step() == 0:
        pass
    asked: list[tuple[str, int]] = []

    def deficit(region: str, time: int) -> int:
        asked.append((region, time))
        return 450_000

    tariff = grid.tariffs.tariff_of("home", MONDAY // 86_400)
    shared = tariff.feed_in - (tariff.feed_in + tariff.network_fee - tariff.buy) // 2
    fees = tariff.network_fee + tariff.protocol_fee
    with database.reading() as connection:
        found = worth_of(connection, house.address, range(FIRST + 23, FIRST + 25), deficit)
        (behind,) = worth_of(connection, house.address, range(FIRST, FIRST + 1), lambda *_: 1)
    # Of a store that does not know the newest tariff yet.
    assert (behind.short, behind.long) == (1, 1)
    assert asked == [("home", (FIRST + 23) * HOUR), ("home", (FIRST + 24) * HOUR)]
    usual = {"short": 450_000, "long": tariff.feed_in, "fees": fees}
    assert found == [
        Worth(unsold=tariff.feed_in, unbought=450_000, **usual),
        Worth(unsold=shared, unbought=shared + tariff.network_fee, **usual),
    ]
