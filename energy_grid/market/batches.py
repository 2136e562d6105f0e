"""Batches: from the open orders of one period to transactions on the chain.

    orders --clear--> pairs --cut by gas--> batches --simulate--> send --> transactions
                ^                               |           |
                +----- drop or fetch again -----+-----------+   what the chain rejects

Only orders that trade go to the chain; the root that goes with them stands for all that were
considered (`order_sets`). Nothing counts as matched before it is in a block: what is simulated can
still be rejected in its turn, if its trader has cancelled or withdrawn meanwhile. Then
the rest is cleared again. A batch that was sent stays as it is, so that the price can differ
between the parts of a clearing that was disturbed in the middle.

A batch reverts for one order at a time. Many invalid orders would keep a keeper busy for ever, so
after a number of reverts the contract itself skips the orders that it rejects. The
price is then still the one that these orders made. So orders that nobody can pay, which cost
nothing to sign, are found otherwise: as soon as the trades of a trader take more than it can
spend, it keeps as many of its orders that reach the price as it can pay in full, and everybody's
orders go that their traders cannot pay even alone. A buyer pays the price; a seller locks its
cover.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

from energy_grid.domain.batch import Batch, Fill, Refusal, Refused
from energy_grid.domain.batch_clearing import Cleared, OpenOrder, Pair, clear_orders, fills_of
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import DomainError
from energy_grid.market.balances import Balances
from energy_grid.market.order_sets import Dropped, OrderSet, Seed, root_of

__all__ = [
    "BatchChain",
    "BatchSession",
    "GasBound",
    "Keeper",
    "Match",
    "Settled",
    "UnexpectedRefusalError",
    "batches_of",
    "deduplicate",
    "unaffordable",
]

Publish = Callable[[OrderSet], object]
Log = Callable[[str], object]

_MAX_REFUSALS = 200
_NO_SEED = Seed(block=0, hash=bytes(32))


class UnexpectedRefusalError(DomainError):
    """The chain rejects an order that is not in the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A trade of two orders: Wh, money per kWh."""

    trade_id: int
    buy: int
    sell: int
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A batch that is in a block.

    Attributes:
        transaction: its hash.
        matches: the trades that the chain reports.
        skipped: orders that the contract skipped.
    """

    transaction: str
    block: int
    gas_used: int
    price: int
    matches: tuple[Match, ...]
    skipped: tuple[Refused, ...] = ()


class BatchChain(Protocol):
    """What a keeper needs of the chain."""

    @property
    def slot_length(self) -> int:
        """Seconds of a slot."""

    def balances(self, orders: Sequence[OpenOrder], period: Period) -> Balances:
        """What the traders of orders can spend, now."""

    def fetch(self, orders: Sequence[OpenOrder]) -> list[OpenOrder | Dropped]:
        """Each order with what is open of it now, or why nothing is."""

    def simulate(self, batch: Batch) -> Refused | None:
        """The first order that the chain would reject, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GasBound:
    """The gas limit of one batch, and upper bounds of its parts.

    A transaction of Ethereum has 2**24 gas since EIP-7825. An order costs most if it is the first
    that its trader trades, and a signed one if none of the 112 nonces around it is used.

    Attributes:
        signed: includes its calldata; of a contract wallet `confirmed` and `byte` come on top.
        byte: of a signature of any length.
        sold: on top of an order to sell: the seller's cover.
    """

    max_gas: int = 14_000_000
    base: int = 160_000
    signed: int = 90_000
    confirmed: int = 110_000
    byte: int = 40
    stored: int = 63_000
    sold: int = 25_000
    fill: int = 18_000

    def of(self, order: OpenOrder) -> int:
        """What an order costs."""
        cover = 0 if order.is_buy else self.sold
        if order.signed is None:
            return self.stored + cover
        if order.signed.by_contract:
            return self.signed + cover + self.confirmed + self.byte * len(order.signed.signature)
        return self.signed + cover


@dataclass(slots=True, kw_only=True)
class BatchSession:
    """What became of one clearing.

    Attributes:
        considered: how many orders it began with.
        order_set: what was published; None if nothing crossed.
        cleared: the clearing that was sent last, or found nothing to send.
        settled: batches that are in blocks.
        dropped: orders that the chain rejects, in the order in which it did.
    """

    considered: int = 0
    order_set: OrderSet | None = None
    cleared: Cleared | None = None
    settled: list[Settled] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    @property
    def matches(self) -> list[Match]:
        """Everything that is agreed, and in a block."""
        return [match for batch in self.settled for match in batch.matches]

    @property
    def matched_wh(self) -> dict[int, int]:
        """Wh by order of what is in blocks; an order that is not there is not matched."""
        return fills_of(Pair(buy=match.buy, sell=match.sell, wh=match.wh) for match in self.matches)


def deduplicate(orders: Sequence[OpenOrder]) -> tuple[list[OpenOrder], list[Dropped]]:
    """Each order once, and of several that a trader signed with one nonce the first.

    A nonce serves one order: a batch with two of them would revert.
    """
    kept: dict[int, OpenOrder] = {}
    nonces: set[tuple[int, int]] = set()
    dropped = []
    for order in orders:
        if order.id in kept:
            continue
        if order.signed is not None:
            if order.signed.sorting_key in nonces:
                dropped.append(Dropped(order=order, reason=Refusal.NONCE_SPENT))
                continue
            nonces.add(order.signed.sorting_key)
        kept[order.id] = order
    return list(kept.values()), dropped


def unaffordable(
    cleared: Cleared, book: Mapping[int, OpenOrder], balances: Balances
) -> list[OpenOrder]:
    """Orders to drop because their traders cannot pay; none if all trades can be paid.

    Where some cannot, all orders that reach the price are checked, not only those that trade:
    otherwise each dropped order would make room for the next unpaid one. Traders
    who can pay for what they trade only lose orders for which they have too little in any case, so
    that an audit sees the reason.
    """
    price = cleared.price
    if price is None:
        return []

    left = dict(balances.spare)
    poor = set()
    # The chain books signed orders first, and what an on-chain one frees only with itself.
    for one, wh in sorted(cleared.fills.items(), key=lambda fill: book[fill[0]].signed is None):
        order = book[one]
        money = balances.cost(order, wh, price)
        if money > left[order.trader]:
            poor.add(order.trader)
        left[order.trader] -= money
    if not poor:
        return []
    left, out = dict(balances.spare), []
    for order in sorted(book.values(), key=_by_limit):
        reaches = order.price >= price if order.is_buy else order.price <= price
        if not reaches:
            continue
        money = balances.cost(order, min(order.open_wh, cleared.volume), price)
        if money > left[order.trader]:
            out.append(order)
        elif order.trader in poor:
            left[order.trader] -= money
    return out


def _by_limit(order: OpenOrder) -> tuple[bool, int, int]:
    """Signed orders first, then the best limits."""
    return order.signed is None, -order.price if order.is_buy else order.price, order.id


def batches_of(
    pairs: Sequence[Pair],
    orders: Mapping[int, OpenOrder],
    *,
    period: Period,
    price: int,
    order_set: bytes,
    bound: GasBound,
) -> list[Batch]:
    """The pairs as batches, in their order, each within the gas bound."""
    return [_batch(part, orders, period, price, order_set) for part in _cut(pairs, orders, bound)]


class Keeper:
    """Clears orders and carries out what is found.

    Args:
        publish: called with the order set before its root can be on the chain, and again when more
            of its orders are rejected.
        log: called with a line for what is being done.
        max_refusals: after so many rejections the chain skips rejected orders.
    """

    def __init__(
        self,
        chain_: BatchChain,
        *,
        publish: Publish = lambda _: None,
        log: Log = lambda _: None,
        bound: GasBound | None = None,
        max_refusals: int = _MAX_REFUSALS,
    ) -> None:
        self._chain = chain_
        self._publish = publish
        self._log = log
        self._bound = bound or GasBound()
        self._max_refusals = max_refusals
        self._work = _Work((), _NO_SEED)

    def plan(self, orders: Sequence[OpenOrder], period: Period, seed: Seed) -> list[Batch]:
        """What would be sent now, after dropping what would be rejected; nothing is sent."""
        self._work = _Work(orders, seed)
        return self._plan(self._work, period)

    def rounds(
        self, orders: Sequence[OpenOrder], period: Period, seed: Seed
    ) -> Generator[tuple[Batch, bool], Settled | Refused | None, None]:
        """Clear the orders of a period, again after each rejection, until all that trades
        is in blocks.

        It yields the next batch to send, and whether the chain is to skip rejected orders. It is
        sent what became of that batch: in a block, or reverted without effect.

        Args:
            seed: of a block after the orders were closed; the same for all rounds.

        Raises:
            ContractError: the whole batch reverts: after gate closure, while the market is stopped,
            or because the sender is not a keeper.
        """
        work = self._work = _Work(orders, seed)
        while batches := self._plan(work, period):
            for at, batch in enumerate(batches, 1):
                self._log(f"sending batch {at} of {len(batches)}: {len(batch.fills)} fills")
                outcome = yield batch, self._skips(work)
                if not isinstance(outcome, Settled):
                    assert outcome is not None
                    self._handle(work, outcome)
                    break
                work.book_in(outcome)
            else:
                return

    def plan_rest(
        self,
        order_set: OrderSet,
        left: Sequence[OpenOrder],
        period: Period,
        refused: Sequence[Refused] = (),
    ) -> list[Batch]:
        """What is to be sent of a set whose first batches are on the chain; nothing is sent.

        Args:
            left: the orders of the set with what a keeper takes to be open of them.
            refused: the rejections that ended the batches before, of orders that are left.
        """
        work = self._work = _Work(left, order_set.seed)
        work.session.order_set, work.began = order_set, True
        work.session.dropped = list(order_set.dropped)
        for each in refused:
            self._handle(work, each)
        return self._plan(work, period)

    @property
    def session(self) -> BatchSession:
        """What has become of `rounds` or `plan` so far."""
        return self._work.session

    def publish_set(self) -> None:
        """Publish the order set, if it is another one than was published last."""
        work = self._work
        if work.session.order_set is not None and work.session.order_set != work.published:
            work.published = work.session.order_set
            self._publish(work.published)

    def _plan(self, work: _Work, period: Period) -> list[Batch]:
        """The batches of what is open, once the chain would take each of them."""
        session = work.session
        while True:
            self._log(f"clearing {len(work.book)} orders")
            slots = len(period.slots(self._chain.slot_length))
            cleared = session.cleared = clear_orders(
                list(work.book.values()), slots, work.seed.hash
            )
            fresh = not work.began
            if cleared.price is None:
                session.order_set = None if fresh else session.order_set
                return []
            if self._any_unpaid(work, cleared, period):
                continue
            if fresh:
                session.order_set = _set_of(work, period, cleared.price)
            assert session.order_set is not None
            batches = batches_of(
                cleared.pairs,
                work.book,
                period=period,
                price=cleared.price,
                order_set=session.order_set.root,
                bound=self._bound,
            )
            # Once a part is sent, sending the next one shows as much as simulating it.
            if not fresh or self._skips(work) or not self._any_refused(work, batches):
                return batches

    def _any_unpaid(self, work: _Work, cleared: Cleared, period: Period) -> bool:
        """Drop the orders that their traders cannot pay."""
        book = work.book
        balances = self._chain.balances(list(book.values()), period)
        poor = unaffordable(cleared, book, balances)
        for order in poor:
            work.drop(order, Refusal.INSUFFICIENT_BALANCE)
        if poor:
            self._log(f"dropped {len(poor)} orders that their traders cannot pay")
        return bool(poor)

    def _any_refused(self, work: _Work, batches: Sequence[Batch]) -> bool:
        """Simulate every batch: a rejection in one does not affect the others."""
        handled: set[int] = set()
        for at, batch in enumerate(batches, 1):
            self._log(f"simulating batch {at} of {len(batches)}: {len(batch.fills)} fills")
            refused = self._chain.simulate(batch)
            if refused is not None and refused.order_id not in handled:
                handled.add(refused.order_id)
                self._handle(work, refused)
        return bool(handled)

    def _skips(self, work: _Work) -> bool:
        return work.refusals >= self._max_refusals

    def _handle(self, work: _Work, refused: Refused) -> None:
        """Fetch what is open of a rejected order; if that is unchanged, drop the order."""
        work.refusals += 1
        order = work.book.get(refused.order_id)
        if order is None:
            raise UnexpectedRefusalError(
                f"the chain rejects an order that is not in the batch: 0x{refused.order_id:x}"
                f" ({refused.reason.name})"
            )
        (now,) = self._chain.fetch([order])
        if isinstance(now, OpenOrder) and 0 < now.open_wh < order.open_wh:
            work.book[order.id] = now
            return
        work.drop(order, now.reason if isinstance(now, Dropped) else refused.reason)
        self._log(f"dropped order 0x{order.id:x}: {work.session.dropped[-1].reason.name}")


class _Work:
    """The open orders of a clearing on its way, by their ids."""

    def __init__(self, orders: Sequence[OpenOrder], seed: Seed) -> None:
        self.seed = seed
        kept, dropped = deduplicate(orders)
        self.book = {order.id: order for order in kept}
        self.session = BatchSession(considered=len(kept), dropped=dropped)
        self.published: OrderSet | None = None
        self.began = False
        self.refusals = 0

    def drop(self, order: OpenOrder, reason: Refusal) -> None:
        """Take an order out."""
        del self.book[order.id]
        self.session.dropped.append(Dropped(order=order, reason=reason))
        if self.began and self.session.order_set is not None:
            self.session.order_set = replace(
                self.session.order_set, dropped=tuple(self.session.dropped)
            )

    def book_in(self, settled: Settled) -> None:
        """Take what is agreed out of the orders."""
        self.session.settled.append(settled)
        self.began = True
        for order_id, wh in fills_of(
            Pair(buy=match.buy, sell=match.sell, wh=match.wh) for match in settled.matches
        ).items():
            self.book[order_id] = self.book[order_id].without(wh)
        for refused in settled.skipped:
            if refused.order_id in self.book:
                self.drop(self.book[refused.order_id], refused.reason)


def _set_of(work: _Work, period: Period, price: int) -> OrderSet:
    orders = tuple(sorted(work.book.values(), key=lambda order: order.id))
    return OrderSet(
        period=period,
        price=price,
        root=root_of(orders),
        seed=work.seed,
        orders=orders,
        dropped=tuple(work.session.dropped),
    )


def _cut(
    pairs: Sequence[Pair], orders: Mapping[int, OpenOrder], bound: GasBound
) -> Iterator[list[Pair]]:
    """Runs of pairs that cost no more than the bound; a single pair always fits."""
    part: list[Pair] = []
    seen: set[int] = set()
    gas = bound.base
    for pair in pairs:
        new = {pair.buy, pair.sell} - seen
        cost = bound.fill + sum(bound.of(orders[one]) for one in new)
        if part and gas + cost > bound.max_gas:
            yield part
            part, seen, gas = [], set(), bound.base
            new = {pair.buy, pair.sell}
            cost = bound.fill + sum(bound.of(orders[one]) for one in new)
        part.append(pair)
        seen |= new
        gas += cost
    if part:
        yield part


def _batch(
    pairs: Sequence[Pair],
    orders: Mapping[int, OpenOrder],
    period: Period,
    price: int,
    order_set: bytes,
) -> Batch:
    traded = {one: orders[one] for one in chain.from_iterable((p.buy, p.sell) for p in pairs)}
    signed: dict[int, SignedOrder] = {
        one: order.signed for one, order in traded.items() if order.signed is not None
    }
    first = sorted(signed, key=lambda one: signed[one].sorting_key)
    stored = sorted(one for one in traded if one not in signed)
    place = {one: at for at, one in enumerate((*first, *stored))}
    return Batch(
        period=period,
        price=price,
        order_set=order_set,
        signed_orders=tuple(signed[one] for one in first),
        stored_orders=tuple(stored),
        fills=tuple(
            Fill(buy=place[pair.buy], sell=place[pair.sell], amount=pair.wh) for pair in pairs
        ),
    )
