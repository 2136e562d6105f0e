"""Enums of the contracts, numbered as on the chain."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "ActionStatus",
    "ActionType",
    "BuyoutStatus",
    "Confirmation",
    "EmergencyProtocol",
    "EnergyType",
    "EventChoice",
    "EventKind",
    "EventStatus",
    "GridCondition",
    "LegReason",
    "LoadStatus",
    "NonceState",
    "OfferStatus",
    "OperatorStatus",
    "OrderStatus",
    "OrderType",
    "ParticipationStatus",
    "PeriodKind",
    "Permission",
    "PermissionLevel",
    "ProgramStatus",
    "ProgramType",
    "ProposalState",
    "Quality",
    "Reason",
    "Refusal",
    "RoundStatus",
    "StabilityLevel",
    "State",
    "StopLevel",
    "Support",
    "TradeStatus",
    "TransactionStatus",
    "Trigger",
]


class ActionStatus(IntEnum):
    """What became of an action; numbered as on the chain."""

    OPEN = 0
    COMPLETED = 1
    CANCELLED = 2
    EXPIRED = 3


class ActionType(IntEnum):
    """What an action changes; numbered as on the chain."""

    INCREASE_GENERATION = 0
    DECREASE_GENERATION = 1
    SHED_LOAD = 2
    RESTORE_LOAD = 3
    RESERVE_ACTIVATION = 4


class BuyoutStatus(IntEnum):
    """Where an offer for all shares is; a failed one was not accepted in time, or came too late."""

    OPEN = 0
    SOLD = 1
    FAILED = 2


class Confirmation(IntEnum):
    """Who has confirmed a participant's registration."""

    NONE = 0
    METER = 1
    AUTHORITY = 2


class EmergencyProtocol(IntEnum):
    """What is in force in a region in an emergency."""

    NONE = 0
    LOAD_SHEDDING = 1
    ISLANDING = 2
    GENERATION_CURTAILMENT = 3
    BLACK_START = 4


class EnergyType(IntEnum):
    """What a producer makes its energy of."""

    SOLAR = 0
    WIND = 1
    HYDRO = 2
    NUCLEAR = 3
    GEOTHERMAL = 4
    BIOMASS = 5
    NATURAL_GAS = 6


class EventChoice(IntEnum):
    """What a consumer chose for a demand-response event."""

    DEFAULT = 0
    IN = 1
    OUT = 2


class EventKind(IntEnum):
    """What a demand-response event announces: money for a reduction, or a price alone."""

    CAPACITY = 0
    PRICE = 1


class EventStatus(IntEnum):
    """As IDemandResponse's EventStatus."""

    ACTIVE = 0
    COMPLETED = 1
    CANCELLED = 2


class GridCondition(IntEnum):
    """How the authority judges the grid."""

    NORMAL = 0
    STRESSED = 1
    CRITICAL = 2
    RESTORING = 3


class LegReason(IntEnum):
    """Why Settlement cannot book an order's side of a match, in the order in which it checks."""

    NONE = 0
    BELOW_FLOOR = 1
    SIDE_BLOCKED = 2
    IN_DEBT = 3
    GAP_OPEN = 4
    POSITION_TOO_LARGE = 5
    OTHER_REGION = 6
    INSUFFICIENT_BALANCE = 7
    REGION_CLOSED = 8


class LoadStatus(IntEnum):
    """How near a region's load is to its capacity."""

    LOW = 0
    """At most 30 %."""
    NORMAL = 1
    """31 to 79 %."""
    HIGH = 2
    """80 to 94 %."""
    CRITICAL = 3
    """95 % and more."""


class NonceState(IntEnum):
    """What has become of a nonce, numbered as on the chain."""

    OPEN = 0
    PARTIAL = 1
    FILLED = 2
    CANCELLED = 3


class OfferStatus(IntEnum):
    """As IPeerToPeerTrading's OfferStatus."""

    OPEN = 0
    SOLD = 1
    CANCELLED = 2


class OperatorStatus(IntEnum):
    """Where a grid operator is on its way; only a verified one may act."""

    NONE = 0
    REGISTERED = 1
    VERIFIED = 2
    REVOKED = 3


class OrderStatus(IntEnum):
    """States of an order, numbered as on the chain."""

    ACTIVE = 0
    FILLED = 1
    CANCELLED = 2


class OrderType(IntEnum):
    """Sides, numbered as on the chain."""

    BUY = 0
    SELL = 1


class ParticipationStatus(IntEnum):
    """How far a consumer's part in an event is; a rejected one's reward rounds to nothing."""

    PENDING = 0
    VERIFIED = 1
    REWARDED = 2
    REJECTED = 3


class PeriodKind(IntEnum):
    """The kinds of delivery period, numbered as on the chain."""

    HOURLY = 0
    DAILY = 1
    WEEKLY = 2
    QUARTER_HOURLY = 3

    @property
    def seconds(self) -> int:
        """Length of such a period."""
        return (3600, 86_400, 604_800, 900)[self]


class Permission(IntEnum):
    """What somebody may do with an asset besides its owner; each includes those before it."""

    NONE = 0
    VIEWER = 1
    MAINTAINER = 2
    OPERATOR = 3


class PermissionLevel(IntEnum):
    """What an operator may do; each level includes the ones before."""

    NONE = 0
    REPORT = 1
    """Load and stability reports; score 0 to 49."""
    OPERATE = 2
    """Balancing actions, region capacities, demand response; score 50 to 79."""
    COMMAND = 3
    """Automated responses and critical events; score 80 to 100."""


class ProgramStatus(IntEnum):
    """Whether a program's offer still stands."""

    ACTIVE = 0
    CLOSED = 1


class ProgramType(IntEnum):
    """What a demand-response program is for."""

    PEAK_SHAVING = 0
    LOAD_SHIFTING = 1
    EMERGENCY_RESPONSE = 2


class ProposalState(IntEnum):
    """Where a proposal is on its way."""

    PENDING = 0
    ACTIVE = 1
    CANCELED = 2
    DEFEATED = 3
    SUCCEEDED = 4
    QUEUED = 5
    EXPIRED = 6
    EXECUTED = 7


class Reason(IntEnum):
    """Why a member's day was not closed with its community's."""

    NONE = 0
    ABSENT = 1
    SEALED = 2
    CONTRADICTED = 3
    NOT_A_MEMBER = 4
    OTHER_DAY = 5
    GAP = 6
    OTHER_REGISTERS = 7
    NETS_NOT_BELIEVABLE = 8
    POSITION_TOO_LARGE = 9


class Refusal(IntEnum):
    """Why an order or a fill cannot be part of a batch, numbered as on the chain."""

    NONE = 0
    WRONG_SIGNATURE = 1
    NONCE_SPENT = 2
    EXPIRED = 3
    WORSE_THAN_LIMIT = 4
    UNKNOWN_ACCOUNT = 5
    NO_SUCH_ORDER = 6
    NOT_ACTIVE = 7
    OTHER_PERIOD = 8
    WRONG_SIDE = 9
    OVERFILLED = 10
    SELF_TRADE = 11
    INVALID_AMOUNT = 12
    BELOW_FLOOR = 13
    SIDE_BLOCKED = 14
    IN_DEBT = 15
    GAP_OPEN = 16
    POSITION_TOO_LARGE = 17
    OTHER_REGION = 18
    INSUFFICIENT_BALANCE = 19
    REGION_CLOSED = 20


class Quality(IntEnum):
    """What the frequency and voltage of a meter's reading show."""

    NORMAL = 0
    UNUSUAL = 1
    """Outside a NORMAL band."""
    IMPLAUSIBLE = 2
    """What no grid can have: it is refused."""


class RoundStatus(IntEnum):
    """Where a round is, with the chain's numbers."""

    NONE = 0
    OPEN = 1
    ANSWERED = 2
    HELD = 3


class StabilityLevel(IntEnum):
    """How far frequency or voltage are from nominal, the worse of the two."""

    NORMAL = 0
    """Within the NORMAL bands of the region's `IGridBands`."""
    ALERT = 1
    """Within its ALERT bands."""
    EMERGENCY = 2
    """Within its EMERGENCY bands."""
    CRITICAL = 3
    """Beyond."""


class State(IntEnum):
    """Where a divided asset is: with its shareholders, bought by somebody, or taken out again."""

    HELD = 0
    SOLD = 1
    REDEEMED = 2


class StopLevel(IntEnum):
    """Levels of the emergency stop."""

    RUNNING = 0
    PAUSED = 1
    SHUTDOWN = 2


class Support(IntEnum):
    """What a vote is; those that abstain count for the quorum."""

    AGAINST = 0
    FOR = 1
    ABSTAIN = 2


class TradeStatus(IntEnum):
    """As IPeerToPeerTrading's TradeStatus."""

    PENDING = 0
    COMPLETED = 1
    CANCELLED = 2


class TransactionStatus(IntEnum):
    """States of a transaction, numbered as on the chain."""

    MATCHED = 0
    SETTLED = 1


class Trigger(IntEnum):
    """What a report must show for an automated response."""

    LOW_FREQUENCY = 0
    HIGH_FREQUENCY = 1
    LOW_VOLTAGE = 2
    HIGH_VOLTAGE = 3
    CRITICAL_LOAD = 4
