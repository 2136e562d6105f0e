"""What the twins of feeders say of slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "feeder_flows",
        sa.Column("region", sa.String(31)),
        sa.Column("end", sa.BigInteger),
        sa.Column("readings", sa.Integer, nullable=False),
        sa.Column("measured", sa.Integer, nullable=False),
        sa.Column("meters", sa.Integer, nullable=False),
        sa.Column("supply_w", sa.BigInteger, nullable=False),
        sa.Column("losses_w", sa.BigInteger, nullable=False),
        sa.Column("transformer_bps", sa.Integer, nullable=False),
        sa.Column("cable", sa.String(100), nullable=False),
        sa.Column("cable_bps", sa.Integer, nullable=False),
        sa.Column("lowest_bus", sa.String(100), nullable=False),
        sa.Column("lowest_bps", sa.Integer, nullable=False),
        sa.Column("highest_bus", sa.String(100), nullable=False),
        sa.Column("highest_bps", sa.Integer, nullable=False),
        sa.Column("is_broken", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("region", "end", name="pk_feeder_flows"),
    )
