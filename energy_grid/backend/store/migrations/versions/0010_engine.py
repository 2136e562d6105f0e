"""On-chain orders of a set are known without the chain; orders that cost gas in vain are barred."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("signed_orders", sa.Column("barred", sa.String(32)))
    op.add_column(
        "signed_orders",
        sa.Column("filled_before", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.add_column("cleared_orders", sa.Column("trader", sa.String(42)))
    op.add_column("cleared_orders", sa.Column("side", sa.Integer))
    op.add_column("cleared_orders", sa.Column("price", sa.BigInteger))
    for ours, theirs in (("trader", "trader"), ("side", "order_type"), ("price", "price")):
        op.execute(
            f"UPDATE cleared_orders SET {ours} = (SELECT {theirs} FROM"
            " energy_trading_order_created WHERE CAST(order_id AS TEXT) = cleared_orders.order_id)"
            " WHERE order_id NOT LIKE '0x%'"
        )
