"""Events of oracles: rounds are not abandoned any more, and parameters can change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for oracle in ("grid", "price", "weather"):
        op.drop_table(f"{oracle}_oracle_round_abandoned")
        table = f"{oracle}_oracle_parameters_set"
        op.create_table(
            table,
            sa.Column("block", sa.BigInteger),
            sa.Column("log_index", sa.BigInteger),
            sa.Column("time", sa.BigInteger, nullable=False),
            sa.Column("transaction_hash", sa.String(66), nullable=False),
            sa.Column("quorum", Wide, nullable=False),
            sa.Column("max_age", Wide, nullable=False),
            sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{table}"),
        )
