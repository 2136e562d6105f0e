"""Calls for the relay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "relayed_calls",
        sa.Column("number", sa.Integer),
        sa.Column("id", sa.String(66), nullable=False),
        sa.Column("account", sa.String(42), nullable=False),
        sa.Column("target", sa.String(42), nullable=False),
        sa.Column("call_gas", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("gas", sa.BigInteger, nullable=False),
        sa.Column("is_stranger", sa.Boolean, nullable=False),
        sa.Column("counted_at", sa.BigInteger),
        sa.Column("transaction", sa.String(66)),
        sa.Column("block", sa.BigInteger),
        sa.PrimaryKeyConstraint("number", name="pk_relayed_calls"),
        sa.UniqueConstraint("id", name="uq_relayed_calls_id"),
    )
    for name in ("account", "state", "counted_at"):
        op.create_index(f"ix_relayed_calls_{name}", "relayed_calls", [name])
