"""Orders: stored on the chain, or signed and traded in batches; and what is agreed by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time, past_events
from energy_grid.chain.rpc.node import RpcError
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.energy_trading import TransactionRecord
from energy_grid.domain.orders import MAX_PRICE, OrderTerms, OrderType, check_amount
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.domain.quantities import Energy, Money, Price, whole
from energy_grid.domain.signed_orders import SignedOrder, check_order
from energy_grid.domain.units import format_time, natural
from energy_grid.errors import DomainError, EnergyGridError
from energy_grid.market.days import ClosedDay, Days
from energy_grid.market.order_status import SignedOrderStatus, next_nonce, signed_order_status
from energy_grid.market.plan import Plan, Step
from energy_grid.market.signing import sign_order

if TYPE_CHECKING:
    from energy_grid.domain.batch import Batch
    from energy_grid.market.batch_audit import BatchAudit
    from energy_grid.market.batches import BatchSession
    from energy_grid.market.order_sets import OrderSet, Seed

__all__ = ["Orders"]

# An order never outlives its period.
_FOREVER = 2**256 - 1


class Orders(Days):
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
        """Place an order for a period, by default the next full hour. The event has its number.

        It locks a buyer's cost at its limit price, or a seller's cover.

        Args:
            energy: ``Energy.kwh("1.5")``, or Wh of the whole period: the same whole Wh in every
                slot, each below 2**31.
            price: ``market.price("0.25")``, or base units of money per kWh, below 2**32: the
                maximum for a buyer, the minimum for a seller.
            expiry: the last second at which it can be matched, by default the last before the
                period.
            key: of all plans with this key one order is placed, as far as the sender's journal
                remembers (`Sender.send_many`).

        Raises:
            InvalidAmountError: the energy is not the same in every slot; it has the next valid.
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
        hour = Period(kind=PeriodKind.HOURLY, start=0)
        return self.trading.create_order(
            self._amount(energy, period or hour),
            self._limit(price),
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

    def settle_trades(self, who: Actor | str, trades: Sequence[int]) -> Plan[list[ClosedDay]]:
        """Close the final days of both accounts of trades, up to the ends of their periods; any
        account can.

        One trade closes at most 7 days of each account. The accounts of many trades close up to the
        last of these periods, see `close_days`.

        Raises:
            EnergyGridError: of many trades, no day of any account can be closed.
        """
        if len(trades) == 1:
            return self._closed(who, [Step(call=self.trading.settle_transaction(trades[0]))])
        known = self.trading.call_many("getTransaction", zip(trades), kind=TransactionRecord)
        accounts = [account for each in known for account in (each.buyer, each.seller)]
        return self.close_days(who, accounts, max(each.end - 1 for each in known) // DAY_SECONDS)

    def trade_batch(
        self,
        keeper: Actor | str,
        orders: Iterable[SignedOrder],
        period: Period,
        *,
        region: str | None = None,
        stored: bool = True,
        seed: Seed | None = None,
        publish: Callable[[OrderSet], object] = lambda _: None,
        log: Callable[[str], object] = lambda _: None,
    ) -> Plan[BatchSession]:
        """Clear a period's orders at one price and trade them in batches, as a keeper.

        Needs ``pip install energy-grid[keeper]``.

        Args:
            orders: signed ones; those of other periods are left out.
            region: whose traders trade, by default the home region. A batch is of one region.
            stored: whether the orders on the chain take part too.
            seed: decides over Wh that orders of one limit cannot share; by default the newest
                block's hash. The orders must have been closed before that block: otherwise, a
                trader could choose an order that suits it (`keeper_chain.next_seed`).
            publish: called with the set of orders before its root can be on the chain, so that
                anyone can audit the batches (`order_set_file.save_order_set`).
            log: called with a line for what is being done.

        Raises:
            ContractError: as `EnergyTrading.settle_batch`; rejected orders are in
                `BatchSession.dropped` instead.
        """
        # Clearing needs numpy, which is an extra.
        from energy_grid.market.batch_plans import trade_plan

        return trade_plan(
            self,
            keeper,
            orders,
            period,
            region=region,
            stored=stored,
            seed=seed,
            publish=publish,
            log=log,
        )

    def clear_batch(
        self,
        keeper: str,
        orders: Iterable[SignedOrder],
        period: Period,
        *,
        region: str | None = None,
        stored: bool = True,
        log: Callable[[str], object] = lambda _: None,
    ) -> tuple[BatchSession, list[Batch]]:
        """What `trade_batch` would send now; nothing is sent."""
        from energy_grid.market.batch_plans import cleared

        return cleared(self, keeper, orders, period, region=region, stored=stored, log=log)

    def batch_transaction(self, batch: int | str) -> str:
        """The transaction of a batch; of several batches of one order set, that of the first.

        Args:
            batch: its number, or the hash of its transaction, or the root of its order set.

        Raises:
            InputError: there is no batch of this number.
            EnergyGridError: nothing has this hash.
        """
        from energy_grid.market.keeper_chain import transaction_of

        first = self.deployment.first_block
        if isinstance(batch, int):
            return transaction_of(self.node, self.trading, batch, first)
        if self.node.rpc("eth_getTransactionReceipt", batch) is not None:
            return batch
        root = [bytes.fromhex(batch.removeprefix("0x"))]
        logs = past_events(self.trading, "BatchSettled", first, order_set=root)
        if not logs:
            raise EnergyGridError("this chain has no transaction and no order set of this hash")
        return logs[0].transaction

    def audit_batch(
        self,
        transaction: str,
        published: Path,
        *,
        log: Callable[[str], object] = lambda _: None,
    ) -> BatchAudit:
        """Clear the published orders of a batch again, with what the chain knew; sends nothing.

        The node has to know the state of the batch's block, as it is for some minutes everywhere.

        Args:
            published: the file of the order set.
            log: called with a line for what is being done.

        Raises:
            InputError: the transaction has settled no batch, or the file is no order set.
            EnergyGridError: the file is not the order set of this batch, or the node does not know
                that state.
        """
        from energy_grid.market.batch_audit import audit
        from energy_grid.market.keeper_chain import AuditChain, parts_of
        from energy_grid.market.order_set_file import load_order_set
        from energy_grid.market.order_sets import Dropped, OrderSet, root_of

        known = AuditChain(self.node, self.trading, self.settlement, log=log)
        parts = parts_of(self.node, self.trading, transaction)
        log(f"reading {published}")
        file, block = load_order_set(published, known.domain), parts[0].block
        try:
            self.node.balance(self.trading.address, block)
        except RpcError:
            raise EnergyGridError(
                f"the node has no state of block {block} any more, on which the batch was cleared:"
                " name a node that keeps old states, or audit a batch within minutes"
            ) from None
        dropped = zip(file.dropped, known.resolved(file.dropped, block=block), strict=True)
        found = OrderSet(
            period=file.period,
            price=file.price,
            root=file.root,
            seed=file.seed,
            orders=tuple(known.resolved(file.orders, block=block)),
            dropped=tuple(
                Dropped(order=order, reason=entry.dropped)
                for entry, order in dropped
                if entry.dropped is not None
            ),
        )
        root = root_of(found.orders) if found.orders else bytes(32)
        if root != parts[0].order_set:
            raise EnergyGridError(
                f"{published} is not the order set of this batch: its orders have the"
                f" root 0x{root.hex()}, and the batch has 0x{parts[0].order_set.hex()}"
            )
        log(f"clearing {len(found.orders)} orders again")
        return audit(
            found,
            parts,
            known,
            money=lambda amount: str(Money(amount, self.coin)),
            price=lambda amount: str(Price(amount, self.coin)),
        )

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
        """Sign an order for a period, by default the next full hour; nothing is sent.

        Args:
            energy, price: as of `place_order`.
            expiry: the last second at which it can be filled, by default the last before the
                period.
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
        now = next_time(self.node)
        period = period or Period.next(PeriodKind.HOURLY, now)
        terms = OrderTerms(
            trader=trader,
            order_type=order_type,
            amount=self._amount(energy, period),
            price=self._limit(price),
            expiry=period.last_order if expiry is None else natural("expiry", expiry),
            period=period,
        )
        last = min(terms.expiry, period.last_order)
        if now > last:
            raise DomainError(
                f"it is too late: its last second was {format_time(last)}; choose a later period"
            )
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

    def _amount(self, energy: int, period: Period) -> int:
        """Wh that the slots of a period share evenly."""
        wh = natural("energy", whole("energy", energy, Energy))
        check_amount(wh, len(period.slots(self.time_of(1))))
        return wh

    def _limit(self, price: int) -> int:
        units = natural("price", self.base_units("price", price, Price))
        if units > MAX_PRICE:
            raise DomainError(f"price must be at most {MAX_PRICE}, not {units}")
        return units
