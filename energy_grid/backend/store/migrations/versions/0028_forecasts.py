"""Forecasts, and the models that made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("subject", sa.String(66)),
        sa.Column("what", sa.String(10)),
        sa.Column("origin", sa.BigInteger),
        sa.Column("start", sa.BigInteger),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("low_wh", "median_wh", "high_wh")
        ),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("version", sa.String(12)),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("subject", "what", "origin", "start", name="pk_forecasts"),
    )
    op.create_index("ix_forecasts_origin", "forecasts", ["origin"])
    op.create_table(
        "forecast_models",
        sa.Column("kind", sa.String(10)),
        sa.Column("night", sa.BigInteger),
        sa.Column("version", sa.String(12), nullable=False),
        sa.Column("error_bps", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "night", name="pk_forecast_models"),
    )
