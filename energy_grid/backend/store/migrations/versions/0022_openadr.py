"""Programs that speak OpenADR: their credentials, what they write, and what they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "ven_clients",
        sa.Column("id", sa.String(64)),
        sa.Column("account", sa.String(42), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("may_opt", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ven_clients"),
    )
    op.create_index("ix_ven_clients_account", "ven_clients", ["account"])
    op.create_table(
        "ven_tokens",
        sa.Column("token_hash", sa.String(64)),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_ven_tokens"),
    )
    op.create_index("ix_ven_tokens_client", "ven_tokens", ["client"])
    op.create_index("ix_ven_tokens_expires_at", "ven_tokens", ["expires_at"])
    op.create_table(
        "ven_objects",
        sa.Column("id", sa.String(64)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("account", sa.String(42), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("parent", sa.String(128), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ven_objects"),
    )
    keys = ["client", "kind", "parent", "name"]
    op.create_index("ix_ven_objects_client_kind_parent_name", "ven_objects", keys, unique=True)
    op.create_index("ix_ven_objects_account_kind", "ven_objects", ["account", "kind"])
    op.create_table(
        "ven_subscriptions",
        sa.Column("subscription", sa.String(64)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subscription", name="pk_ven_subscriptions"),
    )
    op.create_table(
        "ven_told",
        sa.Column("subscription", sa.String(64)),
        sa.Column("object", sa.String(160)),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subscription", "object", name="pk_ven_told"),
    )
    op.create_table(
        "ven_opt_outs",
        sa.Column("event", sa.BigInteger),
        sa.Column("account", sa.String(42)),
        sa.Column("client", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("event", "account", name="pk_ven_opt_outs"),
    )
