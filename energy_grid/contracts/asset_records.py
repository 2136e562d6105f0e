"""What the spot market, the assets, their shares and the carbon credits know: the third part of
`ports`.

Energy in Wh, power in W, money in base units of the settlement token, prices in money per kWh,
carbon in g CO2e, times in Unix seconds. Enums are numbered as on the chain, fields are in the order
of the chain's structs, and regions are plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import EnergyType
from energy_grid.domain.shares import BuyoutStatus, State
from energy_grid.domain.spot import OfferStatus, TradeStatus

__all__ = [
    "Asset",
    "AssetTerms",
    "Buyout",
    "BuyoutStatus",
    "CleanProducer",
    "EnergyOffer",
    "MaintenanceRecord",
    "Retirement",
    "State",
    "Trade",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyOffer:
    """An offer to everybody; what is ``remaining`` of its ``amount`` is 0 once it is over."""

    seller: str
    amount: int
    remaining: int
    price: int
    created_at: int
    status: OfferStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """An offer to one buyer, all or nothing."""

    seller: str
    buyer: str
    amount: int
    price: int
    created_at: int
    status: TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetTerms:
    """What an asset is: capacity in W, what it cost, seconds over which that is written down."""

    kind: EnergyType
    capacity: int
    region: str
    commissioned_at: int
    value: int
    lifetime: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An asset; ``shares`` owns it for its shareholders, the zero address if it is not divided."""

    terms: AssetTerms
    in_service: bool
    shares: str

    @property
    def is_divided(self) -> bool:
        """Whether shareholders own it."""
        return int(self.shares, 16) != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceRecord:
    """What was done to an asset, and the hash of the document that proves it."""

    author: str
    time: int
    document_hash: bytes
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyout:
    """An offer for all shares; what has ``accepted`` before ``ends_at`` counts."""

    bidder: str
    price_per_share: int
    ends_at: int
    accepted: int
    status: BuyoutStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Credits that were used up, in g CO2e."""

    account: str
    beneficiary: str
    amount: int
    time: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanProducer:
    """The slots of a producer that count: from the first on (0: never registered) to the last one,
    excluded (0 while it is registered); ``milligrams`` are credited and not yet a gram."""

    from_slot: int
    until_slot: int
    milligrams: int
