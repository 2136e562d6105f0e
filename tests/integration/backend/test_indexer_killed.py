"""The indexer as a process of its own that `kill -9` ends at random moments, on both databases."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, union_all

from energy_grid.backend.indexer import indexer as indexing
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.local_market import deploy_local
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import EVENTS
from energy_grid.backend.store.feed import FEED
from energy_grid.backend.store.tables import METADATA
from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from tests.support.databases import new_database
from tests.support.examples import Seeds, live_all

FINALITY, KILLS = 64, 20
# Blocks of one transaction of the database, so that there are many of them; and the seconds after
# which the process ends at the latest, about as many as it needs for a whole index.
PART, LONGEST = 2, 0.15
# Its module is imported here: a process that begins anew would spend its life on that.
_PROCESSES = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Opened:
    """A market on a node, and its deployment's file."""

    node: DevNode
    file: Path

    def market(self) -> EnergyGrid:
        return EnergyGrid.connect(self.node.url, self.file)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    file = tmp_path_factory.mktemp("chain") / "deployment.json"
    with Anvil() as node:
        deploy_local(node, file)
        yield Opened(node, file)


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def index(opened: Opened, url: str, *, forever: bool) -> None:
    """Index in parts, to the end of the chain or until the process ends."""
    database = Database(url)
    indexer = Indexer(opened.market(), database, finality=FINALITY)
    while not indexer.step() or forever:
        pass
    database.close()


def run(opened: Opened, url: str) -> None:
    indexing._LONGEST = PART
    index(opened, url, forever=True)


def move(opened: Opened, chance: random.Random, count: int) -> None:
    """So many blocks, each with test money for somebody."""
    money = opened.market().money
    for _ in range(count):
        call = money.faucet(chance.randint(1, 10**9))
        opened.node.execute_as(Account.local(chance.randrange(10)).address, call.to, call.data)


def rows(database: Database) -> dict[str, list[Any]]:
    """All that came from the chain, and the tip."""
    with database.reading() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in METADATA.sorted_tables
            if table not in (BLOCKS, CHAIN, FEED)
        }
        tip = connection.execute(select(CHAIN.c.indexed_block)).scalars().all()
    return {"tip": [*tip], **{name: each for name, each in found.items() if each}}


def require_whole(database: Database) -> None:
    """A killed process leaves whole blocks up to its mark, and nothing behind it."""
    with database.reading() as connection:
        mark = connection.scalar(select(CHAIN.c.indexed_block))
        placed = [select(each.table.c.block) for some in EVENTS.values() for each in some.values()]
        events = Counter(connection.scalars(union_all(*placed)))
        known = connection.execute(select(BLOCKS.c.number, BLOCKS.c.events)).all()
    assert events == Counter({block: count for block, count in known if count})
    assert max((row.number for row in known), default=mark) == mark


def live(seed: int, opened: Opened, kind: str, folder: Path) -> None:
    """A store's life by a seed: the chain grows and turns, the process is killed, over and over."""
    chance, node = random.Random(seed), opened.node
    begin, database = node.snapshot(), Database.open(new_database(kind, folder))
    for _ in range(KILLS):
        base = node.snapshot()
        move(opened, chance, chance.randint(4, 12))
        if chance.random() < 0.5:
            index(opened, url_of(database), forever=False)
            node.revert(base)
            move(opened, chance, chance.randint(1, 16))
        process = _PROCESSES.Process(target=run, args=(opened, url_of(database)), daemon=True)
        process.start()
        process.join(chance.uniform(0, LONGEST))
        assert process.is_alive(), "it has ended by itself"
        process.kill()
        process.join()
        require_whole(database)
    fresh = Database.open(new_database(kind, folder))
    for each in (database, fresh):
        index(opened, url_of(each), forever=False)
    assert rows(database) == rows(fresh)
    for each in (database, fresh):
        each.close()
    node.revert(begin)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_store__of_killed_processes__equals_a_fresh_one(
    opened: Opened, kind: str, seeds: Seeds, tmp_path: Path
) -> None:
    live_all(seeds(1), lambda seed: live(seed, opened, kind, tmp_path))
