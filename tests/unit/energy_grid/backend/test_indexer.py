"""The indexer against a chain that turns, a node that errs, and ends at any statement.

Whatever happened on the way, the store at the end equals one that was filled at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import select

from energy_grid.backend.indexer.indexer import FinalBlockChangedError, Indexer, forget
from energy_grid.backend.indexer.rows import UnknownEventError
from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import READINGS
from energy_grid.backend.store.events import EVENTS
from energy_grid.errors import ChainError, InputError
from tests.support.examples import Seeds, live_all
from tests.support.fake_chain import deposit
from tests.support.indexer_faults import FaultyNode, finished, live, market_on, reading

DEPOSITED = next(
    each.table for each in EVENTS["Settlement"].values() if each.event.name == "Deposited"
)


@cache
def empty_store() -> Path:
    file = Path(mkdtemp()) / "empty.db"
    Database.open(f"sqlite:///{file}").close()
    return file


def store_in(file: Path) -> Database:
    """A store in a new file, or in one that is there."""
    if not file.exists():
        shutil.copy(empty_store(), file)
    return Database(f"sqlite:///{file}")


def urls(folder: Path, seed: int) -> tuple[str, str]:
    """Two new stores."""
    life, fresh = (store_in(folder / f"{seed}-{name}.db") for name in ("life", "fresh"))
    return life.url.render_as_string(), fresh.url.render_as_string()


def test_store__after_any_faults__equals_a_fresh_one(seeds: Seeds, tmp_path: Path) -> None:
    live_all(seeds(10), lambda seed: live(seed, *urls(tmp_path, seed)))


def test_store__of_a_known_life__has_rows_of_every_kind(tmp_path: Path) -> None:
    found = live(2, *urls(tmp_path, 2))
    assert {"settlement_deposited", "readings", "closed_days", "asset_shares_transfer"} <= {*found}


@pytest.fixture
def chain() -> FaultyNode:
    node = FaultyNode(1)
    node.is_faulty = False
    return node


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return store_in(tmp_path / "store.db")


def amounts(database: Database) -> list[int]:
    with database.reading() as connection:
        return [*connection.scalars(select(DEPOSITED.c.amount).order_by(DEPOSITED.c.block))]


def test_step__of_a_chain_that_turned__exchanges_rows(
    chain: FaultyNode, database: Database
) -> None:
    chain.extend(*([deposit(1, number)] for number in range(10)))
    indexer = Indexer(market_on(chain), database, finality=5)
    finished(indexer)
    assert amounts(database) == [*range(10)]
    chain.reorganise(3, [], [deposit(1, 77)])
    finished(indexer)
    assert amounts(database) == [*range(7), 77]
    assert indexer.describe() == "indexed block 9, 0 behind"


def test_step__deeper_than_final__stops_and_says_what_to_do(
    chain: FaultyNode, database: Database
) -> None:
    chain.extend(*([deposit(1, number)] for number in range(10)))
    indexer = Indexer(market_on(chain), database, finality=5)
    finished(indexer)
    chain.reorganise(6, *([deposit(1, 50 + number)] for number in range(7)))
    with pytest.raises(FinalBlockChangedError, match=r"another block 5 than the store.*--reindex"):
        finished(indexer)
    assert amounts(database) == [*range(10)]
    forget(database)
    finished(indexer)
    assert amounts(database) == [*range(4), *range(50, 57)]


def test_step__of_a_lagging_node__waits(chain: FaultyNode, database: Database) -> None:
    chain.extend(*([deposit(1, number)] for number in range(10)), *([] for _ in range(30)))
    indexer = Indexer(market_on(chain), database, finality=5)
    finished(indexer)
    whole = chain._blocks
    chain._blocks = whole[:20]
    assert indexer.step() > 0
    assert amounts(database) == [*range(10)]
    chain._blocks = whole[:5]
    assert indexer.step() > 0
    assert amounts(database) == [*range(10)]


def test_step__of_another_market__is_refused(chain: FaultyNode, database: Database) -> None:
    finished(Indexer(market_on(chain), database, finality=5))
    chain.extend([deposit(1, 1)])
    other = Indexer(market_on(chain, "0x" + "9" * 40), database, finality=5)
    with pytest.raises(InputError, match=r"the store has the market 0x1.*name another database"):
        other.step()


def test_step__of_an_unknown_event__is_refused(chain: FaultyNode, database: Database) -> None:
    chain.extend([{**deposit(1, 1), "topics": ["0x" + "ab" * 32]}])
    with pytest.raises(
        UnknownEventError, match=r"Settlement at 0x1.* in block 1 that this version"
    ):
        Indexer(market_on(chain), database, finality=5).step()


def test_step__beside_another_indexer__writes_nothing_twice(
    chain: FaultyNode, database: Database
) -> None:
    first, second = (Indexer(market_on(chain), database, finality=5) for _ in range(2))
    for number in range(20):
        chain.extend([deposit(1, number)])
        (first, second)[number % 2].step()
        place = first._place()
        news = second._news(place, chain.newest)
        assert news is None
    stale = first._place()
    chain.extend([deposit(1, 20)])
    news = second._news(stale, chain.newest)
    assert news is not None
    first.step()
    second._write(stale, news, chain.newest)
    assert amounts(database) == [*range(21)]


def test_readings__are_spelled_out(chain: FaultyNode, database: Database) -> None:
    chain.extend([reading(5, 77)])
    finished(Indexer(market_on(chain), database, finality=5))
    with database.reading() as connection:
        (row,) = connection.execute(select(READINGS)).all()
    assert (row.meter, row.timestamp, row.block) == (f"0x{5:040x}", 77, 1)


def test_step__deeper_than_final_without_events__stops(
    chain: FaultyNode, database: Database
) -> None:
    chain.extend([deposit(1, 1)], *([] for _ in range(50)))
    indexer = Indexer(market_on(chain), database, finality=5)
    finished(indexer)
    chain.reorganise(5, *([] for _ in range(6)))
    finished(indexer)
    # The newest was block 52, so that 47 is final.
    chain.reorganise(6, *([deposit(1, 2)] for _ in range(7)))
    with pytest.raises(FinalBlockChangedError, match=r"another block 47 than the store"):
        finished(indexer)
    assert amounts(database) == [1]


def test_step__of_blocks_without_events__keeps_those_that_are_not_final(
    chain: FaultyNode, database: Database
) -> None:
    chain.extend([deposit(1, 1)])
    indexer = Indexer(market_on(chain), database, finality=5)
    for _ in range(30):
        chain.extend([])
        finished(indexer)
    with database.reading() as connection:
        assert [*connection.scalars(select(BLOCKS.c.number).order_by(BLOCKS.c.number))] == [
            *(1, 26, 27, 28, 29, 30, 31)
        ]


def test_step__of_a_log_not_asked_for__is_refused(
    chain: FaultyNode, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.fake_chain._fits", lambda *_: True)
    chain.extend([deposit(1, 1, emitter="0x" + "8" * 40)])
    with pytest.raises(ChainError, match=r"a log of 0x8888.* was not asked for: ask another node"):
        Indexer(market_on(chain), database, finality=5).step()


def test_step__of_two_that_begin_at_once__is_taken(
    chain: FaultyNode, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Indexer(market_on(chain), database, finality=5) for _ in range(2))
    begin = second._begin

    def late(identity: Mapping[str, Any]) -> object:
        first.step()
        return begin(identity)

    monkeypatch.setattr(second, "_begin", late)
    chain.extend([deposit(1, 1)])
    finished(second)
    assert amounts(database) == [1]
