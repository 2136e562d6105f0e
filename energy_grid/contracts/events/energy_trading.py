"""Events of EnergyTrading.

The market: stored BUY and SELL orders for a delivery period, matched pair by pair into trades that
settle against metered energy. Amounts in Wh, prices in money per kWh, times in Unix seconds UTC. A
BUY locks its full cost, a SELL locks a collateral per kWh that is fixed for the market: what a
seller answers for is known when it places the order and does not grow with the price it is matched
at. The money is Settlement's. A **signed order** lives off the chain and costs its trader nothing:
the keeper brings it in `settleBatch`, where it trades at one price with all others, and only then
is its money locked. Its EIP-712 type, in one line, is EnergyOrder(address trader,string
side,uint256 amountWh,uint256 pricePerKwh,string period, uint256 deliveryStart,uint256
validUntil,uint256 nonce) with side 'BUY' or 'SELL', period 'HOURLY', 'DAILY', 'WEEKLY' or
'QUARTER_HOURLY', times in Unix seconds UTC, in the domain `EnergyGrid EnergyTrading`, version `1`.
A nonce serves one order of a trader; its state is found by trader and nonce: OPEN --filled in
part--> PARTIAL --filled--> FILLED OPEN --filled at once--> FILLED OPEN, PARTIAL --cancelSigned,
cancelSignedBelow--> CANCELLED

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.batch import Refusal
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import PeriodKind

__all__ = [
    "EnergyTrading_AuthorityUpdated",
    "EnergyTrading_BatchSettled",
    "EnergyTrading_EIP712DomainChanged",
    "EnergyTrading_MatchSkipped",
    "EnergyTrading_OrderCancelled",
    "EnergyTrading_OrderCreated",
    "EnergyTrading_OrderSkipped",
    "EnergyTrading_OrdersMatched",
    "EnergyTrading_SignedOrderCancelled",
    "EnergyTrading_SignedOrdersCancelledBelow",
    "EnergyTrading_StopLevelChanged",
    "EnergyTrading_TransactionDelivered",
    "EnergyTrading_TransactionSettled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_BatchSettled(EventLog):
    """``amount`` Wh in ``matched`` trades, numbered from `batchId * 2^32` on, were agreed at one
    price. ``order_set`` is the root of a Merkle tree in OpenZeppelin's standard form with a
    leaf (bytes32 order, uint256 open Wh) for each order that the keeper has considered,
    traded or not: whoever has the orders can clear them again.

    ``BatchSettled(bytes32 indexed orderSet, uint256 indexed batchId, enum PeriodKind period,
    uint256 start, uint256 price, uint256 amount, uint256 matched)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "BatchSettled"

    order_set: bytes
    batch_id: int
    period: PeriodKind
    start: int
    price: int
    amount: int
    matched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_MatchSkipped(EventLog):
    """A pair of `matchMany` was passed over; ``reason`` is the selector of `matchOrders`'s
    error.

    ``MatchSkipped(uint256 indexed buyId, uint256 indexed sellId, bytes4 reason)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "MatchSkipped"

    buy_id: int
    sell_id: int
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_OrderCancelled(EventLog):
    """An order ended with ``remaining`` Wh unmatched, by its owner or, once expired, by anyone.

    ``OrderCancelled(uint256 indexed orderId, address indexed by, uint256 remaining)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "OrderCancelled"

    order_id: int
    by: str
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_OrderCreated(EventLog):
    """An order of ``amount`` Wh at a limit of ``price`` (money per kWh) was placed for the
    period that begins at ``start``; ``expiry`` is the last second at which it can be matched
    (Unix seconds).

    ``OrderCreated(uint256 indexed orderId, address indexed trader, enum
    IEnergyTrading.OrderType orderType, uint256 amount, uint256 price, uint256 expiry, enum
    PeriodKind period, uint256 start)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "OrderCreated"

    order_id: int
    trader: str
    order_type: OrderType
    amount: int
    price: int
    expiry: int
    period: PeriodKind
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_OrderSkipped(EventLog):
    """An order was left out of a batch, or one fill of it: its number, or its hash if it is a
    signed one.

    ``OrderSkipped(uint256 indexed orderId, enum IEnergyTrading.Refusal reason)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "OrderSkipped"

    order_id: int
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_OrdersMatched(EventLog):
    """A trade came about. A stored order is named by its number, a signed one by its hash.

    ``OrdersMatched(uint256 indexed transactionId, uint256 indexed buyId, uint256 indexed
    sellId, uint256 amount, uint256 price)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "OrdersMatched"

    transaction_id: int
    buy_id: int
    sell_id: int
    amount: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_SignedOrderCancelled(EventLog):
    """The trader made its signed order with this nonce void.

    ``SignedOrderCancelled(address indexed trader, uint256 nonce)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "SignedOrderCancelled"

    trader: str
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_SignedOrdersCancelledBelow(EventLog):
    """All signed orders of nonces below this are void.

    ``SignedOrdersCancelledBelow(address indexed trader, uint256 nonce)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "SignedOrdersCancelledBelow"

    trader: str
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_StopLevelChanged(EventLog):
    """The stop level changed.

    ``StopLevelChanged(enum IEmergencyStop.StopLevel level, address indexed by)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "StopLevelChanged"

    level: StopLevel
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_TransactionDelivered(EventLog):
    """``amount`` Wh were delivered in this settling.

    ``TransactionDelivered(uint256 indexed transactionId, uint256 amount)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "TransactionDelivered"

    transaction_id: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTrading_TransactionSettled(EventLog):
    """A trade ended: money back to the buyer, and its compensation for what was not delivered.

    ``TransactionSettled(uint256 indexed transactionId, uint256 delivered, uint256 refund,
    uint256 compensation)``
    """

    contract: ClassVar[str] = "EnergyTrading"
    event: ClassVar[str] = "TransactionSettled"

    transaction_id: int
    delivered: int
    refund: int
    compensation: int
