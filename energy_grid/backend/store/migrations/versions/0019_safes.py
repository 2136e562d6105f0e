"""Transactions wait for the owners of one of several Safes. A market with one Safe was another
deployment: what waited for its owners is forgotten, and they can propose it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM safe_signatures"))
    op.execute(sa.text("DELETE FROM safe_transactions"))
    # Without rows the default names nobody.
    safe = sa.Column("safe", sa.String(42), nullable=False, server_default="")
    op.add_column("safe_transactions", safe)
