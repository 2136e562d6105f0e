"""Which blocks of which chain the store has."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from energy_grid.backend.store.metadata import METADATA

__all__ = ["BLOCKS", "CHAIN"]

# One row: a store belongs to one deployment on one chain.
CHAIN = Table(
    "chain",
    METADATA,
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("genesis", String(66), nullable=False),
    Column("settlement", String(42), nullable=False),
    # The first block that may have events, and the newest whose events are in the store.
    Column("first_block", BigInteger, nullable=False),
    Column("indexed_block", BigInteger, nullable=False),
    Column("indexed_hash", String(66), nullable=False),
)

# Blocks with events, and the newest ones: what a reorganisation is found by.
BLOCKS = Table(
    "blocks",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
    # Unix seconds.
    Column("time", BigInteger, nullable=False),
)
