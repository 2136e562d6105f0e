"""Tables of events: one for each event of each contract, with a column for each of its values.

A table is called by its contract and its event: ``settlement_deposited``. Behind the values of the
event stand where it was: ``block``, ``time`` (Unix seconds, of the block), ``log_index`` (its place
among all logs of the block) and ``transaction_hash``.

    address            text with its checksum       uintN up to 63 bits   BIGINT
    bytes, bytesN      text, 0x and digits          other integers        exact, see `Wide`
    bool               as it is                     arrays                JSON, integers as text
    string             text, with \\x00 for a zero byte
    struct             a column for each of its values, ``tariff_buy``

Shares of assets are many contracts: their tables have the ``address`` as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, String, Table, Text
from sqlalchemy.types import TypeEngine

from energy_grid.backend.store.metadata import METADATA, integer
from energy_grid.chain.abi import Event, load, snake_case

__all__ = [
    "CONTRACTS",
    "EVENTS",
    "INDEXES",
    "SERIES",
    "SHARES",
    "EventTable",
    "table_of",
]

SHARES = "AssetShares"
# The contracts of a market, and the Safe of its operators.
CONTRACTS = (
    *("AccessManager", SHARES, "BalancingCoordination", "CarbonCredits", "CertificateMarket"),
    *("Communities", "CommunityDays", "DemandEnrolments", "DemandResponse", "ERC2771Forwarder"),
    *("EnergyAccounts", "EnergyAssetNFT", "EnergyCertificates"),
    *("EnergyToken", "EnergyTrading", "GovernanceToken", "GridBands", "GridGovernor"),
    *(
        "GridManagement",
        "GridOperatorVerification",
        "GridOracle",
        "LoadMonitoring",
        "PeerToPeerTrading",
    ),
    *("PriceOracle", "Safe", "Settlement", "SmartMeter", "StabilityMaintenance", "Tariffs"),
    *("TestDollar", "TimelockController", "WeatherOracle"),
)
# What grows with every slot or day of every meter: PostgreSQL gets a partition for each month.
SERIES = frozenset(
    (
        *("smart_meter_reading_recorded", "settlement_day_closed", "community_days_day_settled"),
        *("grid_oracle_report_submitted", "price_oracle_report_submitted"),
        "weather_oracle_report_submitted",
    )
)

# What views look up rows by; without them the time of a list of orders grows with its square.
INDEXES = (
    *(("energy_trading_order_created", each) for each in ("order_id", "start", "trader")),
    ("energy_trading_order_cancelled", "order_id"),
    *(("energy_trading_orders_matched", each) for each in ("buy_id", "sell_id", "transaction_id")),
    ("energy_trading_transaction_settled", "transaction_id"),
    ("certificate_market_certificates_sold", "offer_id"),
    ("communities_joined", "id", "account"),
    ("communities_left", "id", "account"),
    *(("settlement_account_opened", each) for each in ("account", "number")),
)

_NUMBER = re.compile(r"u?int([0-9]+)")
_ADDRESS, _WORD = String(42), String(66)


@dataclass(frozen=True, slots=True)
class EventTable:
    """An event and its table.

    Attributes:
        row: makes the values of the columns, in their order, of those of the event.
    """

    event: Event
    table: Table
    row: Callable[[Mapping[str, Any]], dict[str, Any]]


def _columns(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, TypeEngine[Any]]]:
    kind: str = entry["type"]
    if kind == "tuple":
        for part in entry["components"]:
            yield from _columns(f"{name}_{snake_case(part['name'])}", part)
        return
    yield name, _column_type(kind)


def _column_type(kind: str) -> TypeEngine[Any]:
    if kind.endswith("]"):
        return JSON()
    if number := _NUMBER.fullmatch(kind):
        # One bit is the sign's.
        return integer(int(number[1]) - kind.startswith("int"))
    simple: dict[str, TypeEngine[Any]] = {
        "address": _ADDRESS,
        "bool": Boolean(),
        "bytes32": _WORD,
        "bytes4": String(10),
    }
    return simple.get(kind, Text())


def _values(entries: Sequence[tuple[str, Mapping[str, Any]]], found: Mapping[str, Any]) -> Any:
    row: dict[str, Any] = {}
    for name, entry in entries:
        _put(row, name, entry, found[name])
    return row


def _put(row: dict[str, Any], name: str, entry: Mapping[str, Any], value: Any) -> None:
    kind: str = entry["type"]
    if kind == "tuple":
        for part, each in zip(entry["components"], value, strict=True):
            _put(row, f"{name}_{snake_case(part['name'])}", part, each)
    elif kind.startswith("string"):
        row[name] = _text(value) if kind == "string" else [_text(each) for each in value]
    elif kind.endswith("]"):
        row[name] = [_in_json(each) for each in value]
    elif isinstance(value, bytes):
        row[name] = f"0x{value.hex()}"
    else:
        row[name] = value if isinstance(value, bool | str) else int(value)


def _text(value: str) -> str:
    # PostgreSQL has no text with a zero byte: one vote with such a reason would stop the store.
    return value.replace("\0", r"\x00")


def _in_json(value: Any) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def _event_table(contract: str, event: Event) -> EventTable:
    name = f"{snake_case(contract)}_{snake_case(event.name)}"
    entries = list(zip(event.inputs.names, event.inputs.entries, strict=True))
    values = [column for each, entry in entries for column in _columns(each, entry)]
    if contract == SHARES:
        values.insert(0, ("address", _ADDRESS))
    # The key of partitions has to be in the primary key.
    in_key = name in SERIES
    table = Table(
        name,
        METADATA,
        Column("block", BigInteger, primary_key=True, autoincrement=False),
        Column("log_index", BigInteger, primary_key=True, autoincrement=False),
        Column("time", BigInteger, primary_key=in_key, nullable=False, autoincrement=False),
        Column("transaction_hash", _WORD, nullable=False),
        *(Column(each, kind, nullable=False) for each, kind in values),
        postgresql_partition_by="RANGE (time)" if in_key else None,
    )
    return EventTable(event, table, partial(_values, entries))


# By contract and topic.
EVENTS: Mapping[str, Mapping[bytes, EventTable]] = {
    contract: {
        topic: _event_table(contract, event) for topic, event in load(contract).events.items()
    }
    for contract in CONTRACTS
}
for _name, *_keys in INDEXES:
    Index(None, *(METADATA.tables[_name].c[each] for each in _keys))
_TABLES = {
    (contract, each.event.name): each.table
    for contract, some in EVENTS.items()
    for each in some.values()
}


def table_of(contract: str, event: str) -> Table:
    """The table of an event, by the names that it has on the chain."""
    return _TABLES[contract, event]
