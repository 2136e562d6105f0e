"""Calls that accounts have signed for the relay, and what has become of each."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from energy_grid.backend.store.metadata import METADATA

__all__ = ["RELAYED_CALLS"]

RELAYED_CALLS = Table(
    "relayed_calls",
    METADATA,
    # In the order in which they came.
    Column("number", Integer, primary_key=True),
    # A hash of the call with its signature, and its key in the journal.
    Column("id", String(66), nullable=False, unique=True),
    Column("account", String(42), nullable=False),
    Column("target", String(42), nullable=False),
    # What its signer lets the call itself take.
    Column("call_gas", BigInteger, nullable=False),
    # At the forwarder; of a permit, at its token.
    Column("nonce", BigInteger, nullable=False),
    # Unix seconds of the chain.
    Column("deadline", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    # Empty: a permit, which has it in its data.
    Column("signature", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # A `RelayState`, and why.
    Column("state", String(16), nullable=False),
    Column("detail", Text),
    # What it takes of the day's gas: a limit, and what was used once it is in a block.
    Column("gas", BigInteger, nullable=False),
    # Whether its account had no meter when that was last looked up.
    Column("is_stranger", Boolean, nullable=False),
    # Since when it counts for a day, whatever becomes of it; NULL while its turn is to come.
    Column("counted_at", BigInteger),
    Column("transaction", String(66)),
    Column("block", BigInteger),
    Index(None, "account"),
    Index(None, "state"),
    Index(None, "counted_at"),
)
