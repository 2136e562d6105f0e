"""The most welfare that a set of orders can have at one price, found without clearing it.

An auditor must not trust the clearing that it checks, so this is another method:

    everybody  What all bids offer above a price and all asks below it bounds the welfare of every
               allocation, whatever the price (LP duality). The lowest of these bounds is reached,
               if accounts may trade with themselves.
    accounts   Where one account can have more than the volume on both sides together, it trades
               with everybody, and no two others do (`batch_clearing` has the proof). What it buys
               at a price, and what it sells, are sums over the best limits: tried at every limit.

Exact integers, no arrays; of n orders in O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import MAX_PER_SLOT, MAX_PRICE

__all__ = ["max_welfare"]

_Row = tuple[str, bool, int, int]  # trader, whether it buys, limit, Wh


def max_welfare(orders: Sequence[OpenOrder], slots: int) -> int:
    """The largest sum of (bid limit - ask limit) * Wh: one price, nobody with itself.

    Args:
        slots: how many the period has; only whole Wh of every slot count.
    """
    rows = [
        (
            order.trader.lower(),
            order.is_buy,
            min(order.price, MAX_PRICE),
            min(order.open_wh // slots, MAX_PER_SLOT) * slots,
        )
        for order in orders
        if order.is_buy or order.price <= MAX_PRICE
    ]
    prices = {price for _, _, price, _ in rows}
    bids, asks = _sides(rows)
    bound, price = min(
        ((_gain(bids, price) + _gain(asks, price), price) for price in prices), default=(0, 0)
    )
    account = _in_the_way(rows, bids, asks, price)
    if account is None:
        return bound
    own_bids, own_asks = _sides(row for row in rows if row[0] == account)
    their_bids, their_asks = _sides(row for row in rows if row[0] != account)
    return max(
        _traded(own_bids, their_asks, price) + _traded(their_bids, own_asks, price)
        for price in prices
    )


class _Ranked:
    """Orders of one side, the best limits first.

    Args:
        rows: limits and Wh.
        sign: -1 for bids, 1 for asks: limits times that ascend.
    """

    def __init__(self, rows: Iterable[tuple[int, int]], sign: int) -> None:
        ranked = sorted((sign * price, wh) for price, wh in rows)
        self.sign = sign
        self.keys = [key for key, _ in ranked]
        self.ends = [0, *accumulate(wh for _, wh in ranked)]
        self._values = [0, *accumulate(key * wh for key, wh in ranked)]

    def reaching(self, price: int) -> int:
        """Wh that trade at a price."""
        return self.ends[bisect_right(self.keys, self.sign * price)]

    def beyond(self, price: int) -> int:
        """Wh that trade at a worse price, too."""
        return self.ends[bisect_left(self.keys, self.sign * price)]

    def value(self, wh: int) -> int:
        """Sum of limits, times the sign, of the first so many Wh."""
        at = bisect_right(self.ends, wh) - 1
        rest = wh - self.ends[at]
        return self._values[at] + (self.keys[at] * rest if rest else 0)


def _sides(rows: Iterable[_Row]) -> tuple[_Ranked, _Ranked]:
    table = list(rows)
    bids = _Ranked(((price, wh) for _, buys, price, wh in table if buys), -1)
    asks = _Ranked(((price, wh) for _, buys, price, wh in table if not buys), 1)
    return bids, asks


def _gain(side: _Ranked, price: int) -> int:
    """What the orders of a side would gain at a price, if all of them traded."""
    wh = side.reaching(price)
    return side.sign * price * wh - side.value(wh)


def _traded(bids: _Ranked, asks: _Ranked, price: int) -> int:
    """The welfare of the best Wh of both that trade at a price."""
    wh = min(bids.reaching(price), asks.reaching(price))
    return -bids.value(wh) - asks.value(wh)


def _in_the_way(rows: Sequence[_Row], bids: _Ranked, asks: _Ranked, price: int) -> str | None:
    """The account that can have more than the volume on both sides together at a right price."""
    volume = min(bids.reaching(price), asks.reaching(price))
    # By account and side: Wh beyond the last level, and Wh in it.
    sure: dict[tuple[str, bool], int] = {}
    last: dict[tuple[str, bool], int] = {}
    for trader, buys, limit, wh in rows:
        key = trader, buys
        if limit == price:
            last[key] = last.get(key, 0) + wh
        elif (limit > price) is buys:
            sure[key] = sure.get(key, 0) + wh
    rest = {True: volume - bids.beyond(price), False: volume - asks.beyond(price)}

    def most(trader: str) -> int:
        return sum(
            sure.get((trader, buys), 0) + min(last.get((trader, buys), 0), rest[buys])
            for buys in (True, False)
        )

    account = max((row[0] for row in rows), key=most, default=None)
    return account if account is not None and most(account) > volume else None
