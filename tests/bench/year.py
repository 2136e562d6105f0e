"""A year of a neighbourhood in a store, as indexer, gateway and engine would have left it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, insert

from energy_grid.backend.store.analytics import CLEARING_SUMS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.events import SERIES, table_of
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.backend.store.transactions import JOURNALS, SENT
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.chain.abi import checksum
from energy_grid.domain.periods import DAY_SECONDS, PeriodKind

__all__ = ["fill_year"]

_HOUR, _FIRST = 3600, 10_000
_HASH, _REGION = f"0x{0:064x}", f"0x{b'home'.ljust(32, bytes(1)).hex()}"
_JOURNALS = {"relay": (24, 600_000), "settlement": (2, 4_000_000), "meter_days": (2, 900_000)}


def fill_year(database: Database, households: int, first: int, days: int) -> None:
    """Accounts with meters, half of them in a community; each day they trade, and close it.

    Args:
        first: the first day.
    """
    chance = random.Random(4)
    with database.writing() as connection:
        if not database.is_sqlite:
            times = range(first * DAY_SECONDS, (first + days + 2) * DAY_SECONDS, DAY_SECONDS)
            for table in (CLOSED_DAYS, REGISTERS):
                make_partitions(connection, table.name, times)
        _open(connection, households, first)
        _add(connection, CLOSED_DAYS, _closings(chance, households, first, days))
        for house in range(households):
            _add(connection, REGISTERS, _registers(chance, house, first, days))
        _add(connection, table_of("Tariffs", "FactorsWritten"), _factors(chance, first, days))
        factor = {**_place(0), "from_day": first, "grams_per_kwh": 380}
        _add(connection, table_of("CarbonCredits", "EmissionFactorSet"), [factor])
        _trade(connection, chance, first, days)


def _add(connection: Connection, table: Table, rows: Any) -> None:
    connection.execute(insert(table), list(rows))


def _place(at: int) -> dict[str, Any]:
    return {"block": 0, "log_index": 10**6 + at, "time": 0, "transaction_hash": _HASH}


def _address(kind: int, house: int) -> str:
    return checksum(f"0x{kind * 2**150 + house:040x}")


def _open(connection: Connection, households: int, first: int) -> None:
    assert not {"settlement_account_opened", "smart_meter_meter_registered"} & SERIES
    houses = range(households)
    _add(
        connection,
        table_of("Settlement", "AccountOpened"),
        (
            {**_place(each), "account": _address(1, each), "number": _FIRST + each}
            for each in houses
        ),
    )
    _add(
        connection,
        table_of("SmartMeter", "MeterRegistered"),
        (
            {
                **_place(each),
                "meter": _address(2, each),
                "account": _address(1, each),
                "region": _REGION,
                "number": _FIRST + each,
                "rated_power": 10_000,
                "settlement": True,
            }
            for each in houses
        ),
    )
    _add(
        connection,
        table_of("Communities", "Joined"),
        (
            {**_place(each), "id": 1 + each % 2, "account": _address(1, each), "day": first}
            for each in houses
        ),
    )


def _closings(
    chance: random.Random, households: int, first: int, days: int
) -> Iterator[dict[str, int]]:
    for day in range(days):
        season = 1 - math.cos(2 * math.pi * day / 365)
        for house in range(households):
            drawn, sun = 4000 + chance.randrange(6000), int(2000 * season + chance.randrange(3000))
            taken, given = min(drawn, sun) // 2, sun // 2
            position = (house % 3 - 1) * 500
            yield {
                "block": 0,
                "log_index": house,
                "time": (first + day + 1) * DAY_SECONDS,
                "number": _FIRST + house,
                "day": first + day,
                "position": position,
                "money": sun * 80_000 - drawn * 300_000,
                "net": sun - drawn,
                "deemed": 0,
                "taken": taken,
                "given": given,
                "drawn": 300,
                "kept": 200,
                "from_grid": drawn - taken,
                "fed_in": sun - given,
            }


def _registers(
    chance: random.Random, house: int, first: int, days: int
) -> Iterator[dict[str, Any]]:
    taken = given = 0
    for hour in range(days * 24 + 1):
        yield {
            "meter": _address(2, house),
            "time": first * DAY_SECONDS + hour * _HOUR,
            "import_wh": taken,
            "export_wh": given,
            "voltage": 2300,
            "frequency": 5000,
            "received_at": 0,
            "signature": b"",
        }
        sun = max(math.sin(math.pi * (hour % 24 - 5) / 14), 0)
        taken += 200 + chance.randrange(300)
        given += int(sun * chance.randrange(900))


def _factors(chance: random.Random, first: int, days: int) -> Iterator[dict[str, Any]]:
    for at in range(days * 24):
        slot = first * 24 + at
        factor = 10_000 + 1_000 * chance.randrange(10)
        yield {**_place(at), "id": 1, "from_slot": slot, "to_slot": slot + 1, "factor": factor}


def _trade(connection: Connection, chance: random.Random, first: int, days: int) -> None:
    hours = range(first * 24, (first + days) * 24)
    _add(
        connection,
        CLEARINGS,
        (
            {
                "id": hour,
                "kind": int(PeriodKind.HOURLY),
                "start": hour * _HOUR,
                "region": 1,
                "root": _HASH,
                "price": 250_000,
                "seed_block": 0,
                "seed": _HASH,
                "state": ClearingState.DONE,
            }
            for hour in hours
        ),
    )
    _add(
        connection,
        CLEARING_SUMS,
        (
            {
                "clearing": hour,
                "energy_wh": chance.randrange(9000),
                "welfare": 10**9 + chance.randrange(10**9),
                "optimum": 2 * 10**9,
            }
            for hour in hours
        ),
    )
    _add(
        connection,
        JOURNALS,
        ({"name": each, "chain_id": 1, "genesis": _HASH, "signed": 0} for each in _JOURNALS),
    )
    _add(
        connection,
        SENT,
        (
            {
                "journal": name,
                "sender": name,
                "nonce": day * 100 + at,
                "contract": "",
                "function": "",
                "cancellation": False,
                "gas_limit": gas,
                "time": (first + day) * DAY_SECONDS + at,
                "gas_used": chance.randrange(gas),
            }
            for name, (many, gas) in _JOURNALS.items()
            for day in range(days)
            for at in range(many)
        ),
    )
