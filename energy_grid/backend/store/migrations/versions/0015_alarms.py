"""Alarms that were acknowledged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "acknowledged",
        sa.Column("alarm", sa.String(200)),
        sa.Column("operator", sa.String(42), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("alarm", name="pk_acknowledged"),
    )
