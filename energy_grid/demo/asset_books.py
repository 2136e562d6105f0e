"""What the books say of assets, their shares, the spot market and carbon credits (see `books`).

Energy in Wh, money in base units of the settlement token, carbon in g CO2e.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade

__all__ = [
    "AssetBook",
    "CarbonBook",
    "CreditBook",
    "DealBook",
    "OfferBook",
    "RevenueBook",
    "SharesBook",
    "SpotBook",
    "TradeBook",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetBook:
    """A plant as an asset (views).

    Attributes:
        owner: who owns it, or the contract of its shares.
        accounts: whose meters count for it.
        production: Wh of its meters on a day, by the numbers of the day's slots.
        value: what it is said to have cost; ``book_value`` is what is left of that.
    """

    id: int
    owner: str
    accounts: tuple[str, ...]
    capacity: int
    production: Mapping[range, int]
    value: int
    book_value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueBook:
    """Money that came to shares (event, or view if it is not noticed yet), and who had how many of
    them then (events)."""

    amount: int
    holdings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesBook:
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
    revenues: tuple[RevenueBook, ...]
    claimed: Mapping[str, int]
    claimable: Mapping[str, int]
    holding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferBook:
    """An offer to everybody: its number and state (view), what of it went back (event)."""

    id: int
    offer: EnergyOffer
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeBook:
    """An offer to one buyer: its number and state (view)."""

    id: int
    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class DealBook:
    """Banked energy that changed hands (event), at the price of its offer or trade (view).

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
class SpotBook:
    """The spot market.

    Attributes:
        holding: Wh that its contract has (view).
    """

    holding: int
    offers: tuple[OfferBook, ...]
    trades: tuple[TradeBook, ...]
    deals: tuple[DealBook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBook:
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
class CarbonBook:
    """The carbon credits.

    Attributes:
        factors: g CO2e per kWh by slot, of the slots that were credited (view).
        issued, retired: grams by the contract's own count (views).
        supply, balances: what there is (view), and the sum of what accounts have (views).
    """

    producers: tuple[CreditBook, ...]
    factors: Mapping[int, int]
    retirements: tuple[Retirement, ...]
    issued: int
    retired: int
    supply: int
    balances: int
