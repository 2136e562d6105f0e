"""The indexer against all that goes wrong, with real databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from energy_grid.backend.indexer.indexer import Indexer, forget
from energy_grid.backend.store.blocks import CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.tables import METADATA
from energy_grid.chain.contract import Contract
from energy_grid.errors import InputError
from tests.support.databases import new_database
from tests.support.examples import Seeds, live_all
from tests.support.fake_chain import deposit
from tests.support.indexer_faults import FaultyNode, finished, live, log_of, market_on


def test_postgresql__after_any_faults__equals_a_fresh_one(seeds: Seeds, tmp_path: Path) -> None:
    stores = [Database.open(new_database("postgresql", tmp_path)) for _ in range(2)]
    first, second = (each.url.render_as_string(hide_password=False) for each in stores)

    def once(seed: int) -> None:
        live(seed, first, second)
        for each in stores:
            forget(each)

    live_all(seeds(4), once)
    for each in stores:
        each.close()


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Grüße".encode(), "Grüße"),
        (b"a zero\0byte", r"a zero\x00byte"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
    ],
)
def test_text__of_any_bytes__stops_nothing(sent: bytes, stored: str, database: Database) -> None:
    node, address = FaultyNode(1), "0x" + "4" * 40
    node.is_faulty = False
    market = market_on(node)
    vars(market)["contracts"] = lambda: [Contract(node, address, "GridGovernor")]
    text = int.from_bytes(sent.ljust(32, b"\0"), "big")
    # Voter, proposal, support, weight, and the reason: its place, its length, its bytes.
    node.extend([log_of("GridGovernor", "VoteCast", address, 5, 7, 1, 0, 128, len(sent), text)])
    finished(Indexer(market, database, finality=5))
    with database.reading() as connection:
        reason = METADATA.tables["grid_governor_vote_cast"].c.reason
        assert connection.scalars(select(reason)).all() == [stored]


def test_step__of_two_of_other_chains_that_begin_at_once__one_is_refused(
    database: Database,
) -> None:
    nodes = FaultyNode(1), FaultyNode(2)
    for number, node in enumerate(nodes, 10):
        vars(node)["chain_id"] = number
        node.is_faulty = False
        node.extend([deposit(1, 1)])
    first, second = (Indexer(market_on(node), database, finality=5) for node in nodes)
    begin = second._begin

    def late(identity: Mapping[str, Any]) -> None:
        finished(first)
        begin(identity)

    second._begin = late  # type: ignore[method-assign]
    with pytest.raises(InputError, match=r"the store has the market .* name another database"):
        finished(second)
    with database.reading() as connection:
        assert [row.chain_id for row in connection.execute(select(CHAIN))] == [10]
