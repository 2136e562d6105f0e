"""A chain that takes batches as EnergyTrading does, in memory, and orders for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from energy_grid.domain.batch import Batch, Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.balances import Balances, TradeTerms
from energy_grid.market.batch_audit import FillQuery, Part
from energy_grid.market.batches import Match, Settled
from energy_grid.market.order_sets import Dropped, Seed

__all__ = [
    "BUY",
    "DEAREST",
    "HOUR",
    "SEED",
    "SELL",
    "SET_SEED",
    "MemoryChain",
    "balances_of",
    "signed",
    "stored",
]

BUY, SELL = OrderType.BUY, OrderType.SELL
HOUR = Period(kind=PeriodKind.HOURLY, start=3600)
DEAREST = 10_000
SEED = b"s" * 32
SET_SEED = Seed(block=0, hash=SEED)
_PLENTY = 2**128


def balances_of(money: Mapping[str, int], traders: Iterable[str]) -> Balances:
    """What traders can spend, who have more than enough otherwise; without fees."""
    names = set(traders)
    return Balances(
        spare={name: money.get(name, _PLENTY) for name in names},
        terms=dict.fromkeys(names, TradeTerms(fees=0, dearest=DEAREST)),
    )


def signed(
    number: int, trader: int, side: OrderType, wh: int, price: int, *, nonce: int | None = None
) -> OpenOrder:
    """A signed order; what its hash is nobody looks at."""
    address = f"0x{trader:040x}"
    terms = OrderTerms(
        trader=address, order_type=side, amount=wh, price=price, expiry=3599, period=HOUR
    )
    order = SignedOrder(terms=terms, nonce=number if nonce is None else nonce, signature=b"")
    return OpenOrder(
        id=(1 << 255) + number,
        trader=address,
        order_type=side,
        price=price,
        open_wh=wh,
        signed=order,
    )


def stored(number: int, trader: int, side: OrderType, wh: int, price: int) -> OpenOrder:
    """An order on the chain."""
    return OpenOrder(id=number, trader=f"0x{trader:040x}", order_type=side, price=price, open_wh=wh)


@dataclass
class MemoryChain:
    """`BatchChain` and `AuditQueries`.

    Attributes:
        orders: all that there are, by id.
        bad: orders that are refused, whatever they ask for.
        soon_bad: the same from the n-th sending on (counted from 1), which finds it out.
        bad_from: the block from which on the chain has something against a bad order.
        too_poor: the most Wh that the traders of some orders can pay for.
        money: what traders can spend, in exact money, who have more than enough otherwise.
        money_before: the same, before the first batch.
        seed_age: seconds between the block of the seed and the batches.
    """

    orders: dict[int, OpenOrder]
    bad: dict[int, Refusal] = field(default_factory=dict)
    soon_bad: dict[int, tuple[int, Refusal]] = field(default_factory=dict)
    bad_from: dict[int, int] = field(default_factory=dict)
    too_poor: dict[int, int] = field(default_factory=dict)
    money: dict[str, int] = field(default_factory=dict)
    money_before: dict[str, int] = field(default_factory=dict)
    filled: dict[int, int] = field(default_factory=dict)
    simulated: list[Batch] = field(default_factory=list)
    settled: list[tuple[Batch, Settled]] = field(default_factory=list)
    sendings: int = 0
    slot_length: int = 3600
    seed_age: int = 3600

    @classmethod
    def of(cls, orders: Sequence[OpenOrder]) -> MemoryChain:
        return cls(orders={order.id: order for order in orders})

    # BatchChain

    def fetch(self, orders: Sequence[OpenOrder]) -> list[OpenOrder | Dropped]:
        found: list[OpenOrder | Dropped] = []
        for order in orders:
            left = self.orders[order.id].open_wh - self.filled.get(order.id, 0)
            if left == 0:
                found.append(Dropped(order=order, reason=Refusal.NONCE_SPENT))
            else:
                found.append(replace(order, open_wh=left))
        return found

    def balances(self, orders: Sequence[OpenOrder], period: Period) -> Balances:
        return balances_of(self.money, (order.trader for order in orders))

    def simulate(self, batch: Batch) -> Refused | None:
        self.simulated.append(batch)
        refused = self._refused(batch)
        return refused[0] if refused else None

    def send_batch(self, batch: Batch, skip: bool) -> Settled | Refused:
        self.sendings += 1
        for order_id, (sending, reason) in self.soon_bad.items():
            if self.sendings >= sending:
                self.bad[order_id] = reason
                self.bad_from.setdefault(order_id, self.sendings)
        refused = self._refused(batch)
        if refused and not skip:
            return refused[0]
        out = {each.order_id for each in refused}
        ids = self._ids(batch)
        matches = []
        for fill in batch.fills:
            buy, sell = ids[fill.buy], ids[fill.sell]
            if {buy, sell} & out:
                continue
            matches.append(
                Match(
                    trade_id=len(matches) + 1,
                    buy=buy,
                    sell=sell,
                    wh=fill.amount,
                    price=batch.price,
                )
            )
            for one in (buy, sell):
                self.filled[one] = self.filled.get(one, 0) + fill.amount
                trader = self.orders[one].trader
                if trader in self.money:
                    self.money[trader] -= self._cost(one, fill.amount, batch.price)
        settled = Settled(
            transaction=f"0x{self.sendings}",
            block=self.sendings,
            gas_used=1,
            price=batch.price,
            matches=tuple(matches),
            skipped=tuple(refused),
        )
        self.settled.append((batch, settled))
        return settled

    # AuditQueries

    @property
    def parts(self) -> list[Part]:
        return [
            Part(
                transaction=done.transaction,
                block=done.block,
                time=HOUR.start,
                period=batch.period,
                price=done.price,
                order_set=batch.order_set,
                matches=done.matches,
            )
            for batch, done in self.settled
        ]

    def are_signed(self, orders: Sequence[OpenOrder], part: Part) -> list[bool]:
        return [order.id in self.orders for order in orders]

    def open_before(self, orders: Sequence[OpenOrder], part: Part) -> list[int]:
        return [self.orders[order.id].open_wh for order in orders]

    def seed_of(self, block: int) -> tuple[bytes, int]:
        return SEED, HOUR.start - self.seed_age

    def balances_before(self, orders: Sequence[OpenOrder], part: Part) -> Balances:
        return balances_of(self.money_before, (order.trader for order in orders))

    def why_not(self, queries: Sequence[FillQuery], part: Part) -> list[Refusal]:
        return [self._why_not(query, part.block) for query in queries]

    def _why_not(self, query: FillQuery, block: int) -> Refusal:
        one = query.order.id
        if query.wh > self.too_poor.get(one, query.wh):
            return Refusal.INSUFFICIENT_BALANCE
        is_bad = one in self.bad and block >= self.bad_from.get(one, 0)
        return self.bad[one] if is_bad else Refusal.NONE

    def _ids(self, batch: Batch) -> list[int]:
        """Orders by their place, once it is sure that they are as the contract wants them."""
        by_nonce = {
            order.signed.sorting_key: order.id
            for order in self.orders.values()
            if order.signed is not None
        }
        keys = [order.sorting_key for order in batch.signed_orders]
        assert keys == sorted(set(keys))
        assert list(batch.stored_orders) == sorted(set(batch.stored_orders))
        assert batch.fills
        return [by_nonce[key] for key in keys] + list(batch.stored_orders)

    def _cost(self, one: int, wh: int, price: int) -> int:
        order = self.orders[one]
        return balances_of({}, [order.trader]).cost(order, wh, price)

    def _unpaid(self, batch: Batch, ids: list[int]) -> list[Refused]:
        needs: dict[int, int] = {}
        for fill in batch.fills:
            for one in (ids[fill.buy], ids[fill.sell]):
                needs[one] = needs.get(one, 0) + self._cost(one, fill.amount, batch.price)
        found, left = [], dict(self.money)
        for one in ids:
            trader = self.orders[one].trader
            if needs[one] > left.get(trader, needs[one]):
                found.append(Refused(order_id=one, reason=Refusal.INSUFFICIENT_BALANCE))
            elif trader in left:
                left[trader] -= needs[one]
        return found

    def _refused(self, batch: Batch) -> list[Refused]:
        ids = self._ids(batch)
        assert {place for fill in batch.fills for place in (fill.buy, fill.sell)} == set(
            range(len(ids))
        )
        found = []
        for one in ids:
            order = self.orders[one]
            if order.is_buy:
                assert batch.price <= order.price
            else:
                assert batch.price >= order.price
            if one in self.bad:
                found.append(Refused(order_id=one, reason=self.bad[one]))
        found += self._unpaid(batch, ids)
        taken: dict[int, int] = {}
        for fill in batch.fills:
            buy, sell = self.orders[ids[fill.buy]], self.orders[ids[fill.sell]]
            assert (buy.order_type, sell.order_type) == (BUY, SELL)
            assert buy.trader != sell.trader
            assert fill.amount % len(batch.period.slots(self.slot_length)) == 0
            for order in (buy, sell):
                taken[order.id] = taken.get(order.id, 0) + fill.amount
        for one, wh in taken.items():
            if wh > self.orders[one].open_wh - self.filled.get(one, 0):
                found.append(Refused(order_id=one, reason=Refusal.OVERFILLED))
        return found
