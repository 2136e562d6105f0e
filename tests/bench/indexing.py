"""How fast the events of a market come into the store, beside what the node alone takes.

    python -m tests.bench.indexing

Transfers of many accounts on an Anvil. The node's own time is that of one request for all logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from energy_grid.backend.indexer.indexer import Indexer, forget
from energy_grid.backend.local_market import deploy_local
from energy_grid.backend.store.database import Database
from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.client import EnergyGrid
from tests.bench.timing import best_of
from tests.support.databases import BACKENDS, new_database

__all__ = ["IndexingRow", "measure_indexing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingRow:
    """Events per second into a database, and out of the node alone."""

    database: str
    events: int
    stored: float
    read: float


def measure_indexing(count: int = 2_000, turns: int = 3) -> list[IndexingRow]:
    """So many transfers of test money, each with an event, besides what the deployment emitted."""
    with TemporaryDirectory() as folder, Anvil() as node:
        file = Path(folder) / "deployment.json"
        deploy_local(node, file)
        market = EnergyGrid.connect(node.url, file)
        keys = [Account.local(at) for at in range(10)]
        sender = Sender(node, policy=Policy(batch=50), after_send=node.mine)
        sender.send_many([(key, market.money.faucet(10**9)) for key in keys])
        to = keys[0].address
        sender.send_many([(keys[at % 10], market.money.transfer(to, 1)) for at in range(count)])
        query = {
            "address": [each.address for each in market.contracts()],
            "fromBlock": "0x0",
            "toBlock": "latest",
        }
        events = len(node.rpc("eth_getLogs", query))
        read = best_of(lambda: node.rpc("eth_getLogs", query), turns)
        return [
            IndexingRow(
                database=kind,
                events=events,
                stored=events / _indexed(market, kind, turns),
                read=events / read,
            )
            for kind in BACKENDS
        ]


def _indexed(market: EnergyGrid, kind: str, turns: int) -> float:
    """Seconds from an empty store to a full one."""
    with TemporaryDirectory() as folder:
        database = Database.open(new_database(kind, Path(folder)))

        def fill() -> None:
            forget(database)
            indexer = Indexer(market, database, finality=64)
            while not indexer.step():
                pass

        try:
            return best_of(fill, turns)
        finally:
            database.close()


if __name__ == "__main__":
    for row in measure_indexing():
        print(
            f"{row.events:,} events into {row.database}: {row.stored:,.0f} /s,"
            f" the node alone {row.read:,.0f} /s"
        )
