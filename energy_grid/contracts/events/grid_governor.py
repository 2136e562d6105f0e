"""Events of GridGovernor.

Votes of the governance token decide on calls that the timelock then carries out: set a tariff, give
and take roles, shut down. The timelock is the AccessManager's admin, so nothing else can. propose
-> Pending -(votingDelay)-> Active -(votingPeriod)-> Succeeded -queue-> Queued -execute-> Executed |
| (after the delay) +-cancel-> Canceled +-> Defeated: no majority, or the quorum was missed What is
not queued within 14 days of its vote, or not executed within 14 days of the time at which it could
be, is Expired: nobody can keep a decision until it undoes a later one. Proposals are stored, so
that `queue`, `execute` and `cancel` take a number alone and all can be listed.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "GridGovernor_EIP712DomainChanged",
    "GridGovernor_ProposalCanceled",
    "GridGovernor_ProposalCreated",
    "GridGovernor_ProposalExecuted",
    "GridGovernor_ProposalQueued",
    "GridGovernor_ProposalThresholdSet",
    "GridGovernor_QuorumNumeratorUpdated",
    "GridGovernor_TimelockChange",
    "GridGovernor_VoteCast",
    "GridGovernor_VoteCastWithParams",
    "GridGovernor_VotingDelaySet",
    "GridGovernor_VotingPeriodSet",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_ProposalCanceled(EventLog):
    """Emitted when a proposal is canceled.

    ``ProposalCanceled(uint256 proposalId)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "ProposalCanceled"

    proposal_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_ProposalCreated(EventLog):
    """Emitted when a proposal is created.

    ``ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[]
    values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string
    description)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "ProposalCreated"

    proposal_id: int
    proposer: str
    targets: tuple[str, ...]
    values: tuple[int, ...]
    signatures: tuple[str, ...]
    calldatas: tuple[bytes, ...]
    vote_start: int
    vote_end: int
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_ProposalExecuted(EventLog):
    """Emitted when a proposal is executed.

    ``ProposalExecuted(uint256 proposalId)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "ProposalExecuted"

    proposal_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_ProposalQueued(EventLog):
    """Emitted when a proposal is queued.

    ``ProposalQueued(uint256 proposalId, uint256 etaSeconds)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "ProposalQueued"

    proposal_id: int
    eta_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_ProposalThresholdSet(EventLog):
    """``ProposalThresholdSet(uint256 oldProposalThreshold, uint256 newProposalThreshold)``"""

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "ProposalThresholdSet"

    old_proposal_threshold: int
    new_proposal_threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_QuorumNumeratorUpdated(EventLog):
    """``QuorumNumeratorUpdated(uint256 oldQuorumNumerator, uint256 newQuorumNumerator)``"""

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "QuorumNumeratorUpdated"

    old_quorum_numerator: int
    new_quorum_numerator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_TimelockChange(EventLog):
    """Emitted when the timelock controller used for proposal execution is modified.

    ``TimelockChange(address oldTimelock, address newTimelock)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "TimelockChange"

    old_timelock: str
    new_timelock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_VoteCast(EventLog):
    """Emitted when a vote is cast without params. Note: ``support`` values should be seen as
    buckets. Their interpretation depends on the voting module used.

    ``VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight,
    string reason)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "VoteCast"

    voter: str
    proposal_id: int
    support: int
    weight: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_VoteCastWithParams(EventLog):
    """Emitted when a vote is cast with params. Note: ``support`` values should be seen as
    buckets. Their interpretation depends on the voting module used. ``params`` are additional
    encoded parameters. Their interpretation also depends on the voting module used.

    ``VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256
    weight, string reason, bytes params)``
    """

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "VoteCastWithParams"

    voter: str
    proposal_id: int
    support: int
    weight: int
    reason: str
    params: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_VotingDelaySet(EventLog):
    """``VotingDelaySet(uint256 oldVotingDelay, uint256 newVotingDelay)``"""

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "VotingDelaySet"

    old_voting_delay: int
    new_voting_delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGovernor_VotingPeriodSet(EventLog):
    """``VotingPeriodSet(uint256 oldVotingPeriod, uint256 newVotingPeriod)``"""

    contract: ClassVar[str] = "GridGovernor"
    event: ClassVar[str] = "VotingPeriodSet"

    old_voting_period: int
    new_voting_period: int
