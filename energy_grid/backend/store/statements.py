"""Statements that were issued: they stay as they are, whatever comes later."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from energy_grid.backend.store.metadata import METADATA

__all__ = ["STATEMENTS"]

STATEMENTS = Table(
    "statements",
    METADATA,
    # Such as 2024-01.
    Column("month", String(7), primary_key=True),
    # An account's address, community:NUMBER or region:NAME. Regions come last: once they are there,
    # so are all others of the month.
    Column("subject", String(64), primary_key=True),
    # JSON, as the interface answers it.
    Column("content", Text, nullable=False),
    # Unix seconds of the chain.
    Column("issued_at", BigInteger, nullable=False),
)
