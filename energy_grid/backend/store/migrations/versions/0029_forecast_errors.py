"""Hours that communities and regions had, and how wrong the forecasts of days were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "forecast_sums",
        sa.Column("subject", sa.String(66)),
        sa.Column("start", sa.BigInteger),
        sa.Column("accounts", sa.Integer, nullable=False),
        sa.Column("load_wh", sa.BigInteger, nullable=False),
        sa.Column("production_wh", sa.BigInteger, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("subject", "start", name="pk_forecast_sums"),
    )
    op.create_index("ix_forecast_sums_start", "forecast_sums", ["start"])
    sums = ("came_wh", "missed_wh", "yesterday_wh", "last_week_wh", "mean_wh")
    op.create_table(
        "forecast_errors",
        sa.Column("subject", sa.String(66)),
        sa.Column("what", sa.String(10)),
        sa.Column("day", sa.BigInteger),
        sa.Column("hours", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in sums),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("version", sa.String(12)),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("subject", "what", "day", name="pk_forecast_errors"),
    )
    op.create_index("ix_forecast_errors_day", "forecast_errors", ["day"])
