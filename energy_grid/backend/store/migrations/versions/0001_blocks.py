"""The chain that a store belongs to, and its blocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chain",
        sa.Column("chain_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("genesis", sa.String(66), nullable=False),
        sa.Column("settlement", sa.String(42), nullable=False),
        sa.Column("first_block", sa.BigInteger, nullable=False),
        sa.Column("indexed_block", sa.BigInteger, nullable=False),
        sa.Column("indexed_hash", sa.String(66), nullable=False),
    )
    op.create_table(
        "blocks",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
