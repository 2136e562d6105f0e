"""Enums of the contracts, numbered as on the chain."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "EmergencyProtocol",
    "EnergyType",
    "GridCondition",
    "LockRefusal",
    "OperatorStatus",
    "ParticipationStatus",
    "Permission",
    "ProgramStatus",
    "ProgramType",
    "ProposalState",
    "StopLevel",
    "Support",
    "Trigger",
]


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


class GridCondition(IntEnum):
    """How the authority judges the grid."""

    NORMAL = 0
    STRESSED = 1
    CRITICAL = 2
    RESTORING = 3


class LockRefusal(IntEnum):
    """Why money cannot be locked for a signed order."""

    NONE = 0
    BELOW_FLOOR = 1
    SIDE_BLOCKED = 2
    IN_DEBT = 3
    INSUFFICIENT_BALANCE = 4


class OperatorStatus(IntEnum):
    """Where a grid operator is on its way; only a verified one may act."""

    NONE = 0
    REGISTERED = 1
    VERIFIED = 2
    REVOKED = 3


class ParticipationStatus(IntEnum):
    """How far a consumer's part in an event is; a rejected one's reward rounds to nothing."""

    PENDING = 0
    VERIFIED = 1
    REWARDED = 2
    REJECTED = 3


class Permission(IntEnum):
    """What somebody may do with an asset besides its owner; each includes those before it."""

    NONE = 0
    VIEWER = 1
    MAINTAINER = 2
    OPERATOR = 3


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


class Trigger(IntEnum):
    """What a report must show for an automated response."""

    LOW_FREQUENCY = 0
    HIGH_FREQUENCY = 1
    LOW_VOLTAGE = 2
    HIGH_VOLTAGE = 3
