"""Proposals of the governance story: made, and carried."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.contract import Call
from energy_grid.domain.enums import Support
from energy_grid.market.governance import Proposal
from scripts._walkthrough.stage import Stage

__all__ = ["carry", "parts", "propose"]


def parts(calls: Sequence[Call]) -> tuple[list[str], list[int], list[bytes]]:
    """What the governor takes of calls: targets, values and data."""
    return [one.to for one in calls], [one.value for one in calls], [one.data for one in calls]


def propose(stage: Stage, calls: Sequence[Call], text: str) -> Proposal:
    """A proposal of the first voter."""
    governor = stage.market.governor
    stage.does(
        f'the first voter proposes "{text}"',
        stage.voters[0],
        governor.propose(*parts(calls), text),
        "ProposalCreated",
    )
    return stage.market.proposal(governor.proposal_count())


def carry(stage: Stage, calls: Sequence[Call], text: str) -> Proposal:
    """A proposal that is voted for, queued, and whose delay is over."""
    governor = stage.market.governor
    made = propose(stage, calls, text)
    stage.wait_until(made.vote_start + 1)
    for voter in stage.voters[:2]:
        stage.does("a quarter of all votes for it", voter, governor.cast_vote(made.id, Support.FOR))
    stage.wait_until(made.vote_end + 1)
    stage.does("queued", stage.voters[3], governor.queue(made.id), "ProposalQueued")
    stage.wait_until(stage.market.proposal(made.number).eta)
    return made
