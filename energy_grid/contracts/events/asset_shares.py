"""Events of AssetShares.

A divided asset: an ERC-20 of whole shares (no decimals, EIP-2612) whose contract owns the asset.
Revenue: money (the settlement token) that is sent here belongs to those who hold shares at that
moment, in proportion, and each takes its part when it likes. Exact to the unit: the number of
shares never changes, so what an account is due is kept as share-units, and only paying out rounds
(down; the rest stays for later). Buyout: anybody may offer a price per share for all of them, and
pays it in at once. It is at least the book value of the asset (IEnergyAssetNFT.bookValueOf, divided
by the shares, rounded up), so that no majority can sell the others out for less. For 7 days holders
accept with all their shares, which they then cannot move; who bids may accept, too. If two thirds
of all shares have accepted by the end, the asset is the bidder's and the money every holder's, as
revenue: no holder of a third or less can prevent it. If not, the money goes back. Offers stand
beside each other, so none can be in another's way; shares accept one of them at a time. HELD
--concludeBuyout, two thirds accepted--> SOLD shares remain as claims to what was not claimed yet
\\---redeem, by who holds all shares-------> REDEEMED no shares; what still comes in is that
holder's offer OPEN --concludeBuyout--> SOLD or FAILED (not accepted in time, or the asset went
elsewhere) A stop of the assets' contract refuses new offers and acceptances, nothing else.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "AssetShares_Approval",
    "AssetShares_BuyoutAccepted",
    "AssetShares_BuyoutConcluded",
    "AssetShares_BuyoutOffered",
    "AssetShares_BuyoutRetracted",
    "AssetShares_EIP712DomainChanged",
    "AssetShares_Initialized",
    "AssetShares_Redeemed",
    "AssetShares_RefundWithdrawn",
    "AssetShares_RevenueClaimed",
    "AssetShares_RevenueReceived",
    "AssetShares_StewardSet",
    "AssetShares_Transfer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_Approval(EventLog):
    """Emitted when the allowance of a ``spender`` for an ``owner`` is set by a call to
    `approve`. ``value`` is the new allowance.

    ``Approval(address indexed owner, address indexed spender, uint256 value)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "Approval"

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_BuyoutAccepted(EventLog):
    """A holder accepted an offer with its ``shares``; ``accepted`` is the sum of all that have.

    ``BuyoutAccepted(uint256 indexed id, address indexed account, uint256 shares, uint256
    accepted)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "BuyoutAccepted"

    id: int
    account: str
    shares: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_BuyoutConcluded(EventLog):
    """An offer ended. ``sold`` says whether the asset went to the bidder; otherwise its money
    waits for `withdrawRefund`.

    ``BuyoutConcluded(uint256 indexed id, bool sold)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "BuyoutConcluded"

    id: int
    sold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_BuyoutOffered(EventLog):
    """A bidder offered ``price_per_share`` (money) for each share; acceptances count before
    ``ends_at`` (Unix seconds).

    ``BuyoutOffered(uint256 indexed id, address indexed bidder, uint256 pricePerShare, uint256
    endsAt)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "BuyoutOffered"

    id: int
    bidder: str
    price_per_share: int
    ends_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_BuyoutRetracted(EventLog):
    """A holder took its acceptance of ``shares`` back; ``accepted`` is the sum of those left.

    ``BuyoutRetracted(uint256 indexed id, address indexed account, uint256 shares, uint256
    accepted)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "BuyoutRetracted"

    id: int
    account: str
    shares: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_Initialized(EventLog):
    """Triggered when the contract has been initialized or reinitialized.

    ``Initialized(uint64 version)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "Initialized"

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_Redeemed(EventLog):
    """The holder of all shares took the asset out; the shares ended.

    ``Redeemed(address indexed holder)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "Redeemed"

    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_RefundWithdrawn(EventLog):
    """The bidder of a failed offer was paid ``amount`` of money back.

    ``RefundWithdrawn(address indexed bidder, uint256 amount)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "RefundWithdrawn"

    bidder: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_RevenueClaimed(EventLog):
    """A holder was paid ``amount`` of money.

    ``RevenueClaimed(address indexed account, uint256 amount)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "RevenueClaimed"

    account: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_RevenueReceived(EventLog):
    """``amount`` of money came in for the holders; ``total`` is all that ever came in.

    ``RevenueReceived(uint256 amount, uint256 total)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "RevenueReceived"

    amount: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_StewardSet(EventLog):
    """Another steward acts for the holders, named by the account ``by``.

    ``StewardSet(address indexed steward, address indexed by)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "StewardSet"

    steward: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetShares_Transfer(EventLog):
    """Emitted when ``value`` tokens are moved from one account (``from_``) to another (``to``).
    Note that ``value`` may be zero.

    ``Transfer(address indexed from, address indexed to, uint256 value)``
    """

    contract: ClassVar[str] = "AssetShares"
    event: ClassVar[str] = "Transfer"

    from_: str
    to: str
    value: int
