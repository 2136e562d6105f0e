"""Tables of what events say in packed words, spelled out: readings, closed days, certificates.

Energy is in Wh, money in thousandths of base units, times in Unix seconds, days and slots are
numbers from 1970. A row stands for one event, for one member in a community's event, or for one
certificate in a transfer; it comes and goes with its event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String, Table

from energy_grid.backend.store.metadata import METADATA
from energy_grid.domain.account_words import DayResult, Reading, closed_number, day_result, reading
from energy_grid.domain.certificates import device_and_slot
from energy_grid.market.days import settled_words

__all__ = [
    "CERTIFICATE_CORRECTIONS",
    "CERTIFICATE_MOVES",
    "CLOSED_DAYS",
    "DETAILS",
    "READINGS",
    "details",
]

_READING, _DAY = (tuple(each.name for each in fields(kind)) for kind in (Reading, DayResult))


def _table(name: str, *columns: Column[Any]) -> Table:
    """A table that PostgreSQL partitions by month."""
    return Table(
        name,
        METADATA,
        Column("block", BigInteger, primary_key=True, autoincrement=False),
        Column("log_index", BigInteger, primary_key=True, autoincrement=False),
        Column("time", BigInteger, primary_key=True, autoincrement=False),
        *columns,
        postgresql_partition_by="RANGE (time)",
    )


READINGS = _table(
    "readings",
    Column("meter", String(42), nullable=False),
    *(Column(each, BigInteger, nullable=False) for each in _READING),
)
CLOSED_DAYS = _table(
    "closed_days",
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("day", BigInteger, nullable=False),
    *(Column(each, BigInteger, nullable=False) for each in _DAY),
)
# Issuing is a move from the zero address, retiring and withdrawing are moves to it.
CERTIFICATE_MOVES = _table(
    "certificate_moves",
    # Of the certificate among those that the event moves.
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("device", BigInteger, nullable=False),
    Column("slot", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("recipient", String(42), nullable=False),
    Column("wh", BigInteger, nullable=False),
)
CERTIFICATE_CORRECTIONS = _table(
    "certificate_corrections",
    *(
        Column(each, BigInteger, nullable=False)
        for each in ("correction", "device", "slot", "wh", "withdrawn")
    ),
)
DETAILS = (READINGS, CLOSED_DAYS, CERTIFICATE_MOVES, CERTIFICATE_CORRECTIONS)

Index(None, READINGS.c.meter, READINGS.c.timestamp)
Index(None, CLOSED_DAYS.c.number, CLOSED_DAYS.c.day)
Index(None, CLOSED_DAYS.c.day)
for _keys in (("device", "slot"), ("sender",), ("recipient",)):
    Index(None, *(CERTIFICATE_MOVES.c[each] for each in _keys))


def details(table: str, values: Mapping[str, Any]) -> Iterator[tuple[Table, dict[str, Any]]]:
    """The rows that an event has besides its own, without the place of the event.

    Args:
        table: of the event.
        values: of the event.
    """
    if table == "smart_meter_reading_recorded":
        yield READINGS, {"meter": values["meter"], **_named(_READING, reading(values["reading"]))}
    elif table == "settlement_day_closed":
        yield CLOSED_DAYS, _closed(values["day"], values["closed"], values["flows"])
    elif table == "community_days_day_settled":
        for closed, flows in settled_words(values["words"]).values():
            yield CLOSED_DAYS, _closed(values["day"], closed, flows)
    elif table == "energy_certificates_transfer_single":
        yield from _moves(values, [(values["id"], values["value"])])
    elif table == "energy_certificates_transfer_batch":
        yield from _moves(values, zip(values["ids"], values["values"], strict=True))
    elif table == "energy_certificates_certificate_corrected":
        device, slot = device_and_slot(values["id"])
        amounts = {name: values[name] for name in ("correction", "wh", "withdrawn")}
        yield CERTIFICATE_CORRECTIONS, {"device": device, "slot": slot, **amounts}


def _moves(
    values: Mapping[str, Any], certificates: Iterable[tuple[int, int]]
) -> Iterator[tuple[Table, dict[str, Any]]]:
    for place, (certificate, wh) in enumerate(certificates):
        device, slot = device_and_slot(certificate)
        # Anybody can move nothing of what is no certificate.
        if wh:
            yield (
                CERTIFICATE_MOVES,
                {
                    "place": place,
                    "device": device,
                    "slot": slot,
                    "sender": values["from"],
                    "recipient": values["to"],
                    "wh": wh,
                },
            )


def _closed(day: int, closed: int, flows: int) -> dict[str, Any]:
    return {"number": closed_number(closed), "day": day, **_named(_DAY, day_result(closed, flows))}


def _named(names: Sequence[str], record: object) -> dict[str, int]:
    return {name: getattr(record, name) for name in names}
