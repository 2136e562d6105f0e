"""A vote in the last second that brings the quorum (threat 74): others still have time to answer"""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    EXTENSION,
    QUARTER,
    Proposal,
    Proposals,
    State,
    Support,
    bits,
)


def votes_at(proposals: Proposals, proposal: Proposal, moment: int, voter: int) -> list[int]:
    """A voter is for a proposal at a moment; the deadlines that were announced then."""
    market, governor = proposals.market, proposals.governor
    receipt = market.at(moment).do(
        proposals.voters[voter], governor, "castVote", proposal.number, Support.FOR
    )
    found = market.events(receipt, governor, "ProposalExtended")
    assert all(each["proposal_id"] == proposal.number for each in found)
    return [each["extended_deadline"] for each in found]


def deadline(proposals: Proposals, proposal: Proposal) -> int:
    return int(proposals.governor.call("proposalDeadline", proposal.number))


def test_whales__bring_the_quorum_in_the_last_second__are_answered(proposals: Proposals) -> None:
    """One whale votes early, below the quorum, so that nobody bothers; its accomplice votes in the
    last second. Whoever is against has the extension to say so, and the proposal is defeated."""
    market, proposal = proposals.market, proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0])
    extended = proposal.deadline + EXTENSION
    assert votes_at(proposals, proposal, proposal.deadline, 1) == [extended]
    assert deadline(proposals, proposal) == extended

    market.go_to(proposal.deadline + 1)
    proposals.vote(proposal, Support.AGAINST, proposals.voters[2])
    market.at(extended).do(
        proposals.voters[3], proposals.governor, "castVote", proposal.number, Support.AGAINST
    )
    market.go_to(extended + 1)
    market.node.rpc("evm_mine")

    votes = proposals.governor.call("proposalVotes", proposal.number)
    assert votes == (2 * QUARTER, 2 * QUARTER, 0)
    assert proposals.state(proposal) is State.DEFEATED


def test_extension__nobody_answers__ends_after_it(proposals: Proposals) -> None:
    market, proposal = proposals.market, proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0])
    votes_at(proposals, proposal, proposal.deadline, 1)
    market.go_to(proposal.deadline + EXTENSION)
    market.node.rpc("evm_mine")
    assert proposals.state(proposal) is State.SUCCEEDED
    values = {
        "proposal_id": proposal.number,
        "current": State.SUCCEEDED,
        "expected_states": bits(State.ACTIVE),
    }
    with refused(errors.GovernorUnexpectedProposalState, **values):
        proposals.vote(proposal, Support.AGAINST, proposals.voters[2])


@pytest.mark.parametrize("late", [0, 1])
def test_extension__of_a_quorum_with_enough_time_left__is_none(
    proposals: Proposals, late: int
) -> None:
    """The last second that needs none, and the first that does."""
    proposal = proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0])
    moment = proposal.deadline - EXTENSION + late
    expected = [proposal.deadline + 1] if late else []
    assert votes_at(proposals, proposal, moment, 1) == expected
    assert deadline(proposals, proposal) == proposal.deadline + late


def test_extension__of_later_votes__is_none(proposals: Proposals) -> None:
    """It is given once, so a vote cannot go on for ever."""
    proposal = proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0])
    (extended,) = votes_at(proposals, proposal, proposal.deadline, 1)
    assert votes_at(proposals, proposal, extended, 2) == []
    assert deadline(proposals, proposal) == extended


def test_vote_extension__above_the_period__refused(proposals: Proposals) -> None:
    period = proposals.governor.call("votingPeriod")
    values = {"new_vote_extension": period + 1, "max_vote_extension": period}
    with refused(errors.GovernorPreventLateQuorumVoteExtensionTooLarge, **values):
        proposals.decide([proposals.governor.prepare("setLateQuorumVoteExtension", period + 1)])
