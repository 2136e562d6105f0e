"""What the contracts of governance know and say: the third part of `ports`.

Votes in base units of the governance token (10**18 are one token), times in Unix seconds. Enums are
numbered as in OpenZeppelin's governor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.domain.enums import ProposalState, Support

__all__ = ["Proposal", "ProposalState", "ProposedCall", "Support", "Tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The votes on a proposal so far."""

    against_votes: int
    for_votes: int
    abstain_votes: int


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
    tally: Tally
