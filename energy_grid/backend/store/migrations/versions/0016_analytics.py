"""Sums of days, hours and clearings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0016"
down_revision = "0015"

_SUMS = (
    *("bought", "sold", "taken", "given", "drawn", "kept", "from_grid", "fed_in"),
    *("money", "spent", "earned"),
)


def upgrade() -> None:
    op.create_table(
        "day_sums",
        sa.Column("day", sa.BigInteger, autoincrement=False),
        sa.Column("community", sa.BigInteger, autoincrement=False),
        sa.Column("region", sa.String(66)),
        sa.Column("trades", sa.Boolean),
        sa.Column("accounts", sa.BigInteger, nullable=False),
        *(sa.Column(each, sa.BigInteger, nullable=False) for each in _SUMS),
        sa.PrimaryKeyConstraint("day", "community", "region", "trades", name="pk_day_sums"),
    )
    op.create_table(
        "summed",
        sa.Column("block", sa.BigInteger, autoincrement=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("block", name="pk_summed"),
    )
    op.create_table(
        "hour_sums",
        sa.Column("start", sa.BigInteger, autoincrement=False),
        sa.Column("community", sa.BigInteger, autoincrement=False),
        sa.Column("region", sa.String(66)),
        sa.Column("accounts", sa.BigInteger, nullable=False),
        sa.Column("import_wh", sa.BigInteger, nullable=False),
        sa.Column("export_wh", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("start", "community", "region", name="pk_hour_sums"),
    )
    op.create_table(
        "clearing_sums",
        sa.Column("clearing", sa.Integer),
        sa.Column("energy_wh", sa.BigInteger, nullable=False),
        sa.Column("welfare", Wide(), nullable=False),
        sa.Column("optimum", Wide(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clearing"], ["clearings.id"], name="fk_clearing_sums_clearing_clearings"
        ),
        sa.PrimaryKeyConstraint("clearing", name="pk_clearing_sums"),
    )
