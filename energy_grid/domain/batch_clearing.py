"""The clearing of a batch: one price for all orders, and pairs that the chain takes.

What `clear` finds for a period knows no traders and no slots. The chain lets no account trade with
itself, and takes only fills that are the same whole Wh in every slot. So:

    Slots        Of each order counts what is the same whole Wh in every slot. Then it is so of
                 everything that is found: all Wh are sums and differences of these.
    Self-trades  Pairs of one account swap partners with other pairs: every order keeps its Wh.
                 That is possible unless an account stands on both sides with more than the whole
                 volume; then as much of its bids or of its asks is left out, whichever costs less
                 welfare, the worst limits first, and the rest is cleared again.

Orders go by their id among equal limits: stored ones by their age, then signed ones by their hash,
so that the same orders always give the same outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from energy_grid.domain.clearing import Clearing, OrderColumns, clear
from energy_grid.domain.orders import MAX_PER_SLOT, MAX_PRICE, MAX_WH, OrderType
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.domain.units import natural

__all__ = ["Cleared", "OpenOrder", "Pair", "clear_orders", "fills_of"]

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order of which something can be filled.

    Attributes:
        id: number of an on-chain order, hash of a signed one.
        price: limit, money per kWh.
        open_wh: what can be filled in one batch, at most `MAX_WH`.
        signed: what its trader signed; None for an on-chain order.
    """

    id: int
    trader: str
    order_type: OrderType
    price: int
    open_wh: int
    signed: SignedOrder | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "open_wh", min(natural("energy", self.open_wh), MAX_WH))

    @property
    def is_buy(self) -> bool:
        """Whether it is a bid."""
        return self.order_type is OrderType.BUY

    def without(self, wh: int) -> OpenOrder:
        """What is left of it after a fill."""
        return replace(self, open_wh=self.open_wh - wh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What one order gets of another, in Wh; both by their id."""

    buy: int
    sell: int
    wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The outcome for a set of orders.

    Attributes:
        price: of every pair, None where nothing trades.
        low, high: the marginal interval, which the price is the middle of.
        welfare: sum of (bid limit - ask limit) * Wh over the pairs; a thousandth of it is money.
        pairs: best limits first, two orders once.
        self_wh: Wh that an account would have to trade with itself, and that are left out.
    """

    price: int | None
    low: int
    high: int
    welfare: int
    pairs: tuple[Pair, ...]
    self_wh: int

    @property
    def volume(self) -> int:
        """Wh of all pairs."""
        return sum(pair.wh for pair in self.pairs)

    @property
    def fills(self) -> dict[int, int]:
        """Wh by order, of those that trade."""
        return fills_of(self.pairs)


def fills_of(pairs: Iterable[Pair]) -> dict[int, int]:
    """Wh by order, on both sides."""
    fills: dict[int, int] = {}
    for pair in pairs:
        fills[pair.buy] = fills.get(pair.buy, 0) + pair.wh
        fills[pair.sell] = fills.get(pair.sell, 0) + pair.wh
    return fills


def clear_orders(orders: Sequence[OpenOrder], slots: int) -> Cleared:
    """Clear orders of one period with different ids.

    Args:
        slots: how many the period has.

    Raises:
        ClearingOverflowError: the amounts of one side cannot be added up in 63 bits.
    """
    ranked = sorted(orders, key=lambda order: order.id)
    accounts: dict[str, int] = {}
    for order in ranked:
        accounts.setdefault(order.trader.lower(), len(accounts))
    book = _Book(
        bids=_Side.of([order for order in ranked if order.is_buy], accounts, slots),
        asks=_Side.of([order for order in ranked if not order.is_buy], accounts, slots),
    )
    self_wh = 0
    met: set[tuple[int, bool]] = set()
    while book.surplus:
        self_wh += book.surplus
        book = book.without_surplus(met)
    return _carried_out(book, self_wh)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """One side of a book, by id; what is left out of an order is not in its amount."""

    orders: Sequence[OpenOrder]
    accounts: Column
    columns: OrderColumns

    @classmethod
    def of(cls, orders: Sequence[OpenOrder], accounts: dict[str, int], slots: int) -> _Side:
        # Bids above what a price can be trade at any price, asks above it at none.
        rows = (
            (
                at,
                min(order.price, MAX_PRICE),
                _base_load(order, slots) if order.is_buy or order.price <= MAX_PRICE else 0,
            )
            for at, order in enumerate(orders)
        )
        numbers = [accounts[order.trader.lower()] for order in orders]
        return cls(
            orders=orders,
            accounts=np.array(numbers, np.int64),
            columns=OrderColumns.of_rows(rows),
        )

    def by_account(self, wh: Column, count: int) -> Column:
        """Wh of each account."""
        sums = np.zeros(count, np.int64)
        np.add.at(sums, self.accounts, wh)
        return sums

    def keeping(self, account: int, wh: int, *, descending: bool) -> _Side:
        """With no more than so many Wh of an account: those with the best limits."""
        amounts = self.columns.amounts.copy()
        own = np.flatnonzero(self.accounts == account)
        keys = self.columns.prices[own]
        own = own[np.argsort(~keys if descending else keys, kind="stable")]
        before = np.cumsum(amounts[own]) - amounts[own]
        amounts[own] = np.clip(wh - before, 0, amounts[own])
        return replace(self, columns=replace(self.columns, amounts=amounts))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Book:
    """Both sides, and how they clear."""

    bids: _Side
    asks: _Side

    @cached_property
    def clearing(self) -> Clearing:
        """The result of `clear`, with positions for ids."""
        return clear(self.bids.columns, self.asks.columns)

    @cached_property
    def _shares(self) -> tuple[Column, Column]:
        """Wh that each account buys and sells."""
        sides = self.bids.accounts, self.asks.accounts
        count = 1 + max(int(side.max(initial=-1)) for side in sides)
        return (
            self.bids.by_account(self.clearing.bid_fills, count),
            self.asks.by_account(self.clearing.ask_fills, count),
        )

    @cached_property
    def surplus(self) -> int:
        """Wh that an account must trade with itself; of no more than one account there are any."""
        buys, sells = self._shares
        return max(int((buys + sells).max(initial=0)) - self.clearing.volume, 0)

    def without_surplus(self, met: set[tuple[int, bool]]) -> _Book:
        """Leave it out on the side where that costs less.

        Args:
            met: the accounts and sides that were cut before: of these nothing stays, so that this
                comes to an end.
        """
        buys, sells = self._shares
        account = int((buys + sells).argmax())
        sides = []
        for buying, own in ((True, buys), (False, sells)):
            kept = 0 if (account, buying) in met else int(own[account]) - self.surplus
            side = self.bids if buying else self.asks
            cut = side.keeping(account, kept, descending=buying)
            sides.append(replace(self, **{"bids" if buying else "asks": cut}))
        at = max((0, 1), key=lambda at: (-sides[at].surplus, sides[at].clearing.welfare))
        met.add((account, at == 0))
        return sides[at]

    def marginal(self) -> tuple[int, int]:
        """The interval in which no order that trades loses, and no other order would gain."""
        bids, asks, done = self.bids.columns, self.asks.columns, self.clearing
        last_bid = int(bids.prices[done.bid_fills > 0].min())
        last_ask = int(asks.prices[done.ask_fills > 0].max())
        next_bid = bids.prices[done.bid_fills < bids.amounts].max(initial=np.uint64(0))
        next_ask = asks.prices[done.ask_fills < asks.amounts].min(initial=np.uint64(MAX_PRICE))
        return max(last_ask, int(next_bid)), min(last_bid, int(next_ask))


def _carried_out(book: _Book, self_wh: int) -> Cleared:
    price = book.clearing.price
    if price is None:
        return Cleared(price=None, low=0, high=0, welfare=0, pairs=(), self_wh=self_wh)
    pairs = _paired(book)
    bids, asks = book.bids.orders, book.asks.orders
    low, high = book.marginal()
    return Cleared(
        price=price,
        low=low,
        high=high,
        welfare=sum(
            (min(bids[buy].price, MAX_PRICE) - asks[sell].price) * wh for buy, sell, wh in pairs
        ),
        pairs=tuple(Pair(buy=bids[buy].id, sell=asks[sell].id, wh=wh) for buy, sell, wh in pairs),
        self_wh=self_wh,
    )


def _base_load(order: OpenOrder, slots: int) -> int:
    """What is open of an order in whole Wh of every slot."""
    return min(order.open_wh // slots, MAX_PER_SLOT) * slots


def _paired(book: _Book) -> list[tuple[int, int, int]]:
    """The clearing's pairs as (bid, ask, Wh), by positions, none of them of one account."""
    clearing = book.clearing
    pairs = list(
        zip(
            clearing.pair_buy_ids.tolist(),
            clearing.pair_sell_ids.tolist(),
            clearing.pair_wh.tolist(),
            strict=True,
        )
    )
    buyers, sellers = book.bids.accounts.tolist(), book.asks.accounts.tolist()
    own = [at for at, (buy, sell, _) in enumerate(pairs) if buyers[buy] == sellers[sell]]
    if not own:
        return pairs
    looked_at: dict[int, int] = {}
    for at in own:
        account = buyers[pairs[at][0]]
        first = looked_at.get(account, at + 1)
        looked_at[account] = _swap(pairs, at, buyers, sellers, first)
    merged: dict[tuple[int, int], int] = {}
    for buy, sell, wh in pairs:
        if wh:
            merged[buy, sell] = merged.get((buy, sell), 0) + wh
    prices = book.bids.columns.prices.tolist(), book.asks.columns.prices.tolist()
    return sorted(
        ((buy, sell, wh) for (buy, sell), wh in merged.items()),
        key=lambda pair: (-prices[0][pair[0]], prices[1][pair[1]]),
    )


def _swap(
    pairs: list[tuple[int, int, int]],
    at: int,
    buyers: Sequence[int],
    sellers: Sequence[int],
    first: int,
) -> int:
    """Give both orders of a pair of one account the partners of other pairs.

    A pair that does not touch the account can always lend its partners. There are enough of them:
    its Wh on both sides together are no more than the volume.
    Args:
        first: index at which the search starts; those before it are likely to be used up.

    Returns:
        where it found the last one.
    """
    buy, sell, left = pairs[at]
    account = buyers[buy]
    for other in chain(range(first, len(pairs)), range(first)):
        if left == 0:
            break
        first = other
        their_buy, their_sell, theirs = pairs[other]
        if theirs == 0 or account in (buyers[their_buy], sellers[their_sell]):
            continue
        wh = min(left, theirs)
        left -= wh
        pairs[other] = (their_buy, their_sell, theirs - wh)
        pairs += [(buy, their_sell, wh), (their_buy, sell, wh)]
    pairs[at] = (buy, sell, left)
    return first
