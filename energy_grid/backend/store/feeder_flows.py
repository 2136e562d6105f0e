"""What the twins of feeders say of slots that meters have read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table

from energy_grid.backend.store.metadata import METADATA

__all__ = ["FEEDER_FLOWS"]

FEEDER_FLOWS = Table(
    "feeder_flows",
    METADATA,
    Column("region", String(31), primary_key=True),
    # Of the slot, Unix seconds.
    Column("end", BigInteger, primary_key=True),
    # So many readings there were of its two ends; so many meters had both, of so many.
    Column("readings", Integer, nullable=False),
    Column("measured", Integer, nullable=False),
    Column("meters", Integer, nullable=False),
    # Through the transformer, below 0 back into the grid; losses are in it.
    Column("supply_w", BigInteger, nullable=False),
    Column("losses_w", BigInteger, nullable=False),
    # Loads as basis points of what the transformer, and the fullest cable, can carry.
    Column("transformer_bps", Integer, nullable=False),
    Column("cable", String(100), nullable=False),
    Column("cable_bps", Integer, nullable=False),
    # Voltages as basis points of the rated one.
    Column("lowest_bus", String(100), nullable=False),
    Column("lowest_bps", Integer, nullable=False),
    Column("highest_bus", String(100), nullable=False),
    Column("highest_bps", Integer, nullable=False),
    # Whether a voltage or a load is out of its bounds.
    Column("is_broken", Boolean, nullable=False),
)
