"""What the feed tells: reading it from a place, so that nothing is lost and nothing told twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, select

from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.events import EVENTS
from energy_grid.backend.store.feed import FEED

__all__ = [
    "ALL",
    "OLDEST",
    "Event",
    "News",
    "OrderNews",
    "Place",
    "Void",
    "newest_place",
    "read_news",
]

_TABLES = {
    each.table.name: (contract, each.event.name, each.table)
    for contract, some in EVENTS.items()
    for each in some.values()
}
# Where an event was; behind them, or before, stand its values.
_WHERE = ("block", "log_index", "time", "transaction_hash")


ALL = 2**31
"""Behind every event of a block."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """How far somebody has read.

    Attributes:
        number: entries up to this one.
        block: of the next one, blocks up to this one.
        log_index: of that block, events up to this one.
    """

    number: int
    block: int = -1
    log_index: int = ALL


OLDEST = Place(0)
"""Before everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of a contract.

    Attributes:
        name: as on the chain, of the contract's event.
        values: of the event, by names of columns.
    """

    contract: str
    name: str
    block: int
    log_index: int
    time: int
    transaction: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """All that was told of blocks is void: the chain has others now, or they come once more.

    Attributes:
        first, last: both included.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNews:
    """A signed order has come to a state."""

    order: str
    trader: str
    state: str
    reason: str | None
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What was told at once.

    Attributes:
        place: from which to read on once it was taken in.
        head: the newest block whose events were told, if they were of blocks.
        told: in the order in which it happened.
    """

    place: Place
    head: int | None
    told: Sequence[Event | Void | OrderNews]


def newest_place(connection: Connection) -> Place:
    """Behind everything that the feed has."""
    return Place(connection.scalar(select(func.max(FEED.c.number))) or 0)


def read_news(connection: Connection, place: Place, most: int) -> Iterator[News]:
    """What the feed has behind a place, in parts; the whole is read in one transaction.

    Args:
        most: after so many events it stops, at the end of a block.
    """
    behind = FEED.c.number > place.number
    voids = connection.execute(
        select(FEED.c.number, FEED.c.void_from, FEED.c.void_to)
        .where(behind, FEED.c.void_from.is_not(None))
        .order_by(FEED.c.number)
    ).all()
    count = 0
    entries = select(FEED).where(behind).order_by(FEED.c.number).limit(most)
    for entry in connection.execute(entries).mappings().all():
        later = [range(low, high + 1) for number, low, high in voids if number > entry["number"]]
        for news in _news(connection, entry, place, later):
            yield news
            count += len(news.told)
            if count >= most:
                return


def _news(
    connection: Connection, entry: RowMapping, place: Place, later: Sequence[range]
) -> Iterator[News]:
    end = Place(entry["number"])
    if entry["order_hash"] is not None:
        told = OrderNews(
            order=entry["order_hash"],
            trader=entry["trader"],
            state=entry["state"],
            reason=entry["reason"],
            filled=entry["filled"],
        )
        yield News(place=end, head=None, told=[told])
        return
    # The part of an entry that was read begins with what is void.
    read_to = place.block if place.number == entry["number"] - 1 else -1
    is_part = read_to >= 0 and place.log_index < ALL
    first, last = entry["first_block"], entry["last_block"]
    if entry["void_from"] is not None and read_to < 0:
        void = Void(first=entry["void_from"], last=entry["void_to"])
        before = end if first is None else Place(entry["number"] - 1, max(first - 1, 0))
        yield News(place=before, head=None, told=[void])
    if first is not None:
        first = max(first, read_to if is_part else read_to + 1)
        blocks = BLOCKS.c.number.between(first, last) & (BLOCKS.c.events > 0)
        wanted = select(BLOCKS.c.number, BLOCKS.c.tables).where(blocks).order_by(BLOCKS.c.number)
        for block, tables in connection.execute(wanted).all():
            if not any(block in each for each in later):
                events = _events(connection, block, tables)
                if is_part and block == read_to:
                    events = [each for each in events if each.log_index > place.log_index]
                yield News(place=Place(entry["number"] - 1, block), head=block, told=events)
        yield News(place=end, head=last, told=[])


def _events(connection: Connection, block: int, tables: Sequence[str]) -> list[Event]:
    found = [
        _event(contract, name, row)
        for contract, name, table in (_TABLES[each] for each in tables if each in _TABLES)
        for row in _rows(connection, table, block)
    ]
    return sorted(found, key=lambda each: each.log_index)


def _rows(connection: Connection, table: Table, block: int) -> Sequence[RowMapping]:
    return connection.execute(select(table).where(table.c.block == block)).mappings().all()


def _event(contract: str, name: str, row: RowMapping) -> Event:
    return Event(
        contract=contract,
        name=name,
        block=row["block"],
        log_index=row["log_index"],
        time=row["time"],
        transaction=row["transaction_hash"],
        values={key: value for key, value in row.items() if key not in _WHERE},
    )
