"""EnergyTrading: stored and signed orders and their transactions.

See contracts/interfaces/IEnergyTrading.sol.

Amounts in Wh, prices in money base units per kWh, times in Unix seconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from energy_grid.chain.contract import Call, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Stoppable
from energy_grid.contracts.records import BatchRecord, OrderRecord, OrderState, TransactionRecord
from energy_grid.domain.batch import Batch
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import NonceState, compact
from energy_grid.domain.typed_data import Domain

__all__ = ["EnergyTrading"]

_CREATE_NOW = "createOrder(uint256,uint256,uint256,uint8)"
_CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
_SETTLE = "settleTransaction(uint256)"
_SETTLE_SLOTS = "settleTransaction(uint256,uint256)"
_FOREVER = 2**256 - 1
_NOTHING = bytes(32)


class EnergyTrading(Stoppable):
    """The wrapper of EnergyTrading. New orders and matches are refused while stopped."""

    NAME = "EnergyTrading"

    # Traders

    def create_order(
        self,
        order_type: OrderType,
        *,
        amount: int,
        price: int,
        period: Period | None = None,
        expiry: int = _FOREVER,
    ) -> Call:
        """Place an order for a period, by default for the hour now running; gives its number.

        ``price`` is the most a buyer pays and the least a seller takes. ``expiry`` is the last
        second at which it can be matched; later than the period means the period's last.
        Raises: EnergyTrading_Dust, EnergyTrading_MisalignedPeriod, EnergyTrading_GateClosed,
            EnergyTrading_ExpiryInPast, EnergyTrading_RateLimited, Settlement_UnknownAccount,
            Settlement_InDebt, Settlement_InsufficientBalance, Settlement_SideBlocked,
            EmergencyStop_Stopped.
        """
        if period is None:
            return self.prepare(_CREATE_NOW, amount, price, expiry, order_type)
        return self.prepare(_CREATE, amount, price, expiry, order_type, period.kind, period.start)

    def cancel_order(self, order_id: int) -> Call:
        """End an active order: the owner's at any time, an expired one by anyone.

        Raises: EnergyTrading_NoSuchOrder, EnergyTrading_NotActive, EnergyTrading_NotOwner.
        """
        return self.prepare("cancelOrder", order_id)

    def cancel_signed(self, nonces: Iterable[int]) -> Call:
        """Void signed orders of the sender by their nonces.

        Raises: EnergyTrading_NonceTooLarge, EnergyTrading_NonceSpent.
        """
        return self.prepare("cancelSigned", list(nonces))

    def cancel_signed_below(self, nonce: int) -> Call:
        """Void all signed orders of the sender with a lower nonce, made or not.

        Raises: Settlement_UnknownAccount, EnergyTrading_NonceTooLarge, Settlement_FloorNotHigher.
        """
        return self.prepare("cancelSignedBelow", nonce)

    # Keeper

    def settle_batch(self, batch: Batch, skip: bool) -> Call:
        """Make a transaction of every fill, all at one price; gives how many. Role: KEEPER.

        With ``skip`` what is refused is passed over with all fills that need it, and told in
        events; otherwise the whole batch is refused.
        Raises: EnergyTrading_Refused, EnergyTrading_Unsorted, EnergyTrading_NoSuchPlace,
            EnergyTrading_NoFills, EnergyTrading_MisalignedPeriod, EnergyTrading_GateClosed,
            EmergencyStop_Stopped; and `MalformedOrderError` where what should be a key's signature
            is none.
        """
        return self.prepare("settleBatch", _batch_struct(batch), skip)

    # Anyone

    def match_orders(self, buy_id: int, sell_id: int) -> Call:
        """Match two crossing orders of one period at the price of the earlier one.

        Raises: EnergyTrading_NoSuchOrder, EnergyTrading_WrongSide, EnergyTrading_NotActive,
            EnergyTrading_PeriodMismatch, EnergyTrading_GateClosed, EnergyTrading_Expired,
            EnergyTrading_SelfTrade, EnergyTrading_NotCrossing, EnergyTrading_Dust,
            EmergencyStop_Stopped.
        """
        return self.prepare("matchOrders", buy_id, sell_id)

    def match_many(self, pairs: Iterable[tuple[int, int]]) -> Call:
        """Match many (buy, sell) pairs; passes over those that cannot be; gives how many were."""
        pairs = list(pairs)
        return self.prepare("matchMany", [buy for buy, _ in pairs], [sell for _, sell in pairs])

    def settle_transaction(self, transaction_id: int, max_slots: int | None = None) -> Call:
        """Deliver what is metered over at most so many slots (48), and end what can end.

        Raises: EnergyTrading_NoSuchTransaction, EnergyTrading_AlreadySettled,
            EnergyTrading_NothingToSettle.
        """
        if max_slots is None:
            return self.prepare(_SETTLE, transaction_id)
        return self.prepare(_SETTLE_SLOTS, transaction_id, max_slots)

    def settle_many(self, transaction_ids: Sequence[int], max_slots: int) -> Call:
        """Settle many; those with nothing to settle are passed over."""
        return self.prepare("settleMany", list(transaction_ids), max_slots)

    # Views

    def get_order(self, order_id: int, *, block_identifier: BlockId = "latest") -> OrderRecord:
        """An order. Raises: EnergyTrading_NoSuchOrder."""
        values = self.call("getOrder", order_id, block_identifier=block_identifier)
        return structure(OrderRecord, values)

    def get_order_terms(self, order_id: int, *, block_identifier: BlockId = "latest") -> OrderState:
        """The rest of an order. Raises: EnergyTrading_NoSuchOrder."""
        values = self.call("getOrderTerms", order_id, block_identifier=block_identifier)
        return structure(OrderState, values)

    def get_transaction(
        self, transaction_id: int, *, block_identifier: BlockId = "latest"
    ) -> TransactionRecord:
        """A transaction. Raises: EnergyTrading_NoSuchTransaction."""
        values = self.call("getTransaction", transaction_id, block_identifier=block_identifier)
        return structure(TransactionRecord, values)

    def order_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many orders there are; they are numbered from 1."""
        return self._number("orderCount", block_identifier=block_identifier)

    def transaction_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many transactions of single pairs there are; they are numbered from 1."""
        return self._number("transactionCount", block_identifier=block_identifier)

    def batch_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many batches there are; they are numbered from 1."""
        return self._number("batchCount", block_identifier=block_identifier)

    def get_batch(self, batch_id: int, *, block_identifier: BlockId = "latest") -> BatchRecord:
        """What the transactions of a batch share. Raises: EnergyTrading_NoSuchBatch."""
        values = self.call("getBatch", batch_id, block_identifier=block_identifier)
        return structure(BatchRecord, values)

    def get_batches(
        self, batch_ids: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[BatchRecord]:
        """`get_batch` of many in few round trips."""
        one_each = ([batch_id] for batch_id in batch_ids)
        found = self.call_many("getBatch", one_each, block_identifier=block_identifier)
        return [structure(BatchRecord, values) for values in found]

    def get_orders(
        self, first: int, count: int, *, block_identifier: BlockId = "latest"
    ) -> list[tuple[OrderRecord, OrderState]]:
        """At most ``count`` orders from number ``first`` on."""
        orders, states = self.call("getOrders", first, count, block_identifier=block_identifier)
        return [
            (structure(OrderRecord, order), structure(OrderState, state))
            for order, state in zip(orders, states, strict=True)
        ]

    def get_transactions(
        self, first: int, count: int, *, block_identifier: BlockId = "latest"
    ) -> list[TransactionRecord]:
        """At most ``count`` transactions from number ``first`` on: single pairs or a batch's."""
        page = self.call("getTransactions", first, count, block_identifier=block_identifier)
        return [structure(TransactionRecord, values) for values in page]

    def hash_order(self, terms: OrderTerms, nonce: int) -> bytes:
        """What a trader signs for an order, as the chain sees it: `signed_orders.order_hash`."""
        order = _signed_struct(terms, nonce, _NOTHING, _NOTHING)
        return bytes(self.call("hashOrder", order, terms.period.kind, terms.period.start))

    def filled(self, order_hash: bytes, *, block_identifier: BlockId = "latest") -> int:
        """Wh filled of a signed order where it was ever filled in part.

        Of one that was filled at once only the nonce is kept: 0 here, and FILLED there.
        """
        return self._number("filled", order_hash, block_identifier=block_identifier)

    def nonce_state(
        self, trader: str, nonce: int, *, block_identifier: BlockId = "latest"
    ) -> NonceState:
        """What a nonce of a trader has come to. Raises: EnergyTrading_NonceTooLarge."""
        state: NonceState = self.call(
            "nonceState", trader, nonce, block_identifier=block_identifier
        )
        return state

    def nonce_states(
        self, pairs: Iterable[tuple[str, int]], *, block_identifier: BlockId = "latest"
    ) -> list[NonceState]:
        """`nonce_state` for many (trader, nonce) in few round trips."""
        return self.call_many("nonceState", pairs, block_identifier=block_identifier)

    def signed_floor_of(self, trader: str, *, block_identifier: BlockId = "latest") -> int:
        """Signed orders of a trader with a lower nonce are void."""
        return self._number("signedFloorOf", trader, block_identifier=block_identifier)

    def orders_left(self, trader: str, *, block_identifier: BlockId = "latest") -> int:
        """How many orders an account can place now."""
        return self._number("ordersLeft", trader, block_identifier=block_identifier)

    # Fixed at deployment

    def domain(self) -> Domain:
        """Its EIP-712 domain (EIP-5267), that of signed orders: `signed_orders.trading_domain`."""
        _fields, name, version, chain_id, contract, *_ = self.call("eip712Domain")
        return Domain(name=name, version=version, chain_id=chain_id, verifying_contract=contract)

    def signature_gas(self) -> int:
        """The gas that a contract wallet has to confirm a signature."""
        return self._number("SIGNATURE_GAS")

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def collateral_per_kwh(self) -> int:
        """What a seller locks, money per kWh."""
        return self._number("COLLATERAL_PER_KWH")

    def order_burst(self) -> int:
        """How many orders an account can place at once."""
        return self._number("ORDER_BURST")

    def order_refill(self) -> int:
        """Seconds after which one more order is allowed."""
        return self._number("ORDER_REFILL")


def _batch_struct(batch: Batch) -> tuple[Any, ...]:
    """A batch as the chain takes it: signatures of keys in the compact form, those of contract
    wallets in a list of their own."""
    signed: list[tuple[Any, ...]] = []
    confirmed: list[bytes] = []
    for order in batch.signed_orders:
        if order.by_contract:
            r, vs = len(confirmed).to_bytes(32, "big"), _NOTHING
            confirmed.append(order.signature)
        else:
            r, vs = compact(order.signature)
        signed.append(_signed_struct(order.terms, order.nonce, r, vs))
    fills = [(fill.buy, fill.sell, fill.amount) for fill in batch.fills]
    head = (batch.period.kind, batch.period.start, batch.price, batch.order_set)
    return (*head, signed, list(batch.stored_orders), fills, confirmed)


def _signed_struct(terms: OrderTerms, nonce: int, r: bytes, vs: bytes) -> tuple[Any, ...]:
    numbers = (terms.amount, terms.price, terms.expiry, nonce)
    return (terms.trader, terms.order_type, *numbers, r, vs)
