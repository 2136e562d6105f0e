"""What the market's contracts know and say, free of how they are reached.

Energy in Wh, power in W, money in base units of the settlement token, prices in money per kWh,
times in Unix seconds. Enums are numbered as on the chain, fields are in the order of the chain's
structs. Use cases that need more of the chain than data state it as Protocols of their own. The
records of the grid suite are in `grid_ports`.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import EnergyType, GridCondition
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import PeriodKind

__all__ = [
    "AnchoredReading",
    "BatchRecord",
    "ConsumerInfo",
    "GridStatus",
    "MeterInfo",
    "MeterReading",
    "Metrics",
    "OrderRecord",
    "OrderState",
    "ProducerInfo",
    "QueuedWithdrawal",
    "SignedLock",
    "SignedReading",
    "StorageInfo",
    "TransactionRecord",
    "TreasuryOwed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """An order as it was placed, with the status it has now; it is valid up to ``expiry``."""

    trader: str
    amount: int
    price: int
    expiry: int
    order_type: OrderType
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """The rest of what is known of an order: what is left, its period, ``end`` exclusive."""

    remaining: int
    period: PeriodKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRecord:
    """A matched fill of two orders; ``settled_slots`` of its period are done with for good.

    A ``late`` one was matched when slots of the period could be closed already: the seller
    answers for nothing.
    """

    buyer: str
    seller: str
    amount: int
    delivered: int
    price: int
    period: PeriodKind
    start: int
    end: int
    settled_slots: int
    status: TransactionStatus
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLock:
    """Money to lock for the signed order of an account, which is told by its number."""

    number: int
    amount: int
    nonce: int
    buying: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """What the transactions of a batch share; they follow each other from the first number on."""

    period: PeriodKind
    start: int
    price: int
    late: bool
    first_transaction_id: int
    transactions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedWithdrawal:
    """A withdrawal that waits behind the outflow limit."""

    account: str
    to: str
    amount: int
    executable_at: int
    lengthened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryOwed:
    """Money of the operator that is still in the vault."""

    fees: int
    grid_revenue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """One reading: Wh since the one before, centihertz (5000), decivolts (2301 is 230.1 V)."""

    timestamp: int
    consumption: int
    production: int
    grid_frequency: int
    voltage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReading:
    """A reading with its meter's compact signature (ERC-2098)."""

    meter: str
    reading: MeterReading
    r: bytes
    vs: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredReading:
    """What a gateway has anchored for an account in a slot; ``proof`` leads from its leaf up."""

    produced: int
    consumed: int
    salt: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterInfo:
    """A meter: its number outlives its keys, 0 where there is none; ``rated_power`` in W."""

    number: int
    account: str
    region: str
    rated_power: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerInfo:
    """A producer: capacity in Wh per slot, reputation 0 to 100."""

    capacity: int
    current_production: int
    total_produced: int
    energy_type: EnergyType
    active: bool
    reputation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerInfo:
    """A consumer: limit in Wh per slot, available money in the vault."""

    consumption_limit: int
    total_consumed: int
    current_usage: int
    balance: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageInfo:
    """A storage: capacity and content in Wh, rates in Wh per slot."""

    capacity: int
    stored_amount: int
    charge_rate: int
    discharge_rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridStatus:
    """The grid in the running slot; utilization is load over capacity in basis points."""

    capacity: int
    production: int
    load: int
    available: int
    utilization: int
    price: int
    condition: GridCondition
    emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the authority recorded: Wh, efficiency in basis points."""

    production: int
    consumption: int
    peak_load: int
    efficiency: int
    recorded_at: int
