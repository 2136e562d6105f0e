"""Whether the store gets all that a chain has, on both databases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sqlalchemy import select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import EVENTS
from energy_grid.backend.store.tables import METADATA
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.node import Node
from energy_grid.client import EnergyGrid
from tests.support.databases import BACKENDS, new_database

__all__ = ["require_all_indexed"]

_TABLES = {
    (contract, each.event.name): each.table.name
    for contract, some in EVENTS.items()
    for each in some.values()
}


def require_all_indexed(node: Node, deployment: Deployment, folder: Path) -> frozenset[str]:
    """Fill an empty store of each kind, and compare: every event of the market has its row, and
    both have the same ones. Gives the tables that have rows.

    Raises:
        AssertionError: they differ.
    """
    market = EnergyGrid(node, deployment)
    logs = node.rpc("eth_getLogs", {"fromBlock": hex(deployment.first_block), "toBlock": "latest"})
    expected = Counter(_TABLES[each.contract, each.event] for each in market.events_in(logs))
    stores = []
    for kind in BACKENDS:
        database = Database.open(new_database(kind, folder))
        indexer = Indexer(market, database, finality=64)
        while not indexer.step():
            pass
        with database.reading() as connection:
            rows = {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in METADATA.sorted_tables
                if table not in (BLOCKS, CHAIN)
            }
        database.close()
        stores.append(rows)
    assert stores[0] == stores[1]
    found = {name: len(rows) for name, rows in stores[0].items() if rows}
    assert {name: found.get(name, 0) for name in expected} == expected
    assert {name for name in found if name in _TABLES.values()} == {*expected}
    return frozenset(found)
