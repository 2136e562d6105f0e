"""Sums of days have closings that are not final yet: which block the newest is in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("day_sums", sa.Column("block", sa.BigInteger, nullable=False, server_default="0"))
