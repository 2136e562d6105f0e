"""Meters of a store without a chain, and what they sign."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import delete, insert, select, update

from energy_grid.backend.meter_gateway.intake import Received
from energy_grid.backend.meter_gateway.judging import Limits
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.market.signing import meter_domain, sign_reading

__all__ = [
    *("DOMAIN", "LIMITS", "MIDNIGHT", "NOON"),
    *("received", "register", "rotate", "set_nominal", "signed"),
]

CHAIN_ID = 31337
DOMAIN = meter_domain(CHAIN_ID, Account.local(1).address)
LIMITS = Limits(domain=DOMAIN, frequency=5000, voltage=2300)
# 1 January 2024.
MIDNIGHT = 19_723 * 86_400
NOON = MIDNIGHT + 43_200
_HASH = "0x" + "0" * 64


def register(database: Database, powers: Mapping[str, int], *, replaces: bool = False) -> None:
    """Let a store know meters, in a new block, or in one that replaces the last."""
    block = _next_block(database, replaces=replaces)
    table = table_of("SmartMeter", "MeterRegistered")
    with database.writing() as connection:
        first = len(connection.execute(select(table.c.number)).all()) + 1
        connection.execute(
            insert(table),
            [
                {
                    **_place(block, first + place),
                    "meter": meter,
                    "account": meter,
                    "region": _HASH,
                    "number": first + place,
                    "rated_power": power,
                    "settlement": True,
                }
                for place, (meter, power) in enumerate(powers.items())
            ],
        )


def rotate(database: Database, meter: str, key: str) -> None:
    """Let a store know that a meter has another key, in a new block."""
    block = _next_block(database)
    registered = table_of("SmartMeter", "MeterRegistered")
    with database.writing() as connection:
        of_it = select(registered.c.number).where(registered.c.meter == meter)
        number = connection.scalar(of_it)
        row = {"from": meter, "to": key, "number": number}
        table = table_of("SmartMeter", "MeterKeyRotated")
        connection.execute(insert(table).values(**_place(block, 0), **row))


def set_nominal(database: Database, frequency: int, voltage: int) -> None:
    """Let a store know what is nominal where the meters are, in a new block."""
    block = _next_block(database)
    table = table_of("GridBands", "BandsSet")
    numbers = {each.name: 0 for each in table.c if each.name.startswith("bands_")}
    nominal = {"bands_nominal_frequency": frequency, "bands_nominal_voltage": voltage}
    with database.writing() as connection:
        connection.execute(
            insert(table).values(**_place(block, 0), region=_HASH, **{**numbers, **nominal})
        )


def signed(
    meter: Account,
    time: int,
    imported: int,
    exported: int = 0,
    voltage: int = 2300,
    frequency: int = 5000,
) -> SignedReading:
    reading = MeterReading(
        timestamp=time,
        consumption=imported,
        production=exported,
        grid_frequency=frequency,
        voltage=voltage,
    )
    return sign_reading(meter, reading, DOMAIN)


def received(
    meter: Account, time: int, imported: int, exported: int = 0, at: int | None = None
) -> Received:
    """A reading that came when it was signed, or at a time."""
    reading = signed(meter, time, imported, exported)
    return Received(meter.address, reading, time if at is None else at)


def _next_block(database: Database, *, replaces: bool = False) -> int:
    with database.writing() as connection:
        last = connection.scalar(select(CHAIN.c.indexed_block))
        number = (last or 0) + (not replaces)
        if last is None:
            chain = {"chain_id": CHAIN_ID, "genesis": _HASH, "settlement": Account.local(2).address}
            new = {**chain, "indexed_block": number, "checked_block": number}
            connection.execute(insert(CHAIN).values(new))
        connection.execute(update(CHAIN).values(indexed_block=number))
        connection.execute(delete(BLOCKS).where(BLOCKS.c.number == number))
        block = {"hash": f"0x{secrets.token_hex(32)}", "time": MIDNIGHT, "events": 0, "tables": []}
        connection.execute(insert(BLOCKS).values(number=number, **block))
    return number


def _place(block: int, place: int) -> dict[str, int | str]:
    return {"block": block, "log_index": place, "time": MIDNIGHT, "transaction_hash": _HASH}
