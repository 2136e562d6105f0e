"""Node, database or disk are gone for a while: the backend waits, says so, and goes on."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import make_url, select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.meter_gateway.broker import HOST, EmbeddedBroker
from energy_grid.backend.meter_gateway.days import MeterDays
from energy_grid.backend.meter_gateway.gateway import MeterGateway, limits_of
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace
from energy_grid.backend.neighbourhood.chain import LivingChain, living_chain
from energy_grid.backend.neighbourhood.service import Neighbourhood
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import EVENTS
from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from tests.support.databases import new_database
from tests.support.deploying import wait_until
from tests.support.forks import Fork
from tests.support.gates import Gate
from tests.support.serving import address_of, metric, says, serving

# A Monday.
FIRST_DAY = 19_723
HOUR, HOMES = 3600, 5
GATEWAY = Account.local(6)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[LivingChain]:
    with living_chain(tmp_path / "chain", FIRST_DAY, lambda _: None, HOMES) as opened:
        yield opened


@contextmanager
def ways(chain: LivingChain, database: str) -> Iterator[tuple[Gate, Gate, str]]:
    """Closed gates before a node and a database, and the URL of the latter through its gate."""
    url = make_url(database)
    (socket,) = Path(str(url.query["host"])).glob(".s.PGSQL.*[0-9]")
    with Gate(port_of(chain)) as to_node, Gate(str(socket)) as to_database:
        through = url.set(host="127.0.0.1", port=to_database.port, query={})
        yield to_node, to_database, through.render_as_string(hide_password=False)


def port_of(chain: LivingChain) -> int:
    return int(chain.node.url.rpartition(":")[2])


def nodes_of(running: Fork) -> list[int]:
    """The processes of Anvil that a process has started."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return [
        each for each in map(int, children) if "anvil" in Path(f"/proc/{each}/comm").read_text()
    ]


@dataclass(frozen=True, slots=True)
class Homes:
    """The people and their gateway, who reach node and database."""

    people: Neighbourhood
    meters: MeterGateway
    days: MeterDays

    def live(self, hours: int) -> None:
        for _ in range(hours):
            self.people.advance(HOUR)
            while not self.people.live():
                self.meters.step()
            self.days.step()


@contextmanager
def neighbourhood(chain: LivingChain, database: str, folder: Path) -> Iterator[Homes]:
    """What others do while a server stands before closed gates."""
    folder.mkdir(exist_ok=True)
    broker = EmbeddedBroker(folder)
    place = BrokerPlace(host=HOST, port=broker.port, is_embedded=True)
    with ExitStack() as ends:
        ends.callback(broker.stop)
        markets = [EnergyGrid.connect(chain.node.url, chain.file) for _ in range(2)]
        for market in markets:
            ends.enter_context(closing(market))
        opened = ends.enter_context(closing(Database.open(database)))
        limits = limits_of(market)
        meters = MeterGateway(opened, limits, place, clock=lambda: chain.node.time)
        meters.step()
        people = Neighbourhood(
            *(markets[0], opened, chain.node, chain.village),
            broker=lambda: place,
            leaves=folder / "gateway",
            speed=1,
        )
        folders = {"folder": folder / "gateway", "published": folder / "published"}
        yield Homes(people, meters, MeterDays(markets[1], opened, GATEWAY, **folders))
        meters.close()


def asked(running: Fork, path: str) -> int:
    try:
        with urlopen(f"{address_of(running)}{path}", timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def require_all(chain: LivingChain, running: Fork, url: str, folder: Path) -> None:
    """The store has what one has that is filled anew."""
    wait_until(lambda: metric(running, "indexer_indexed_block") >= chain.node.block_number)
    tables = [each.table for some in EVENTS.values() for each in some.values()]
    stores = []
    with ExitStack() as ends:
        fresh = ends.enter_context(closing(Database.open(new_database("sqlite", folder))))
        indexer = Indexer(EnergyGrid.connect(chain.node.url, chain.file), fresh, finality=64)
        while not indexer.step():
            pass
        for database in (fresh, ends.enter_context(closing(Database(url)))):
            with database.reading() as connection:
                rows = {each.name: connection.execute(select(each)).all() for each in tables}
            stores.append({name: sorted(map(repr, some)) for name, some in rows.items()})
    assert stores[0] == stores[1]
    assert any(stores[0].values())


def options(chain: LivingChain, node: int, database: str) -> list[str]:
    return [
        *("--rpc", f"http://127.0.0.1:{node}", "--deployment", str(chain.file)),
        *("--database", database, "--role", "indexer", "--role", "engine", "--role", "settlement"),
    ]


def test_serve__before_node_and_database__waits_and_an_hour_without_the_node_loses_nothing(
    chain: LivingChain, tmp_path: Path
) -> None:
    url = new_database("postgresql", tmp_path)
    with (
        ways(chain, url) as (node, database, through),
        serving(tmp_path / "data", *options(chain, node.port, through)) as running,
        neighbourhood(chain, url, tmp_path / "data") as homes,
    ):
        wait_until(says(running, "settlement: waiting, the database does not answer"))
        assert (asked(running, "/health"), asked(running, "/ready")) == (200, 503)
        database.open()
        wait_until(says(running, "settlement: waiting, no node answers"))
        assert (asked(running, "/health"), asked(running, "/ready")) == (200, 503)
        node.open()
        wait_until(lambda: asked(running, "/ready") == 200)
        homes.live(20)
        # The day ends, is anchored and may be settled while nobody sees it.
        node.close()
        wait_until(lambda: asked(running, "/ready") == 503)
        homes.live(12)
        node.open()
        wait_until(lambda: metric(running, "settlement_settle_total") == 1)
        require_all(chain, running, url, tmp_path)


def test_serve__database_gone_for_a_while__goes_on(chain: LivingChain, tmp_path: Path) -> None:
    url = new_database("postgresql", tmp_path)
    with (
        ways(chain, url) as (node, database, through),
        serving(tmp_path / "data", *options(chain, node.port, through)) as running,
        neighbourhood(chain, url, tmp_path / "data") as homes,
    ):
        node.open()
        database.open()
        wait_until(lambda: asked(running, "/ready") == 200)
        homes.live(4)
        database.close()
        wait_until(lambda: asked(running, "/ready") == 503)
        homes.live(4)
        assert asked(running, "/health") == 200
        database.open()
        wait_until(lambda: asked(running, "/ready") == 200)
        homes.live(4)
        require_all(chain, running, url, tmp_path)


def test_serve__disk_full__goes_on_when_there_is_room(chain: LivingChain, tmp_path: Path) -> None:
    url, free = f"sqlite:///{tmp_path}/store.db", resource.RLIM_INFINITY
    with (
        serving(tmp_path / "data", *options(chain, port_of(chain), url)) as running,
        neighbourhood(chain, url, tmp_path / "data") as homes,
    ):
        wait_until(lambda: asked(running, "/ready") == 200)
        homes.live(4)
        # No file of the process grows any more.
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (4096, free))
        wait_until(lambda: asked(running, "/ready") == 503)
        homes.live(4)
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (free, free))
        wait_until(lambda: asked(running, "/ready") == 200)
        require_all(chain, running, url, tmp_path)


def test_serve__whose_own_node_dies__ends_and_says_so(tmp_path: Path) -> None:
    folder, store = tmp_path / "data", tmp_path / "store.db"
    options = "--database", f"sqlite:///{store}"
    remedy = f"remove {folder} and all that is in the database {store}, and start again"
    with serving(folder, *options) as running:
        wait_until(says(running, "neighbourhood: running"))
        (node,) = nodes_of(running)
        os.kill(node, signal.SIGKILL)
        done = running.wait(60)
        assert done.returncode == 1
        assert f"ended by itself (exit code -9): {remedy}" in done.stdout
    with serving(folder, *options) as running:
        done = running.wait(60)
        assert done.returncode == 2
        lost = f"the chain in {folder / 'chain'} is lost, since its node was killed: {remedy}"
        assert lost in done.stdout
