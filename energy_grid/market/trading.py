"""Orders: stored on the chain, or signed and traded in batches; and what is agreed by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.domain.orders import HIGHEST_PRICE, MOST_WH, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.quantities import Energy, Price, whole
from energy_grid.domain.signed_orders import SignedOrder, check_order
from energy_grid.domain.units import format_time, natural
from energy_grid.errors import DomainError
from energy_grid.market.batches import Keeper, Session
from energy_grid.market.bounds import from_one_to
from energy_grid.market.keeper_chain import ChainOrders, KeeperDesk
from energy_grid.market.order_sets import Dropped, OrderSet
from energy_grid.market.order_status import OrderStanding, next_nonce, standing_of
from energy_grid.market.orders import create_order
from energy_grid.market.session import Market
from energy_grid.market.signing import sign_order

__all__ = ["Orders"]


class Orders(Market):
    """Energies are `Energy` or plain Wh; prices `Price` or plain base units of money per kWh."""

    def place_order(
        self,
        account: Actor,
        order_type: OrderType,
        *,
        energy: int,
        price: int,
        period: Period | None = None,
    ) -> int:
        """Place an order for a period, by default the hour now running; gives its number.

        Args:
            energy: ``Energy.kwh("1.5")``, or Wh: from 1 to 2**40 - 1 (1.1 TWh).
            price: ``market.price("0.25")``, or base units of money per kWh, from 1 to 2**64 - 1:
                the most a buyer pays, the least a seller takes.

        Raises:
            DomainError: energy or price is none of these; nothing was sent.
            ContractError: as `EnergyTrading.create_order`.
        """
        call = create_order(
            self.trading,
            order_type,
            amount=from_one_to("energy", energy, MOST_WH, Energy),
            price=from_one_to(
                "price", self.base_units("price", price, Price), HIGHEST_PRICE, Price
            ),
            period=period,
        )
        receipt = self.send(account, call)
        return self.trading.events(receipt.logs, events.EnergyTrading_OrderCreated)[0].order_id

    def cancel_order(self, account: Actor, order: int) -> Receipt:
        """Cancel what is left of an order of the account.

        Raises:
            ContractError: as `EnergyTrading.cancel_order`.
        """
        return self.send(account, self.trading.cancel_order(order))

    def match(self, account: Actor, buy: int, sell: int) -> int:
        """Match two orders that cross; anybody can. Gives the number of the transaction.

        Raises:
            ContractError: as `EnergyTrading.match_orders`.
        """
        receipt = self.send(account, self.trading.match_orders(buy, sell))
        kind = events.EnergyTrading_OrdersMatched
        return self.trading.events(receipt.logs, kind)[0].transaction_id

    def settle(self, account: Actor, transaction: int) -> Receipt:
        """Deliver and pay what is metered of a transaction; anybody can.

        Raises:
            ContractError: as `EnergyTrading.settle_transaction`.
        """
        return self.send(account, self.trading.settle_transaction(transaction))

    def trade_batch(
        self,
        keeper: Actor,
        orders: Iterable[SignedOrder],
        period: Period,
        *,
        stored: bool = True,
        publish: Callable[[OrderSet], object] = lambda _: None,
    ) -> Session:
        """Clear a period's orders at one price and trade them in batches, as a keeper.

        Args:
            orders: signed ones; those of other periods are left out.
            stored: whether the orders on the chain take part too.
            publish: called with the set of orders before its root can be on the chain, so that
                anybody can audit what was done (`order_set_file.save_order_set`).

        Raises:
            ContractError: as `EnergyTrading.settle_batch`; what is refused of single orders is in
                `Session.dropped` instead.
        """
        known = ChainOrders(self.node, self.trading, self.settlement)
        seen = known.look(known.signed(each for each in orders if each.terms.period == period))
        book = [each for each in seen if not isinstance(each, Dropped)]
        desk = KeeperDesk(
            self.node,
            self.trading,
            known,
            keeper.address,
            lambda call: self.send(keeper, call),
        )
        more = known.stored(period) if stored else []
        session = Keeper(desk, publish=publish).settle(book + more, period)
        session.dropped[:0] = [each for each in seen if isinstance(each, Dropped)]
        return session

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

    def standing(self, order: SignedOrder) -> OrderStanding:
        """Whose a signed order is, what is left of it, and what stands in its way."""
        return standing_of(order, self.trading_domain, self.trading, self.settlement)

    def cancel_signed(self, account: Actor, nonces: Iterable[int]) -> Receipt:
        """Void signed orders of the account by their nonces.

        Raises:
            ContractError: as `EnergyTrading.cancel_signed`.
        """
        return self.send(account, self.trading.cancel_signed(list(nonces)))

    def cancel_signed_below(self, account: Actor, nonce: int) -> Receipt:
        """Void all signed orders of the account with a lower nonce, made or not.

        Raises:
            ContractError: as `EnergyTrading.cancel_signed_below`.
        """
        return self.send(account, self.trading.cancel_signed_below(nonce))
