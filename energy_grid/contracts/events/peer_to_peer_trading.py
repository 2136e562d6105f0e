"""Events of PeerToPeerTrading.

The spot market in energy credits: offers to everybody and trades addressed to one buyer, delivery
against payment in one step. The seller's EnergyToken (Wh) is held here from the beginning (needs an
allowance), the buyer pays out of its Settlement balance. Prices are money per kWh; what a purchase
costs is rounded up, and the fees of Settlement are taken out of what the seller is paid. Buyers and
sellers are active participants of GridManagement, allowed on their side of the market. Cancelling
is always possible, and the energy goes back at once. offer OPEN --accept (all of it)--> SOLD trade
PENDING --complete--> COMPLETED \\------cancel-----------> CANCELLED \\-------cancel----> CANCELLED
A stop refuses new offers, trades, acceptances and completions.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.enums import StopLevel

__all__ = [
    "PeerToPeerTrading_AuthorityUpdated",
    "PeerToPeerTrading_EnergyOfferAccepted",
    "PeerToPeerTrading_EnergyOfferCancelled",
    "PeerToPeerTrading_EnergyOfferCreated",
    "PeerToPeerTrading_StopLevelChanged",
    "PeerToPeerTrading_TradeCancelled",
    "PeerToPeerTrading_TradeCompleted",
    "PeerToPeerTrading_TradeCreated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_EnergyOfferAccepted(EventLog):
    """``amount`` Wh changed hands for ``paid``, fees included.

    ``EnergyOfferAccepted(uint256 indexed offerId, address indexed buyer, uint256 amount,
    uint256 paid, uint256 remaining)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "EnergyOfferAccepted"

    offer_id: int
    buyer: str
    amount: int
    paid: int
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_EnergyOfferCancelled(EventLog):
    """A seller took its offer back, with the ``returned`` Wh that were not sold.

    ``EnergyOfferCancelled(uint256 indexed offerId, uint256 returned)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "EnergyOfferCancelled"

    offer_id: int
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_EnergyOfferCreated(EventLog):
    """A seller offered ``amount`` Wh of energy credits to everybody at ``price`` (money per
    kWh).

    ``EnergyOfferCreated(uint256 indexed offerId, address indexed seller, uint256 amount,
    uint256 price)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "EnergyOfferCreated"

    offer_id: int
    seller: str
    amount: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_StopLevelChanged(EventLog):
    """The stop level changed.

    ``StopLevelChanged(enum IEmergencyStop.StopLevel level, address indexed by)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "StopLevelChanged"

    level: StopLevel
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_TradeCancelled(EventLog):
    """The seller or the buyer, as ``by`` says, ended a trade; the energy credits went back to
    the seller.

    ``TradeCancelled(uint256 indexed tradeId, address indexed by)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "TradeCancelled"

    trade_id: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_TradeCompleted(EventLog):
    """The buyer took the trade and paid ``paid`` (money), fees included.

    ``TradeCompleted(uint256 indexed tradeId, uint256 paid)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "TradeCompleted"

    trade_id: int
    paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerTrading_TradeCreated(EventLog):
    """A seller offered ``amount`` Wh of energy credits to one buyer at ``price`` (money per
    kWh).

    ``TradeCreated(uint256 indexed tradeId, address indexed seller, address indexed buyer,
    uint256 amount, uint256 price)``
    """

    contract: ClassVar[str] = "PeerToPeerTrading"
    event: ClassVar[str] = "TradeCreated"

    trade_id: int
    seller: str
    buyer: str
    amount: int
    price: int
