"""The feed: what has changed in the store, in the order in which it did; what streams are made of.

An entry says which blocks have come, and which were void from then on; or to which state a signed
order has come. Entries are numbered without gaps as they are written, so whoever has read up to a
number has missed nothing. The events themselves are where they are: those of a block that is void
by now are not told to anybody who has not heard of them yet.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)

from energy_grid.backend.store.metadata import METADATA

__all__ = ["FEED", "announce_blocks", "announce_order", "forget_before"]

FEED = Table(
    "feed",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    # Unix seconds of the clock on the wall.
    Column("written_at", BigInteger, nullable=False),
    # Blocks that have come, both included.
    Column("first_block", BigInteger),
    Column("last_block", BigInteger),
    # Blocks that were void before; NULL: none.
    Column("void_from", BigInteger),
    Column("void_to", BigInteger),
    # An order, its trader, and what has become of it.
    Column("order_hash", String(66)),
    Column("trader", String(42)),
    Column("state", String(16)),
    Column("reason", String(32)),
    Column("filled", BigInteger),
    Index(None, "written_at"),
)

# One number for all writers of the feed: any other lock's differs from it.
_ANNOUNCING = 0x66656564


def announce_blocks(connection: Connection, blocks: range, void: range = range(0)) -> None:
    """Tell that events of blocks are there.

    Args:
        void: blocks whose events were taken away before, in the same transaction.
    """
    values: dict[str, Any] = {}
    if blocks:
        values |= {"first_block": blocks.start, "last_block": blocks.stop - 1}
    if void:
        values |= {"void_from": void.start, "void_to": void.stop - 1}
    _announce(connection, values)


def announce_order(connection: Connection, row: Mapping[str, Any]) -> None:
    """Tell the state of a signed order.

    Args:
        row: of `SIGNED_ORDERS`, as it is from now on.
    """
    values = {name: row[name] for name in ("trader", "state", "filled")}
    _announce(connection, {"order_hash": row["hash"], "reason": row["reason"], **values})


def forget_before(connection: Connection, moment: int) -> None:
    """Delete old entries; the newest stays, so that numbers go on."""
    newest = select(func.max(FEED.c.number)).scalar_subquery()
    connection.execute(delete(FEED).where(FEED.c.written_at < moment, FEED.c.number < newest))


def _announce(connection: Connection, values: Mapping[str, Any]) -> None:
    if connection.dialect.name == "postgresql":
        # Numbers become visible in their order: a reader would never look for an earlier one.
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ANNOUNCING})
    number = (connection.scalar(select(func.max(FEED.c.number))) or 0) + 1
    connection.execute(insert(FEED).values(number=number, written_at=int(time.time()), **values))
