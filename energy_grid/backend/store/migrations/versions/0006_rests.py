"""How far each role has looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "rests",
        sa.Column("role", sa.String(100), primary_key=True),
        sa.Column("block", sa.BigInteger(), nullable=False),
    )
