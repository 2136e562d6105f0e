"""Batches: orders of one delivery period that trade at one price.

A batch is decided in the steps of the chain, before anything of it is booked:

    admit signed -> admit stored -> reserve the fills -> lock signed orders' money -> agree

Each step can refuse: an order with all fills that need it, or a single fill. In strict mode the
first refusal is that of the whole batch; else what is refused is passed over and reported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Protocol

from energy_grid.domain.batch import MAX_FILL, Batch, Refused
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.enums import OrderStatus, OrderType, Refusal
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import DomainError
from tests.model.nonces import NonceBook
from tests.model.orders import Order, OrderBook

__all__ = [
    "Agreed",
    "BatchDecision",
    "BatchOrder",
    "BatchRefusedError",
    "Books",
    "NoFillsError",
    "NoSuchPlaceError",
    "Signatures",
    "UnsortedBatchError",
    "decide",
    "in_period",
]


class NoFillsError(DomainError):
    """A batch without a fill."""


class UnsortedBatchError(DomainError):
    """Orders of a batch do not ascend, or one is there twice."""

    def __init__(self, place: int) -> None:
        super().__init__(f"the order at place {place} of the batch must stand before")
        self.place = place


class NoSuchPlaceError(DomainError):
    """A fill names a place that no order of the batch has."""


class BatchRefusedError(DomainError):
    """The first order or fill that is refused, in strict mode."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"order {refused.order_id:#x}: {refused.reason.name}")
        self.refused = refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A fill that becomes a transaction."""

    buy: BatchOrder
    sell: BatchOrder
    amount: int


@dataclass(slots=True, kw_only=True, eq=False)
class BatchOrder:
    """An order while its batch is decided.

    Attributes:
        size: Wh of the whole order.
        open: Wh that can be filled.
        filled: Wh that the batch fills.
        kept: money that the transactions of these fills hold.
        nonce: of a signed order, None of a stored one.
        out: whether it is refused.
    """

    order_id: int
    trader: str
    side: OrderType
    size: int
    nonce: int | None
    open: int = 0
    filled: int = 0
    kept: int = 0
    out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDecision:
    """What is to be booked, and what was refused, both in order."""

    agreed: tuple[Agreed, ...]
    orders: tuple[BatchOrder, ...]
    refused: tuple[Refused, ...]


class Signatures(Protocol):
    """What the model takes as given about signed orders, whose period is that of the batch."""

    def order_id(self, order: SignedOrder) -> int:
        """Its EIP-712 hash, as a number."""

    def confirms(self, order: SignedOrder) -> bool:
        """Whether its trader has signed it."""


class Books(Protocol):
    """What a batch asks of the market."""

    book: OrderBook
    nonces: NonceBook

    def is_known(self, name: str) -> bool:
        """Whether the account ever had money or a meter."""

    def lock_refusal(self, name: str, amount: int, side: OrderType) -> Refusal:
        """Why this much money cannot be locked for an order, NONE if it can."""


def decide(
    batch: Batch,
    *,
    skip: bool,
    now: int,
    collateral_per_kwh: int,
    books: Books,
    signatures: Signatures,
) -> BatchDecision:
    """Decide a batch at a time before its gate closes; nothing is changed.

    Raises:
        NoFillsError, then UnsortedBatchError or BatchRefusedError: for the first order,
            NoSuchPlaceError or BatchRefusedError: for the first fill, BatchRefusedError: for the
            first order that cannot pay. BatchRefusedError in strict mode only.
    """
    if not batch.fills:
        raise NoFillsError("a batch without fills")
    decider = _Decider(
        batch,
        skip=skip,
        now=now,
        collateral_per_kwh=collateral_per_kwh,
        books=books,
        signatures=signatures,
    )
    decider.admit_signed()
    decider.admit_stored()
    decider.reserve()
    decider.lock_signed()
    return decider.agree()


def in_period(batch: Batch, order: SignedOrder) -> SignedOrder:
    """The order as the batch presents it: of the batch's own period."""
    return replace(order, terms=replace(order.terms, period=batch.period))


class _Decider:
    """The steps of one batch."""

    def __init__(
        self,
        batch: Batch,
        *,
        skip: bool,
        now: int,
        collateral_per_kwh: int,
        books: Books,
        signatures: Signatures,
    ) -> None:
        self._batch, self._skip, self._now = batch, skip, now
        self._collateral_per_kwh = collateral_per_kwh
        self._books, self._signatures = books, signatures
        self._orders: list[BatchOrder] = []
        self._taken: list[Agreed] = []
        self._refused: list[Refused] = []

    def admit_signed(self) -> None:
        latest = None
        for place, given in enumerate(self._batch.signed_orders):
            order = in_period(self._batch, given)
            # Addresses are equally long: in hex they ascend as the numbers that they are.
            sorting = (order.terms.trader.lower(), order.nonce)
            if latest is not None and sorting <= latest:
                raise UnsortedBatchError(place)
            latest = sorting
            order_id = self._signatures.order_id(order)
            entry = BatchOrder(
                order_id=order_id,
                trader=order.terms.trader,
                side=order.terms.order_type,
                size=order.terms.amount,
                open=order.terms.amount - self._books.nonces.filled(order_id),
                nonce=order.nonce,
            )
            self._orders.append(entry)
            self._admit(entry, self._refusal_of_signed(order, order_id))

    def admit_stored(self) -> None:
        book = {order.id: order for order in self._books.book}
        numbers = self._batch.stored_orders
        for i, order_id in enumerate(numbers):
            if i and order_id <= numbers[i - 1]:
                raise UnsortedBatchError(len(self._batch.signed_orders) + i)
            order = book.get(order_id)
            entry = BatchOrder(
                order_id=order_id,
                trader=order.trader if order else "",
                side=order.order_type if order else OrderType.BUY,
                size=order.amount if order else 0,
                open=order.remaining if order else 0,
                nonce=None,
            )
            self._orders.append(entry)
            self._admit(entry, self._refusal_of_stored(order) if order else Refusal.NO_SUCH_ORDER)

    def reserve(self) -> None:
        """Add up what the fills take, and the money that their transactions will hold."""
        for fill in self._batch.fills:
            if max(fill.buy, fill.sell) >= len(self._orders):
                raise NoSuchPlaceError(
                    f"place {max(fill.buy, fill.sell)} of {len(self._orders)} orders"
                )
            taken = Agreed(
                buy=self._orders[fill.buy], sell=self._orders[fill.sell], amount=fill.amount
            )
            if taken.buy.out or taken.sell.out:
                continue
            by, refusal = self._refusal_of_fill(taken)
            if refusal is not Refusal.NONE:
                self._report(by, refusal)
                continue
            self._taken.append(taken)
            self._take(taken, 1)

    def lock_signed(self) -> None:
        """See who can pay, one order after the other."""
        pending: Counter[str] = Counter()
        for order in self._orders:
            if order.nonce is None or not order.filled:
                continue
            refusal = Refusal.NONCE_SPENT
            if order.nonce >= self._books.nonces.floor(order.trader):
                wanted = pending[order.trader] + order.kept
                refusal = self._books.lock_refusal(order.trader, wanted, order.side)
            if refusal is Refusal.NONE:
                pending[order.trader] += order.kept
            self._admit(order, refusal)

    def agree(self) -> BatchDecision:
        """Give back what a fill took whose other side cannot pay."""
        agreed = []
        for taken in self._taken:
            if taken.buy.out or taken.sell.out:
                self._take(taken, -1)
            else:
                agreed.append(taken)
        return BatchDecision(
            agreed=tuple(agreed),
            orders=tuple(order for order in self._orders if order.filled and not order.out),
            refused=tuple(self._refused),
        )

    def _take(self, fill: Agreed, sign: int) -> None:
        fill.buy.filled += sign * fill.amount
        fill.buy.kept += sign * cost_down(fill.amount, self._batch.price)
        fill.sell.filled += sign * fill.amount
        fill.sell.kept += sign * collateral(fill.amount, self._collateral_per_kwh)

    def _refusal_of_signed(self, order: SignedOrder, order_id: int) -> Refusal:
        terms, nonces = order.terms, self._books.nonces
        if nonces.is_spent(terms.trader, order.nonce):
            return Refusal.NONCE_SPENT
        if self._now > terms.expiry:
            return Refusal.EXPIRED
        if self._is_worse(terms.order_type, terms.price):
            return Refusal.WORSE_THAN_LIMIT
        if not self._signatures.confirms(order):
            return Refusal.WRONG_SIGNATURE
        if nonces.is_taken(terms.trader, order.nonce, order_id):
            return Refusal.NONCE_SPENT
        return Refusal.NONE if self._books.is_known(terms.trader) else Refusal.UNKNOWN_ACCOUNT

    def _refusal_of_stored(self, order: Order) -> Refusal:
        if order.status is not OrderStatus.ACTIVE:
            return Refusal.NOT_ACTIVE
        if order.period != self._batch.period:
            return Refusal.OTHER_PERIOD
        if self._now > order.expiry:
            return Refusal.EXPIRED
        worse = self._is_worse(order.order_type, order.price)
        return Refusal.WORSE_THAN_LIMIT if worse else Refusal.NONE

    def _refusal_of_fill(self, fill: Agreed) -> tuple[BatchOrder, Refusal]:
        """The refusal, and the order that it is reported of."""
        buy, sell = fill.buy, fill.sell
        if buy.side is not OrderType.BUY:
            return buy, Refusal.WRONG_SIDE
        if sell.side is not OrderType.SELL:
            return sell, Refusal.WRONG_SIDE
        if buy.trader == sell.trader:
            return buy, Refusal.SELF_TRADE
        for order in (buy, sell):
            if fill.amount > order.open - order.filled:
                return order, Refusal.OVERFILLED
        if fill.amount > MAX_FILL:
            return buy, Refusal.TOO_LARGE
        dust = cost_down(fill.amount, self._batch.price) == 0
        return buy, Refusal.DUST if dust else Refusal.NONE

    def _is_worse(self, side: OrderType, limit: int) -> bool:
        price = self._batch.price
        return price > limit if side is OrderType.BUY else price < limit

    def _admit(self, order: BatchOrder, refusal: Refusal) -> None:
        if refusal is not Refusal.NONE:
            order.out = True
            self._report(order, refusal)

    def _report(self, order: BatchOrder, reason: Refusal) -> None:
        refused = Refused(order_id=order.order_id, reason=reason)
        if not self._skip:
            raise BatchRefusedError(refused)
        self._refused.append(refused)
