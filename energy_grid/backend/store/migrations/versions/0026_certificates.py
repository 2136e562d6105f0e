"""Certificates spelled out, one by one: what was moved, and what was corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from energy_grid.backend.store.metadata import Wide
from energy_grid.backend.store.partitions import make_partitions

revision = "0026"
down_revision = "0025"

_PLACE = ("block", "log_index", "time")
_INDEXES = (
    ("certificate_moves", "device", "slot"),
    ("certificate_moves", "sender"),
    ("certificate_moves", "recipient"),
    ("certificate_market_certificates_sold", "offer_id"),
)


def upgrade() -> None:
    moves = _create("certificate_moves", "place", "device", "slot", "sender", "recipient", "wh")
    corrected = ("correction", "device", "slot", "wh", "withdrawn")
    corrections = _create("certificate_corrections", *corrected)
    for table, *columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    _fill(moves, [*_moved()])
    _fill(corrections, [*_corrected()])


def _create(name: str, *columns: str) -> sa.Table:
    addresses = ("sender", "recipient")
    in_key = (*_PLACE, *(each for each in columns if each == "place"))
    return op.create_table(
        name,
        *(sa.Column(each, sa.BigInteger, nullable=False) for each in _PLACE),
        *(
            sa.Column(each, sa.String(42) if each in addresses else sa.BigInteger, nullable=False)
            for each in columns
        ),
        sa.PrimaryKeyConstraint(*in_key, name=f"pk_{name}"),
        postgresql_partition_by="RANGE (time)",
    )


def _rows(event: str, **columns: Any) -> Sequence[sa.RowMapping]:
    kinds = {**dict.fromkeys(_PLACE, sa.BigInteger), **columns}
    named = (sa.column(name, kind) for name, kind in kinds.items())
    known = sa.table(f"energy_certificates_{event}", *named)
    return op.get_bind().execute(sa.select(known)).mappings().all()


def _moved() -> Iterator[dict[str, Any]]:
    sides = {"from": sa.String, "to": sa.String}
    for row in _rows("transfer_single", **sides, id=Wide, value=Wide):
        yield from _each(row, [(row["id"], row["value"])])
    for row in _rows("transfer_batch", **sides, ids=sa.JSON, values=sa.JSON):
        yield from _each(row, zip(row["ids"], row["values"], strict=True))


def _each(row: sa.RowMapping, certificates: Any) -> Iterator[dict[str, Any]]:
    for place, (certificate, wh) in enumerate(certificates):
        if int(wh):
            yield {
                **{each: row[each] for each in _PLACE},
                **_of(certificate),
                "place": place,
                "sender": row["from"],
                "recipient": row["to"],
                "wh": int(wh),
            }


def _corrected() -> Iterator[dict[str, Any]]:
    numbers = dict.fromkeys(("correction", "id", "wh", "withdrawn"), Wide)
    for row in _rows("certificate_corrected", **numbers):
        known = {each: row[each] for each in (*_PLACE, "correction", "wh", "withdrawn")}
        yield {**known, **_of(row["id"])}


def _of(certificate: int | str) -> dict[str, int]:
    number = int(certificate)
    return {"device": number >> 32 & 2**32 - 1, "slot": number & 2**32 - 1}


def _fill(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        make_partitions(connection, table.name, (row["time"] for row in rows))
    op.bulk_insert(table, rows)
