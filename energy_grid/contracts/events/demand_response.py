"""Events of DemandResponse.

Consumers are paid for drawing less when the grid needs it. An operator offers a reward and hands it
over up front; what the consumers do not earn goes back to it. Targets are kW, as at grid level; a
single consumer's power is W, as a household rarely moves by a whole kW. Rewards are base units of
REWARD_TOKEN per kW. **Events.** An event covers whole slots, beginning with the one after its
announcement: |-- announced --|-- startTime ... endTime --|-- GRACE --|-- VERIFICATION_TIME --|
cancelEvent consumers draw less operator operator and meters completeEvent, verifies verify
distribute, claim ACTIVE --cancelEvent, before startTime--> CANCELLED (all of the budget goes back)
ACTIVE --completeEvent, after the verification deadline--> COMPLETED The budget is
`targetReductionKw * rewardPerKw`. A completed event pays the full rate up to the target, and beyond
it the same share to all, rounded down; what meters have found comes first. Where they decided, a
consumer gets `rewardPerKw * target * reduction / max(target, metered)`, with `metered` the sum of
all such reductions; by the operator's word `rewardPerKw * left * reduction / max(left, reported)`,
with `left` what `metered` leaves of the target and `reported` the sum of these. So rewards never
exceed the budget, nobody gains by being verified first, and no word of the operator takes anything
from what meters have found. **Verification.** `reduction = baseline - actual`, average W over the
event. `verifyFromMeter` takes the actual use from the consumer's meters and pays for no baseline
above the metered one (`baselineFromMeter`); anybody can call it, and it replaces an earlier word of
the operator. `verifyReduction` is that word, for consumers without such a history, at the
operator's own cost. An event of its own is open to every registered consumer. **Programs.** A
standing offer: consumers join with a committed reduction, and the operator reports what they did.
What they commit bounds what can be reported of each, and takes nothing from the others: all of them
together may commit more than the target. The budget is what bounds the rewards: first reported,
first earned. It is `targetReductionKw * incentiveRate`; events within a program take theirs from it
and are open to those alone who joined it before the event started and have not left it since.
ACTIVE --closeProgram--> CLOSED (what is left goes back; what was earned stays claimable) A stop
ends new programs, participations and events; verifying, completing, distributing and claiming stay
open.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.enums import ProgramType, StopLevel

__all__ = [
    "DemandResponse_AuthorityUpdated",
    "DemandResponse_BudgetRefunded",
    "DemandResponse_ConsumerRegistered",
    "DemandResponse_EventCancelled",
    "DemandResponse_EventCompleted",
    "DemandResponse_EventStarted",
    "DemandResponse_GridOperatorRegistered",
    "DemandResponse_ProgramClosed",
    "DemandResponse_ProgramCreated",
    "DemandResponse_ProgramJoined",
    "DemandResponse_ProgramLeft",
    "DemandResponse_ProgramRewardPaid",
    "DemandResponse_ReductionReported",
    "DemandResponse_ReductionVerified",
    "DemandResponse_RewardDeferred",
    "DemandResponse_RewardPaid",
    "DemandResponse_StopLevelChanged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_BudgetRefunded(EventLog):
    """The operator took back ``amount`` of money that an event did not need, to the account
    ``to``.

    ``BudgetRefunded(uint256 indexed eventId, address indexed gridOperator, address to,
    uint256 amount)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "BudgetRefunded"

    event_id: int
    grid_operator: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ConsumerRegistered(EventLog):
    """A consumer was registered by the account ``by``: itself or an operator.

    ``ConsumerRegistered(address indexed consumer, address indexed by)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ConsumerRegistered"

    consumer: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_EventCancelled(EventLog):
    """The operator took an event back before it started.

    ``EventCancelled(uint256 indexed eventId)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "EventCancelled"

    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_EventCompleted(EventLog):
    """An event can no longer be verified, so its rewards are fixed. ``total_reduction_w`` is
    what all consumers reduced, in W.

    ``rewards``: what they come to, before each of them is rounded down.

    ``EventCompleted(uint256 indexed eventId, uint256 totalReductionW, uint256 rewards)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "EventCompleted"

    event_id: int
    total_reduction_w: int
    rewards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_EventStarted(EventLog):
    """An operator announced an event of a region with a ``budget`` of reward money:
    ``reward_per_kw`` for ``target_reduction_kw`` (kW), from ``start_time`` to ``end_time``
    (Unix seconds, exclusive). ``program_id`` is 0 for an event of its own.

    ``EventStarted(uint256 indexed eventId, uint256 indexed programId, address indexed
    gridOperator, bytes32 region, uint256 targetReductionKw, uint256 rewardPerKw, uint256
    startTime, uint256 endTime, uint256 budget)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "EventStarted"

    event_id: int
    program_id: int
    grid_operator: str
    region: bytes
    target_reduction_kw: int
    reward_per_kw: int
    start_time: int
    end_time: int
    budget: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_GridOperatorRegistered(EventLog):
    """The grid authority admitted an operator to demand response.

    ``GridOperatorRegistered(address indexed gridOperator)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "GridOperatorRegistered"

    grid_operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ProgramClosed(EventLog):
    """A program ended, and ``refunded`` of its budget (money) went back.

    ``ProgramClosed(uint256 indexed programId, uint256 refunded)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ProgramClosed"

    program_id: int
    refunded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ProgramCreated(EventLog):
    """An operator opened a program with a ``budget`` of reward money: ``incentive_rate`` per kW
    for ``target_reduction_kw`` (kW), until ``end_time`` (Unix seconds).

    ``ProgramCreated(uint256 indexed programId, bytes32 indexed region, address indexed
    operator, string name, enum IDemandResponse.ProgramType programType, uint256
    targetReductionKw, uint256 incentiveRate, uint256 endTime, uint256 budget)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ProgramCreated"

    program_id: int
    region: bytes
    operator: str
    name: str
    program_type: ProgramType
    target_reduction_kw: int
    incentive_rate: int
    end_time: int
    budget: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ProgramJoined(EventLog):
    """A consumer joined a program and committed a reduction of ``committed`` W.

    ``ProgramJoined(uint256 indexed programId, address indexed participant, uint256
    committed)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ProgramJoined"

    program_id: int
    participant: str
    committed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ProgramLeft(EventLog):
    """A consumer left a program; what it earned stays.

    ``ProgramLeft(uint256 indexed programId, address indexed participant)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ProgramLeft"

    program_id: int
    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ProgramRewardPaid(EventLog):
    """What a participant had earned in a program was paid: ``amount`` of money to the account
    ``to``.

    ``ProgramRewardPaid(uint256 indexed programId, address indexed participant, address to,
    uint256 amount)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ProgramRewardPaid"

    program_id: int
    participant: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ReductionReported(EventLog):
    """The operator reported that a participant reduced its load by ``reduction`` W, which earned
    it ``reward`` in money.

    ``ReductionReported(uint256 indexed programId, address indexed participant, uint256
    reduction, uint256 reward)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ReductionReported"

    program_id: int
    participant: str
    reduction: int
    reward: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_ReductionVerified(EventLog):
    """A consumer's part in an event is known: average power over the event, in W.

    ``metered``: whether the meters decided.

    ``ReductionVerified(uint256 indexed eventId, address indexed consumer, uint256
    participationId, uint256 baselineW, uint256 actualW, uint256 reductionW, bool metered)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "ReductionVerified"

    event_id: int
    consumer: str
    participation_id: int
    baseline_w: int
    actual_w: int
    reduction_w: int
    metered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_RewardDeferred(EventLog):
    """A transfer failed in `distributeRewards`: the reward waits for `claimReward`.

    ``RewardDeferred(uint256 indexed eventId, address indexed consumer, uint256 amount)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "RewardDeferred"

    event_id: int
    consumer: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_RewardPaid(EventLog):
    """A consumer's reward of an event was paid: ``amount`` of money to the account ``to``.

    ``RewardPaid(uint256 indexed eventId, address indexed consumer, address to, uint256
    amount)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "RewardPaid"

    event_id: int
    consumer: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponse_StopLevelChanged(EventLog):
    """The stop level changed.

    ``StopLevelChanged(enum IEmergencyStop.StopLevel level, address indexed by)``
    """

    contract: ClassVar[str] = "DemandResponse"
    event: ClassVar[str] = "StopLevelChanged"

    level: StopLevel
    by: str
