"""What the contracts say of a market, read as of one block: views and events.

The check is in `audit`; what it means for a household is in `bills`. Energy in Wh, money in base
units of the settlement token, carbon in g CO2e. Slots are keyed by (account address, slot number).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = [
    "AccountRecord",
    "AssetRecord",
    "CarbonRecord",
    "CreditRecord",
    "Delivery",
    "Escrow",
    "EventRecord",
    "GridPurchase",
    "MarketRecords",
    "Payment",
    "RevenueRecord",
    "RewardRecord",
    "SharesRecord",
    "SlotKey",
    "SpotOfferRecord",
    "SpotPurchase",
    "SpotRecord",
    "SpotTradeRecord",
    "TokenRecord",
    "TradeRecord",
    "Treasury",
]

SlotKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One account: what it has now (views), what came in and went out (events).

    Attributes:
        energy_credits: Wh that are its own; what it has on offer is not in it.
        wallet: money outside the settlement account (view).
        wallet_other: what transfers left there, without rewards and revenue (events).
    """

    address: str
    available: int
    locked: int
    debt: int
    energy_credits: int
    deposited: int
    withdrawn: int
    debt_repaid: int
    wallet: int
    wallet_other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Energy delivered in one slot (event)."""

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
class TradeRecord:
    """A trade: its terms and state (view), its compensation (event; None while it runs)."""

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
class TokenRecord:
    """An ERC-20: its supply, what was ever minted and burned, the sum of all balances."""

    supply: int
    minted: int
    burned: int
    balances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Treasury:
    """What the settlement contract holds and owes besides (views), what was paid out (events)."""

    holding: int
    fees: int
    grid_revenue: int
    queued: int
    collected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecord:
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
class EventRecord:
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
    rewards: tuple[RewardRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escrow:
    """What demand response holds: of the token, and by its own account (views)."""

    holding: int
    escrowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRecord:
    """A plant as an asset (views).

    Attributes:
        owner: who owns it, or the contract of its shares.
        accounts: whose meters count for it.
        production: Wh of its meters on a day, by the numbers of the day's slots.
        value: its assumed cost; ``book_value`` is its depreciated value.
    """

    id: int
    owner: str
    accounts: tuple[str, ...]
    capacity: int
    production: Mapping[range, int]
    value: int
    book_value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueRecord:
    """Money that came to shares (event, or view if it is not noticed yet), and who had how many of
    them then (events)."""

    amount: int
    holdings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesRecord:
    """The shares of an asset.

    Attributes:
        address: of their contract.
        steward: who divided the asset, or who came after.
        count: how many shares there are; ``holdings`` is who has them now (views).
        received: money that was sent here (transfers); ``revenues`` is what the contract knows of.
        claimed: what each account took (events), ``claimable`` what it could take now (views).
        holding: money that the contract has (view).
    """

    asset: int
    address: str
    steward: str
    count: int
    holdings: Mapping[str, int]
    received: int
    revenues: tuple[RevenueRecord, ...]
    claimed: Mapping[str, int]
    claimable: Mapping[str, int]
    holding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotOfferRecord:
    """A public offer: its number and state (view), what of it went back (event)."""

    id: int
    offer: EnergyOffer
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotTradeRecord:
    """An offer to one buyer: its number and state (view)."""

    id: int
    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPurchase:
    """Energy credits that changed hands (event), at the price of its offer or trade (view).

    Attributes:
        offer, trade: the number of the one or the other.
    """

    offer: int | None
    trade: int | None
    seller: str
    buyer: str
    wh: int
    price: int
    paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotRecord:
    """The spot market.

    Attributes:
        holding: Wh that its contract has (view).
    """

    holding: int
    offers: tuple[SpotOfferRecord, ...]
    trades: tuple[SpotTradeRecord, ...]
    purchases: tuple[SpotPurchase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRecord:
    """A clean producer.

    Attributes:
        slots: those that were credited, of all that it produced anything in (views).
        remainder: milligrams that are not a gram yet (view).
        issued, energy: g issued and Wh they were issued for (events).
        times: how often credits of a slot were issued (events).
    """

    account: str
    slots: tuple[int, ...]
    remainder: int
    issued: int
    energy: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonRecord:
    """The carbon credits.

    Attributes:
        factors: g CO2e per kWh by slot, of the slots that were credited (view).
        issued, retired: grams by the contract's own count (views).
        supply, balances: what there is (view), and the sum of what accounts have (views).
    """

    producers: tuple[CreditRecord, ...]
    factors: Mapping[int, int]
    retirements: tuple[Retirement, ...]
    issued: int
    retired: int
    supply: int
    balances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRecords:
    """All of it. Slots are keyed by (account address, slot number).

    Attributes:
        slots: the slots that anything has happened in, as the views show them.
        metered: what the readings recorded (events) add up to, (produced, consumed).
        closings: how slots were balanced (events).
        slot_prices: grid price per slot.
        collateral_per_kwh: what a seller answers with.
    """

    accounts: tuple[AccountRecord, ...]
    slots: Mapping[SlotKey, SlotEnergy]
    metered: Mapping[SlotKey, tuple[int, int]]
    closings: Mapping[SlotKey, Closing]
    deliveries: tuple[Delivery, ...]
    payments: tuple[Payment, ...]
    spot_payments: tuple[Payment, ...]
    trades: tuple[TradeRecord, ...]
    grid_purchases: tuple[GridPurchase, ...]
    slot_prices: Mapping[int, int]
    collateral_per_kwh: int
    energy: TokenRecord
    money: TokenRecord
    treasury: Treasury
    events: tuple[EventRecord, ...]
    escrow: Escrow
    assets: tuple[AssetRecord, ...]
    shares: tuple[SharesRecord, ...]
    spot: SpotRecord
    carbon: CarbonRecord
