"""Who is signed in to the API, and what was asked for once already."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from energy_grid.backend.store.metadata import METADATA

__all__ = ["ANSWERED", "CHALLENGES", "SESSIONS"]

# What an account is asked to sign; deleted when it has.
CHALLENGES = Table(
    "challenges",
    METADATA,
    Column("nonce", String(64), primary_key=True),
    # Unix seconds of the clock on the wall.
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)
# A token itself is nowhere: who reads the database cannot act as anybody.
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("account", String(42), nullable=False),
    # The address of the pages that it was made for.
    Column("origin", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "account"),
    Index(None, "expires_at"),
)
# Answers to requests with an Idempotency-Key.
ANSWERED = Table(
    "answered",
    METADATA,
    # Of who asked, and the key.
    Column("key", String(64), primary_key=True),
    # Of what was asked.
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("answered_at", BigInteger, nullable=False),
    Index(None, "answered_at"),
)
