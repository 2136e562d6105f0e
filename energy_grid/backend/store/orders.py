"""Signed orders, what was cleared of them, and the batches that were sent.

    signed_orders 1 --- n cleared_orders n --- 1 clearings 1 --- n batches
          1 ----------------- n order_trades

An id of an order is its number (of an on-chain order) or its hash as 0x and 64 digits.
"""

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
    false,
)

from energy_grid.backend.store.metadata import METADATA, Wide

__all__ = ["BATCHES", "CLEARED_ORDERS", "CLEARINGS", "ORDER_TRADES", "SIGNED_ORDERS"]

SIGNED_ORDERS = Table(
    "signed_orders",
    METADATA,
    Column("hash", String(66), primary_key=True),
    Column("trader", String(42), nullable=False),
    # Numbered as on the chain.
    Column("side", Integer, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("start", BigInteger, nullable=False),
    # Wh of the period, money per kWh, Unix seconds.
    Column("amount", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("expiry", Wide, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("by_contract", Boolean, nullable=False),
    Column("region", Integer, nullable=False),
    # The newest block when it came.
    Column("received_block", BigInteger, nullable=False),
    # `OrderState`, and a `Refusal` where there is one.
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    # Wh that trades in blocks have.
    Column("filled", BigInteger, nullable=False),
    # Its trader has told the engine to leave it alone; on the chain it would still count.
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    # Wh that other keepers had traded of it up to the block at which it came.
    Column("filled_before", BigInteger, nullable=False, server_default="0"),
    # The `Refusal` for which a block has refused it, at the keeper's cost: it is left alone.
    Column("barred", String(32)),
    Index(None, "start", "kind"),
    Index(None, "trader", "start"),
    Index(None, "state"),
)

# Published before their first batch is sent.
CLEARINGS = Table(
    "clearings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("region", Integer, nullable=False),
    Column("root", String(66), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("seed_block", BigInteger, nullable=False),
    Column("seed", String(66), nullable=False),
    # `ClearingState`.
    Column("state", String(16), nullable=False),
    Index(None, "state"),
    Index(None, "root"),
)

CLEARED_ORDERS = Table(
    "cleared_orders",
    METADATA,
    Column("clearing", Integer, ForeignKey("clearings.id"), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("open_wh", BigInteger, nullable=False),
    # Whether it is a leaf of the root: not if it was dropped before the clearing.
    Column("considered", Boolean, nullable=False),
    # The `Refusal` for which it was dropped.
    Column("dropped", String(32)),
    # Of on-chain orders, which a reorganisation can take away.
    Column("trader", String(42)),
    Column("side", Integer),
    Column("price", BigInteger),
)

BATCHES = Table(
    "batches",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("clearing", Integer, ForeignKey("clearings.id"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
    # JSON: {"signed": [id, ..], "stored": [id, ..], "fills": [[buy, sell, Wh], ..]}, the fills by
    # place: signed orders, then on-chain ones.
    Column("content", Text, nullable=False),
    # Whether the contract skips what it rejects.
    Column("skips", Boolean, nullable=False),
    # `BatchState`.
    Column("state", String(16), nullable=False),
    # Once it is in a block, reverted or not.
    Column("transaction", String(66)),
    Column("block", BigInteger),
    # JSON: {id: Wh, ..} of what it matched.
    Column("matched", Text),
    # The order for which it was rejected, and the `Refusal`.
    Column("refused", String(66)),
    Column("reason", String(32)),
    Index(None, "clearing", "part", unique=True),
    Index(None, "state"),
)

# The newest blocks' are read again each time: a reorganisation leaves none behind.
ORDER_TRADES = Table(
    "order_trades",
    METADATA,
    Column("trade", Wide, primary_key=True),
    Column("order_hash", String(66), ForeignKey("signed_orders.hash"), primary_key=True),
    Column("wh", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Index(None, "order_hash"),
    Index(None, "block"),
)
