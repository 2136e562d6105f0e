"""What was signed of batches is in the journal."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("UPDATE batches SET state = 'PLANNED' WHERE state = 'SENT'")
    for name in ("keeper", "nonce", "raw"):
        op.drop_column("batches", name)
