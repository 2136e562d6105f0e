"""Which frequencies and voltages are nominal in a region."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_BOUNDS = (
    "normal_low",
    "normal_high",
    "alert_low",
    "alert_high",
    "emergency_low",
    "emergency_high",
)
_NOMINAL = ("bands_nominal_frequency", "bands_nominal_voltage")


def upgrade() -> None:
    bounds = [f"bands_{of}_{each}" for of in ("frequency", "voltage") for each in _BOUNDS]
    numbers = [sa.Column(each, sa.BigInteger, nullable=False) for each in (*_NOMINAL, *bounds)]
    _table("grid_bands_bands_set", sa.Column("region", sa.String(66), nullable=False), *numbers)
    authority = sa.Column("authority", sa.String(42), nullable=False)
    _table("grid_bands_authority_updated", authority)


def _table(name: str, *values: sa.Column[Any]) -> None:
    op.create_table(
        name,
        *(sa.Column(one, sa.BigInteger, nullable=False) for one in ("block", "log_index", "time")),
        sa.Column("transaction_hash", sa.String(66), nullable=False),
        *values,
        sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{name}"),
    )
