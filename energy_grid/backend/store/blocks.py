"""Which blocks of which chain the store has."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, String, Table, func, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.metadata import METADATA

__all__ = ["BLOCKS", "CHAIN", "final_time"]

# One row: a store belongs to one market on one chain.
CHAIN = Table(
    "chain",
    METADATA,
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    # Of its first block; a local chain that is started anew has another one.
    Column("genesis", String(66), nullable=False),
    Column("settlement", String(42), nullable=False),
    # The newest block whose events are in the store.
    Column("indexed_block", BigInteger, nullable=False),
    # Up to here, what a node left out at first has been looked for once more.
    Column("checked_block", BigInteger, nullable=False),
)

# Blocks with events, and all that are not final: what a reorganisation is found by.
BLOCKS = Table(
    "blocks",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
    # Unix seconds.
    Column("time", BigInteger, nullable=False),
    # How many events of the market it has, and the names of the tables that have rows of it.
    Column("events", BigInteger, nullable=False),
    Column("tables", JSON, nullable=False),
)


def final_time(database: Database, finality: int) -> int | None:
    """When the newest known block was made that no reorganisation takes back, Unix seconds; None:
    there is none yet.

    Args:
        finality: a block with so many on top of it is final.
    """
    newest = select(CHAIN.c.indexed_block - finality).scalar_subquery()
    with database.reading() as connection:
        wanted = select(func.max(BLOCKS.c.time)).where(BLOCKS.c.number <= newest)
        found: int | None = connection.scalar(wanted)
        return found
