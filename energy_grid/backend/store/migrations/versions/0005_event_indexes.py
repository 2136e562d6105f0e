"""Indexes of the tables of events, for the views."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_INDEXES = """
energy_trading_order_created order_id
energy_trading_order_created start
energy_trading_order_created trader
energy_trading_order_cancelled order_id
energy_trading_orders_matched buy_id
energy_trading_orders_matched sell_id
energy_trading_orders_matched transaction_id
energy_trading_transaction_settled transaction_id
communities_joined id account
communities_left id account
settlement_account_opened account
settlement_account_opened number
"""


def upgrade() -> None:
    for line in _INDEXES.strip().split("\n"):
        table, *columns = line.split()
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
