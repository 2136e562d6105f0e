"""What the API needs: the feed, sessions, answers; and orders that were withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("first_block", sa.BigInteger),
        sa.Column("last_block", sa.BigInteger),
        sa.Column("void_from", sa.BigInteger),
        sa.Column("void_to", sa.BigInteger),
        sa.Column("order_hash", sa.String(66)),
        sa.Column("trader", sa.String(42)),
        sa.Column("state", sa.String(16)),
        sa.Column("reason", sa.String(32)),
        sa.Column("filled", sa.BigInteger),
    )
    op.create_index("ix_feed_written_at", "feed", ["written_at"])
    op.create_table(
        "challenges",
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(42), nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "answered",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_answered_answered_at", "answered", ["answered_at"])
    op.add_column(
        "signed_orders",
        sa.Column("withdrawn", sa.Boolean, nullable=False, server_default=sa.false()),
    )
