"""The clearing of a batch: one price for all orders, and pairs that the chain takes.

What `clear` finds for a period knows no traders and no slots. The chain lets no account trade with
itself, and takes only fills that are the same whole Wh in every slot. So:

    Slots        Of each order counts what is the same whole Wh in every slot. Then it is so of
                 everything that is found: all Wh are sums and differences of these.
    Self-trades  Pairs of one account swap partners with other pairs: every order keeps its Wh.
                 That is possible unless an account stands on both sides with more than the whole
                 volume. Then it becomes the partner of everybody else:

    its bids    |--------- bought of others ---------|          one price p for both: asks up
    others' asks|------------------------------------|          to p and bids from p trade
    others' bids      |------- sold to others -------|
    its asks          |------------------------------|

    Equal limits are shared pro rata, and the seed decides over the rest (`clearing`). Ids only
    order the line that is cut, so that the same orders and seed always give the same outcome.

Why the welfare is the best that there is at one price. Let account k buy b_k and sell s_k of a
volume V, and let P be the price of `clear`.

    1. Pairs exist exactly if b_k + s_k <= V for all k (Hall: two buyers can buy from everybody
       together, one buyer from all but itself).
    2. At most one account breaks this, since the sum of b_k + s_k is 2 V. Say i does at P. On the
       line from there to a best allowed outcome at P lies one with b_i + s_i = V, no worse as
       welfare is concave, and allowed, as V is left for all others together. Then
       b_i is what the others sell and s_i what they buy: two clearings without any common Wh, both
       exact in whole steps. So at each price p where i is in the way the best is T(p), the sum of
       both among bids from p and asks up to p; T(p) is possible at every p.
    3. Take another price p < P. Asks up to p trade in full, V(p) <= V, and the bids that trade
       reach P. If nobody is in the way at p, that outcome is possible at P too. If another
       account j is: should its asks reach bids of others below P, then these others' bids from P,
       i's among them, are less than s_j, so b_i + s_i < s_j + s_i <= V, and i is not in the way.
       Should its bids below P trade, then its bids from P are less than V(p) - s_j, and j is not
       in the way. So the best outcome at p needs no bid below P, and is possible at P. The same
       holds above P with bids and asks exchanged.
    4. So the optimum is the largest T(p). A piece of a clearing with a bid b and an ask a is in
       T(p) for a <= p <= b: the best price is where the intervals of all pieces weigh most.

Which price. Where the cut costs no welfare, that of `clear`: it supports every outcome of the same
welfare. Otherwise two prices would be right, a lower one at which the account sells and a higher
one at which it buys; with one, no order that trades may lose: the price is in the middle between
the dearest ask and the lowest bid that trade. As far as that leaves room, orders of the others
that are left do not gain either. The account's own do not bound the price.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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


def clear_orders(orders: Sequence[OpenOrder], slots: int, seed: bytes) -> Cleared:
    """Clear orders of one period with different ids.

    Args:
        slots: how many the period has.
        seed: decides over Wh that orders of one limit cannot share; unknown when they came.

    Raises:
        ClearingOverflowError: the amounts of one side cannot be added up in 63 bits.
    """
    ranked = sorted(orders, key=lambda order: order.id)
    accounts: dict[str, int] = {}
    for order in ranked:
        accounts.setdefault(order.trader.lower(), len(accounts))
    bids = _Side.of([order for order in ranked if order.is_buy], accounts, slots)
    asks = _Side.of([order for order in ranked if not order.is_buy], accounts, slots)
    found = clear(bids.columns, asks.columns, step=slots, seed=seed)
    if found.price is None:
        return Cleared(price=None, low=0, high=0, welfare=0, pairs=(), self_wh=0)
    both = bids.by_account(found.bid_fills, len(accounts))
    both += asks.by_account(found.ask_fills, len(accounts))
    account = int(both.argmax())
    self_wh = max(int(both[account]) - found.volume, 0)
    low, high = _interval(bids, asks, (found.bid_fills, found.ask_fills))
    if not self_wh:
        pairs, welfare = _paired(found, bids, asks), found.welfare
    else:
        bought, sold = _through(account, bids, asks, slots, seed)
        pairs = _ranked([*_pairs_of(bought), *_pairs_of(sold)], bids, asks)
        welfare = bought.welfare + sold.welfare
        if not pairs:
            return Cleared(price=None, low=0, high=0, welfare=0, pairs=(), self_wh=self_wh)
        if welfare < found.welfare:
            fills = bought.bid_fills + sold.bid_fills, bought.ask_fills + sold.ask_fills
            low, high = _interval(bids, asks, fills, account)
    return Cleared(
        price=(low + high) // 2,
        low=low,
        high=high,
        welfare=welfare,
        pairs=tuple(
            Pair(buy=bids.orders[buy].id, sell=asks.orders[sell].id, wh=wh)
            for buy, sell, wh in pairs
        ),
        self_wh=self_wh,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """One side of a book, by id."""

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

    def keeping(self, kept: NDArray[np.bool_]) -> OrderColumns:
        """Its columns, with nothing of the other orders."""
        return replace(self.columns, amounts=np.where(kept, self.columns.amounts, 0))


def _through(
    account: int, bids: _Side, asks: _Side, slots: int, seed: bytes
) -> tuple[Clearing, Clearing]:
    """What an account buys of all others, and sells to them, at the best price for both."""
    buys, sells = bids.accounts == account, asks.accounts == account

    def at(bidding: NDArray[np.bool_], asking: NDArray[np.bool_]) -> tuple[Clearing, Clearing]:
        bought = clear(
            bids.keeping(bidding & buys), asks.keeping(asking & ~sells), step=slots, seed=seed
        )
        sold = clear(
            bids.keeping(bidding & ~buys), asks.keeping(asking & sells), step=slots, seed=seed
        )
        return bought, sold

    bid_prices, ask_prices = bids.columns.prices, asks.columns.prices
    price = _heaviest(
        (int(ask_prices[sell]), int(bid_prices[buy]), wh)
        for part in at(bid_prices >= 0, ask_prices >= 0)
        for buy, sell, wh in _pairs_of(part)
    )
    return at(bid_prices >= price, ask_prices <= price)


def _heaviest(pieces: Iterable[tuple[int, int, int]]) -> int:
    """The price in the (ask, bid, Wh) of most welfare, and of most Wh among these."""
    events = []
    for ask, bid, wh in pieces:
        # At one price, what begins comes before what ends.
        events += [(ask, 0, (bid - ask) * wh, wh), (bid, 1, (ask - bid) * wh, -wh)]
    best, found, welfare, volume = (0, 0), 0, 0, 0
    for price, _, value, wh in sorted(events):
        welfare, volume = welfare + value, volume + wh
        if (welfare, volume) > best:
            best, found = (welfare, volume), price
    return found


def _interval(
    bids: _Side, asks: _Side, fills: tuple[Column, Column], account: int = -1
) -> tuple[int, int]:
    """Where no order that trades loses, and no other order would gain.

    Args:
        account: whose orders may gain. Then others do too, where no price would be left.
    """
    (bought, sold), (bid_rows, ask_rows) = fills, (bids.columns, asks.columns)
    low, high = int(ask_rows.prices[sold > 0].max()), int(bid_rows.prices[bought > 0].min())
    more_bids = (bought < bid_rows.amounts) & (bids.accounts != account)
    more_asks = (sold < ask_rows.amounts) & (asks.accounts != account)
    next_bid = int(bid_rows.prices[more_bids].max(initial=np.uint64(0)))
    next_ask = int(ask_rows.prices[more_asks].min(initial=np.uint64(MAX_PRICE)))
    narrow = max(low, next_bid), min(high, next_ask)
    return narrow if narrow[0] <= narrow[1] else (low, high)


def _base_load(order: OpenOrder, slots: int) -> int:
    """What is open of an order in whole Wh of every slot."""
    return min(order.open_wh // slots, MAX_PER_SLOT) * slots


def _pairs_of(clearing: Clearing) -> list[tuple[int, int, int]]:
    """Its pairs as (bid, ask, Wh), by positions."""
    columns = clearing.pair_buy_ids, clearing.pair_sell_ids, clearing.pair_wh
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _ranked(
    pairs: Iterable[tuple[int, int, int]], bids: _Side, asks: _Side
) -> list[tuple[int, int, int]]:
    """The best limits first."""
    prices = bids.columns.prices.tolist(), asks.columns.prices.tolist()
    return sorted(pairs, key=lambda pair: (-prices[0][pair[0]], prices[1][pair[1]]))


def _paired(clearing: Clearing, bids: _Side, asks: _Side) -> list[tuple[int, int, int]]:
    """The clearing's pairs, none of them of one account."""
    pairs = _pairs_of(clearing)
    buyers, sellers = bids.accounts.tolist(), asks.accounts.tolist()
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
    return _ranked(((buy, sell, wh) for (buy, sell), wh in merged.items()), bids, asks)


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
