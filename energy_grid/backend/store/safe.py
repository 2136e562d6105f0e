"""Transactions of the operators' Safes that wait for their owners, and what these have signed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from energy_grid.backend.store.metadata import METADATA, Wide

__all__ = ["SAFE_SIGNATURES", "SAFE_TRANSACTIONS"]

SAFE_TRANSACTIONS = Table(
    "safe_transactions",
    METADATA,
    # What owners sign.
    Column("hash", String(66), primary_key=True),
    Column("safe", String(42), nullable=False, server_default=""),
    Column("nonce", BigInteger, nullable=False, index=True),
    Column("target", String(42), nullable=False),
    Column("value", Wide, nullable=False),
    Column("data", LargeBinary, nullable=False),
    # An `Operation`.
    Column("operation", Integer, nullable=False),
    Column("proposer", String(42), nullable=False),
    # Unix seconds of the chain.
    Column("proposed_at", BigInteger, nullable=False),
)
SAFE_SIGNATURES = Table(
    "safe_signatures",
    METADATA,
    Column(
        "hash",
        String(66),
        ForeignKey("safe_transactions.hash", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("owner", String(42), primary_key=True),
    Column("signature", LargeBinary, nullable=False),
)
