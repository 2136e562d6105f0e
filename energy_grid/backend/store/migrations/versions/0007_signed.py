"""How often each journal was written to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    signed = sa.Column("signed", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("journals", signed)
