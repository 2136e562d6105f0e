"""Uniform-price clearing of one delivery period.

Pure: integers only (Wh, money units per kWh). All orders trade at one price and every unit of
welfare that the book offers is realised.

The rules
    Priority  bids by price downwards, asks by price upwards. Orders of one price are one level.
    Volume    the largest number of Wh whose last one still has a bid at or above its ask. Among
              the allocations of maximal welfare it is the one that trades most.
    Fills     levels are filled by priority until the volume is reached. The last level is shared
              pro rata: each of its orders gets its exact share, rounded down or up to a step.
    Price     the marginal interval reaches from max(lowest-priority filled ask, best bid with
              anything left) to min(lowest-priority filled bid, best ask with anything left). At
              any price in it no order that trades loses, and no other order would gain. The
              clearing price is its midpoint, rounded down.
    Pairs     two pointers walk the fills of both sides by priority. Matching the pairs one by
              one, as far as both orders go, gives exactly the fills again.

How a level is shared: its orders lie end to end along a line of L steps, of which R trade. A number
drawn from a seed moves the marks that cut the line into R equal parts. Each order gets the marks on
it. So all get their exact share on average over the seeds, and never a whole step more or less. Who
does not know the seed gains nothing by the choice of ids, or by splitting an order into many.

The columns do not say whose an order is, and the chain lets no account trade with itself: see
`batch_clearing`. Where all amounts are multiples of a step, all fills and pairs are.

How it reaches a million orders: the cumulated amounts of both sides are two rulers laid along one
axis of Wh. The volume is read off where the curves cross; the pairs are the pieces between the
marks of both rulers. No loop over orders is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from energy_grid.domain.hashing import keccak
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "Clearing",
    "ClearingOverflowError",
    "OrderColumns",
    "OrderColumnsError",
    "clear",
]

_MAX_WH = 2**63 - 1
_MAX_WORD = 2**64 - 1

Words = NDArray[np.uint64]
Energies = NDArray[np.int64]
Positions = NDArray[np.intp]


class OrderColumnsError(DomainError):
    """Columns that do not describe one side of a book."""


class ClearingOverflowError(DomainError):
    """One side adds up to more than 2**63 - 1 Wh."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrderColumns:
    """One side of a book, one order a row: id, limit price, amount in Wh (zero is allowed).

    Raises:
        OrderColumnsError: wrong types or shapes, a negative amount, an id that occurs twice.
    """

    ids: Words
    prices: Words
    amounts: Energies

    def __post_init__(self) -> None:
        columns = {"ids": self.ids, "prices": self.prices, "amounts": self.amounts}
        for (name, column), dtype in zip(
            columns.items(), (np.uint64, np.uint64, np.int64), strict=True
        ):
            if column.dtype != dtype or column.shape != (len(self.ids),):
                raise OrderColumnsError(
                    f"{name} must be {len(self.ids)} of {np.dtype(dtype)}, not"
                    f" {column.shape} of {column.dtype}"
                )
        if (self.amounts < 0).any():
            raise OrderColumnsError(f"negative amount: {self.amounts.min()} Wh")
        if not _ascends(self.ids) and not _ascends(np.sort(self.ids)):
            raise OrderColumnsError("an id occurs twice")

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, int, int]]) -> OrderColumns:
        """Columns of (id, price, amount) rows.

        Raises:
            OrderColumnsError: a value does not fit its column.
        """
        table = list(rows)
        for row in table:
            for name, value, limit in zip(
                ("id", "price", "amount"), row, (_MAX_WORD, _MAX_WORD, _MAX_WH), strict=True
            ):
                if natural(name, value) > limit:
                    raise OrderColumnsError(f"{name} {value} is above {limit}")
        return cls(
            ids=np.array([row[0] for row in table], dtype=np.uint64),
            prices=np.array([row[1] for row in table], dtype=np.uint64),
            amounts=np.array([row[2] for row in table], dtype=np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clearing:
    """The outcome of one period.

    Attributes:
        price: the one price of all trades, None where nothing trades.
        volume: traded energy in Wh.
        welfare: sum over all trades of (bid limit - ask limit) * Wh, exact; a thousandth of it
            is money, since prices are per kWh.
        bid_fills, ask_fills: Wh per order, in the order of the columns given.
        pair_buy_ids, pair_sell_ids, pair_wh: who trades how much with whom, in the order in
            which the pairs are to be matched.
    """

    price: int | None
    volume: int
    welfare: int
    bid_fills: Energies
    ask_fills: Energies
    pair_buy_ids: Words
    pair_sell_ids: Words
    pair_wh: Energies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ruler:
    """Orders by priority; order i covers the Wh from ends[i] - amounts[i] to ends[i]."""

    at: Positions
    prices: Words
    amounts: Energies
    ends: Energies

    def fills(self, volume: int, step: int, draw: int) -> Energies:
        """Wh of each order when ``volume`` Wh of the ruler trade, the last level shared."""
        last = self.prices[self.order_at(volume)]
        level = np.flatnonzero(self.prices == last)
        first, end = int(level[0]), int(level[-1]) + 1
        fills = self.amounts.copy()
        fills[end:] = 0
        before = int(self.ends[first] - self.amounts[first])
        fills[first:end] = _shares(self.amounts[first:end], volume - before, step, draw)
        return fills

    def order_at(self, wh: int) -> int:
        """The order that the ``wh``-th Wh belongs to (counted from 1), or one past the last."""
        return int(np.searchsorted(self.ends, wh))

    def price_at(self, wh: int) -> int | None:
        """The limit price of the ``wh``-th Wh, None past the end."""
        order = self.order_at(wh)
        return int(self.prices[order]) if order < len(self.ends) else None


def clear(bids: OrderColumns, asks: OrderColumns, *, step: int = 1, seed: bytes = b"") -> Clearing:
    """Clear one period: maximal welfare, one price, and the pairs that carry it out.

    Args:
        step: Wh; all amounts are multiples of it.
        seed: what the indivisible rest of a level depends on.

    Raises:
        ClearingOverflowError: the amounts of one side cannot be added up in 63 bits.
    """
    bid_live, ask_live = bids.amounts > 0, asks.amounts > 0
    if not bid_live.any() or not ask_live.any():
        return _nothing(bids, asks)
    # Orders that cross no other order cannot trade, nor bound the price: leave them out early.
    bid_live &= bids.prices >= asks.prices[ask_live].min()
    ask_live &= asks.prices <= bids.prices.max(where=bid_live, initial=np.uint64(0))
    if not bid_live.any() or not ask_live.any():
        return _nothing(bids, asks)
    bid_ruler = _ruler(bids, bid_live, descending=True)
    ask_ruler = _ruler(asks, ask_live, descending=False)
    volume = _volume(bid_ruler, ask_ruler)
    bid_fills = bid_ruler.fills(volume, step, _drawn(seed, b"bids"))
    ask_fills = ask_ruler.fills(volume, step, _drawn(seed, b"asks"))
    buyers, sellers, wh = _pairs(bid_fills, ask_fills)
    return Clearing(
        price=_price(bid_ruler, ask_ruler, volume),
        volume=volume,
        welfare=_value(bid_ruler.prices, bid_fills) - _value(ask_ruler.prices, ask_fills),
        bid_fills=_scatter(bid_fills, bid_ruler.at, len(bids.ids)),
        ask_fills=_scatter(ask_fills, ask_ruler.at, len(asks.ids)),
        pair_buy_ids=bids.ids[bid_ruler.at[buyers]],
        pair_sell_ids=asks.ids[ask_ruler.at[sellers]],
        pair_wh=wh,
    )


def _ruler(side: OrderColumns, live: NDArray[np.bool_], *, descending: bool) -> _Ruler:
    at = np.flatnonzero(live)
    ids, prices = side.ids[at], side.prices[at]
    keys = ~prices if descending else prices
    # Ids mostly come in ascending order, and then a stable sort by price alone keeps it.
    rank = np.argsort(keys, kind="stable") if _ascends(ids) else np.lexsort((ids, keys))
    at = at[rank]
    amounts = side.amounts[at]
    ends = np.cumsum(amounts)
    # Two summands below 2**63 wrap to a negative sum, so the first overflow always shows.
    if (ends < 0).any():
        raise ClearingOverflowError(f"the amounts of one side exceed {_MAX_WH} Wh in total")
    return _Ruler(at=at, prices=prices[rank], amounts=amounts, ends=ends)


def _volume(bids: _Ruler, asks: _Ruler) -> int:
    """The largest q whose q-th Wh has a bid at or above its ask.

    The Wh of bid i all trade with asks up to its price: the ruler of bids reaches ends[i], that
    of such asks reaches some supply, and the smaller is tradable. The best i gives the volume.
    """
    affordable = np.searchsorted(asks.prices, bids.prices, side="right")
    supply = np.concatenate((np.zeros(1, np.int64), asks.ends))[affordable]
    return int(np.minimum(bids.ends, supply).max())


def _drawn(seed: bytes, side: bytes) -> int:
    return int.from_bytes(keccak(seed + side), "big")


def _shares(amounts: Energies, wh: int, step: int, draw: int) -> Energies:
    """What each order of a level gets of ``wh``: multiples of the step, pro rata."""
    ends = np.cumsum(amounts // step)
    steps, traded = int(ends[-1]), wh // step
    if steps == traded:
        return amounts
    offset = draw % steps
    if steps * (traded + 1) > _MAX_WH:
        ends = ends.astype(object)
    marks = ((ends * traded + offset) // steps).astype(np.int64)
    return np.diff(marks, prepend=0) * step


def _pairs(bid_fills: Energies, ask_fills: Energies) -> tuple[Positions, Positions, Energies]:
    """Rank of the buyer, rank of the seller and Wh of every piece between two marks."""
    bid_ends, ask_ends = np.cumsum(bid_fills), np.cumsum(ask_fills)
    marks = np.concatenate((bid_ends[bid_fills > 0], ask_ends[ask_fills > 0]))
    # Stable sorting finds the two sorted runs and merges them.
    marks.sort(kind="stable")
    marks = marks[np.flatnonzero(np.diff(marks, prepend=0))]
    return (
        np.searchsorted(bid_ends, marks),
        np.searchsorted(ask_ends, marks),
        np.diff(marks, prepend=0),
    )


def _price(bids: _Ruler, asks: _Ruler, volume: int) -> int:
    """Midpoint of the marginal interval (see the top of the file), rounded down."""
    last_bid, last_ask = bids.price_at(volume), asks.price_at(volume)
    next_bid, next_ask = bids.price_at(volume + 1), asks.price_at(volume + 1)
    low = max(price for price in (last_ask, next_bid) if price is not None)
    high = min(price for price in (last_bid, next_ask) if price is not None)
    return (low + high) // 2


def _value(prices: Words, fills: Energies) -> int:
    """Sum of price * Wh, exact: in machine words where it fits, else in Python's integers."""
    if int(prices.max()) * int(fills.sum()) <= _MAX_WH:
        return int(np.dot(prices.astype(np.int64), fills))
    return sum(price * wh for price, wh in zip(prices.tolist(), fills.tolist(), strict=True) if wh)


def _scatter(fills: Energies, at: Positions, size: int) -> Energies:
    column = np.zeros(size, np.int64)
    column[at] = fills
    return column


def _nothing(bids: OrderColumns, asks: OrderColumns) -> Clearing:
    return Clearing(
        price=None,
        volume=0,
        welfare=0,
        bid_fills=np.zeros(len(bids.ids), np.int64),
        ask_fills=np.zeros(len(asks.ids), np.int64),
        pair_buy_ids=np.zeros(0, np.uint64),
        pair_sell_ids=np.zeros(0, np.uint64),
        pair_wh=np.zeros(0, np.int64),
    )


def _ascends(ids: Words) -> bool:
    return bool((ids[1:] > ids[:-1]).all())
