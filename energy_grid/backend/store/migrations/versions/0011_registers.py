"""Registers of meters, what is in quarantine, and the states of devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
# 0009 is made elsewhere at the same time; it goes between these.
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "registers",
        sa.Column("meter", sa.String(42)),
        sa.Column("time", sa.BigInteger),
        *_reading(),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("clock_offset", sa.BigInteger),
        sa.PrimaryKeyConstraint("meter", "time", name="pk_registers"),
        postgresql_partition_by="RANGE (time)",
    )
    op.create_index("ix_registers_time", "registers", ["time"])
    op.create_table(
        "quarantined",
        sa.Column("meter", sa.String(42)),
        sa.Column("time", sa.BigInteger),
        sa.Column("signature", sa.LargeBinary),
        *_reading(),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("meter", "time", "signature", name="pk_quarantined"),
    )
    op.create_index("ix_quarantined_reason", "quarantined", ["reason"])
    op.create_table(
        "meter_states",
        sa.Column("meter", sa.String(42)),
        sa.Column("online", sa.Boolean),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("clock_offset", sa.BigInteger),
        sa.PrimaryKeyConstraint("meter", name="pk_meter_states"),
    )


def _reading() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("import_wh", sa.BigInteger, nullable=False),
        sa.Column("export_wh", sa.BigInteger, nullable=False),
        sa.Column("voltage", sa.Integer, nullable=False),
        sa.Column("frequency", sa.Integer, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )
