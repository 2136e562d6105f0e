"""Random actions on a market and its model: orders, cancellations, matches, valid and invalid
batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, product
from random import Random
from typing import NamedTuple

from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.orders import OrderStatus, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import MAX_NONCE, SignedOrder
from tests.invariant.batch_comparison import MarketComparison
from tests.model.costs import Fees
from tests.support.market import Market, actor
from tests.support.signed_orders import sorted_orders

__all__ = ["RandomBatches"]

# Signed orders that are remembered, the newest.
POOL = 40
PRICES = (50_001, 100_002, 150_003, 333_333)


class _Row(NamedTuple):
    trader: str
    side: OrderType
    open: int
    limit: int


class RandomBatches(MarketComparison):
    """A market and its model, driven by a `random.Random`."""

    def __init__(self, market: Market, fees: Fees) -> None:
        super().__init__(market, fees)
        self.pool: list[SignedOrder] = []

    # Orders

    def sign(self, random: Random, side: OrderType | None = None) -> None:
        """Somebody signs an order, mostly as they should."""
        trader = random.choice(self.people * 5 + [self.stranger])
        kind = random.choice([PeriodKind.HOURLY, PeriodKind.HOURLY, PeriodKind.DAILY])
        period = Period.current(kind, self.now + random.choice([0] * 6 + [3600]))
        side = random.choice(list(OrderType)) if side is None else side
        # Most bids are above most asks.
        most = max if side is OrderType.BUY else min
        floor = self.settlement_model.nonces.floor(trader)
        terms = OrderTerms(
            trader=trader,
            order_type=side,
            amount=random.choice([0, 1, *[random.randint(2, 2000)] * 18]),
            price=most(random.choices(PRICES, k=2)) + random.choice([0, 0, 0, -1, 1]),
            expiry=self.now + random.choice([0, 3, 900, 4000, 10**6, 10**6]),
            period=period,
        )
        fresh = next(
            n for n in count(floor) if not self.settlement_model.nonces.is_spent(trader, n)
        )
        near = max(0, fresh + random.randint(-1, 8))
        nonce = random.choice([near] * 12 + [111, 112, MAX_NONCE, MAX_NONCE + 1])
        self._sign(random, terms, nonce)

    def _sign(self, random: Random, terms: OrderTerms, nonce: int) -> None:
        key = actor("thief") if random.random() < 0.04 else None
        order = self.sign_order(terms, nonce, key=key, other_form=random.random() < 0.02)
        if random.random() < 0.04:
            order = replace(order, terms=replace(terms, amount=terms.amount + 1))
        self.pool = [*self.pool[-POOL:], order]

    def place(self, random: Random) -> None:
        """Somebody places an order on the chain."""
        now = self.now + 1
        kind = random.choice([PeriodKind.HOURLY, PeriodKind.HOURLY, PeriodKind.DAILY])
        self.place_order(
            OrderTerms(
                trader=random.choice(self.people),
                order_type=random.choice(list(OrderType)),
                amount=random.randint(1, 3000),
                price=random.choice(PRICES),
                expiry=now + random.choice([0, 5, 4000, 10**6]),
                period=Period.current(kind, now),
            )
        )

    def cancel_stored(self, random: Random) -> None:
        order_id = random.randint(1, len(list(self.settlement_model.book)) + 1)
        name = random.choice(self.people)
        self.both(
            lambda at: self.settlement_model.cancel(order_id, name, at),
            *(name, self.market.trading, "cancelOrder", order_id),
        )

    def match_stored(self, random: Random) -> None:
        """Two on-chain orders are matched directly, beside all batches."""
        book = list(self.settlement_model.book)
        pairs = self.settlement_model.book.best_pairs(
            Period.current(PeriodKind.HOURLY, self.now), self.now
        )
        pairs += self.settlement_model.book.best_pairs(
            Period.current(PeriodKind.DAILY, self.now), self.now
        )
        anything = (random.randint(1, len(book) + 1), random.randint(1, len(book) + 1))
        self.match(*random.choice([*pairs, anything]))

    def cancel_signed(self, random: Random) -> None:
        name = random.choice([*self.people, self.stranger])
        used = [nonce for trader, nonce in sorted(self.nonces) if trader == name] or [3]
        chosen = [random.choice(used) for _ in range(random.choice([1, 1, 1, 2, 3]))]
        if random.random() < 0.1:
            chosen.append(MAX_NONCE + 1)
        self.both(
            lambda _: self.settlement_model.cancel_signed(name, chosen),
            *(name, self.market.trading, "cancelSigned", chosen),
        )
        self.nonces |= {(name, nonce) for nonce in chosen if nonce <= MAX_NONCE}

    def cancel_signed_below(self, random: Random) -> None:
        name = random.choice([*self.people, self.stranger])
        floor = self.settlement_model.nonces.floor(name)
        nonce = random.choice([floor, floor + 1, floor + 5, floor + random.randint(0, 120)])
        if random.random() < 0.05:
            nonce = MAX_NONCE + 1
        self.both(
            lambda _: self.settlement_model.cancel_signed_below(name, nonce),
            *(name, self.market.trading, "cancelSignedBelow", nonce),
        )

    # Batches

    def draw_batch(self, random: Random) -> Batch:
        """A batch of what there is: mostly what can trade at its price, some that cannot."""
        open_periods = [o.terms.period for o in self.pool if o.terms.period.end > self.now]
        now_running = Period.current(PeriodKind.HOURLY, self.now)
        period = random.choice(open_periods[-6:] or [now_running])
        if random.random() < 0.03 and self.pool:
            period = random.choice(self.pool).terms.period
        signed, stored = self._usable(random, period)
        rows = self._rows(period, signed, stored)
        prices = [row.limit for row in rows] or [PRICES[0]]
        best = max(prices, key=lambda price: min(map(len, _willing(rows, price))))
        price = random.choice([best] * 9 + prices[:3])
        willing = {place for side in _willing(rows, price) for place in side}
        taken = [p for p in range(len(rows)) if random.random() < (0.9 if p in willing else 0.04)]
        places = random.sample(taken, min(len(taken), random.randint(3, 10)))
        chosen = self._spoil(random, [signed[p] for p in places if p < len(signed)])
        numbers = sorted(stored[p - len(signed)] for p in places if p >= len(signed))
        if random.random() < 0.1:
            numbers = sorted(
                {*numbers, random.randint(0, len(list(self.settlement_model.book)) + 3)}
            )
        if random.random() < 0.02:
            numbers.reverse()
        return Batch(
            period=period,
            price=price,
            order_set=random.randbytes(32),
            signed_orders=chosen,
            stored_orders=tuple(numbers),
            fills=_draw_fills(random, self._rows(period, chosen, numbers), price),
        )

    def _usable(self, random: Random, period: Period) -> tuple[list[SignedOrder], list[int]]:
        """The orders of a period that nothing is known against but their limits."""
        now, nonces_ = self.now + 1, self.settlement_model.nonces
        signed = [
            order
            for order in self.pool
            if order.terms.period == period
            and self.settlement_model.is_known(order.terms.trader)
            and now <= order.terms.expiry
            and not nonces_.is_spent(order.terms.trader, order.nonce)
            and not nonces_.is_taken(order.terms.trader, order.nonce, self.order_id(order))
            and order.nonce >= nonces_.floor(order.terms.trader)
            and self.confirms(order)
        ]
        stored = [
            order.id
            for order in self.settlement_model.book
            if order.period == period
            and order.status is OrderStatus.ACTIVE
            and (now <= order.expiry or random.random() < 0.1)
        ]
        return signed, stored

    def _spoil(self, random: Random, chosen: list[SignedOrder]) -> tuple[SignedOrder, ...]:
        """Now and then some order, one twice, or the wrong order of all."""
        if self.pool and random.random() < 0.25:
            chosen.append(random.choice(self.pool))
        if random.random() < 0.97:
            seen = {(order.terms.trader, order.nonce): order for order in chosen}
            chosen = list(seen.values())
        return sorted_orders(*chosen) if random.random() < 0.98 else tuple(chosen)

    def _rows(
        self, period: Period, signed: Sequence[SignedOrder], stored: Sequence[int]
    ) -> list[_Row]:
        """What the orders of a batch ask for, as far as there are such."""
        rows = []
        for order in signed:
            terms = replace(order.terms, period=period)
            filled = self.settlement_model.nonces.filled(self.order_id(replace(order, terms=terms)))
            rows.append(_Row(terms.trader, terms.order_type, terms.amount - filled, terms.price))
        book = {order.id: order for order in self.settlement_model.book}
        for number in stored:
            found = book.get(number)
            rows.append(
                _Row(found.trader, found.order_type, found.remaining, found.price)
                if found
                else _Row("", OrderType.BUY, 1, PRICES[0])
            )
        return rows


def _willing(rows: Sequence[_Row], price: int) -> tuple[list[int], list[int]]:
    """The places of buyers and of sellers that would trade at a price."""
    buys = [p for p, row in enumerate(rows) if row.side is OrderType.BUY and row.limit >= price]
    sells = [p for p, row in enumerate(rows) if row.side is OrderType.SELL and row.limit <= price]
    return buys, sells


def _draw_fills(random: Random, rows: Sequence[_Row], price: int) -> tuple[Fill, ...]:
    buys, sells = _willing(rows, price)
    left = [row.open for row in rows]
    fills = []
    for _ in range(random.choice([0, *range(1, 7), *range(1, 7), *range(1, 7)])):
        pairs = [
            (buy, sell)
            for buy, sell in product(buys, sells)
            if min(left[buy], left[sell]) > 0 and rows[buy].trader != rows[sell].trader
        ]
        if pairs and random.random() < 0.95:
            buy, sell = random.choice(pairs)
        elif fills and random.random() < 0.8:
            break
        else:
            places = max(1, len(rows) + (random.random() < 0.2))
            buy, sell = random.randrange(places), random.randrange(places)
        most = min(left[place] if place < len(left) else 1 for place in (buy, sell))
        amount = max(1, random.choice([most, most, most // 2, most // 3, most // 2 + 1]))
        if random.random() < 0.08:
            amount = random.choice([0, 1, most + 1, 2**40 - 1])
        for place in (buy, sell):
            if place < len(left):
                left[place] = max(0, left[place] - amount)
        fills.append(Fill(buy=buy, sell=sell, amount=amount))
    return tuple(fills)
