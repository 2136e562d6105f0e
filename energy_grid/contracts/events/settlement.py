"""Events of Settlement.

The settlement accounts: all money of the market in one ledger, all metered energy in one table of
slots. Money is in base units of the settlement token, energy in Wh, prices in money per kWh. The
slot table balances, for every closed slot of every account: `produced + bought + burned + fromGrid
== consumed + sold + minted`.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.enums import StopLevel

__all__ = [
    "Settlement_AccountOpened",
    "Settlement_AuthorityUpdated",
    "Settlement_DebtIncurred",
    "Settlement_DebtRepaid",
    "Settlement_DeliveryPaid",
    "Settlement_Deposited",
    "Settlement_EnergyDelivered",
    "Settlement_FeesSet",
    "Settlement_GridEnergyBought",
    "Settlement_OutflowLimitSet",
    "Settlement_SideBlocked",
    "Settlement_SignedFloorRaised",
    "Settlement_SlotClosed",
    "Settlement_SpotPaid",
    "Settlement_StopLevelChanged",
    "Settlement_TreasuryCollected",
    "Settlement_WithdrawalCancelled",
    "Settlement_WithdrawalLengthened",
    "Settlement_WithdrawalQueued",
    "Settlement_Withdrawn",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_AccountOpened(EventLog):
    """An account got its number: the short name that packed words use.

    ``AccountOpened(address indexed account, uint256 indexed number)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "AccountOpened"

    account: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_DebtIncurred(EventLog):
    """The account could not pay ``amount`` (money) for grid energy; it now owes ``debt``.

    ``DebtIncurred(address indexed account, uint256 amount, uint256 debt)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "DebtIncurred"

    account: str
    amount: int
    debt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_DebtRepaid(EventLog):
    """The account paid ``amount`` (money) of its debt; it still owes ``debt``.

    ``DebtRepaid(address indexed account, uint256 amount, uint256 debt)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "DebtRepaid"

    account: str
    amount: int
    debt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_DeliveryPaid(EventLog):
    """The payment for the energy delivered in one settling; ``paid`` left the buyer's lock, and
    what the fees leave of it reached the seller.

    ``DeliveryPaid(uint256 indexed seller, uint256 indexed buyer, uint256 paid, uint256
    protocolFee, uint256 gridFee)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "DeliveryPaid"

    seller: int
    buyer: int
    paid: int
    protocol_fee: int
    grid_fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_Deposited(EventLog):
    """Money arrived: ``amount`` is what was received; a token with a transfer fee makes that
    less than was sent.

    ``Deposited(address indexed payer, address indexed account, uint256 amount)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "Deposited"

    payer: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_EnergyDelivered(EventLog):
    """Energy of one slot went from seller to buyer (account numbers).

    ``EnergyDelivered(uint256 indexed seller, uint256 indexed buyer, uint256 indexed slot,
    uint256 amount)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "EnergyDelivered"

    seller: int
    buyer: int
    slot: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_FeesSet(EventLog):
    """Settlings from now on take these fees: basis points of the payment, and money per kWh.

    ``FeesSet(uint256 protocolFeeBps, uint256 gridFeePerKwh)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "FeesSet"

    protocol_fee_bps: int
    grid_fee_per_kwh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_GridEnergyBought(EventLog):
    """Energy was bought from the grid at once, and paid.

    ``GridEnergyBought(address indexed account, uint256 indexed slot, uint256 amount, uint256
    cost)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "GridEnergyBought"

    account: str
    slot: int
    amount: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_OutflowLimitSet(EventLog):
    """At most ``limit`` (money) leaves at once per window from now on.

    ``OutflowLimitSet(uint256 limit)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "OutflowLimitSet"

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_SideBlocked(EventLog):
    """The grid authority blocked or allowed new orders of the account, BUY ones if ``buying``,
    else SELL ones.

    ``SideBlocked(address indexed account, bool buying, bool blocked)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "SideBlocked"

    account: str
    buying: bool
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_SignedFloorRaised(EventLog):
    """Everything that the account has signed with a nonce below ``nonce`` is void.

    ``SignedFloorRaised(address indexed account, uint256 nonce)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "SignedFloorRaised"

    account: str
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_SlotClosed(EventLog):
    """A slot was balanced; again, with what has changed, if it was proven after its closing.
    ``paid`` of ``cost`` came out of the balance, the rest became debt.

    ``SlotClosed(address indexed account, uint256 indexed slot, uint256 minted, uint256
    burned, uint256 fromGrid, uint256 cost, uint256 paid)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "SlotClosed"

    account: str
    slot: int
    minted: int
    burned: int
    from_grid: int
    cost: int
    paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_SpotPaid(EventLog):
    """Energy credits were paid on the spot: ``paid`` left the buyer's balance, and what the fees
    leave of it reached the seller.

    ``SpotPaid(address indexed seller, address indexed buyer, uint256 paid, uint256
    protocolFee, uint256 gridFee)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "SpotPaid"

    seller: str
    buyer: str
    paid: int
    protocol_fee: int
    grid_fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_StopLevelChanged(EventLog):
    """The stop level changed.

    ``StopLevelChanged(enum IEmergencyStop.StopLevel level, address indexed by)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "StopLevelChanged"

    level: StopLevel
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_TreasuryCollected(EventLog):
    """The treasury was paid its ``fees`` and the ``grid_revenue`` of sold grid energy, both in
    money.

    ``TreasuryCollected(address indexed to, uint256 fees, uint256 gridRevenue)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "TreasuryCollected"

    to: str
    fees: int
    grid_revenue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_WithdrawalCancelled(EventLog):
    """The owner took a queued withdrawal of ``amount`` (money) back into its balance.

    ``WithdrawalCancelled(uint256 indexed id, address indexed account, uint256 amount)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "WithdrawalCancelled"

    id: int
    account: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_WithdrawalLengthened(EventLog):
    """The guardian postponed a queued withdrawal to ``executable_at`` (Unix seconds).

    ``WithdrawalLengthened(uint256 indexed id, uint256 executableAt)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "WithdrawalLengthened"

    id: int
    executable_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_WithdrawalQueued(EventLog):
    """A withdrawal above the outflow limit waits until ``executable_at`` (Unix seconds) for
    `executeWithdrawal`.

    ``WithdrawalQueued(uint256 indexed id, address indexed account, address indexed to,
    uint256 amount, uint256 executableAt)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "WithdrawalQueued"

    id: int
    account: str
    to: str
    amount: int
    executable_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement_Withdrawn(EventLog):
    """``amount`` of money left the account's balance and was paid to ``to``.

    ``Withdrawn(address indexed account, address indexed to, uint256 amount)``
    """

    contract: ClassVar[str] = "Settlement"
    event: ClassVar[str] = "Withdrawn"

    account: str
    to: str
    amount: int
