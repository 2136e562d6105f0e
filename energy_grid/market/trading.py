"""Orders: stored on the chain, or signed and traded in batches; and what is agreed by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.unsigned import estimated_gas
from energy_grid.contracts import events
from energy_grid.domain.orders import MAX_PRICE, MAX_WH, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.quantities import Energy, Price, from_one_to, whole
from energy_grid.domain.signed_orders import SignedOrder, check_order
from energy_grid.domain.units import format_time, natural
from energy_grid.errors import ChainError, DomainError
from energy_grid.market.order_status import SignedOrderStatus, next_nonce, signed_order_status
from energy_grid.market.plan import Plan, Step, split_by_gas
from energy_grid.market.session import Market
from energy_grid.market.signing import sign_order

if TYPE_CHECKING:
    from energy_grid.domain.batch import Batch
    from energy_grid.market.batches import BatchSession
    from energy_grid.market.order_sets import OrderSet

__all__ = ["SLOTS_AT_ONCE", "Orders"]

# Slots of a trade that one call settles at most: a week of hours.
SLOTS_AT_ONCE = 168
# An order never outlives its period.
_FOREVER = 2**256 - 1


class Orders(Market):
    """Energies are `Energy` or plain Wh; prices `Price` or plain base units of money per kWh."""

    def place_order(
        self,
        who: Actor | str,
        order_type: OrderType,
        *,
        energy: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
        key: str | None = None,
    ) -> Plan[events.EnergyTrading_OrderCreated]:
        """Place an order for a period, by default the hour now running. The event has its number.

        Args:
            energy: ``Energy.kwh("1.5")``, or Wh: from 1 to 2**40 - 1 (1.1 TWh).
            price: ``market.price("0.25")``, or base units of money per kWh, from 1 to 2**64 - 1:
                the maximum for a buyer, the minimum for a seller.
            expiry: the last second at which it can be matched, by default its period's last.
            key: of all plans with this key one order is placed, as far as the sender's journal
                remembers (`Sender.send_many`).

        Raises:
            DomainError: energy or price is none of these.
        """
        call = self.prepare_order(
            order_type, energy=energy, price=price, period=period, expiry=expiry
        )
        step = Step(call=call, key=key)
        return self._emitted(who, self.trading, events.EnergyTrading_OrderCreated, step)

    def prepare_order(
        self,
        order_type: OrderType,
        *,
        energy: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
    ) -> Call:
        """The call of `place_order`, for those who send many at once."""
        return self.trading.create_order(
            from_one_to("energy", energy, MAX_WH, Energy),
            from_one_to("price", self.base_units("price", price, Price), MAX_PRICE, Price),
            _FOREVER if expiry is None else expiry,
            order_type,
            *(() if period is None else (period.kind, period.start)),
        )

    def cancel_order(
        self, who: Actor | str, order: int
    ) -> Plan[events.EnergyTrading_OrderCancelled]:
        """Cancel what is left of an order of the account."""
        call = self.trading.cancel_order(order)
        return self._emitted(who, self.trading, events.EnergyTrading_OrderCancelled, call)

    def match_orders(
        self, who: Actor | str, buy: int, sell: int
    ) -> Plan[events.EnergyTrading_OrdersMatched]:
        """Match two orders that cross; any account can. The event names the trade."""
        call = self.trading.match_orders(buy, sell)
        return self._emitted(who, self.trading, events.EnergyTrading_OrdersMatched, call)

    def settle_trades(self, who: Actor | str, trades: Sequence[int]) -> Plan[list[Receipt]]:
        """Deliver and pay what is metered of trades, in as few transactions as their gas permits;
        any account can.

        Raises:
            ContractError: the gas of a trade cannot be estimated, since it would revert.
        """
        if len(trades) == 1:
            return self.plan(who, self.trading.settle_transaction(trades[0]))
        calls = [self.trading.settle_transaction(each, SLOTS_AT_ONCE) for each in trades]
        gas = estimated_gas(self.node, address_of(who), calls)
        reverted = [each for each in gas if isinstance(each, ChainError)]
        if reverted:
            raise reverted[0]
        numbers = [each for each in gas if isinstance(each, int)]
        parts = [trades[first:end] for first, end in split_by_gas(numbers)]
        return self.plan(who, *(self.trading.settle_many(part, SLOTS_AT_ONCE) for part in parts))

    def trade_batch(
        self,
        keeper: Actor | str,
        orders: Iterable[SignedOrder],
        period: Period,
        *,
        stored: bool = True,
        publish: Callable[[OrderSet], object] = lambda _: None,
        log: Callable[[str], object] = lambda _: None,
    ) -> Plan[BatchSession]:
        """Clear a period's orders at one price and trade them in batches, as a keeper.

        Needs ``pip install energy-grid[keeper]``.

        Args:
            orders: signed ones; those of other periods are left out.
            stored: whether the orders on the chain take part too.
            publish: called with the set of orders before its root can be on the chain, so that
                anyone can audit the batches (`order_set_file.save_order_set`).
            log: called with a line for what is being done.

        Raises:
            ContractError: as `EnergyTrading.settle_batch`; rejected orders are in
                `BatchSession.dropped` instead.
        """
        # Clearing needs numpy, which is an extra.
        from energy_grid.market.batch_plans import trade_plan

        return trade_plan(self, keeper, orders, period, stored=stored, publish=publish, log=log)

    def clear_batch(
        self,
        keeper: str,
        orders: Iterable[SignedOrder],
        period: Period,
        *,
        stored: bool = True,
        log: Callable[[str], object] = lambda _: None,
    ) -> tuple[BatchSession, list[Batch]]:
        """What `trade_batch` would send now; nothing is sent."""
        from energy_grid.market.batch_plans import cleared

        return cleared(self, keeper, orders, period, stored=stored, log=log)

    def sign_order(
        self,
        account: Account,
        order_type: OrderType,
        *,
        energy: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
        nonce: int | None = None,
    ) -> SignedOrder:
        """Sign an order for a period, by default the hour now running; nothing is sent.

        Args:
            energy, price: as of `place_order`.
            expiry: the last second at which it can be filled, by default the period's last.
            nonce: by default the next that is free on the chain, which knows nothing of orders
                that were signed and have not traded: of two with one nonce, one can trade.

        Raises:
            DomainError: a number is out of range, or the order could never trade.
            InputError: the account's key is public knowledge, and this is no local chain.
        """
        refuse_well_known([account.address], self.node.chain_id)
        terms, number = self.order_terms(
            account.address,
            order_type,
            energy=energy,
            price=price,
            period=period,
            expiry=expiry,
            nonce=nonce,
        )
        return sign_order(account, terms, number, self.trading_domain)

    def order_terms(
        self,
        trader: str,
        order_type: OrderType,
        *,
        energy: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
        nonce: int | None = None,
    ) -> tuple[OrderTerms, int]:
        """What `sign_order` signs, and its nonce: for a wallet that signs it as `typed_data`.

        Raises:
            DomainError: a number is out of range, or the order could never trade.
        """
        now = self.node.time
        period = period or Period.current(PeriodKind.HOURLY, now)
        terms = OrderTerms(
            trader=trader,
            order_type=order_type,
            amount=natural("energy", whole("energy", energy, Energy)),
            price=natural("price", self.base_units("price", price, Price)),
            expiry=period.end - 1 if expiry is None else natural("expiry", expiry),
            period=period,
        )
        last = min(terms.expiry, period.end - 1)
        if now > last:
            raise DomainError(f"it is over: its last second is {format_time(last)}")
        number = self.next_nonce(trader) if nonce is None else natural("nonce", nonce)
        check_order(terms, number)
        return terms, number

    def next_nonce(self, trader: str, taken: Collection[int] = ()) -> int:
        """The next nonce of a trader that is free on the chain, and not among others it has used.

        Raises:
            DomainError: all are spent.
        """
        return next_nonce(self.trading, trader, taken)

    def signed_order_status(self, order: SignedOrder) -> SignedOrderStatus:
        """The signer, the remaining energy and the obstacles of a signed order."""
        return signed_order_status(order, self.trading_domain, self.trading, self.settlement)

    def cancel_signed(self, who: Actor | str, nonces: Iterable[int]) -> Plan[list[Receipt]]:
        """Void signed orders of the account by their nonces."""
        return self.plan(who, self.trading.cancel_signed(list(nonces)))

    def cancel_signed_below(self, who: Actor | str, nonce: int) -> Plan[list[Receipt]]:
        """Void all signed orders of the account with a lower nonce, made or not."""
        return self.plan(who, self.trading.cancel_signed_below(nonce))
