"""The contracts' custom errors.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from energy_grid.chain.custom_errors import DecodedError, OrderRefusal
from energy_grid.domain.balancing import ActionStatus, ActionType
from energy_grid.domain.batch import Refusal
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import (
    EnergyType,
    OperatorStatus,
    Permission,
    ProgramStatus,
    StopLevel,
)
from energy_grid.domain.grid_levels import PermissionLevel, StabilityLevel
from energy_grid.domain.oracles import RoundStatus
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.domain.periods import PeriodKind
from energy_grid.domain.shares import BuyoutStatus, State
from energy_grid.domain.spot import OfferStatus, TradeStatus

__all__ = [
    "AccessControlBadConfirmation",
    "AccessControlUnauthorizedAccount",
    "AccessManagedInvalidAuthority",
    "AccessManagedRequiredDelay",
    "AccessManagedUnauthorized",
    "AccessManagerAlreadyScheduled",
    "AccessManagerBadConfirmation",
    "AccessManagerExpired",
    "AccessManagerInvalidInitialAdmin",
    "AccessManagerLockedFunction",
    "AccessManagerLockedRole",
    "AccessManagerNotReady",
    "AccessManagerNotScheduled",
    "AccessManagerUnauthorizedAccount",
    "AccessManagerUnauthorizedCall",
    "AccessManagerUnauthorizedCancel",
    "AccessManagerUnauthorizedConsume",
    "AddressEmptyCode",
    "AlreadyParticipating",
    "AssetShares_AlreadyAccepted",
    "AssetShares_BadSteward",
    "AssetShares_BuyoutConcluded",
    "AssetShares_BuyoutDue",
    "AssetShares_BuyoutOver",
    "AssetShares_BuyoutRunning",
    "AssetShares_NoShares",
    "AssetShares_NoSuchBuyout",
    "AssetShares_NotAccepted",
    "AssetShares_NotAllShares",
    "AssetShares_NotHeld",
    "AssetShares_NotSteward",
    "AssetShares_NothingToClaim",
    "AssetShares_OnlyAssets",
    "AssetShares_PriceTooLow",
    "AssetShares_SharesAccepted",
    "AssetShares_Underpaid",
    "BalancingCoordination_AboveAvailable",
    "BalancingCoordination_BadCapacity",
    "BalancingCoordination_BadPage",
    "BalancingCoordination_BadParameter",
    "BalancingCoordination_BadPriority",
    "BalancingCoordination_Committed",
    "BalancingCoordination_NoCapacity",
    "BalancingCoordination_NoSuchAction",
    "BalancingCoordination_NotDue",
    "BalancingCoordination_NotOpen",
    "BalancingCoordination_OnlyStability",
    "BalancingCoordination_PastDeadline",
    "BalancingCoordination_TooManyActions",
    "BalancingCoordination_ZeroTarget",
    "CarbonCredits_AlreadyRegistered",
    "CarbonCredits_BadReason",
    "CarbonCredits_FactorTooHigh",
    "CarbonCredits_InactiveProducer",
    "CarbonCredits_IsStorage",
    "CarbonCredits_NoSuchFactor",
    "CarbonCredits_NoSuchRetirement",
    "CarbonCredits_NotProducer",
    "CarbonCredits_NotRegistered",
    "CarbonCredits_NothingToIssue",
    "CarbonCredits_SlotNotClean",
    "CarbonCredits_SlotNotFinal",
    "CarbonCredits_UncleanProducer",
    "CarbonCredits_ZeroAmount",
    "CarbonCredits_ZeroBeneficiary",
    "CheckpointUnorderedInsertion",
    "ConsumerNotRegistered",
    "DemandResponse_AboveCommitment",
    "DemandResponse_AlreadyRegistered",
    "DemandResponse_AlreadyStarted",
    "DemandResponse_BadPage",
    "DemandResponse_BadParameter",
    "DemandResponse_BadRecipient",
    "DemandResponse_BadSlots",
    "DemandResponse_BaselineTooLow",
    "DemandResponse_BudgetExceeded",
    "DemandResponse_EscrowShort",
    "DemandResponse_IncompleteReadings",
    "DemandResponse_NoSuchProgram",
    "DemandResponse_NotOperator",
    "DemandResponse_NotParticipating",
    "DemandResponse_NothingToClaim",
    "DemandResponse_OtherRegion",
    "DemandResponse_ProgramEnded",
    "DemandResponse_ProgramNotActive",
    "DemandResponse_TooEarly",
    "DemandResponse_TooFewDays",
    "ECDSAInvalidSignature",
    "ECDSAInvalidSignatureLength",
    "ECDSAInvalidSignatureS",
    "ERC20ExceededCap",
    "ERC20ExceededSafeSupply",
    "ERC20InsufficientAllowance",
    "ERC20InsufficientBalance",
    "ERC20InvalidApprover",
    "ERC20InvalidCap",
    "ERC20InvalidReceiver",
    "ERC20InvalidSender",
    "ERC20InvalidSpender",
    "ERC721IncorrectOwner",
    "ERC721InsufficientApproval",
    "ERC721InvalidApprover",
    "ERC721InvalidOperator",
    "ERC721InvalidOwner",
    "ERC721InvalidReceiver",
    "ERC721InvalidSender",
    "ERC721NonexistentToken",
    "ERC2612ExpiredSignature",
    "ERC2612InvalidSigner",
    "ERC5805FutureLookup",
    "ERC6372InconsistentClock",
    "EmergencyStop_Stopped",
    "EmergencyStop_WrongLevel",
    "EnergyAssetNFT_BadDays",
    "EnergyAssetNFT_BadParameter",
    "EnergyAssetNFT_BadPermission",
    "EnergyAssetNFT_BadShares",
    "EnergyAssetNFT_BadText",
    "EnergyAssetNFT_InactiveMeter",
    "EnergyAssetNFT_MeterNotLinked",
    "EnergyAssetNFT_MeterTaken",
    "EnergyAssetNFT_NotOwner",
    "EnergyAssetNFT_NotPermitted",
    "EnergyAssetNFT_TooManyMeters",
    "EnergyToken_OnlySettlement",
    "EnergyTrading_AlreadySettled",
    "EnergyTrading_BadParameter",
    "EnergyTrading_Dust",
    "EnergyTrading_Expired",
    "EnergyTrading_ExpiryInPast",
    "EnergyTrading_GateClosed",
    "EnergyTrading_LengthMismatch",
    "EnergyTrading_MisalignedPeriod",
    "EnergyTrading_NoFills",
    "EnergyTrading_NoSuchBatch",
    "EnergyTrading_NoSuchOrder",
    "EnergyTrading_NoSuchPlace",
    "EnergyTrading_NoSuchTransaction",
    "EnergyTrading_NonceSpent",
    "EnergyTrading_NonceTooLarge",
    "EnergyTrading_NotActive",
    "EnergyTrading_NotCrossing",
    "EnergyTrading_NotOwner",
    "EnergyTrading_NothingToSettle",
    "EnergyTrading_PeriodMismatch",
    "EnergyTrading_RateLimited",
    "EnergyTrading_Refused",
    "EnergyTrading_SelfTrade",
    "EnergyTrading_Unsorted",
    "EnergyTrading_WrongSide",
    "EventExpired",
    "EventNotActive",
    "EventNotFound",
    "FailedCall",
    "FailedDeployment",
    "GovernanceToken_LengthMismatch",
    "GovernorAlreadyCastVote",
    "GovernorAlreadyQueuedProposal",
    "GovernorDisabledDeposit",
    "GovernorInsufficientProposerVotes",
    "GovernorInvalidProposalLength",
    "GovernorInvalidQuorumFraction",
    "GovernorInvalidSignature",
    "GovernorInvalidVoteParams",
    "GovernorInvalidVoteType",
    "GovernorInvalidVotingPeriod",
    "GovernorNonexistentProposal",
    "GovernorOnlyExecutor",
    "GovernorProposalQueueingFailed",
    "GovernorProposalQueueingNotRequired",
    "GovernorRestrictedProposer",
    "GovernorUnableToCancel",
    "GovernorUnexpectedProposalState",
    "GridManagement_AboveLimit",
    "GridManagement_AlreadyActive",
    "GridManagement_AlreadyRegistered",
    "GridManagement_BadEfficiency",
    "GridManagement_BadParameter",
    "GridManagement_BadScore",
    "GridManagement_BadTopUp",
    "GridManagement_Inactive",
    "GridManagement_InsufficientEnergy",
    "GridManagement_NoSuchMetrics",
    "GridManagement_NotRegistered",
    "GridManagement_OnlySettlement",
    "GridManagement_OnlyStability",
    "GridManagement_StorageBounds",
    "GridManagement_ZeroAmount",
    "GridOperatorNotRegistered",
    "GridOperatorVerification_AlreadyRegistered",
    "GridOperatorVerification_BadName",
    "GridOperatorVerification_BadParameter",
    "GridOperatorVerification_LevelTooLow",
    "GridOperatorVerification_NotAuthorized",
    "GridOperatorVerification_OnlyBalancing",
    "GridOperatorVerification_WrongStatus",
    "InsufficientBalance",
    "InsufficientReduction",
    "InvalidAccountNonce",
    "InvalidInitialization",
    "InvalidMeterReading",
    "InvalidShortString",
    "LoadMonitoring_BadPage",
    "LoadMonitoring_NoReport",
    "LoadMonitoring_ZeroCapacity",
    "MedianOracle_AlreadySubmitted",
    "MedianOracle_BadParameter",
    "MedianOracle_Held",
    "MedianOracle_NoAnswer",
    "MedianOracle_NoSuchRound",
    "MedianOracle_NotHeld",
    "MedianOracle_OutOfBounds",
    "MedianOracle_Stale",
    "MedianOracle_WrongRound",
    "NotInitialized",
    "NotInitializing",
    "PeerToPeerTrading_AboveLimit",
    "PeerToPeerTrading_AboveRemaining",
    "PeerToPeerTrading_Inactive",
    "PeerToPeerTrading_NoSuchOffer",
    "PeerToPeerTrading_NoSuchTrade",
    "PeerToPeerTrading_NotParty",
    "PeerToPeerTrading_NotSeller",
    "PeerToPeerTrading_OfferNotOpen",
    "PeerToPeerTrading_SelfTrade",
    "PeerToPeerTrading_TradeNotPending",
    "PeerToPeerTrading_ZeroAmount",
    "PeerToPeerTrading_ZeroPrice",
    "ReentrancyGuardReentrantCall",
    "RewardDistributionFailed",
    "SafeCastOverflowedUintDowncast",
    "SafeCastOverflowedUintToInt",
    "SafeERC20FailedOperation",
    "Settlement_AlreadyLengthened",
    "Settlement_BadParameter",
    "Settlement_BadRecipient",
    "Settlement_FeeTooHigh",
    "Settlement_FloorNotHigher",
    "Settlement_InDebt",
    "Settlement_InsufficientBalance",
    "Settlement_LengtheningTooLong",
    "Settlement_NoDebt",
    "Settlement_NoSuchWithdrawal",
    "Settlement_NotWithdrawalOwner",
    "Settlement_NothingToCollect",
    "Settlement_OnlyModule",
    "Settlement_SideBlocked",
    "Settlement_SlotClosed",
    "Settlement_SlotMetered",
    "Settlement_SlotNotClosable",
    "Settlement_SlotProven",
    "Settlement_UnknownAccount",
    "Settlement_WithdrawalNotDue",
    "Settlement_ZeroAmount",
    "SmartMeter_AlreadyAnchored",
    "SmartMeter_AlreadyRegistered",
    "SmartMeter_AnchorTooLate",
    "SmartMeter_BadParameter",
    "SmartMeter_Conflicting",
    "SmartMeter_EmptyAnchor",
    "SmartMeter_FromFuture",
    "SmartMeter_GatewayTaken",
    "SmartMeter_HasMeters",
    "SmartMeter_ImplausibleEnergy",
    "SmartMeter_ImplausibleFrequency",
    "SmartMeter_ImplausibleVoltage",
    "SmartMeter_InactiveMeter",
    "SmartMeter_NoContradiction",
    "SmartMeter_NoReadings",
    "SmartMeter_NoSuchGateway",
    "SmartMeter_NotAGateway",
    "SmartMeter_NotAnchored",
    "SmartMeter_NotNewer",
    "SmartMeter_NothingToDispute",
    "SmartMeter_ReadByGateway",
    "SmartMeter_Replayed",
    "SmartMeter_SlotNotOver",
    "SmartMeter_TooManyMeters",
    "SmartMeter_TooOld",
    "SmartMeter_TooSoon",
    "SmartMeter_UnknownMeter",
    "SmartMeter_WrongProof",
    "SmartMeter_WrongSignature",
    "SmartMeter_ZeroAccount",
    "SmartMeter_ZeroGateway",
    "StabilityMaintenance_AlreadyResolved",
    "StabilityMaintenance_BadAdjustment",
    "StabilityMaintenance_BadPage",
    "StabilityMaintenance_BadPriority",
    "StabilityMaintenance_Implausible",
    "StabilityMaintenance_NoReport",
    "StabilityMaintenance_NoSuchEvent",
    "StabilityMaintenance_NothingToRespondTo",
    "StabilityMaintenance_SeverityTooLow",
    "StabilityMaintenance_StillCritical",
    "StabilityMaintenance_TooLittleGas",
    "StringTooLong",
    "TestDollar_AboveLimit",
    "TimelockInsufficientDelay",
    "TimelockInvalidOperationLength",
    "TimelockUnauthorizedCaller",
    "TimelockUnexecutedPredecessor",
    "TimelockUnexpectedOperationState",
    "VotesExpiredSignature",
]


class AccessControlBadConfirmation(DecodedError):
    """``AccessControlBadConfirmation()``"""


class AccessControlUnauthorizedAccount(DecodedError):
    """``AccessControlUnauthorizedAccount(address account, bytes32 neededRole)``"""

    account: str
    needed_role: bytes


class AccessManagedInvalidAuthority(DecodedError):
    """``AccessManagedInvalidAuthority(address authority)``"""

    authority: str


class AccessManagedRequiredDelay(DecodedError):
    """``AccessManagedRequiredDelay(address caller, uint32 delay)``"""

    caller: str
    delay: int


class AccessManagedUnauthorized(DecodedError):
    """``AccessManagedUnauthorized(address caller)``"""

    caller: str


class AccessManagerAlreadyScheduled(DecodedError):
    """``AccessManagerAlreadyScheduled(bytes32 operationId)``"""

    operation_id: bytes


class AccessManagerBadConfirmation(DecodedError):
    """``AccessManagerBadConfirmation()``"""


class AccessManagerExpired(DecodedError):
    """``AccessManagerExpired(bytes32 operationId)``"""

    operation_id: bytes


class AccessManagerInvalidInitialAdmin(DecodedError):
    """``AccessManagerInvalidInitialAdmin(address initialAdmin)``"""

    initial_admin: str


class AccessManagerLockedFunction(DecodedError):
    """``AccessManagerLockedFunction(bytes4 selector)``"""

    selector_: bytes


class AccessManagerLockedRole(DecodedError):
    """``AccessManagerLockedRole(uint64 roleId)``"""

    role_id: int


class AccessManagerNotReady(DecodedError):
    """``AccessManagerNotReady(bytes32 operationId)``"""

    operation_id: bytes


class AccessManagerNotScheduled(DecodedError):
    """``AccessManagerNotScheduled(bytes32 operationId)``"""

    operation_id: bytes


class AccessManagerUnauthorizedAccount(DecodedError):
    """``AccessManagerUnauthorizedAccount(address msgsender, uint64 roleId)``"""

    msgsender: str
    role_id: int


class AccessManagerUnauthorizedCall(DecodedError):
    """``AccessManagerUnauthorizedCall(address caller, address target, bytes4 selector)``"""

    caller: str
    target: str
    selector_: bytes


class AccessManagerUnauthorizedCancel(DecodedError):
    """``AccessManagerUnauthorizedCancel(address msgsender, address caller, address target,
    bytes4 selector)``
    """

    msgsender: str
    caller: str
    target: str
    selector_: bytes


class AccessManagerUnauthorizedConsume(DecodedError):
    """``AccessManagerUnauthorizedConsume(address target)``"""

    target: str


class AddressEmptyCode(DecodedError):
    """``AddressEmptyCode(address target)``"""

    target: str


class AlreadyParticipating(DecodedError):
    """The consumer has joined this program already, or its part in this event is verified
    already; ``id`` is the number of the program or event.

    ``AlreadyParticipating(uint256 id, address consumer)``
    """

    id: int
    consumer: str


class AssetShares_AlreadyAccepted(DecodedError):
    """The account's shares have accepted this open offer: retract first.

    ``AssetShares_AlreadyAccepted(uint256 id, address account)``
    """

    id: int
    account: str


class AssetShares_BadSteward(DecodedError):
    """The zero address cannot be the steward.

    ``AssetShares_BadSteward(address steward)``
    """

    steward: str


class AssetShares_BuyoutConcluded(DecodedError):
    """The offer has ended already, with this status.

    ``AssetShares_BuyoutConcluded(uint256 id, enum IAssetShares.BuyoutStatus status)``
    """

    id: int
    status: BuyoutStatus


class AssetShares_BuyoutDue(DecodedError):
    """This offer was accepted in time: conclude it.

    ``AssetShares_BuyoutDue(uint256 id)``
    """

    id: int


class AssetShares_BuyoutOver(DecodedError):
    """The offer ended at ``ends_at`` (Unix seconds). It can only be concluded now.

    ``AssetShares_BuyoutOver(uint256 id, uint256 endsAt)``
    """

    id: int
    ends_at: int


class AssetShares_BuyoutRunning(DecodedError):
    """The offer runs until ``ends_at`` (Unix seconds). Conclude it then.

    ``AssetShares_BuyoutRunning(uint256 id, uint256 endsAt)``
    """

    id: int
    ends_at: int


class AssetShares_NoShares(DecodedError):
    """The account has no shares, so it has nothing to accept with.

    ``AssetShares_NoShares(address account)``
    """

    account: str


class AssetShares_NoSuchBuyout(DecodedError):
    """There is no offer of this number, see `buyoutCount`.

    ``AssetShares_NoSuchBuyout(uint256 id)``
    """

    id: int


class AssetShares_NotAccepted(DecodedError):
    """The account has not accepted this offer.

    ``AssetShares_NotAccepted(uint256 id, address account)``
    """

    id: int
    account: str


class AssetShares_NotAllShares(DecodedError):
    """The caller has ``held`` of ``all`` shares. Redeeming needs all of them.

    ``AssetShares_NotAllShares(address account, uint256 held, uint256 all)``
    """

    account: str
    held: int
    all: int


class AssetShares_NotHeld(DecodedError):
    """The asset was sold or redeemed. What remains is claiming revenue and refunds.

    ``AssetShares_NotHeld(enum IAssetShares.State state)``
    """

    state: State


class AssetShares_NotSteward(DecodedError):
    """Only the steward may call this; `setSteward` is open to a holder of more than half of the
    shares, too.

    ``AssetShares_NotSteward(address caller)``
    """

    caller: str


class AssetShares_NothingToClaim(DecodedError):
    """Nothing is due to the account now.

    ``AssetShares_NothingToClaim(address account)``
    """

    account: str


class AssetShares_OnlyAssets(DecodedError):
    """Only the contract of the assets may call this.

    ``AssetShares_OnlyAssets(address caller)``
    """

    caller: str


class AssetShares_PriceTooLow(DecodedError):
    """The price per share is below ``minimum``, see `minimumPrice`: offer at least that.

    ``AssetShares_PriceTooLow(uint256 pricePerShare, uint256 minimum)``
    """

    price_per_share: int
    minimum: int


class AssetShares_SharesAccepted(DecodedError):
    """Accepted shares cannot be moved: retract first.

    ``AssetShares_SharesAccepted(address account, uint256 movable, uint256 amount)``
    """

    account: str
    movable: int
    amount: int


class AssetShares_Underpaid(DecodedError):
    """The token delivered less than was due (a transfer fee).

    ``AssetShares_Underpaid(uint256 received, uint256 due)``
    """

    received: int
    due: int


class BalancingCoordination_AboveAvailable(DecodedError):
    """More than the region can give; an automated action is refused so only where nothing at all
    is left.

    ``BalancingCoordination_AboveAvailable(bytes32 region, enum
    IBalancingCoordination.ActionType actionType, uint256 target, uint256 available)``
    """

    region: bytes
    action_type: ActionType
    target: int
    available: int


class BalancingCoordination_BadCapacity(DecodedError):
    """Current generation and reserve above the maximum, or a value above 2^64 - 1.

    ``BalancingCoordination_BadCapacity(uint256 maxGeneration, uint256 currentGeneration,
    uint256 reserve)``
    """

    max_generation: int
    current_generation: int
    reserve: int


class BalancingCoordination_BadPage(DecodedError):
    """A page of 0 or of more than 100 actions.

    ``BalancingCoordination_BadPage(uint256 limit, uint256 maximum)``
    """

    limit: int
    maximum: int


class BalancingCoordination_BadParameter(DecodedError):
    """A lifetime of 0 or of more than 30 days.

    ``BalancingCoordination_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class BalancingCoordination_BadPriority(DecodedError):
    """The priority must be 1 (most urgent) to 5.

    ``BalancingCoordination_BadPriority(uint8 priority)``
    """

    priority: int


class BalancingCoordination_Committed(DecodedError):
    """The new capacity would not cover what open actions of this type have committed.

    ``BalancingCoordination_Committed(bytes32 region, enum IBalancingCoordination.ActionType
    actionType, uint256 committed, uint256 possible)``
    """

    region: bytes
    action_type: ActionType
    committed: int
    possible: int


class BalancingCoordination_NoCapacity(DecodedError):
    """No operator has set the region's capacity yet: `setRegionCapacity` first.

    ``BalancingCoordination_NoCapacity(bytes32 region)``
    """

    region: bytes


class BalancingCoordination_NoSuchAction(DecodedError):
    """There is no action of this number, see `actionCount`.

    ``BalancingCoordination_NoSuchAction(uint256 id)``
    """

    id: int


class BalancingCoordination_NotDue(DecodedError):
    """The action can be completed until ``deadline`` (Unix seconds); it can expire after that.

    ``BalancingCoordination_NotDue(uint256 id, uint256 deadline)``
    """

    id: int
    deadline: int


class BalancingCoordination_NotOpen(DecodedError):
    """The action was closed already, with this status.

    ``BalancingCoordination_NotOpen(uint256 id, enum IBalancingCoordination.ActionStatus
    status)``
    """

    id: int
    status: ActionStatus


class BalancingCoordination_OnlyStability(DecodedError):
    """Only StabilityMaintenance may call this.

    ``BalancingCoordination_OnlyStability(address caller)``
    """

    caller: str


class BalancingCoordination_PastDeadline(DecodedError):
    """Too late to complete or cancel it; it can only expire.

    ``BalancingCoordination_PastDeadline(uint256 id, uint256 deadline)``
    """

    id: int
    deadline: int


class BalancingCoordination_TooManyActions(DecodedError):
    """The region has ``maximum`` open actions. Complete, cancel or expire one first.

    ``BalancingCoordination_TooManyActions(bytes32 region, uint256 maximum)``
    """

    region: bytes
    maximum: int


class BalancingCoordination_ZeroTarget(DecodedError):
    """An action must have a target above 0 kW.

    ``BalancingCoordination_ZeroTarget()``
    """


class CarbonCredits_AlreadyRegistered(DecodedError):
    """The producer is registered as clean already.

    ``CarbonCredits_AlreadyRegistered(address producer)``
    """

    producer: str


class CarbonCredits_BadReason(DecodedError):
    """Empty, longer than ``maximum`` bytes, or not plain text.

    ``CarbonCredits_BadReason(uint256 length, uint256 maximum)``
    """

    length: int
    maximum: int


class CarbonCredits_FactorTooHigh(DecodedError):
    """The emission factor is above ``maximum``, in g CO2e per kWh.

    ``CarbonCredits_FactorTooHigh(uint256 gramsPerKwh, uint256 maximum)``
    """

    grams_per_kwh: int
    maximum: int


class CarbonCredits_InactiveProducer(DecodedError):
    """The grid authority has deactivated the producer. Its slots wait until it is active again.

    ``CarbonCredits_InactiveProducer(address producer)``
    """

    producer: str


class CarbonCredits_IsStorage(DecodedError):
    """The account owns a storage. What a storage gives back was produced elsewhere.

    ``CarbonCredits_IsStorage(address account)``
    """

    account: str


class CarbonCredits_NoSuchFactor(DecodedError):
    """There is no emission factor of this index, see `emissionFactorCount`.

    ``CarbonCredits_NoSuchFactor(uint256 index)``
    """

    index_: int


class CarbonCredits_NoSuchRetirement(DecodedError):
    """There is no retirement of this number, see `retirementCount`.

    ``CarbonCredits_NoSuchRetirement(uint256 id)``
    """

    id: int


class CarbonCredits_NotProducer(DecodedError):
    """The account is no producer in GridManagement: it registers there first.

    ``CarbonCredits_NotProducer(address account)``
    """

    account: str


class CarbonCredits_NotRegistered(DecodedError):
    """The producer was never registered as clean, or is not any more.

    ``CarbonCredits_NotRegistered(address producer)``
    """

    producer: str


class CarbonCredits_NothingToIssue(DecodedError):
    """All of these slots were credited before, or nothing was produced in them.

    ``CarbonCredits_NothingToIssue(address producer)``
    """

    producer: str


class CarbonCredits_SlotNotClean(DecodedError):
    """The producer was not registered as clean in this slot.

    ``CarbonCredits_SlotNotClean(address producer, uint256 slot)``
    """

    producer: str
    slot: int


class CarbonCredits_SlotNotFinal(DecodedError):
    """Readings of the slot may still come in.

    ``CarbonCredits_SlotNotFinal(uint256 slot, uint256 finalAt)``
    """

    slot: int
    final_at: int


class CarbonCredits_UncleanProducer(DecodedError):
    """What the producer generates is not clean: its energy type earns no credits.

    ``CarbonCredits_UncleanProducer(address producer, enum IGridManagement.EnergyType
    energyType)``
    """

    producer: str
    energy_type: EnergyType


class CarbonCredits_ZeroAmount(DecodedError):
    """An amount of 0 g cannot be retired.

    ``CarbonCredits_ZeroAmount()``
    """


class CarbonCredits_ZeroBeneficiary(DecodedError):
    """The zero address cannot be the beneficiary.

    ``CarbonCredits_ZeroBeneficiary()``
    """


class CheckpointUnorderedInsertion(DecodedError):
    """A value was attempted to be inserted on a past checkpoint.

    ``CheckpointUnorderedInsertion()``
    """


class ConsumerNotRegistered(DecodedError):
    """The account is no registered consumer: `registerConsumer` first.

    ``ConsumerNotRegistered(address consumer)``
    """

    consumer: str


class DemandResponse_AboveCommitment(DecodedError):
    """More than the participant committed; in W.

    ``DemandResponse_AboveCommitment(uint256 reduction, uint256 committed)``
    """

    reduction: int
    committed: int


class DemandResponse_AlreadyRegistered(DecodedError):
    """The account is registered already.

    ``DemandResponse_AlreadyRegistered(address account)``
    """

    account: str


class DemandResponse_AlreadyStarted(DecodedError):
    """What has begun or earned something cannot be taken back.

    ``DemandResponse_AlreadyStarted(uint256 eventId, uint256 startTime)``
    """

    event_id: int
    start_time: int


class DemandResponse_BadPage(DecodedError):
    """A page, or steps, of 0 or of more than 100.

    ``DemandResponse_BadPage(uint256 limit, uint256 maximum)``
    """

    limit: int
    maximum: int


class DemandResponse_BadParameter(DecodedError):
    """The parameter ``name_`` (ASCII) has a value outside its bounds; the function or
    constructor says which.

    ``DemandResponse_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class DemandResponse_BadRecipient(DecodedError):
    """The zero address, or this contract, which could never pay it out again.

    ``DemandResponse_BadRecipient(address to)``
    """

    to: str


class DemandResponse_BadSlots(DecodedError):
    """The slots from ``from_slot`` to ``to_slot`` (exclusive) are none, more than a day, or not
    final a day earlier.

    ``DemandResponse_BadSlots(uint256 fromSlot, uint256 toSlot)``
    """

    from_slot: int
    to_slot: int


class DemandResponse_BaselineTooLow(DecodedError):
    """Only the consumer itself may settle for a baseline below the metered one.

    ``DemandResponse_BaselineTooLow(uint256 baseline, uint256 metered)``
    """

    baseline: int
    metered: int


class DemandResponse_BudgetExceeded(DecodedError):
    """The program's budget has ``left`` (money) and this would take ``needed``.

    ``DemandResponse_BudgetExceeded(uint256 programId, uint256 needed, uint256 left)``
    """

    program_id: int
    needed: int
    left: int


class DemandResponse_EscrowShort(DecodedError):
    """The token handed over less than the budget (it takes a fee).

    ``DemandResponse_EscrowShort(uint256 received, uint256 budget)``
    """

    received: int
    budget: int


class DemandResponse_IncompleteReadings(DecodedError):
    """Not all meters of the consumer were read exactly at the end of the event's last slot, so
    what it drew until then is not known.

    ``DemandResponse_IncompleteReadings(address consumer, uint256 slot, uint256 read, uint256
    meters)``
    """

    consumer: str
    slot: int
    read: int
    meters: int


class DemandResponse_NoSuchProgram(DecodedError):
    """There is no program of this number, see `programCount`.

    ``DemandResponse_NoSuchProgram(uint256 programId)``
    """

    program_id: int


class DemandResponse_NotOperator(DecodedError):
    """Only the operator of this program or event, ``grid_operator``, may do this.

    ``DemandResponse_NotOperator(address caller, address gridOperator)``
    """

    caller: str
    grid_operator: str


class DemandResponse_NotParticipating(DecodedError):
    """The account is no participant of the program, or, for an event, joined it too late.

    ``DemandResponse_NotParticipating(uint256 programId, address participant)``
    """

    program_id: int
    participant: str


class DemandResponse_NothingToClaim(DecodedError):
    """No money is due to the account.

    ``DemandResponse_NothingToClaim(address account)``
    """

    account: str


class DemandResponse_OtherRegion(DecodedError):
    """The consumer has a meter elsewhere: only meters of the event's region can verify.

    ``DemandResponse_OtherRegion(address consumer, bytes32 region)``
    """

    consumer: str
    region: bytes


class DemandResponse_ProgramEnded(DecodedError):
    """The program ended at ``end_time`` (Unix seconds). Nobody can join it or report for it any
    more.

    ``DemandResponse_ProgramEnded(uint256 programId, uint256 endTime)``
    """

    program_id: int
    end_time: int


class DemandResponse_ProgramNotActive(DecodedError):
    """The program was closed.

    ``DemandResponse_ProgramNotActive(uint256 programId, enum IDemandResponse.ProgramStatus
    status)``
    """

    program_id: int
    status: ProgramStatus


class DemandResponse_TooEarly(DecodedError):
    """This is possible from ``from_`` (Unix seconds) on.

    ``DemandResponse_TooEarly(uint256 eventId, uint256 from)``
    """

    event_id: int
    from_: int


class DemandResponse_TooFewDays(DecodedError):
    """Fewer comparable days than the baseline needs.

    ``DemandResponse_TooFewDays(address consumer, uint256 found, uint256 needed)``
    """

    consumer: str
    found: int
    needed: int


class ECDSAInvalidSignature(DecodedError):
    """The signature is invalid.

    ``ECDSAInvalidSignature()``
    """


class ECDSAInvalidSignatureLength(DecodedError):
    """The signature has an invalid length.

    ``ECDSAInvalidSignatureLength(uint256 length)``
    """

    length: int


class ECDSAInvalidSignatureS(DecodedError):
    """The signature has an S value that is in the upper half order.

    ``ECDSAInvalidSignatureS(bytes32 s)``
    """

    s: bytes


class ERC20ExceededCap(DecodedError):
    """Total supply cap has been exceeded.

    ``ERC20ExceededCap(uint256 increasedSupply, uint256 cap)``
    """

    increased_supply: int
    cap: int


class ERC20ExceededSafeSupply(DecodedError):
    """Total supply cap has been exceeded, introducing a risk of votes overflowing.

    ``ERC20ExceededSafeSupply(uint256 increasedSupply, uint256 cap)``
    """

    increased_supply: int
    cap: int


class ERC20InsufficientAllowance(DecodedError):
    """Indicates a failure with the ``spender``'s ``allowance``. Used in transfers.

    ``allowance``: Amount of tokens a ``spender`` is allowed to operate with.

    ``needed``: Minimum amount required to perform a transfer.

    ``spender``: Address that may be allowed to operate on tokens without being their owner.

    ``ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)``
    """

    spender: str
    allowance: int
    needed: int


class ERC20InsufficientBalance(DecodedError):
    """Indicates an error related to the current ``balance`` of a ``sender``. Used in transfers.

    ``balance``: Current balance for the interacting account.

    ``needed``: Minimum amount required to perform a transfer.

    ``sender``: Address whose tokens are being transferred.

    ``ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)``
    """

    sender: str
    balance: int
    needed: int


class ERC20InvalidApprover(DecodedError):
    """Indicates a failure with the ``approver`` of a token to be approved. Used in approvals.

    ``approver``: Address initiating an approval operation.

    ``ERC20InvalidApprover(address approver)``
    """

    approver: str


class ERC20InvalidCap(DecodedError):
    """The supplied cap is not a valid cap.

    ``ERC20InvalidCap(uint256 cap)``
    """

    cap: int


class ERC20InvalidReceiver(DecodedError):
    """Indicates a failure with the token ``receiver``. Used in transfers.

    ``receiver``: Address to which tokens are being transferred.

    ``ERC20InvalidReceiver(address receiver)``
    """

    receiver: str


class ERC20InvalidSender(DecodedError):
    """Indicates a failure with the token ``sender``. Used in transfers.

    ``sender``: Address whose tokens are being transferred.

    ``ERC20InvalidSender(address sender)``
    """

    sender: str


class ERC20InvalidSpender(DecodedError):
    """Indicates a failure with the ``spender`` to be approved. Used in approvals.

    ``spender``: Address that may be allowed to operate on tokens without being their owner.

    ``ERC20InvalidSpender(address spender)``
    """

    spender: str


class ERC2612ExpiredSignature(DecodedError):
    """Permit deadline has expired.

    ``ERC2612ExpiredSignature(uint256 deadline)``
    """

    deadline: int


class ERC2612InvalidSigner(DecodedError):
    """Mismatched signature.

    ``ERC2612InvalidSigner(address signer, address owner)``
    """

    signer: str
    owner: str


class ERC5805FutureLookup(DecodedError):
    """Lookup to future votes is not available.

    ``ERC5805FutureLookup(uint256 timepoint, uint48 clock)``
    """

    timepoint: int
    clock: int


class ERC6372InconsistentClock(DecodedError):
    """The clock was incorrectly modified.

    ``ERC6372InconsistentClock()``
    """


class ERC721IncorrectOwner(DecodedError):
    """Indicates an error related to the ownership over a particular token. Used in transfers.

    ``owner``: Address of the current owner of a token.

    ``sender``: Address whose tokens are being transferred.

    ``token_id``: Identifier number of a token.

    ``ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)``
    """

    sender: str
    token_id: int
    owner: str


class ERC721InsufficientApproval(DecodedError):
    """Indicates a failure with the ``operator``'s approval. Used in transfers.

    ``operator``: Address that may be allowed to operate on tokens without being their owner.

    ``token_id``: Identifier number of a token.

    ``ERC721InsufficientApproval(address operator, uint256 tokenId)``
    """

    operator: str
    token_id: int


class ERC721InvalidApprover(DecodedError):
    """Indicates a failure with the ``approver`` of a token to be approved. Used in approvals.

    ``approver``: Address initiating an approval operation.

    ``ERC721InvalidApprover(address approver)``
    """

    approver: str


class ERC721InvalidOperator(DecodedError):
    """Indicates a failure with the ``operator`` to be approved. Used in approvals.

    ``operator``: Address that may be allowed to operate on tokens without being their owner.

    ``ERC721InvalidOperator(address operator)``
    """

    operator: str


class ERC721InvalidOwner(DecodedError):
    """Indicates that an address can't be an owner. For example, `address(0)` is a forbidden
    owner in ERC-721. Used in balance queries.

    ``owner``: Address of the current owner of a token.

    ``ERC721InvalidOwner(address owner)``
    """

    owner: str


class ERC721InvalidReceiver(DecodedError):
    """Indicates a failure with the token ``receiver``. Used in transfers.

    ``receiver``: Address to which tokens are being transferred.

    ``ERC721InvalidReceiver(address receiver)``
    """

    receiver: str


class ERC721InvalidSender(DecodedError):
    """Indicates a failure with the token ``sender``. Used in transfers.

    ``sender``: Address whose tokens are being transferred.

    ``ERC721InvalidSender(address sender)``
    """

    sender: str


class ERC721NonexistentToken(DecodedError):
    """Indicates a ``token_id`` whose `owner` is the zero address.

    ``token_id``: Identifier number of a token.

    ``ERC721NonexistentToken(uint256 tokenId)``
    """

    token_id: int


class EmergencyStop_Stopped(DecodedError):
    """Nothing new is taken on at this level; exits stay open.

    ``EmergencyStop_Stopped(enum IEmergencyStop.StopLevel level)``
    """

    level: StopLevel


class EmergencyStop_WrongLevel(DecodedError):
    """The change is not possible from this level.

    ``EmergencyStop_WrongLevel(enum IEmergencyStop.StopLevel level)``
    """

    level: StopLevel


class EnergyAssetNFT_BadDays(DecodedError):
    """The days end before they begin, or are more than ``maximum``.

    ``EnergyAssetNFT_BadDays(uint256 fromDay, uint256 toDay, uint256 maximum)``
    """

    from_day: int
    to_day: int
    maximum: int


class EnergyAssetNFT_BadParameter(DecodedError):
    """The parameter ``name_`` (ASCII) has a value outside its bounds, see `Terms` and the
    function's parameters.

    ``EnergyAssetNFT_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class EnergyAssetNFT_BadPermission(DecodedError):
    """A permission that would have ended already, or one for nobody.

    ``EnergyAssetNFT_BadPermission(address user, uint256 until, uint256 time)``
    """

    user: str
    until: int
    time: int


class EnergyAssetNFT_BadShares(DecodedError):
    """The number of shares must be between ``minimum`` and ``maximum``.

    ``EnergyAssetNFT_BadShares(uint256 shares, uint256 minimum, uint256 maximum)``
    """

    shares: int
    minimum: int
    maximum: int


class EnergyAssetNFT_BadText(DecodedError):
    """Empty, longer than ``maximum`` bytes, or not plain text.

    ``EnergyAssetNFT_BadText(bytes32 field, uint256 length, uint256 maximum)``
    """

    field: bytes
    length: int
    maximum: int


class EnergyAssetNFT_InactiveMeter(DecodedError):
    """The meter is not active, so it cannot be linked.

    ``EnergyAssetNFT_InactiveMeter(address meter)``
    """

    meter: str


class EnergyAssetNFT_MeterNotLinked(DecodedError):
    """The meter is not linked to this asset.

    ``EnergyAssetNFT_MeterNotLinked(uint256 asset, uint256 meterNumber)``
    """

    asset: int
    meter_number: int


class EnergyAssetNFT_MeterTaken(DecodedError):
    """The meter is linked to this asset: unlink it there first.

    ``EnergyAssetNFT_MeterTaken(uint256 meterNumber, uint256 asset)``
    """

    meter_number: int
    asset: int


class EnergyAssetNFT_NotOwner(DecodedError):
    """Only the owner of the asset may call this.

    ``EnergyAssetNFT_NotOwner(uint256 asset, address caller)``
    """

    asset: int
    caller: str


class EnergyAssetNFT_NotPermitted(DecodedError):
    """The caller needs at least this permission of the asset's owner, see `setPermission`.

    ``EnergyAssetNFT_NotPermitted(uint256 asset, address caller, enum
    IEnergyAssetNFT.Permission needed)``
    """

    asset: int
    caller: str
    needed: Permission


class EnergyAssetNFT_TooManyMeters(DecodedError):
    """The asset has as many meters, or has had as many links, as it can: ``maximum``.

    ``EnergyAssetNFT_TooManyMeters(uint256 asset, uint256 maximum)``
    """

    asset: int
    maximum: int


class EnergyToken_OnlySettlement(DecodedError):
    """Only Settlement mints and burns.

    ``EnergyToken_OnlySettlement(address caller)``
    """

    caller: str


class EnergyTrading_AlreadySettled(DecodedError):
    """The trade is settled: nothing is left to do.

    ``EnergyTrading_AlreadySettled(uint256 transactionId)``
    """

    transaction_id: int


class EnergyTrading_BadParameter(DecodedError):
    """The constructor was given a value outside its bounds; ``name_`` (ASCII) says which
    parameter.

    ``EnergyTrading_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class EnergyTrading_Dust(DecodedError):
    """The amount is so small that it costs nothing at this price.

    ``EnergyTrading_Dust(uint256 amount, uint256 price)``
    """

    amount: int
    price: int


class EnergyTrading_Expired(DecodedError):
    """The order's last second was ``expiry``, and it is ``time`` (Unix seconds). Anyone can
    cancel it; place a new one for a later period.

    ``EnergyTrading_Expired(uint256 orderId, uint256 expiry, uint256 time)``
    """

    order_id: int
    expiry: int
    time: int


class EnergyTrading_ExpiryInPast(DecodedError):
    """The expiry must not be before ``time`` (Unix seconds).

    ``EnergyTrading_ExpiryInPast(uint256 expiry, uint256 time)``
    """

    expiry: int
    time: int


class EnergyTrading_GateClosed(DecodedError):
    """The gate of a period closes with its end.

    ``EnergyTrading_GateClosed(uint256 end, uint256 time)``
    """

    end: int
    time: int


class EnergyTrading_LengthMismatch(DecodedError):
    """There must be as many buy orders as sell orders.

    ``EnergyTrading_LengthMismatch(uint256 buys, uint256 sells)``
    """

    buys: int
    sells: int


class EnergyTrading_MisalignedPeriod(DecodedError):
    """The period cannot begin at ``start`` (Unix seconds): an hour begins at a full hour, a day
    at 00:00, a week on Monday 00:00, a quarter at a full quarter, all UTC.

    ``EnergyTrading_MisalignedPeriod(enum PeriodKind period, uint256 start)``
    """

    period: PeriodKind
    start: int


class EnergyTrading_NoFills(DecodedError):
    """A batch must hold at least one fill.

    ``EnergyTrading_NoFills()``
    """


class EnergyTrading_NoSuchBatch(DecodedError):
    """There is no batch of this number, see `batchCount`.

    ``EnergyTrading_NoSuchBatch(uint256 batchId)``
    """

    batch_id: int


class EnergyTrading_NoSuchOrder(DecodedError):
    """There is no order of this number, see `orderCount`.

    ``EnergyTrading_NoSuchOrder(uint256 orderId)``
    """

    order_id: int


class EnergyTrading_NoSuchPlace(DecodedError):
    """A fill names the order at ``place``, but the batch has only ``orders`` orders, counted
    from 0.

    ``EnergyTrading_NoSuchPlace(uint256 place, uint256 orders)``
    """

    place: int
    orders: int


class EnergyTrading_NoSuchTransaction(DecodedError):
    """There is no trade of this number, see `transactionCount` and `getBatch`.

    ``EnergyTrading_NoSuchTransaction(uint256 transactionId)``
    """

    transaction_id: int


class EnergyTrading_NonceSpent(DecodedError):
    """The nonce of this trader is filled or cancelled already.

    ``EnergyTrading_NonceSpent(address trader, uint256 nonce)``
    """

    trader: str
    nonce: int


class EnergyTrading_NonceTooLarge(DecodedError):
    """The nonce of a signed order must be below 2^40.

    ``EnergyTrading_NonceTooLarge(uint256 nonce)``
    """

    nonce: int


class EnergyTrading_NotActive(DecodedError):
    """The order is filled or cancelled, as ``status`` says.

    ``EnergyTrading_NotActive(uint256 orderId, enum IEnergyTrading.OrderStatus status)``
    """

    order_id: int
    status: OrderStatus


class EnergyTrading_NotCrossing(DecodedError):
    """The buyer's limit is below the seller's; both in money per kWh.

    ``EnergyTrading_NotCrossing(uint256 buyPrice, uint256 sellPrice)``
    """

    buy_price: int
    sell_price: int


class EnergyTrading_NotOwner(DecodedError):
    """Only the owner can cancel an order that has not expired.

    ``EnergyTrading_NotOwner(uint256 orderId, address caller)``
    """

    order_id: int
    caller: str


class EnergyTrading_NothingToSettle(DecodedError):
    """Nothing can be delivered or ended now: try again after the next reading or once the period
    is final.

    ``EnergyTrading_NothingToSettle(uint256 transactionId)``
    """

    transaction_id: int


class EnergyTrading_PeriodMismatch(DecodedError):
    """The two orders are for different delivery periods.

    ``EnergyTrading_PeriodMismatch(uint256 buyId, uint256 sellId)``
    """

    buy_id: int
    sell_id: int


class EnergyTrading_RateLimited(DecodedError):
    """The trader has placed all orders that it may for now. It can place the next one at
    ``next_order_at`` (Unix seconds).

    ``EnergyTrading_RateLimited(address trader, uint256 nextOrderAt)``
    """

    trader: str
    next_order_at: int


class EnergyTrading_Refused(OrderRefusal):
    """The order (its number, or the hash of a signed one) cannot be part of this batch.

    ``EnergyTrading_Refused(uint256 orderId, enum IEnergyTrading.Refusal reason)``
    """

    order_id: int
    reason: Refusal


class EnergyTrading_SelfTrade(DecodedError):
    """Both orders are of one account.

    ``EnergyTrading_SelfTrade(uint256 buyId, uint256 sellId)``
    """

    buy_id: int
    sell_id: int


class EnergyTrading_Unsorted(DecodedError):
    """The orders of a batch are not in ascending order at this place, or one is there twice.

    ``EnergyTrading_Unsorted(uint256 place)``
    """

    place: int


class EnergyTrading_WrongSide(DecodedError):
    """The order is a BUY where a SELL is needed, or the other way round; ``order_type`` is what
    it is. Swap the two numbers.

    ``EnergyTrading_WrongSide(uint256 orderId, enum IEnergyTrading.OrderType orderType)``
    """

    order_id: int
    order_type: OrderType


class EventExpired(DecodedError):
    """The last second for this has passed.

    ``EventExpired(uint256 eventId, uint256 deadline)``
    """

    event_id: int
    deadline: int


class EventNotActive(DecodedError):
    """The event is not in the status that this needs.

    ``EventNotActive(uint256 eventId, enum IDemandResponse.EventStatus status)``
    """

    event_id: int
    status: EventStatus


class EventNotFound(DecodedError):
    """There is no event of this number, see `eventCount`.

    ``EventNotFound(uint256 eventId)``
    """

    event_id: int


class FailedCall(DecodedError):
    """A call to an address target failed. The target may have reverted.

    ``FailedCall()``
    """


class FailedDeployment(DecodedError):
    """The deployment failed.

    ``FailedDeployment()``
    """


class GovernanceToken_LengthMismatch(DecodedError):
    """Holders and amounts must be as many.

    ``GovernanceToken_LengthMismatch(uint256 holders, uint256 amounts)``
    """

    holders: int
    amounts: int


class GovernorAlreadyCastVote(DecodedError):
    """The vote was already cast.

    ``GovernorAlreadyCastVote(address voter)``
    """

    voter: str


class GovernorAlreadyQueuedProposal(DecodedError):
    """The proposal has already been queued.

    ``GovernorAlreadyQueuedProposal(uint256 proposalId)``
    """

    proposal_id: int


class GovernorDisabledDeposit(DecodedError):
    """Token deposits are disabled in this contract.

    ``GovernorDisabledDeposit()``
    """


class GovernorInsufficientProposerVotes(DecodedError):
    """The ``proposer`` does not have the required votes to create a proposal.

    ``GovernorInsufficientProposerVotes(address proposer, uint256 votes, uint256 threshold)``
    """

    proposer: str
    votes: int
    threshold: int


class GovernorInvalidProposalLength(DecodedError):
    """Empty proposal or a mismatch between the parameters length for a proposal call.

    ``GovernorInvalidProposalLength(uint256 targets, uint256 calldatas, uint256 values)``
    """

    targets: int
    calldatas: int
    values: int


class GovernorInvalidQuorumFraction(DecodedError):
    """The quorum set is not a valid fraction.

    ``GovernorInvalidQuorumFraction(uint256 quorumNumerator, uint256 quorumDenominator)``
    """

    quorum_numerator: int
    quorum_denominator: int


class GovernorInvalidSignature(DecodedError):
    """The provided signature is not valid for the expected ``voter``. If the ``voter`` is a
    contract, the signature is not valid using `isValidSignature`.

    ``GovernorInvalidSignature(address voter)``
    """

    voter: str


class GovernorInvalidVoteParams(DecodedError):
    """The provided params buffer is not supported by the counting module.

    ``GovernorInvalidVoteParams()``
    """


class GovernorInvalidVoteType(DecodedError):
    """The vote type used is not valid for the corresponding counting module.

    ``GovernorInvalidVoteType()``
    """


class GovernorInvalidVotingPeriod(DecodedError):
    """The voting period set is not a valid period.

    ``GovernorInvalidVotingPeriod(uint256 votingPeriod)``
    """

    voting_period: int


class GovernorNonexistentProposal(DecodedError):
    """The ``proposal_id`` doesn't exist.

    ``GovernorNonexistentProposal(uint256 proposalId)``
    """

    proposal_id: int


class GovernorOnlyExecutor(DecodedError):
    """The ``account`` is not the governance executor.

    ``GovernorOnlyExecutor(address account)``
    """

    account: str


class GovernorProposalQueueingFailed(DecodedError):
    """Indicates a misconfigured timelock module. (e.g. `_queueOperations` returned a zero ETA)

    ``GovernorProposalQueueingFailed(uint256 proposalId)``
    """

    proposal_id: int


class GovernorProposalQueueingNotRequired(DecodedError):
    """This operation doesn't require queuing and should be executed directly.

    ``GovernorProposalQueueingNotRequired(uint256 proposalId)``
    """

    proposal_id: int


class GovernorRestrictedProposer(DecodedError):
    """The ``proposer`` is not allowed to create a proposal.

    ``GovernorRestrictedProposer(address proposer)``
    """

    proposer: str


class GovernorUnableToCancel(DecodedError):
    """The given ``account`` is unable to cancel the proposal with given ``proposal_id``.

    ``GovernorUnableToCancel(uint256 proposalId, address account)``
    """

    proposal_id: int
    account: str


class GovernorUnexpectedProposalState(DecodedError):
    """The current state of a proposal is not the required for performing an operation. The
    ``expected_states`` is a bitmap with the bits enabled for each ProposalState enum position
    counting from right to left. NOTE: If `expectedState` is `bytes32(0)`, the proposal is
    expected to not be in any state (i.e. not exist). This is the case when a proposal that is
    expected to be unset is already initiated (the proposal is duplicated). See
    `_encodeStateBitmap`.

    ``GovernorUnexpectedProposalState(uint256 proposalId, enum IGovernor.ProposalState
    current, bytes32 expectedStates)``
    """

    proposal_id: int
    current: int
    expected_states: bytes


class GridManagement_AboveLimit(DecodedError):
    """More than the capacity, limit or rate of the running slot leaves.

    ``GridManagement_AboveLimit(uint256 amount, uint256 left)``
    """

    amount: int
    left: int


class GridManagement_AlreadyActive(DecodedError):
    """The participant is active already.

    ``GridManagement_AlreadyActive(address participant)``
    """

    participant: str


class GridManagement_AlreadyRegistered(DecodedError):
    """The account is registered in this role already.

    ``GridManagement_AlreadyRegistered(address participant)``
    """

    participant: str


class GridManagement_BadEfficiency(DecodedError):
    """An efficiency must be 0 to 10000 basis points.

    ``GridManagement_BadEfficiency(uint256 efficiency)``
    """

    efficiency: int


class GridManagement_BadParameter(DecodedError):
    """A base price of 0, or one whose emergency price would not fit 64 bits.

    ``GridManagement_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class GridManagement_BadScore(DecodedError):
    """A reputation must be 0 to 100.

    ``GridManagement_BadScore(uint256 score)``
    """

    score: int


class GridManagement_BadTopUp(DecodedError):
    """The payment must be between ``minimum`` and ``maximum``, in base units of the settlement
    token.

    ``GridManagement_BadTopUp(uint256 amount, uint256 minimum, uint256 maximum)``
    """

    amount: int
    minimum: int
    maximum: int


class GridManagement_Inactive(DecodedError):
    """The grid authority has deactivated the participant; only it can reactivate it.

    ``GridManagement_Inactive(address participant)``
    """

    participant: str


class GridManagement_InsufficientEnergy(DecodedError):
    """More than production and discharging leave; or a lower report of production would take as
    much away.

    ``GridManagement_InsufficientEnergy(uint256 amount, uint256 available)``
    """

    amount: int
    available: int


class GridManagement_NoSuchMetrics(DecodedError):
    """There are no metrics of this number.

    ``GridManagement_NoSuchMetrics(uint256 id)``
    """

    id: int


class GridManagement_NotRegistered(DecodedError):
    """The account is not registered in this role: it registers itself first.

    ``GridManagement_NotRegistered(address participant)``
    """

    participant: str


class GridManagement_OnlySettlement(DecodedError):
    """Only Settlement may call this.

    ``GridManagement_OnlySettlement(address caller)``
    """

    caller: str


class GridManagement_OnlyStability(DecodedError):
    """Only StabilityMaintenance may call this.

    ``GridManagement_OnlyStability(address caller)``
    """

    caller: str


class GridManagement_StorageBounds(DecodedError):
    """More than the storage holds or has room for.

    ``GridManagement_StorageBounds(uint256 amount, uint256 possible)``
    """

    amount: int
    possible: int


class GridManagement_ZeroAmount(DecodedError):
    """The amount must be above 0 Wh.

    ``GridManagement_ZeroAmount()``
    """


class GridOperatorNotRegistered(DecodedError):
    """The operator is not admitted to demand response, or not verified: the grid authority does
    both.

    ``GridOperatorNotRegistered(address gridOperator)``
    """

    grid_operator: str


class GridOperatorVerification_AlreadyRegistered(DecodedError):
    """The account has registered as an operator already; it can do so once.

    ``GridOperatorVerification_AlreadyRegistered(address operator)``
    """

    operator: str


class GridOperatorVerification_BadName(DecodedError):
    """``length`` bytes; a name has 1 to 64.

    ``GridOperatorVerification_BadName(uint256 length)``
    """

    length: int


class GridOperatorVerification_BadParameter(DecodedError):
    """An empty region, a capacity of 0 or above 2^64 - 1, or a score above 100.

    ``GridOperatorVerification_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class GridOperatorVerification_LevelTooLow(DecodedError):
    """The operator's score gives it ``level``, and this needs at least ``needed``.

    ``GridOperatorVerification_LevelTooLow(address operator, enum
    IGridOperatorVerification.PermissionLevel level, enum
    IGridOperatorVerification.PermissionLevel needed)``
    """

    operator: str
    level: PermissionLevel
    needed: PermissionLevel


class GridOperatorVerification_NotAuthorized(DecodedError):
    """Not verified, suspended, or of another region.

    ``GridOperatorVerification_NotAuthorized(address operator, bytes32 region)``
    """

    operator: str
    region: bytes


class GridOperatorVerification_OnlyBalancing(DecodedError):
    """Only BalancingCoordination may call this.

    ``GridOperatorVerification_OnlyBalancing(address caller)``
    """

    caller: str


class GridOperatorVerification_WrongStatus(DecodedError):
    """The step is not one of the state table's.

    ``GridOperatorVerification_WrongStatus(address operator, enum
    IGridOperatorVerification.OperatorStatus status)``
    """

    operator: str
    status: OperatorStatus


class InsufficientBalance(DecodedError):
    """The ETH balance of the account is not enough to perform the operation.

    ``InsufficientBalance(uint256 balance, uint256 needed)``
    """

    balance: int
    needed: int


class InsufficientReduction(DecodedError):
    """Below the least reduction that counts; in W.

    ``InsufficientReduction(uint256 reduction, uint256 minimum)``
    """

    reduction: int
    minimum: int


class InvalidAccountNonce(DecodedError):
    """The nonce used for an ``account`` is not the expected current nonce.

    ``InvalidAccountNonce(address account, uint256 currentNonce)``
    """

    account: str
    current_nonce: int


class InvalidInitialization(DecodedError):
    """The contract is already initialized.

    ``InvalidInitialization()``
    """


class InvalidMeterReading(DecodedError):
    """The registers run backwards, or do not show the actual use that is claimed: `(end - start)
    * 3600 / duration`, rounded up, in W.

    ``InvalidMeterReading(uint256 meterReadingStart, uint256 meterReadingEnd, uint256
    actual)``
    """

    meter_reading_start: int
    meter_reading_end: int
    actual: int


class InvalidShortString(DecodedError):
    """``InvalidShortString()``"""


class LoadMonitoring_BadPage(DecodedError):
    """A page of 0 or of more than 100 reports.

    ``LoadMonitoring_BadPage(uint256 limit, uint256 maximum)``
    """

    limit: int
    maximum: int


class LoadMonitoring_NoReport(DecodedError):
    """Nobody has reported this region's load yet.

    ``LoadMonitoring_NoReport(bytes32 region)``
    """

    region: bytes


class LoadMonitoring_ZeroCapacity(DecodedError):
    """The capacity must be above 0 kW.

    ``LoadMonitoring_ZeroCapacity(bytes32 region)``
    """

    region: bytes


class MedianOracle_AlreadySubmitted(DecodedError):
    """The reporter has submitted to this round already: it waits for the next one.

    ``MedianOracle_AlreadySubmitted(bytes32 feed, uint256 round, address reporter)``
    """

    feed: bytes
    round: int
    reporter: str


class MedianOracle_BadParameter(DecodedError):
    """The constructor was given a value outside its bounds; ``name_`` (ASCII) says which
    parameter.

    ``MedianOracle_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class MedianOracle_Held(DecodedError):
    """The newest closed round is beyond the deviation limit and waits to be confirmed.

    ``MedianOracle_Held(bytes32 feed, uint256 round)``
    """

    feed: bytes
    round: int


class MedianOracle_NoAnswer(DecodedError):
    """The feed has no answer yet.

    ``MedianOracle_NoAnswer(bytes32 feed)``
    """

    feed: bytes


class MedianOracle_NoSuchRound(DecodedError):
    """The feed has no such round, or, for Chainlink's functions, none with an answer.

    ``MedianOracle_NoSuchRound(bytes32 feed, uint256 round)``
    """

    feed: bytes
    round: int


class MedianOracle_NotHeld(DecodedError):
    """Only the newest closed round can be confirmed, and only while it is HELD. With status
    HELD: a newer round has closed since.

    ``MedianOracle_NotHeld(bytes32 feed, uint256 round, enum IMedianOracle.RoundStatus
    status)``
    """

    feed: bytes
    round: int
    status: RoundStatus


class MedianOracle_OutOfBounds(DecodedError):
    """Outside what the quantity can be. (Unsigned numbers from 2^255 on:
    SafeCastOverflowedUintToInt.)

    ``MedianOracle_OutOfBounds(bytes32 quantity, int256 value, int256 minimum, int256
    maximum)``
    """

    quantity: bytes
    value: int
    minimum: int
    maximum: int


class MedianOracle_Stale(DecodedError):
    """The newest answer is of ``updated_at`` (Unix seconds), more than ``max_age`` seconds ago.
    Wait for the reporters.

    ``MedianOracle_Stale(bytes32 feed, uint256 updatedAt, uint256 maxAge)``
    """

    feed: bytes
    updated_at: int
    max_age: int


class MedianOracle_WrongRound(DecodedError):
    """Submissions go to the open round (`openRoundOf`), and to no other.

    ``MedianOracle_WrongRound(bytes32 feed, uint256 round, uint256 open)``
    """

    feed: bytes
    round: int
    open: int


class NotInitialized(DecodedError):
    """The constructor was given no reward token or no authority.

    ``NotInitialized()``
    """


class NotInitializing(DecodedError):
    """The contract is not initializing.

    ``NotInitializing()``
    """


class PeerToPeerTrading_AboveLimit(DecodedError):
    """What the caller has named as the most does not buy it.

    ``PeerToPeerTrading_AboveLimit(uint256 paid, uint256 maxPaid)``
    """

    paid: int
    max_paid: int


class PeerToPeerTrading_AboveRemaining(DecodedError):
    """The offer has only ``remaining`` Wh left: buy at most that.

    ``PeerToPeerTrading_AboveRemaining(uint256 offerId, uint256 amount, uint256 remaining)``
    """

    offer_id: int
    amount: int
    remaining: int


class PeerToPeerTrading_Inactive(DecodedError):
    """Not registered with GridManagement, deactivated there, or not allowed on this side of the
    market.

    ``PeerToPeerTrading_Inactive(address account, bool buying)``
    """

    account: str
    buying: bool


class PeerToPeerTrading_NoSuchOffer(DecodedError):
    """There is no offer of this number, see `offerCount`.

    ``PeerToPeerTrading_NoSuchOffer(uint256 offerId)``
    """

    offer_id: int


class PeerToPeerTrading_NoSuchTrade(DecodedError):
    """There is no trade of this number, see `tradeCount`.

    ``PeerToPeerTrading_NoSuchTrade(uint256 tradeId)``
    """

    trade_id: int


class PeerToPeerTrading_NotParty(DecodedError):
    """Only the buyer named completes a trade; only it and the seller cancel it.

    ``PeerToPeerTrading_NotParty(uint256 tradeId, address caller)``
    """

    trade_id: int
    caller: str


class PeerToPeerTrading_NotSeller(DecodedError):
    """Only the seller of the offer may cancel it.

    ``PeerToPeerTrading_NotSeller(uint256 offerId, address caller)``
    """

    offer_id: int
    caller: str


class PeerToPeerTrading_OfferNotOpen(DecodedError):
    """The offer is sold or cancelled, as ``status`` says.

    ``PeerToPeerTrading_OfferNotOpen(uint256 offerId, enum IPeerToPeerTrading.OfferStatus
    status)``
    """

    offer_id: int
    status: OfferStatus


class PeerToPeerTrading_SelfTrade(DecodedError):
    """The buyer and the seller are one account.

    ``PeerToPeerTrading_SelfTrade(address account)``
    """

    account: str


class PeerToPeerTrading_TradeNotPending(DecodedError):
    """The trade is completed or cancelled, as ``status`` says.

    ``PeerToPeerTrading_TradeNotPending(uint256 tradeId, enum IPeerToPeerTrading.TradeStatus
    status)``
    """

    trade_id: int
    status: TradeStatus


class PeerToPeerTrading_ZeroAmount(DecodedError):
    """The amount must be above 0 Wh.

    ``PeerToPeerTrading_ZeroAmount()``
    """


class PeerToPeerTrading_ZeroPrice(DecodedError):
    """The price must be above 0.

    ``PeerToPeerTrading_ZeroPrice()``
    """


class ReentrancyGuardReentrantCall(DecodedError):
    """Unauthorized reentrant call.

    ``ReentrancyGuardReentrantCall()``
    """


class RewardDistributionFailed(DecodedError):
    """The token refuses to pay this out.

    ``RewardDistributionFailed(address to, uint256 amount)``
    """

    to: str
    amount: int


class SafeCastOverflowedUintDowncast(DecodedError):
    """Value doesn't fit in a uint of ``bits`` size.

    ``SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)``
    """

    bits: int
    value: int


class SafeCastOverflowedUintToInt(DecodedError):
    """A uint value doesn't fit in an int of `bits` size.

    ``SafeCastOverflowedUintToInt(uint256 value)``
    """

    value: int


class SafeERC20FailedOperation(DecodedError):
    """An operation with an ERC-20 token failed.

    ``SafeERC20FailedOperation(address token)``
    """

    token: str


class Settlement_AlreadyLengthened(DecodedError):
    """The guardian has postponed this withdrawal already; it can do so once.

    ``Settlement_AlreadyLengthened(uint256 id)``
    """

    id: int


class Settlement_BadParameter(DecodedError):
    """The constructor was given a value outside its bounds; ``name_`` (ASCII) says which
    parameter.

    ``Settlement_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class Settlement_BadRecipient(DecodedError):
    """The money cannot go to this address: the zero address, this contract, or one that can have
    no account.

    ``Settlement_BadRecipient(address to)``
    """

    to: str


class Settlement_FeeTooHigh(DecodedError):
    """The fee is above ``maximum``; both in the unit of the fee.

    ``Settlement_FeeTooHigh(uint256 fee, uint256 maximum)``
    """

    fee: int
    maximum: int


class Settlement_FloorNotHigher(DecodedError):
    """The floor of an account's nonces only rises, up to 2^40 - 1.

    ``Settlement_FloorNotHigher(address account, uint256 floor, uint256 nonce)``
    """

    account: str
    floor: int
    nonce: int


class Settlement_InDebt(DecodedError):
    """Debts block withdrawals, new BUY orders and purchases on the spot: `repayDebt` or
    `deposit` first.

    ``Settlement_InDebt(address account, uint256 debt)``
    """

    account: str
    debt: int


class Settlement_InsufficientBalance(DecodedError):
    """The account has ``available`` and this needs ``needed`` (money): deposit the difference,
    or cancel orders to free locked money.

    ``Settlement_InsufficientBalance(address account, uint256 available, uint256 needed)``
    """

    account: str
    available: int
    needed: int


class Settlement_LengtheningTooLong(DecodedError):
    """A withdrawal can be postponed by at most ``maximum`` seconds.

    ``Settlement_LengtheningTooLong(uint256 seconds_, uint256 maximum)``
    """

    seconds: int
    maximum: int


class Settlement_NoDebt(DecodedError):
    """The account owes nothing.

    ``Settlement_NoDebt(address account)``
    """

    account: str


class Settlement_NoSuchWithdrawal(DecodedError):
    """No withdrawal of this number is queued: there was none, or it was paid or cancelled.

    ``Settlement_NoSuchWithdrawal(uint256 id)``
    """

    id: int


class Settlement_NotWithdrawalOwner(DecodedError):
    """Only the account that asked for the withdrawal may cancel it.

    ``Settlement_NotWithdrawalOwner(uint256 id, address caller)``
    """

    id: int
    caller: str


class Settlement_NothingToCollect(DecodedError):
    """There are no fees and no grid revenue to pay out.

    ``Settlement_NothingToCollect()``
    """


class Settlement_OnlyModule(DecodedError):
    """Only the named module may call this.

    ``Settlement_OnlyModule(address caller)``
    """

    caller: str


class Settlement_SideBlocked(DecodedError):
    """The grid authority has deactivated the account on this side of the market (``buying``: BUY
    orders).

    ``Settlement_SideBlocked(address account, bool buying)``
    """

    account: str
    buying: bool


class Settlement_SlotClosed(DecodedError):
    """The slot of this account is closed already.

    ``Settlement_SlotClosed(address account, uint256 slot)``
    """

    account: str
    slot: int


class Settlement_SlotMetered(DecodedError):
    """The slot was counted by readings of the account's own meters.

    ``Settlement_SlotMetered(address account, uint256 slot)``
    """

    account: str
    slot: int


class Settlement_SlotNotClosable(DecodedError):
    """The slot can be closed from ``closable_at`` (Unix seconds) on.

    ``Settlement_SlotNotClosable(uint256 slot, uint256 closableAt)``
    """

    slot: int
    closable_at: int


class Settlement_SlotProven(DecodedError):
    """The slot was counted by a proof of its anchored reading.

    ``Settlement_SlotProven(address account, uint256 slot)``
    """

    account: str
    slot: int


class Settlement_UnknownAccount(DecodedError):
    """The account has no number yet: deposit first, or register a meter for it.

    ``Settlement_UnknownAccount(address account)``
    """

    account: str


class Settlement_WithdrawalNotDue(DecodedError):
    """The withdrawal can be paid from ``executable_at`` (Unix seconds) on.

    ``Settlement_WithdrawalNotDue(uint256 id, uint256 executableAt)``
    """

    id: int
    executable_at: int


class Settlement_ZeroAmount(DecodedError):
    """The amount must be above 0.

    ``Settlement_ZeroAmount()``
    """


class SmartMeter_AlreadyAnchored(DecodedError):
    """The gateway has anchored the readings of this slot already; they are fixed.

    ``SmartMeter_AlreadyAnchored(uint256 gateway, uint256 slot)``
    """

    gateway: int
    slot: int


class SmartMeter_AlreadyRegistered(DecodedError):
    """The key is, or was, that of a meter: use a new one.

    ``SmartMeter_AlreadyRegistered(address meter)``
    """

    meter: str


class SmartMeter_AnchorTooLate(DecodedError):
    """Half a grace time after the slot's end nothing is anchored any more.

    ``SmartMeter_AnchorTooLate(uint256 slot, uint256 deadline)``
    """

    slot: int
    deadline: int


class SmartMeter_BadParameter(DecodedError):
    """The parameter ``name_`` (ASCII) has a value outside its bounds; the function or
    constructor says which.

    ``SmartMeter_BadParameter(bytes32 name, uint256 value)``
    """

    name_: bytes
    value: int


class SmartMeter_Conflicting(DecodedError):
    """Another reading of the same time is recorded: the meter, or whoever holds its key,
    contradicts itself.

    ``SmartMeter_Conflicting(address meter, uint256 timestamp)``
    """

    meter: str
    timestamp: int


class SmartMeter_EmptyAnchor(DecodedError):
    """The root and the count of an anchor must not be 0.

    ``SmartMeter_EmptyAnchor(bytes32 root, uint256 count)``
    """

    root: bytes
    count: int


class SmartMeter_FromFuture(DecodedError):
    """The reading is of ``timestamp``, but it is only ``time`` (Unix seconds). Set the meter's
    clock.

    ``SmartMeter_FromFuture(address meter, uint256 timestamp, uint256 time)``
    """

    meter: str
    timestamp: int
    time: int


class SmartMeter_GatewayTaken(DecodedError):
    """The key is a gateway's already.

    ``SmartMeter_GatewayTaken(address key)``
    """

    key: str


class SmartMeter_HasMeters(DecodedError):
    """The account has active meters of its own.

    ``SmartMeter_HasMeters(address account, uint256 meters)``
    """

    account: str
    meters: int


class SmartMeter_ImplausibleEnergy(DecodedError):
    """More energy, consumed or produced, than the rated power gives in the time since the
    previous reading (rounded up to the next Wh); of an account that a gateway reads
    (``meter`` is the account), in a slot.

    ``SmartMeter_ImplausibleEnergy(address meter, uint256 energy, uint256 maximum)``
    """

    meter: str
    energy: int
    maximum: int


class SmartMeter_ImplausibleFrequency(DecodedError):
    """Outside 45-55 Hz.

    ``SmartMeter_ImplausibleFrequency(address meter, uint256 gridFrequency)``
    """

    meter: str
    grid_frequency: int


class SmartMeter_ImplausibleVoltage(DecodedError):
    """Outside 50-150 % of nominal.

    ``SmartMeter_ImplausibleVoltage(address meter, uint256 voltage)``
    """

    meter: str
    voltage: int


class SmartMeter_InactiveMeter(DecodedError):
    """The meter was deactivated for good.

    ``SmartMeter_InactiveMeter(address meter)``
    """

    meter: str


class SmartMeter_NoContradiction(DecodedError):
    """Both readings are one and the same.

    ``SmartMeter_NoContradiction(address account, uint256 slot)``
    """

    account: str
    slot: int


class SmartMeter_NoReadings(DecodedError):
    """At least one reading must be submitted.

    ``SmartMeter_NoReadings()``
    """


class SmartMeter_NoSuchGateway(DecodedError):
    """There is no gateway of this number, see `gatewayCount`.

    ``SmartMeter_NoSuchGateway(uint256 gateway)``
    """

    gateway: int


class SmartMeter_NotAGateway(DecodedError):
    """The caller is no gateway's key, or its gateway is suspended.

    ``SmartMeter_NotAGateway(address caller)``
    """

    caller: str


class SmartMeter_NotAnchored(DecodedError):
    """Nothing is anchored for the slot by the gateway that then read the account (0: none did).

    ``SmartMeter_NotAnchored(address account, uint256 slot, uint256 gateway)``
    """

    account: str
    slot: int
    gateway: int


class SmartMeter_NotNewer(DecodedError):
    """The reading is older than the latest one, or not later than the meter's registration.

    ``SmartMeter_NotNewer(address meter, uint256 timestamp, uint256 latest)``
    """

    meter: str
    timestamp: int
    latest: int


class SmartMeter_NothingToDispute(DecodedError):
    """The account's slot is counted, and the key that anchored it is not the gateway's any more.

    ``SmartMeter_NothingToDispute(address account, uint256 slot)``
    """

    account: str
    slot: int


class SmartMeter_ReadByGateway(DecodedError):
    """The account is read by a gateway, so it can have no meters of its own.

    ``SmartMeter_ReadByGateway(address account, uint256 gateway)``
    """

    account: str
    gateway: int


class SmartMeter_Replayed(DecodedError):
    """The very reading that is the latest already.

    ``SmartMeter_Replayed(address meter, uint256 timestamp)``
    """

    meter: str
    timestamp: int


class SmartMeter_SlotNotOver(DecodedError):
    """The slot is not over.

    ``SmartMeter_SlotNotOver(uint256 slot, uint256 over)``
    """

    slot: int
    over: int


class SmartMeter_TooManyMeters(DecodedError):
    """The account has ``maximum`` active meters, which is all it can have.

    ``SmartMeter_TooManyMeters(address account, uint256 maximum)``
    """

    account: str
    maximum: int


class SmartMeter_TooOld(DecodedError):
    """The reading's slot is final.

    ``SmartMeter_TooOld(address meter, uint256 timestamp, uint256 slotFinalAt)``
    """

    meter: str
    timestamp: int
    slot_final_at: int


class SmartMeter_TooSoon(DecodedError):
    """Within the minimum interval of the latest reading or, for the first one, of the
    registration.

    ``SmartMeter_TooSoon(address meter, uint256 timestamp, uint256 earliest)``
    """

    meter: str
    timestamp: int
    earliest: int


class SmartMeter_UnknownMeter(DecodedError):
    """No meter has this key: the registrar registers it first.

    ``SmartMeter_UnknownMeter(address meter)``
    """

    meter: str


class SmartMeter_WrongProof(DecodedError):
    """The proof does not lead to the root: another leaf, order, or tree.

    ``SmartMeter_WrongProof(address account, uint256 slot, bytes32 root)``
    """

    account: str
    slot: int
    root: bytes


class SmartMeter_WrongSignature(DecodedError):
    """The signature is not by the meter's key (``signer`` is who signed, zero if nobody can
    have).

    ``SmartMeter_WrongSignature(address meter, address signer)``
    """

    meter: str
    signer: str


class SmartMeter_ZeroAccount(DecodedError):
    """The zero address cannot own a meter.

    ``SmartMeter_ZeroAccount()``
    """


class SmartMeter_ZeroGateway(DecodedError):
    """The zero address cannot be a gateway's key.

    ``SmartMeter_ZeroGateway()``
    """


class StabilityMaintenance_AlreadyResolved(DecodedError):
    """The critical event has ended already.

    ``StabilityMaintenance_AlreadyResolved(uint256 id)``
    """

    id: int


class StabilityMaintenance_BadAdjustment(DecodedError):
    """Above 2^64 - 1 kW.

    ``StabilityMaintenance_BadAdjustment(uint256 adjustment)``
    """

    adjustment: int


class StabilityMaintenance_BadPage(DecodedError):
    """A page of 0 or of more than 100 entries.

    ``StabilityMaintenance_BadPage(uint256 limit, uint256 maximum)``
    """

    limit: int
    maximum: int


class StabilityMaintenance_BadPriority(DecodedError):
    """The priority must be 1 (most urgent) to 5.

    ``StabilityMaintenance_BadPriority(uint8 priority)``
    """

    priority: int


class StabilityMaintenance_Implausible(DecodedError):
    """Not a possible measurement: frequency 4500-5500, voltage 50-150, phase angle -180 to 180.

    ``StabilityMaintenance_Implausible(bytes32 quantity, int256 value)``
    """

    quantity: bytes
    value: int


class StabilityMaintenance_NoReport(DecodedError):
    """Nobody has reported this region's stability yet.

    ``StabilityMaintenance_NoReport(bytes32 region)``
    """

    region: bytes


class StabilityMaintenance_NoSuchEvent(DecodedError):
    """There is no critical event of this number, see `criticalEventCount`.

    ``StabilityMaintenance_NoSuchEvent(uint256 id)``
    """

    id: int


class StabilityMaintenance_NothingToRespondTo(DecodedError):
    """Frequency and voltage are both nominal: there is no side to respond to.

    ``StabilityMaintenance_NothingToRespondTo(uint256 frequency, uint256 voltage)``
    """

    frequency: int
    voltage: int


class StabilityMaintenance_SeverityTooLow(DecodedError):
    """A response milder than what the values themselves show, or NORMAL.

    ``StabilityMaintenance_SeverityTooLow(enum IStabilityMaintenance.StabilityLevel severity,
    enum IStabilityMaintenance.StabilityLevel shown)``
    """

    severity: StabilityLevel
    shown: StabilityLevel


class StabilityMaintenance_StillCritical(DecodedError):
    """The region's newest report is still CRITICAL.

    ``StabilityMaintenance_StillCritical(bytes32 region)``
    """

    region: bytes


class StabilityMaintenance_TooLittleGas(DecodedError):
    """The transaction has too little gas left for its automated actions.

    ``StabilityMaintenance_TooLittleGas()``
    """


class StringTooLong(DecodedError):
    """``StringTooLong(string str)``"""

    str: str


class TestDollar_AboveLimit(DecodedError):
    """More than one call of the faucet gives; in base units.

    ``TestDollar_AboveLimit(uint256 amount, uint256 maximum)``
    """

    amount: int
    maximum: int


class TimelockInsufficientDelay(DecodedError):
    """``TimelockInsufficientDelay(uint256 delay, uint256 minDelay)``"""

    delay: int
    min_delay: int


class TimelockInvalidOperationLength(DecodedError):
    """``TimelockInvalidOperationLength(uint256 targets, uint256 payloads, uint256 values)``"""

    targets: int
    payloads: int
    values: int


class TimelockUnauthorizedCaller(DecodedError):
    """``TimelockUnauthorizedCaller(address caller)``"""

    caller: str


class TimelockUnexecutedPredecessor(DecodedError):
    """``TimelockUnexecutedPredecessor(bytes32 predecessorId)``"""

    predecessor_id: bytes


class TimelockUnexpectedOperationState(DecodedError):
    """``TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)``"""

    operation_id: bytes
    expected_states: bytes


class VotesExpiredSignature(DecodedError):
    """The signature used has expired.

    ``VotesExpiredSignature(uint256 expiry)``
    """

    expiry: int
