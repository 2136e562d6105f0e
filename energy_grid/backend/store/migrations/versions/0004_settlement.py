"""The transactions of services, and what the settlement service has put aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "journals",
        sa.Column("name", sa.String(64)),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("genesis", sa.String(66), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_journals"),
    )
    op.create_table(
        "sent_transactions",
        sa.Column("id", sa.Integer),
        sa.Column("journal", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("function", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("cancellation", sa.Boolean, nullable=False),
        sa.Column("safe", sa.String(42)),
        sa.Column("safe_nonce", sa.BigInteger),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("gas_limit", sa.BigInteger, nullable=False),
        sa.Column("gas_used", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["journal"], ["journals.name"], name="fk_sent_transactions_journal"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sent_transactions"),
    )
    op.create_index("ix_sent_transactions_journal_time", "sent_transactions", ["journal", "time"])
    op.create_index(
        "ux_sent_transactions_pending",
        "sent_transactions",
        ["sender", "nonce"],
        unique=True,
        sqlite_where=sa.text("gas_used IS NULL"),
        postgresql_where=sa.text("gas_used IS NULL"),
    )
    op.create_index(
        "ux_sent_transactions_key", "sent_transactions", ["journal", "key"], unique=True
    )
    op.create_table(
        "sent_attempts",
        sa.Column("transaction", sa.Integer),
        sa.Column("place", sa.Integer),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction"], ["sent_transactions.id"], name="fk_sent_attempts_transaction"
        ),
        sa.PrimaryKeyConstraint("transaction", "place", name="pk_sent_attempts"),
    )
    op.create_table(
        "settlement_aside",
        sa.Column("name", sa.String(100)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settlement_aside"),
    )
