"""Invitations of households."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.String(32)),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("meter", sa.String(42), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("rated_power", sa.BigInteger, nullable=False),
        sa.Column("is_settlement", sa.Boolean, nullable=False),
        sa.Column("invited_at", sa.BigInteger, nullable=False),
        sa.Column("account", sa.String(42)),
        sa.Column("imported", sa.BigInteger),
        sa.Column("exported", sa.BigInteger),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("proof", sa.LargeBinary),
        sa.Column("consent", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        sa.UniqueConstraint("meter", name="uq_enrolments_meter"),
    )
