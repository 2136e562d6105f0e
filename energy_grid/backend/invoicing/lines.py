"""What closed days and their trades come to, as lines of a statement.

A closed day says what it brought in all, and where its energy came from and went. All of that has
a price that is the same all day, but for energy from the grid and the bank: what is left of the
day's money is what these have cost, slot by slot. So the lines of a day add up to its money, to the
last thousandth of a base unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from energy_grid.api.models import LineKind
from energy_grid.backend.store.analytics import groups, trade_sides
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.prices import Prices
from energy_grid.domain.enums import OrderType, PeriodKind
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["Closings", "Item", "closed_days"]

_LONGEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Item:
    """A part of what an account paid or got.

    Attributes:
        price: base units per kWh; None: not the same all the time.
        wh: energy; None: it is of none.
        money: thousandths, below 0 what was paid.
        slot: of late readings the first one.
    """

    kind: LineKind
    price: int | None
    wh: int | None
    money: int
    slot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trade:
    """An account's side of a trade on one of its days."""

    is_bought: bool
    wh: int
    price: int
    first_day: int


def closed_days(
    connection: Connection, numbers: Sequence[int], first: int, end: int, since: int, until: int
) -> list[Mapping[Any, Any]]:
    """Closed days that belong to a statement, by account and day: of the days of its month, and of
    days before it that were closed since the statement before. Columns as `groups` has them.

    Args:
        numbers: of accounts.
        first, end: days of the month.
        since, until: when the statement before, and this one, are issued, Unix seconds.
    """
    day = groups().c
    belongs = or_(
        and_(day.day >= first, day.day < end, day.time < until),
        and_(day.day < first, day.time >= since, day.time < until),
    )
    wanted = select(day.day.table).where(day.number.in_(numbers), belongs)
    found = connection.execute(wanted.order_by(day.number, day.day)).mappings()
    return list(found)


class Closings:
    """The items of closed days.

    Args:
        days: of some accounts, as `closed_days` has them.
    """

    def __init__(
        self, connection: Connection, prices: Prices, days: Sequence[Mapping[Any, Any]]
    ) -> None:
        self._prices = prices
        numbers = sorted({int(each["number"]) for each in days})
        self._late = _late(connection, numbers)
        self._trades = _trades(connection, days)

    def items(self, day: Mapping[Any, Any]) -> list[Item]:
        """Of a closed day; those beside its trades add up to its money."""
        number, of_day = int(day["number"]), int(day["day"])
        found = [*self._late.get((number, of_day), ())]
        late = sum(each.money for each in found)
        found += _of_energy(self._prices, day, int(day["money"]) - late)
        for trade in self._trades.get((day["account"], of_day), ()):
            found += _of_trade(self._prices, str(day["region"]), trade)
        return found

    def unknown(self, day: Mapping[Any, Any]) -> int:
        """Wh bought less sold on a closed day in trades that the store does not know."""
        known = self._trades.get((day["account"], int(day["day"])), ())
        return int(day["position"]) - sum(each.wh if each.is_bought else -each.wh for each in known)


def _of_energy(prices: Prices, day: Mapping[Any, Any], money: int) -> Iterator[Item]:
    region, number = str(day["region"]), int(day["day"])
    tariff, value = prices.tariff(region, number), prices.credit_value(number)
    shared = prices.shared(int(day["community"]), region, number)
    taken, given, fed_in = int(day["taken"]), int(day["given"]), int(day["fed_in"])
    drawn, from_grid = int(day["drawn"]), int(day["from_grid"])
    found = [
        Item("shared_taken", shared, taken, -taken * shared),
        Item("network_fee", tariff.network_fee, taken, -taken * tariff.network_fee),
        Item("shared_given", shared, given, given * shared),
        Item("fed_in", tariff.feed_in, fed_in, fed_in * tariff.feed_in),
        Item("kept", None, int(day["kept"]), 0),
    ]
    # What the energy of the grid and the bank has cost, at the prices of its slots.
    cost, wh = sum(each.money for each in found) + drawn * value - money, from_grid + drawn
    is_same = cost == wh * tariff.buy
    of_bank = cost * drawn // wh if wh else 0
    found.append(Item("grid", tariff.buy if is_same else None, from_grid, of_bank - cost))
    price = tariff.buy - value if is_same else None
    found.append(Item("bank", price, drawn, drawn * value - of_bank))
    return (each for each in found if each.wh or each.money)


def _of_trade(prices: Prices, region: str, trade: _Trade) -> Iterator[Item]:
    money = trade.wh * trade.price
    if trade.is_bought:
        yield Item("bought", trade.price, trade.wh, -money)
        return
    yield Item("sold", trade.price, trade.wh, money)
    # Those when the period begins.
    tariff = prices.tariff(region, trade.first_day)
    fees: dict[LineKind, int] = {
        "network_fee": tariff.network_fee,
        "protocol_fee": tariff.protocol_fee,
    }
    for kind, fee in fees.items():
        if fee:
            yield Item(kind, fee, trade.wh, -trade.wh * fee)


def _trades(
    connection: Connection, days: Sequence[Mapping[Any, Any]]
) -> Mapping[tuple[str, int], list[_Trade]]:
    """By account and day; a trade of a week has a seventh on each of its days."""
    found: dict[tuple[str, int], list[_Trade]] = defaultdict(list)
    if not days:
        return found
    accounts = {each["account"] for each in days}
    first = min(int(each["day"]) for each in days) - _LONGEST_DAYS + 1
    sides = trade_sides(first, max(int(each["day"]) for each in days)).c
    wanted = select(sides.trader, sides.start, sides.side, sides.kind, sides.wh, sides.price)
    for trader, start, side, kind, wh, price in connection.execute(
        wanted.where(sides.trader.in_(accounts))
    ):
        of_days = _LONGEST_DAYS if kind == PeriodKind.WEEKLY else 1
        begin = int(start) // DAY_SECONDS
        trade = _Trade(
            is_bought=side == OrderType.BUY,
            wh=int(wh) // of_days,
            price=int(price),
            first_day=begin,
        )
        for day in range(begin, begin + of_days):
            found[trader, day].append(trade)
    return found


def _late(connection: Connection, numbers: Sequence[int]) -> Mapping[tuple[int, int], list[Item]]:
    """What late readings, and days without any, have charged, by account and the day that was
    closed with it."""
    read, deemed, returned = (
        table_of("EnergyAccounts", name) for name in ("ReadLate", "DeemedCharged", "DeemedReturned")
    )
    found: dict[tuple[int, int], list[Item]] = defaultdict(list)
    charged = select(deemed.c.number, deemed.c.day, deemed.c.money)
    for number, day, money in connection.execute(charged.where(deemed.c.number.in_(numbers))):
        found[int(number), int(day)].append(Item("deemed", None, None, -int(money)))
    waits: list[tuple[Any, Item]] = []
    names = ("block", "log_index", "number", "money")
    back = select(*(returned.c[each] for each in names)).where(returned.c.number.in_(numbers))
    for row in connection.execute(back):
        waits.append((row, Item("deemed", None, None, int(row.money))))
    late = select(*(read.c[each] for each in (*names, "net", "from_slot")))
    for row in connection.execute(late.where(read.c.number.in_(numbers))):
        waits.append((row, Item("late", None, -int(row.net), -int(row.money), int(row.from_slot))))
    closed = CLOSED_DAYS.c
    for row, item in waits:
        after = or_(
            closed.block > row.block,
            and_(closed.block == row.block, closed.log_index > row.log_index),
        )
        next_day = select(closed.day).where(closed.number == row.number, after)
        day = connection.scalar(next_day.order_by(closed.block, closed.log_index).limit(1))
        if day is not None:
            found[int(row.number), int(day)].append(item)
    return found
