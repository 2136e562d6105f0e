"""What the settlement service has put aside because it failed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from energy_grid.backend.store.metadata import METADATA

__all__ = ["ASIDE"]

ASIDE = Table(
    "settlement_aside",
    METADATA,
    # Of what is due, such as ``close 0x..``.
    Column("name", String(100), primary_key=True),
    # In a row.
    Column("failures", Integer, nullable=False),
    # Unix seconds of the chain: it is not tried before.
    Column("until", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
)
