"""The chain that a store belongs to, and its blocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chain",
        sa.Column("chain_id", sa.BigInteger),
        sa.Column("genesis", sa.String(66), nullable=False),
        sa.Column("settlement", sa.String(42), nullable=False),
        sa.Column("indexed_block", sa.BigInteger, nullable=False),
        sa.Column("checked_block", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name="pk_chain"),
    )
    op.create_table(
        "blocks",
        sa.Column("number", sa.BigInteger),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("tables", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_blocks"),
    )
