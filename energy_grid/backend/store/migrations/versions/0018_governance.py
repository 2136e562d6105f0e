"""Votes that last longer because their quorum came late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for event, *values in (
        ("proposal_extended", "proposal_id", "extended_deadline"),
        ("late_quorum_vote_extension_set", "old_vote_extension", "new_vote_extension"),
    ):
        table = f"grid_governor_{event}"
        op.create_table(
            table,
            *(
                sa.Column(each, sa.BigInteger, nullable=False)
                for each in ("block", "log_index", "time")
            ),
            sa.Column("transaction_hash", sa.String(66), nullable=False),
            *(sa.Column(each, Wide(), nullable=False) for each in values),
            sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{table}"),
        )
