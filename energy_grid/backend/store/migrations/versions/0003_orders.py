"""Signed orders, clearings and their batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "signed_orders",
        sa.Column("hash", sa.String(66), primary_key=True),
        sa.Column("trader", sa.String(42), nullable=False),
        sa.Column("side", sa.Integer, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("expiry", Wide(), nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("by_contract", sa.Boolean, nullable=False),
        sa.Column("region", sa.Integer, nullable=False),
        sa.Column("received_block", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("filled", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_signed_orders_start_kind", "signed_orders", ["start", "kind"])
    op.create_index("ix_signed_orders_state", "signed_orders", ["state"])
    op.create_index("ix_signed_orders_trader_start", "signed_orders", ["trader", "start"])
    op.create_table(
        "clearings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("region", sa.Integer, nullable=False),
        sa.Column("root", sa.String(66), nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("seed_block", sa.BigInteger, nullable=False),
        sa.Column("seed", sa.String(66), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_index("ix_clearings_root", "clearings", ["root"])
    op.create_index("ix_clearings_state", "clearings", ["state"])
    op.create_table(
        "cleared_orders",
        sa.Column("clearing", sa.Integer, sa.ForeignKey("clearings.id"), primary_key=True),
        sa.Column("order_id", sa.String(66), primary_key=True),
        sa.Column("open_wh", sa.BigInteger, nullable=False),
        sa.Column("considered", sa.Boolean, nullable=False),
        sa.Column("dropped", sa.String(32)),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("clearing", sa.Integer, sa.ForeignKey("clearings.id"), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("skips", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("keeper", sa.String(42)),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("transaction", sa.String(66)),
        sa.Column("block", sa.BigInteger),
        sa.Column("matched", sa.Text),
        sa.Column("refused", sa.String(66)),
        sa.Column("reason", sa.String(32)),
    )
    op.create_index("ix_batches_clearing_part", "batches", ["clearing", "part"], unique=True)
    op.create_index("ix_batches_state", "batches", ["state"])
    op.create_table(
        "order_trades",
        sa.Column("trade", Wide(), primary_key=True),
        sa.Column(
            "order_hash", sa.String(66), sa.ForeignKey("signed_orders.hash"), primary_key=True
        ),
        sa.Column("wh", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("block", sa.BigInteger, nullable=False),
        sa.Column("is_settled", sa.Boolean, nullable=False),
    )
    op.create_index("ix_order_trades_block", "order_trades", ["block"])
    op.create_index("ix_order_trades_order_hash", "order_trades", ["order_hash"])
