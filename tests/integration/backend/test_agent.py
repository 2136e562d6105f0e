"""An agent makes the schedule of a battery, and the orders of an account: once, within limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from energy_grid.backend.agent.service import Agent
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.meter_gateway.broker import HOST, EmbeddedBroker
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Listener, Publisher
from energy_grid.backend.meter_gateway.payload import topic_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import FORECASTS
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.client import EnergyGrid
from energy_grid.domain.battery import Battery
from energy_grid.domain.orders import OrderType
from energy_grid.domain.preferences import Preference
from energy_grid.errors import InputError
from energy_grid.market.preference_file import save_preference
from energy_grid.serve.roles import Context, makers_of
from energy_grid.serve.settings import Settings
from tests.integration.exchange import Exchange
from tests.support.brokers import running_mosquitto
from tests.support.deploying import wait_until
from tests.support.market import MONDAY, Market

HOUR = 3600
NOW = MONDAY + 60
BATTERY = Battery(power_w=5_000, capacity_wh=10_000, efficiency_percent=95)
Make = Callable[..., Agent]


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid, database: Database) -> Exchange:
    """A market of which the store knows all, with a forecast of the first trader: 2 kWh of surplus
    each hour, 1 at least and 3 at most."""
    found = Exchange(market, grid)
    indexer = Indexer(grid, database, finality=1)
    while indexer.step() == 0:
        pass
    rows = [
        {
            "subject": found.traders[0].address,
            "what": "production",
            "origin": MONDAY,
            "start": MONDAY + hour * HOUR,
            "low_wh": 1_000,
            "median_wh": 2_000,
            "high_wh": 3_000,
            "method": "model",
            "version": None,
            "is_public": False,
        }
        for hour in range(48)
    ]
    with database.writing() as connection:
        connection.execute(insert(FORECASTS), rows)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[BrokerPlace]:
    broker = EmbeddedBroker(tmp_path)
    yield BrokerPlace(host=HOST, port=broker.port, is_embedded=True)
    broker.stop()


@pytest.fixture
def agent_at(exchange: Exchange, database: Database) -> Iterator[Make]:
    """Makes agents of the first trader, which are ended with the test."""
    made: list[Agent] = []

    def make(now: int = NOW, **more: Any) -> Agent:
        address = exchange.traders[0].address
        new = Agent(exchange.grid, database, address, name="agent_1", clock=lambda: now, **more)
        made.append(new)
        return new

    yield make
    for each in made:
        each.close()


@pytest.fixture
def preference(exchange: Exchange, tmp_path: Path) -> Path:
    """Of the first trader: 1.5 kWh an hour, at 0.15 at least."""
    return signed(exchange, tmp_path)


def signed(exchange: Exchange, folder: Path, trader: int = 0, **more: int) -> Path:
    account = exchange.traders[trader]
    allowed = Preference(
        account=account.address,
        sold_wh=1_500,
        lowest_price=150_000,
        bought_wh=0,
        highest_price=0,
        until=MONDAY + 86_400,
    )
    file = folder / "house.json"
    save_preference(file, account, replace(allowed, **more), exchange.grid.trading_domain)
    return file


def orders(database: Database) -> list[Any]:
    wanted = select(SIGNED_ORDERS).order_by(SIGNED_ORDERS.c.start, SIGNED_ORDERS.c.nonce)
    with database.reading() as connection:
        return [*connection.execute(wanted)]


def topic(exchange: Exchange, kind: str) -> str:
    return topic_of(exchange.grid.node.chain_id, exchange.traders[0].address, kind)


def say(place: BrokerPlace, topic: str, content: Any) -> None:
    publisher = Publisher(place, "home")
    publisher.publish([(topic, json.dumps(content).encode())])
    publisher.close()


def run(agent: Agent, until: Callable[[], bool]) -> None:
    def is_so() -> bool:
        agent.step()
        return until()

    wait_until(is_so)


def retained(place: BrokerPlace, count: int) -> dict[str, Any]:
    """What somebody finds who comes later: so many messages."""
    listener, found = Listener(place, "later", ["homeassistant/#", "energy-grid/#"]), {}

    def has_all() -> bool:
        found.update({each.topic: json.loads(each.content) for each in listener.receive(100)})
        return len(found) >= count

    listener.connect()
    wait_until(has_all)
    listener.close()
    return found


def test_step__battery_has_told_what_it_holds__shows_its_schedule_to_home_assistant(
    exchange: Exchange, agent_at: Make, place: BrokerPlace
) -> None:
    agent = agent_at(battery=BATTERY, place=place, home_assistant="homeassistant")
    agent.step()
    assert agent.describe() == "no schedule, 0 orders"
    say(place, topic(exchange, "battery"), {"storedWh": 4_000})
    run(agent, lambda: agent.metrics()["slots"] == 24)
    assert agent.describe() == "a schedule by agent, 0 orders"
    found = retained(place, 4)
    shown = found[topic(exchange, "schedule")]
    assert shown["by"] == "agent"
    assert [each["start"] for each in shown["slots"]] == [MONDAY + HOUR * at for at in range(24)]
    # Surplus each hour, at one price: the battery is free, and fills.
    first = {"start": MONDAY, "seconds": HOUR, "atLeastWh": 0, "atMostWh": 10_000}
    assert shown["slots"][0] == first | {"storedWh": 4_000 + 1_500 * 95 // 100}
    node = f"homeassistant/sensor/energy-grid-{exchange.traders[0].address}"
    for word, field in (("atleast", "atLeastWh"), ("atmost", "atMostWh"), ("stored", "storedWh")):
        config = found[f"{node}/{word}/config"]
        assert config["state_topic"] == topic(exchange, "schedule")
        assert config["value_template"] == f"{{{{ value_json.slots[0].{field} }}}}"


def test_step__home_assistant_has_made_a_schedule__makes_none_until_that_is_over(
    exchange: Exchange, agent_at: Make, place: BrokerPlace
) -> None:
    slot = {"start": MONDAY, "seconds": HOUR, "atLeastWh": 0, "atMostWh": 12_000}
    agent = agent_at(battery=BATTERY, place=place)
    agent.step()
    say(place, topic(exchange, "schedule"), {"by": "home", "slots": [slot]})
    run(agent, lambda: agent.metrics()["slots"] == 1)
    say(place, topic(exchange, "battery"), {"storedWh": 4_000})
    say(place, topic(exchange, "battery"), {"storedWh": "full"})
    run(agent, lambda: agent.metrics()["malformed_total"] == 1)
    assert agent.describe() == "a schedule by home, 0 orders, 1 malformed messages"
    agent.close()
    later = agent_at(now=NOW + HOUR, battery=BATTERY, place=place)
    later.step()
    say(place, topic(exchange, "battery"), {"storedWh": 4_000})
    run(later, lambda: later.describe().startswith("a schedule by agent"))
    assert later.metrics()["slots"] == 24


def test_step__preference__signs_orders_within_it(
    exchange: Exchange, agent_at: Make, database: Database, preference: Path
) -> None:
    agent = agent_at(key=exchange.traders[0], preference=preference)
    agent.step()
    found = orders(database)
    # From 20 minutes to two hours ahead, each in two steps of 1 and 0.5 kWh.
    assert {each.start for each in found} == {MONDAY + HOUR, MONDAY + 2 * HOUR}
    assert {each.side for each in found} == {list(OrderType).index(OrderType.SELL)}
    for start in (MONDAY + HOUR, MONDAY + 2 * HOUR):
        of_hour = [each for each in found if each.start == start]
        assert [each.amount for each in of_hour] == [1_000, 500]
        assert all(each.price >= 150_000 for each in of_hour)
    assert agent.metrics()["orders_total"] == len(found)


def test_step__after_a_restart__signs_no_hour_twice(
    exchange: Exchange, agent_at: Make, database: Database, preference: Path
) -> None:
    agent_at(key=exchange.traders[0], preference=preference).step()
    before = orders(database)
    again = agent_at(key=exchange.traders[0], preference=preference)
    again.step()
    assert again.metrics()["orders_total"] == 0
    assert orders(database) == before


def test_step__battery_that_takes_the_surplus__sells_less(
    exchange: Exchange, agent_at: Make, database: Database, place: BrokerPlace, tmp_path: Path
) -> None:
    wide = signed(exchange, tmp_path, sold_wh=100_000)
    agent = agent_at(key=exchange.traders[0], preference=wide, battery=BATTERY, place=place)
    agent.step()
    assert orders(database) == []
    say(place, topic(exchange, "battery"), {"storedWh": 0})
    run(agent, lambda: agent.metrics()["orders_total"] > 0)
    # It takes 2 kWh an hour: what is left to sell is what may come beyond that.
    assert {each.amount for each in orders(database)} == {1_000}


def test_step__schedule_that_began_long_ago__counts_from_what_is_stored_now(
    exchange: Exchange, agent_at: Make, database: Database, place: BrokerPlace, tmp_path: Path
) -> None:
    wide = signed(exchange, tmp_path, sold_wh=100_000)
    agent = agent_at(key=exchange.traders[0], preference=wide, battery=BATTERY, place=place)
    agent.step()
    slot = {"start": MONDAY - 12 * HOUR, "seconds": 86_400, "atLeastWh": 0, "atMostWh": 10_000}
    say(place, topic(exchange, "schedule"), {"by": "home", "slots": [slot]})
    run(agent, lambda: agent.metrics()["slots"] == 1)
    say(place, topic(exchange, "battery"), {"storedWh": 0})
    run(agent, lambda: agent.metrics()["orders_total"] > 0)
    # Empty now, it takes 2 kWh of each hour: it did not fill before.
    assert [each.amount for each in orders(database)] == [1_000, 1_000]


def test_step__slot_of_several_hours__holds_for_each_of_them(
    exchange: Exchange, agent_at: Make, database: Database, place: BrokerPlace, tmp_path: Path
) -> None:
    wide = signed(exchange, tmp_path, sold_wh=100_000)
    agent = agent_at(key=exchange.traders[0], preference=wide, battery=BATTERY, place=place)
    agent.step()
    slot = {"start": MONDAY, "seconds": 6 * HOUR, "atLeastWh": 0, "atMostWh": 0}
    say(place, topic(exchange, "schedule"), {"by": "home", "slots": [slot]})
    run(agent, lambda: agent.metrics()["slots"] == 1)
    say(place, topic(exchange, "battery"), {"storedWh": 0})
    run(agent, lambda: agent.metrics()["orders_total"] > 0)
    # Kept empty, it takes nothing: all of the surplus is left to sell.
    assert [each.amount for each in orders(database)] == [1_000] * 6


def test_step__account_without_money__is_told_of_rejected_orders(
    exchange: Exchange, agent_at: Make, database: Database, preference: Path
) -> None:
    trader = exchange.traders[0]
    settlement, address = exchange.market.settlement, trader.address
    balance = settlement.call("balanceOf", address)
    exchange.market.do(address, settlement, "withdraw", balance, address)
    agent = agent_at(key=trader, preference=preference)
    agent.step()
    assert agent.describe() == "no schedule, 0 orders, 4 rejected"


def test_step__preference_is_over__signs_nothing(
    exchange: Exchange, agent_at: Make, database: Database, tmp_path: Path
) -> None:
    file = signed(exchange, tmp_path, until=MONDAY + 2 * HOUR - 1)
    agent_at(key=exchange.traders[0], preference=file).step()
    assert orders(database) == []


def test_step__preference_of_somebody_else__trades_nothing_and_says_why(
    exchange: Exchange, agent_at: Make, database: Database, tmp_path: Path
) -> None:
    said: list[str] = []
    file = signed(exchange, tmp_path, trader=1)
    agent = agent_at(key=exchange.traders[0], preference=file, log=said.append)
    agent.step()
    agent.step()
    (why,) = said
    assert why.endswith("sign one with the key of the agent's account")
    assert agent.describe().endswith(why.removeprefix("agent_1: "))
    assert orders(database) == []


def test_step__preference_taken_away__trades_no_more_and_ends_no_other_service(
    exchange: Exchange, agent_at: Make, database: Database, preference: Path
) -> None:
    preference.rename(preference.with_suffix(".away"))
    agent = agent_at(key=exchange.traders[0], preference=preference)
    assert agent.step() > 0
    assert orders(database) == []
    preference.with_suffix(".away").rename(preference)
    agent.step()
    assert len(orders(database)) == 4
    assert agent.describe() == "no schedule, 4 orders"


def test_step__forecast_of_what_neighbours_do__signs_nothing(
    exchange: Exchange, agent_at: Make, database: Database, preference: Path
) -> None:
    with database.writing() as connection:
        connection.execute(update(FORECASTS).values(method="community"))
    agent_at(key=exchange.traders[0], preference=preference).step()
    assert orders(database) == []


def test_step__no_forecast_yet__waits(
    exchange: Exchange, database: Database, preference: Path
) -> None:
    stranger = exchange.traders[2]
    agent = Agent(
        exchange.grid,
        database,
        stranger.address,
        name="agent_2",
        clock=lambda: NOW,
        key=stranger,
        preference=preference,
    )
    assert agent.step() > 0
    assert orders(database) == []


def test_mosquitto__as_documented__an_account_has_its_own_battery_alone(
    exchange: Exchange, agent_at: Make, tmp_path: Path
) -> None:
    account, other = (each.address for each in exchange.traders[:2])
    with running_mosquitto(tmp_path / "mosquitto") as broker:
        agent = agent_at(battery=BATTERY, place=broker.place("gateway"))
        agent.step()
        stored = topic(exchange, "battery"), {"storedWh": 4_000}
        with pytest.raises(InputError, match="does not let this client publish"):
            say(broker.place(other), *stored)
        say(broker.place(account), *stored)
        run(agent, lambda: agent.metrics()["slots"] == 24)
        listener = Listener(broker.place(account), account, [topic(exchange, "schedule")])
        listener.connect()
        found: list[bytes] = []

        def is_told() -> bool:
            found.extend(each.content for each in listener.receive(10))
            return bool(found)

        wait_until(is_told)
        assert json.loads(found[0])["by"] == "agent"
        listener.close()


def test_agents__of_the_settings__have_a_service_each(
    exchange: Exchange,
    database: Database,
    preference: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    EmbeddedBroker(tmp_path)
    trading = {"account": "local:10", "preference": preference}
    saving = {"account": "local:11", "battery": {"power_w": 5_000, "capacity_wh": 10_000}}
    settings = Settings.model_validate(
        {"folder": tmp_path, "roles": ["agents"], "agents": [trading, saving]}
    )
    context = Context(
        settings=settings, database=database, connect=lambda: exchange.grid, log=print
    )
    made = {name: make() for name, make in makers_of(context).items()}
    assert [*made] == ["agent_1", "agent_2"]
    for each in made.values():
        assert isinstance(each, Agent)
        assert each.step() > 0
    assert made["agent_1"].metrics()["orders_total"] == len(orders(database)) == 4
    monkeypatch.setattr("energy_grid.serve.roles.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"energy-grid\[foresight\]"):
        makers_of(context)
