"""Demand response: who takes part is a contract of its own, and events have further terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide

revision = "0021"
down_revision = "0020"

_ADDRESS, _WORD = sa.String(42), sa.String(66)
_RESPONSE, _ENROLMENTS = "demand_response", "demand_enrolments"
_MOVED = ("consumer_registered", "program_joined", "program_left")
_PARTICIPANT = (("program_id", Wide()), ("participant", _ADDRESS))
_OF_EVENT = (("event_id", Wide()), ("consumer", _ADDRESS))
_TABLES: Mapping[str, Mapping[str, Sequence[tuple[str, Any]]]] = {
    _ENROLMENTS: {
        "consumer_registered": (("consumer", _ADDRESS), ("by", _ADDRESS)),
        "program_joined": (*_PARTICIPANT, ("committed", Wide())),
        "program_left": _PARTICIPANT,
        "aggregator_named": (*_PARTICIPANT, ("aggregator", _ADDRESS), ("fee_bps", Wide())),
        "group_joined": (("program_id", Wide()), ("group", _WORD), ("participant", _ADDRESS)),
        "event_chosen": (*_OF_EVENT, ("choice", sa.BigInteger())),
    },
    _RESPONSE: {
        "event_scheduled": (
            *(("event_id", Wide()), ("kind", sa.BigInteger()), ("group", _WORD)),
            *(("measured_from", Wide()), ("opt_in", sa.Boolean()), ("is_test", sa.Boolean())),
        ),
        "reduction_verified": (
            *(*_OF_EVENT, ("participation_id", Wide())),
            *((f"{each}_w", Wide()) for each in ("baseline", "actual", "reduction", "minimum")),
            ("metered", sa.Boolean()),
        ),
        "fee_earned": (
            *(("event_id", Wide()), ("aggregator", _ADDRESS), ("consumer", _ADDRESS)),
            ("amount", Wide()),
        ),
        "fees_paid": (("aggregator", _ADDRESS), ("to", _ADDRESS), ("amount", Wide())),
    },
}


def upgrade() -> None:
    for event in (*_MOVED, "reduction_verified"):
        op.drop_table(f"{_RESPONSE}_{event}")
    for contract, events in _TABLES.items():
        for event, columns in events.items():
            table = f"{contract}_{event}"
            op.create_table(
                table,
                *(
                    sa.Column(each, sa.BigInteger, nullable=False)
                    for each in ("block", "log_index", "time")
                ),
                sa.Column("transaction_hash", _WORD, nullable=False),
                *(sa.Column(name, kind, nullable=False) for name, kind in columns),
                sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{table}"),
            )
