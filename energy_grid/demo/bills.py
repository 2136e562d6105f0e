"""What the day meant for each household, computed from the market's records.

    bill          what shared and grid energy cost, less what shared energy and feed-in earned, plus
                  purchases, less sales: all cash of the day
    grid alone    what the household would pay with its grid contract and feed-in only: each slot's
                  deficit at its price, less each slot's surplus at the feed-in tariff
    difference    grid alone - bill: what is saved

A negative bill is income. Energy credits are in no bill: who keeps surplus as credits earns no cash
for it on the day, so that its bill can be above grid alone: `Bill.reason` says so. What happens
after the day (redeeming, revenue of a shared plant, rewards) is in no bill either.

Bills are exact in thousandths of a base unit, and rounded up to whole base units, income down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

from energy_grid.cli.numbers import kwh
from energy_grid.demo.closing import prices_on
from energy_grid.demo.records import MarketRecords, TradeRecord
from energy_grid.domain.costs import grid_alone

__all__ = ["Bill", "bills", "earned", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One account's day: energy in Wh, exact money.

    Attributes:
        imported, exported: what its meter counted, slot by slot.
        bought, sold: by trades.
        unused: what trades gave it beyond its own deficit, or took beyond its own surplus.
        exact_bill, exact_alone: exact money.
        credit_value: what the credits kept are worth, less those used; exact money.
    """

    imported: int
    exported: int
    bought: int
    sold: int
    unused: int
    taken: int
    given: int
    drawn: int
    kept: int
    from_grid: int
    fed_in: int
    exact_bill: int
    exact_alone: int
    credit_value: int

    @property
    def bill(self) -> int:
        """What the household pays, in base units."""
        return _up(self.exact_bill)

    @property
    def grid_alone(self) -> int:
        """What it would pay, in base units."""
        return _up(self.exact_alone)

    @property
    def difference(self) -> int:
        """By how much the bill is lower, in base units."""
        return self.grid_alone - self.bill

    @property
    def credits_worth(self) -> int:
        """What the credits kept are worth, less those used: base units, rounded down."""
        return self.credit_value // _EXACT

    @property
    def credits_cover(self) -> bool:
        """Whether the bill is not above grid alone but for the credits that were kept."""
        return self.exact_bill - self.credit_value <= self.exact_alone

    def reason(self, money: Callable[[int], str]) -> str:
        """Why the bill is above grid alone; empty where it is not.

        Args:
            money: writes an amount of base units.
        """
        if self.bill <= self.grid_alone:
            return ""
        kept = self.kept - self.drawn
        credits = f"keeps {kwh(kept)} kWh as energy credits, worth {money(self.credits_worth)}"
        if self.credits_cover:
            return credits
        trades = f"traded {kwh(self.unused)} kWh ahead that it then neither used nor had"
        return f"{credits}, and {trades}" if kept > 0 else trades


def bills(records: MarketRecords) -> dict[str, Bill]:
    """The bill of every account for the day that is reported, by address."""
    slots, tariff = records.slots, records.tariffs[records.day]
    value = records.credit_values[records.day]
    bought, sold = Counter[str](), Counter[str]()
    traded: Counter[str] = Counter()
    for trade in _trades(records):
        money = trade.wh * len(trade.slots)
        bought[trade.buyer] += money
        sold[trade.seller] += money
        traded[trade.buyer] += money * trade.price
        traded[trade.seller] -= _sales(records, trade)
    made = {}
    for closed in records.closed:
        if closed.day != records.day:
            continue
        account = closed.account
        nets = {slot: records.nets.get((account, slot), 0) for slot in slots}
        positions = {slot: records.positions.get((account, slot), 0) for slot in slots}
        made[account] = Bill(
            imported=sum(max(-net, 0) for net in nets.values()),
            exported=sum(max(net, 0) for net in nets.values()),
            bought=bought[account],
            sold=sold[account],
            unused=sum(_unused(nets[slot], positions[slot]) for slot in slots),
            taken=closed.taken,
            given=closed.given,
            drawn=closed.drawn,
            kept=closed.kept,
            from_grid=closed.from_grid,
            fed_in=closed.fed_in,
            exact_bill=traded[account] - closed.money,
            exact_alone=grid_alone(
                (net, records.deficit_prices[slot], tariff.feed_in) for slot, net in nets.items()
            ),
            credit_value=(closed.kept - closed.drawn) * value,
        )
    return made


def earned(records: MarketRecords, account: str) -> int:
    """What an account got on the day for energy that it shared, fed in and sold: base units."""
    (closed,) = (
        each for each in records.closed if (each.account, each.day) == (account, records.day)
    )
    community = records.together.get((account, records.day))
    prices = prices_on(records, community, records.day)
    exact = closed.given * prices.shared + closed.fed_in * prices.feed_in
    exact += sum(_sales(records, trade) for trade in _trades(records) if trade.seller == account)
    return exact // _EXACT


def total(rows: Iterable[Bill]) -> Bill:
    """The sum of bills, column by column."""
    table = list(rows)
    return Bill(**{each.name: sum(getattr(row, each.name) for row in table) for each in _FIELDS})


_FIELDS = fields(Bill)
# Exact money is in thousandths of a base unit.
_EXACT = 1000


def _trades(records: MarketRecords) -> list[TradeRecord]:
    """Those of the day that is reported."""
    return [trade for trade in records.trades if trade.slots.start in records.slots]


def _sales(records: MarketRecords, trade: TradeRecord) -> int:
    """What a seller gets: the fees are those in force when the period begins."""
    tariff = records.tariffs[trade.slots.start // records.day_slots]
    price = trade.price - tariff.network_fee - tariff.protocol_fee
    return trade.wh * len(trade.slots) * price


def _unused(net: int, position: int) -> int:
    """Of a position, what is not met by the own deficit or surplus of the slot."""
    if position >= 0:
        return max(position - max(-net, 0), 0)
    return max(-position - max(net, 0), 0)


def _up(exact: int) -> int:
    return -(-exact // _EXACT)
