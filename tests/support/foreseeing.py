"""Houses of a store without a chain: where they are, and what their meters have read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Table, delete, func, insert, select

from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.backend.store.registers import REGISTERS
from tests.support.market import HOME, MONDAY, actor

__all__ = ["DAY", "FIRST", "HOUR", "HOUSES", "flows", "leave", "measure", "populate", "tick"]

HOUR, DAY = 3600, 24
FIRST = MONDAY // HOUR
"""The hour in which the meters begin."""
HOUSES = tuple(actor(f"house {number}").address for number in range(6))
_HASH = f"0x{0:064x}"
_Flows = Sequence[tuple[int, int]]


def populate(database: Database, community: Sequence[str] = HOUSES, joined: int = 0) -> None:
    """Let a store know the home region, its houses (each with a meter of the same address), and
    who is in community 1 from a day on."""
    place = {"block": 1, "time": MONDAY, "transaction_hash": _HASH}
    region = f"0x{HOME.hex()}"

    def put(table: Table, rows: list[dict[str, Any]]) -> None:
        numbered = [{**place, "log_index": at, **row} for at, row in enumerate(rows)]
        with database.writing() as connection:
            connection.execute(insert(table), numbered)

    chain = {"chain_id": 1, "genesis": _HASH, "settlement": HOUSES[0]}
    with database.writing() as connection:
        connection.execute(insert(CHAIN).values(**chain, indexed_block=1, checked_block=1))
    put(table_of("Tariffs", "RegionAdded"), [{"id": 1, "region": region}])
    put(
        table_of("SmartMeter", "MeterRegistered"),
        [
            {
                "meter": each,
                "account": each,
                "region": region,
                "number": number,
                "rated_power": 5000,
                "settlement": True,
            }
            for number, each in enumerate(HOUSES, 1)
        ],
    )
    members = [{"id": 1, "account": each, "day": joined} for each in community]
    if members:
        put(table_of("Communities", "Joined"), members)


def leave(database: Database, houses: Sequence[str], day: int) -> None:
    """Let houses be in community 1 until a day begins."""
    place = {"block": 2, "time": MONDAY, "transaction_hash": _HASH, "by": HOUSES[0]}
    rows = [
        {**place, "log_index": at, "id": 1, "account": each, "day": day}
        for at, each in enumerate(houses)
    ]
    with database.writing() as connection:
        connection.execute(insert(table_of("Communities", "Left")), rows)


def flows(house: int, days: int) -> _Flows:
    """What a house takes and gives in the hours of days, Wh: by night it takes, and houses with an
    even number have panels."""
    draw = np.random.default_rng(house)
    clouds = np.repeat(draw.uniform(0.3, 1.0, days), DAY)
    clock = np.arange(days * DAY) % DAY
    sun = np.maximum(np.sin((clock - 7) / 10 * np.pi), 0) * (clock > 7) * (clock < 17) * clouds
    net = (300 + 40 * house) * draw.uniform(0.8, 1.2, days * DAY)
    net = net - 3000 * sun * (house % 2 == 0)
    return [(max(round(wh), 0), max(round(-wh), 0)) for wh in net]


def measure(database: Database, known: Mapping[str, _Flows], first: int = FIRST) -> None:
    """Let the meters of houses have read what came in each hour from one on."""
    rows = []
    for meter, hours in known.items():
        registers = np.cumsum([(0, 0), *hours], axis=0)
        rows += [
            {
                "meter": meter,
                "time": (first + at) * HOUR,
                "import_wh": int(imported),
                "export_wh": int(exported),
                "voltage": 2300,
                "frequency": 5000,
                "received_at": (first + at) * HOUR,
                "signature": b"",
            }
            for at, (imported, exported) in enumerate(registers)
        ]
    with database.writing() as connection:
        if not database.is_sqlite:
            make_partitions(connection, "registers", {row["time"] for row in rows})
        for meter in known:
            # The registers begin anew there.
            of_it = REGISTERS.c.meter == meter, REGISTERS.c.time >= first * HOUR
            connection.execute(delete(REGISTERS).where(*of_it))
        connection.execute(insert(REGISTERS), rows)


def tick(database: Database, hour: int) -> None:
    """Let the chain have a block when an hour begins."""
    with database.writing() as connection:
        number = (connection.scalar(select(func.max(BLOCKS.c.number))) or 0) + 1
        block = {"hash": f"0x{number:064x}", "time": hour * HOUR, "events": 0, "tables": []}
        connection.execute(insert(BLOCKS).values(number=number, **block))
