"""How far each role has looked, on a local chain whose clock waits for all of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from energy_grid.backend.store.metadata import METADATA

__all__ = ["RESTS"]

RESTS = Table(
    "rests",
    METADATA,
    Column("role", String(100), primary_key=True),
    # The newest one when a step began that left nothing to do.
    Column("block", BigInteger, nullable=False),
)
