"""How long a slot is, for views that tell the days of slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("summed", sa.Column("slot_seconds", sa.BigInteger))
