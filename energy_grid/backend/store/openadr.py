"""Programs of accounts that speak OpenADR (VENs): who they are, and what they have written.

ven_clients        with what a program proves that its account has let it in
ven_tokens         what it has been given for that, for an hour
ven_objects        its own objects, as JSON: vens, resources, reports, subscriptions
ven_subscriptions  how each subscription fares
ven_told           what each subscription was told of what last
ven_opt_outs       events out of which a VEN has opted by word, without a signature
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from energy_grid.backend.store.metadata import METADATA

__all__ = [
    "VEN_CLIENTS",
    "VEN_OBJECTS",
    "VEN_OPT_OUTS",
    "VEN_SUBSCRIPTIONS",
    "VEN_TOKENS",
    "VEN_TOLD",
]

_ID = String(64)

VEN_CLIENTS = Table(
    "ven_clients",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("account", String(42), nullable=False),
    # What the account calls it.
    Column("name", String(100), nullable=False),
    # The secret itself is nowhere.
    Column("secret_hash", String(64), nullable=False),
    # Whether it may opt out of events, and in again, for its account.
    Column("may_opt", Boolean, nullable=False),
    # Unix seconds of the clock on the wall, as all times here.
    Column("created_at", BigInteger, nullable=False),
    Index(None, "account"),
)
VEN_TOKENS = Table(
    "ven_tokens",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("client", _ID, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "client"),
    Index(None, "expires_at"),
)
VEN_OBJECTS = Table(
    "ven_objects",
    METADATA,
    Column("id", _ID, primary_key=True),
    # As OpenADR calls its type, such as REPORT.
    Column("kind", String(16), nullable=False),
    Column("client", _ID, nullable=False),
    Column("account", String(42), nullable=False),
    # What no two of the same kind and parent share, of those that have one; else the id.
    Column("name", String(128), nullable=False),
    # Of a report its event, of a resource its ven; else empty.
    Column("parent", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("modified_at", BigInteger, nullable=False),
    Index(None, "client", "kind", "parent", "name", unique=True),
    Index(None, "account", "kind"),
)
VEN_SUBSCRIPTIONS = Table(
    "ven_subscriptions",
    METADATA,
    Column("subscription", _ID, primary_key=True),
    # In a row; too many, and it is told nothing any more until it is written anew.
    Column("failures", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
)
VEN_TOLD = Table(
    "ven_told",
    METADATA,
    Column("subscription", _ID, primary_key=True),
    # Such as EVENT 12.
    Column("object", String(160), primary_key=True),
    # As it was.
    Column("body", Text, nullable=False),
)
VEN_OPT_OUTS = Table(
    "ven_opt_outs",
    METADATA,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String(42), primary_key=True),
    # Of the VEN that did.
    Column("client", _ID, nullable=False),
)
