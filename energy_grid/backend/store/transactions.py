"""The transactions of services: who has signed what, and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from energy_grid.backend.store.metadata import METADATA

__all__ = ["JOURNALS", "SENT", "SENT_ATTEMPTS"]

JOURNALS = Table(
    "journals",
    METADATA,
    Column("name", String(64), primary_key=True),
    # Whose transactions these are.
    Column("chain_id", BigInteger, nullable=False),
    Column("genesis", String(66), nullable=False),
    # So often was something signed: who knows another number has not seen all of it.
    Column("signed", BigInteger, nullable=False, server_default="0"),
)
SENT = Table(
    "sent_transactions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("journal", ForeignKey(JOURNALS.c.name), nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("contract", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("key", Text),
    # Whether it only uses up a nonce.
    Column("cancellation", Boolean, nullable=False),
    # The Safe that it acts for, and the Safe's own nonce.
    Column("safe", String(42)),
    Column("safe_nonce", BigInteger),
    # Unix seconds of the chain when it was signed.
    Column("time", BigInteger, nullable=False),
    Column("gas_limit", BigInteger, nullable=False),
    # NULL until it was mined.
    Column("gas_used", BigInteger),
    Index("ix_sent_transactions_journal_time", "journal", "time"),
    # What two processes sign at once under one nonce only one of them keeps, and sends.
    Index(
        "ux_sent_transactions_pending",
        "sender",
        "nonce",
        unique=True,
        sqlite_where=text("gas_used IS NULL"),
        postgresql_where=text("gas_used IS NULL"),
    ),
    Index("ux_sent_transactions_key", "journal", "key", unique=True),
)
SENT_ATTEMPTS = Table(
    "sent_attempts",
    METADATA,
    Column("transaction", ForeignKey(SENT.c.id), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)
