"""The books of the market as the chain keeps them, for one reading at one block.

Everything here and in `asset_books` comes from contract views and events. Who reads them is behind
the port `BooksReader`; what must hold among them is in `audit`, what they mean for a household in
`bills`. Energy in Wh, money in base units of the settlement token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from energy_grid.demo.asset_books import AssetBook, CarbonBook, SharesBook, SpotBook
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = [
    "AccountBook",
    "Books",
    "BooksReader",
    "Delivery",
    "Escrow",
    "EventBook",
    "GridPurchase",
    "Payment",
    "RewardBook",
    "TokenBook",
    "TransactionBook",
    "Treasury",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBook:
    """One account: what it has now (views), what came in and went out of the vault (events).

    Attributes:
        banked: Wh that are its own; what it has on offer is not in it.
        wallet: money outside the vault (view).
        wallet_besides: what transfers left there, those of rewards and revenue aside (events).
    """

    address: str
    available: int
    locked: int
    debt: int
    banked: int
    deposited: int
    withdrawn: int
    debt_repaid: int
    wallet: int
    wallet_besides: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Energy that went over in one slot (event)."""

    seller: str
    buyer: str
    slot: int
    wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a buyer paid in one settling, or on the spot, and the fees taken out of it (event)."""

    seller: str
    buyer: str
    paid: int
    fees: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionBook:
    """A transaction: its terms and state (view), its compensation (event; None while it runs)."""

    id: int
    seller: str
    buyer: str
    amount: int
    delivered: int
    price: int
    compensation: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPurchase:
    """Energy bought from the grid at once (event)."""

    account: str
    slot: int
    wh: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBook:
    """An ERC-20: its supply, what was ever minted and burned, the sum of all balances."""

    supply: int
    minted: int
    burned: int
    balances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Treasury:
    """What the vault holds, what of it belongs to no account (views), what has left (events)."""

    holding: int
    fees: int
    grid_revenue: int
    queued: int
    collected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardBook:
    """A household's part in a demand-response event: average W and its reward (views).

    Attributes:
        paid: what was paid of the reward (event).
        metered: whether the meters decided, and not the operator's word (event).
    """

    account: str
    baseline_w: int
    actual_w: int
    reduction_w: int
    reward: int
    paid: int
    metered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBook:
    """A demand-response event (view) with its participations.

    Attributes:
        slots: the numbers of the slots it covers, each of ``slot_seconds``.
        refunded: what went back to the operator (event).
    """

    id: int
    operator: str
    slots: range
    slot_seconds: int
    target_kw: int
    reward_per_kw: int
    budget: int
    refunded: int
    rewards: tuple[RewardBook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escrow:
    """What demand response holds: of the token, and by its own account (views)."""

    holding: int
    escrowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All of it. Slots are keyed by (account address, slot number).

    Attributes:
        slots: the slots that anything has happened in, as the views show them.
        metered: what the readings recorded (events) add up to, (produced, consumed).
        closings: how slots were balanced (events).
        slot_prices: grid price per slot.
        collateral_per_kwh: what a seller answers with.
    """

    accounts: tuple[AccountBook, ...]
    slots: Mapping[tuple[str, int], SlotEnergy]
    metered: Mapping[tuple[str, int], tuple[int, int]]
    closings: Mapping[tuple[str, int], Closing]
    deliveries: tuple[Delivery, ...]
    payments: tuple[Payment, ...]
    spot_payments: tuple[Payment, ...]
    transactions: tuple[TransactionBook, ...]
    grid_purchases: tuple[GridPurchase, ...]
    slot_prices: Mapping[int, int]
    collateral_per_kwh: int
    energy: TokenBook
    money: TokenBook
    treasury: Treasury
    events: tuple[EventBook, ...]
    escrow: Escrow
    assets: tuple[AssetBook, ...]
    shares: tuple[SharesBook, ...]
    spot: SpotBook
    carbon: CarbonBook


class BooksReader(Protocol):
    """Reads the books from a chain."""

    def read(self) -> Books:
        """Everything, as of one block."""
