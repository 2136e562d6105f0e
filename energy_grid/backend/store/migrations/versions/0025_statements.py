"""Statements that were issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("month", sa.String(7)),
        sa.Column("subject", sa.String(64)),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("month", "subject", name="pk_statements"),
    )
