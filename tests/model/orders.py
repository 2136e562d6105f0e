"""Orders for a delivery period and the book that matches them.

    state      event                            next
    (none)     place                            ACTIVE
    ACTIVE     a fill leaves something          ACTIVE
    ACTIVE     a fill leaves nothing            FILLED
    ACTIVE     cancel by its trader             CANCELLED
    ACTIVE     cancel by anyone, once expired   CANCELLED
    FILLED, CANCELLED                           final

An order's id is its age: ids are given in the order of arrival, so the lower of two ids is the
resting order and sets the price of their match. An order is valid up to and including its expiry,
which is never later than the last second before gate closure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from energy_grid.domain.clearing import OrderColumns
from energy_grid.domain.costs import cost_down
from energy_grid.domain.enums import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.periods import Period
from energy_grid.errors import DomainError
from tests.model.costs import order_lock

__all__ = [
    "DustError",
    "GateClosedError",
    "NotCrossingError",
    "NotOrderOwnerError",
    "Order",
    "OrderBook",
    "OrderExpiredError",
    "OrderNotActiveError",
    "OrderNotFoundError",
    "PeriodMismatchError",
    "SelfTradeError",
    "Transaction",
    "WrongSideError",
]


class OrderNotFoundError(DomainError):
    """No order has this id."""


class WrongSideError(DomainError):
    """A BUY stands where a SELL belongs, or the reverse."""


class OrderNotActiveError(DomainError):
    """The order is filled or cancelled."""


class PeriodMismatchError(DomainError):
    """The two orders are for different delivery periods."""


class GateClosedError(DomainError):
    """The delivery period is over."""


class OrderExpiredError(DomainError):
    """The order's expiry has passed."""


class SelfTradeError(DomainError):
    """Both orders belong to one trader."""


class NotCrossingError(DomainError):
    """The bid is below the ask."""


class DustError(DomainError):
    """So little energy that its price rounds down to nothing."""


class NotOrderOwnerError(DomainError):
    """Only its trader may cancel an order that has not expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order in the book; ``expiry`` is its last valid second."""

    id: int
    trader: str
    order_type: OrderType
    amount: int
    remaining: int
    price: int
    expiry: int
    period: Period
    status: OrderStatus = OrderStatus.ACTIVE

    def lock_rate(self, collateral_per_kwh: int) -> int:
        """Money units per kWh that the order locks."""
        return self.price if self.order_type is OrderType.BUY else collateral_per_kwh

    def lock(self, collateral_per_kwh: int) -> int:
        """Money that the order keeps locked now."""
        if self.status is not OrderStatus.ACTIVE:
            return 0
        return order_lock(self.remaining, self.lock_rate(collateral_per_kwh))

    def after_fill(self, wh: int) -> Order:
        """The order with ``wh`` less to trade."""
        remaining = self.remaining - wh
        status = OrderStatus.ACTIVE if remaining else OrderStatus.FILLED
        return replace(self, remaining=remaining, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A match on its way to delivery.

    ``buy_id`` and ``sell_id`` are the numbers of on-chain orders and the hashes of signed ones.
    ``settled_slots`` counts the slots, from the first of the period on, that are done with for
    good: final, and drawn empty. A ``late`` one was matched when slots of the period could be
    closed already: the seller answers for nothing.
    """

    id: int
    buy_id: int
    sell_id: int
    buyer: str
    seller: str
    amount: int
    price: int
    period: Period
    delivered: int = 0
    settled_slots: int = 0
    status: TransactionStatus = TransactionStatus.MATCHED
    late: bool = False

    @property
    def owed(self) -> int:
        """Energy that has not been delivered, in Wh."""
        return self.amount - self.delivered


class OrderBook:
    """All orders of a market, matched pair by pair.

    Every refusal is an error of its own and leaves the book as it was. Where several apply, the
    one whose check comes first in the method's ``Raises`` is raised.
    """

    def __init__(self, slot_seconds: int) -> None:
        self._slot_seconds = slot_seconds
        self._orders: dict[int, Order] = {}
        self._transactions = 0

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def get(self, order_id: int) -> Order:
        """One order.

        Raises:
            OrderNotFoundError: there is none with this id.
        """
        if order_id not in self._orders:
            raise OrderNotFoundError(f"there is no order {order_id}")
        return self._orders[order_id]

    def draft(self, terms: OrderTerms, now: int) -> Order:
        """The order that `place` would add; the book stays as it is.

        Raises:
            SlotLengthError: the market's slots are longer than the period.
            GateClosedError: the period is over.
            OrderExpiredError: the expiry has passed.
            DustError: the whole order would cost nothing.
        """
        terms.period.slots(self._slot_seconds)
        if now >= terms.period.end:
            raise GateClosedError(f"the period closed at {terms.period.end}")
        if terms.expiry < now:
            raise OrderExpiredError(f"expiry {terms.expiry} has passed at {now}")
        _check_dust(terms.amount, terms.price)
        return Order(
            id=len(self._orders) + 1,
            trader=terms.trader,
            order_type=terms.order_type,
            amount=terms.amount,
            remaining=terms.amount,
            price=terms.price,
            expiry=min(terms.expiry, terms.period.end - 1),
            period=terms.period,
        )

    def place(self, terms: OrderTerms, now: int) -> Order:
        """Add an order; ids count from 1. Raises what `draft` raises."""
        order = self.draft(terms, now)
        self._orders[order.id] = order
        return order

    def cancel(self, order_id: int, caller: str, now: int) -> Order:
        """Take an order out of the book; gives it as it was, with what it had locked.

        Raises:
            OrderNotFoundError, OrderNotActiveError, NotOrderOwnerError
        """
        order = self.get(order_id)
        _check_active(order)
        if caller != order.trader and now <= order.expiry:
            raise NotOrderOwnerError(f"order {order_id} belongs to {order.trader}, not {caller}")
        self._orders[order_id] = replace(order, status=OrderStatus.CANCELLED)
        return order

    def match(self, buy_id: int, sell_id: int, now: int) -> Transaction:
        """Match two orders as far as both go, at the price of the earlier one.

        Raises:
            OrderNotFoundError, OrderNotActiveError, WrongSideError, OrderExpiredError: for the
                first id, then for the second. One id given twice is on the wrong side once, and
                an order expires before its gate closes.
            PeriodMismatchError, SelfTradeError, NotCrossingError, DustError: for the pair.
        """
        buy = self._matchable(buy_id, OrderType.BUY, now)
        sell = self._matchable(sell_id, OrderType.SELL, now)
        _check_pair(buy, sell)
        wh = min(buy.remaining, sell.remaining)
        price = min(buy, sell, key=lambda order: order.id).price
        _check_dust(wh, price)
        self._orders[buy_id] = buy.after_fill(wh)
        self._orders[sell_id] = sell.after_fill(wh)
        self._transactions += 1
        return Transaction(
            id=self._transactions,
            buy_id=buy_id,
            sell_id=sell_id,
            buyer=buy.trader,
            seller=sell.trader,
            amount=wh,
            price=price,
            period=buy.period,
        )

    def fill(self, order_id: int, wh: int) -> None:
        """Take what a batch has agreed, at most what remains, out of an order."""
        self._orders[order_id] = self._orders[order_id].after_fill(wh)

    def valid(self, period: Period, order_type: OrderType, now: int) -> list[Order]:
        """The orders of one side that can trade now, best price first, then the oldest."""
        sign = -1 if order_type is OrderType.BUY else 1
        return sorted(
            (
                order
                for order in self._orders.values()
                if order.period == period
                and order.order_type is order_type
                and order.status is OrderStatus.ACTIVE
                and now <= order.expiry
            ),
            key=lambda order: (sign * order.price, order.id),
        )

    def columns(self, period: Period, now: int) -> tuple[OrderColumns, OrderColumns]:
        """The valid bids and asks of a period, ready for clearing."""
        bids, asks = (
            OrderColumns.of_rows(
                (order.id, order.price, order.remaining)
                for order in self.valid(period, order_type, now)
            )
            for order_type in OrderType
        )
        return bids, asks

    def best_pairs(self, period: Period, now: int) -> list[tuple[int, int]]:
        """The (buy id, sell id) to match, one after another, until nothing crosses any more.

        Bids are served by priority, each from the best asks first, except from its own trader
        and except where only dust would pass; each of these matches then succeeds.
        """
        asks = {order.id: order for order in self.valid(period, OrderType.SELL, now)}
        pairs = []
        for buy in self.valid(period, OrderType.BUY, now):
            for sell in list(asks.values()):
                if buy.remaining == 0 or sell.price > buy.price:
                    break
                wh = min(buy.remaining, sell.remaining)
                price = buy.price if buy.id < sell.id else sell.price
                if buy.trader == sell.trader or cost_down(wh, price) == 0:
                    continue
                pairs.append((buy.id, sell.id))
                buy = buy.after_fill(wh)
                asks[sell.id] = sell.after_fill(wh)
                if asks[sell.id].remaining == 0:
                    del asks[sell.id]
        return pairs

    def _matchable(self, order_id: int, side: OrderType, now: int) -> Order:
        order = self.get(order_id)
        _check_active(order)
        if order.order_type is not side:
            raise WrongSideError(f"order {order_id} is a {order.order_type.name}")
        if now > order.expiry:
            raise OrderExpiredError(f"order {order_id} expired at {order.expiry}")
        return order


def _check_pair(buy: Order, sell: Order) -> None:
    if buy.period != sell.period:
        raise PeriodMismatchError(f"{buy.period} is not {sell.period}")
    if buy.trader == sell.trader:
        raise SelfTradeError(f"orders {buy.id} and {sell.id} both belong to {buy.trader}")
    if buy.price < sell.price:
        raise NotCrossingError(f"a bid of {buy.price} is below an ask of {sell.price}")


def _check_active(order: Order) -> None:
    if order.status is not OrderStatus.ACTIVE:
        raise OrderNotActiveError(f"order {order.id} is {order.status.name}")


def _check_dust(wh: int, price: int) -> None:
    if cost_down(wh, price) == 0:
        raise DustError(f"{wh} Wh at {price} per kWh cost nothing")
