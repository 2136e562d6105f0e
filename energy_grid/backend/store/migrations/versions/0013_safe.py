"""Transactions of the Safe that wait for its owners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "safe_transactions",
        sa.Column("hash", sa.String(66)),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("target", sa.String(42), nullable=False),
        sa.Column("value", Wide, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("operation", sa.Integer, nullable=False),
        sa.Column("proposer", sa.String(42), nullable=False),
        sa.Column("proposed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_safe_transactions"),
    )
    op.create_index("ix_safe_transactions_nonce", "safe_transactions", ["nonce"])
    op.create_table(
        "safe_signatures",
        sa.Column("hash", sa.String(66)),
        sa.Column("owner", sa.String(42)),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("hash", "owner", name="pk_safe_signatures"),
        sa.ForeignKeyConstraint(
            ["hash"],
            ["safe_transactions.hash"],
            name="fk_safe_signatures_hash_safe_transactions",
            ondelete="CASCADE",
        ),
    )
