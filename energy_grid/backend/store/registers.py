"""What meters have sent over MQTT: registers that count, what does not, and how devices are.

Energy is in Wh, voltage in decivolts, frequency in centihertz, times in Unix seconds. A meter is
the address of the key that signs.

    registers      one row for each meter and time: however often it is sent, it counts once
    quarantined    what a meter has signed, or seems to have, and does not count, with the reason
    meter_states   whether a device is there, and how far its clock is off
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from energy_grid.backend.store.metadata import METADATA

__all__ = ["METER_STATES", "QUARANTINED", "REGISTERS"]


def _reading() -> tuple[Column[int], ...]:
    return (
        Column("import_wh", BigInteger, nullable=False),
        Column("export_wh", BigInteger, nullable=False),
        Column("voltage", Integer, nullable=False),
        Column("frequency", Integer, nullable=False),
        Column("received_at", BigInteger, nullable=False),
    )


# PostgreSQL has a partition for each month.
REGISTERS = Table(
    "registers",
    METADATA,
    Column("meter", String(42), primary_key=True),
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    *_reading(),
    # r and vs, 32 bytes each.
    Column("signature", LargeBinary, nullable=False),
    # Received less signed; NULL if a newer one was there already: it tells nothing of the clock.
    Column("clock_offset", BigInteger),
    Index(None, "time"),
    postgresql_partition_by="RANGE (time)",
)

QUARANTINED = Table(
    "quarantined",
    METADATA,
    # Of its topic.
    Column("meter", String(42), primary_key=True),
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    Column("signature", LargeBinary, primary_key=True),
    *_reading(),
    # A `Reason`, and a line for people.
    Column("reason", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Index(None, "reason"),
)

METER_STATES = Table(
    "meter_states",
    METADATA,
    Column("meter", String(42), primary_key=True),
    # NULL until the device has said so.
    Column("online", Boolean),
    Column("seen_at", BigInteger, nullable=False),
    Column("clock_offset", BigInteger),
)
