"""Proposals of the GridGovernor: how the market's own rules are changed.

Votes in base units of the governance token (10**18 are one token), times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.grid_governor import GridGovernor, ProposalVotes
from energy_grid.domain.enums import ProposalState
from energy_grid.errors import ChainError

__all__ = [
    "Proposal",
    "ProposedCall",
    "description_of",
    "number_of",
    "proposal",
    "proposals",
    "propose",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCall:
    """One of the calls of a proposal, as the timelock will make it."""

    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal.

    Attributes:
        id: the governor's own number for it, a hash.
        number: its place among all proposals, from 1.
        vote_start: votes are weighed as they are then, and cast from the next second on.
        vote_end: the last second of the vote.
        eta: when it can be executed; 0 while it is not queued.
    """

    id: int
    number: int
    proposer: str
    calls: Sequence[ProposedCall]
    state: ProposalState
    vote_start: int
    vote_end: int
    eta: int
    tally: ProposalVotes


def propose(governor: GridGovernor, calls: Sequence[Call], description: str) -> Call:
    """Propose calls of the timelock; the description distinguishes equal proposals."""
    targets, values = [call.to for call in calls], [call.value for call in calls]
    return governor.propose(targets, values, [call.data for call in calls], description)


def proposals(
    governor: GridGovernor, offset: int, limit: int, *, block_identifier: BlockId = "latest"
) -> list[Proposal]:
    """Proposals, the newest first."""
    newest = governor.proposal_count(block_identifier=block_identifier) - offset
    numbers = range(newest, max(newest - limit, 0), -1)
    return [proposal(governor, number, block_identifier=block_identifier) for number in numbers]


def proposal(
    governor: GridGovernor, number: int, *, block_identifier: BlockId = "latest"
) -> Proposal:
    """A proposal by its place, from 1.

    Its state is that of the next block, since the newest one may have been long ago.
    """
    block = block_identifier
    found = governor.proposal_details_at(number - 1, block_identifier=block)
    id_ = found.proposal_id
    return Proposal(
        id=id_,
        number=number,
        proposer=governor.proposal_proposer(id_, block_identifier=block),
        calls=tuple(
            ProposedCall(target=target, value=value, data=data)
            for target, value, data in zip(
                found.targets, found.values, found.calldatas, strict=True
            )
        ),
        state=governor.state(id_, block_identifier="pending" if block == "latest" else block),
        vote_start=governor.proposal_snapshot(id_, block_identifier=block),
        vote_end=governor.proposal_deadline(id_, block_identifier=block),
        eta=governor.proposal_eta(id_, block_identifier=block),
        tally=governor.proposal_votes(id_, block_identifier=block),
    )


def number_of(governor: GridGovernor, proposal_id: int) -> int:
    """The place of a proposal among all of them, from 1.

    Raises:
        ChainError: there is none.
    """
    for number in range(governor.proposal_count(), 0, -1):
        if governor.proposal_details_at(number - 1).proposal_id == proposal_id:
            return number
    raise ChainError(f"there is no proposal {proposal_id}")


def description_of(governor: GridGovernor, proposal_id: int, from_block: BlockId = 0) -> str | None:
    """The description of a proposal; None where the node has no events of it."""
    for log in governor.history("ProposalCreated", from_block=from_block):
        if log["proposal_id"] == proposal_id:
            return str(log["description"])
    return None
