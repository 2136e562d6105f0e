"""Alarms that an operator has acknowledged."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from energy_grid.backend.store.metadata import METADATA

__all__ = ["ACKNOWLEDGED"]

# Alarms themselves follow from what is measured: they are nowhere else.
ACKNOWLEDGED = Table(
    "acknowledged",
    METADATA,
    Column("alarm", String(200), primary_key=True),
    Column("operator", String(42), nullable=False),
    # Unix seconds of the chain.
    Column("at", BigInteger, nullable=False),
)
