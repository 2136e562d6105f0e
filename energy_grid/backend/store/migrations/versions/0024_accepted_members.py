"""Aggregators accept their members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0024"
down_revision = "0023"

_TABLE = "demand_enrolments_member_accepted"
_ADDRESS = sa.String(42)


def upgrade() -> None:
    op.create_table(
        _TABLE,
        *(sa.Column(one, sa.BigInteger, nullable=False) for one in ("block", "log_index", "time")),
        sa.Column("transaction_hash", sa.String(66), nullable=False),
        sa.Column("program_id", Wide(), nullable=False),
        sa.Column("participant", _ADDRESS, nullable=False),
        sa.Column("aggregator", _ADDRESS, nullable=False),
        sa.Column("committed", Wide(), nullable=False),
        sa.Column("fee_bps", Wide(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{_TABLE}"),
    )
