"""GridGovernor.castVote, castVoteWithReason, castVoteWithReasonAndParams"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    PERIOD,
    QUARTER,
    Proposal,
    Proposals,
    State,
    Support,
    bits,
)

BYSTANDER = actor("bystander")
UNKNOWN = 12345


def outcome(proposals: Proposals, votes: list[Support]) -> State:
    """What becomes of a proposal on which the voters vote in their order."""
    proposal = proposals.propose()
    for voter, support in zip(proposals.voters, votes, strict=False):
        proposals.vote(proposal, support, voter)
    proposals.close(proposal)
    return proposals.state(proposal)


@pytest.mark.parametrize("support", Support)
def test_cast_vote__by_a_voter__is_counted(proposals: Proposals, support: Support) -> None:
    proposal, voter = proposals.propose(), proposals.voters[1]

    (receipt,) = proposals.vote(proposal, support, voter)

    (cast,) = proposals.market.events(receipt, proposals.governor, "VoteCast")
    assert cast.arguments == {
        "voter": voter.address,
        "proposal_id": proposal.number,
        "support": support,
        "weight": QUARTER,
        "reason": "",
    }
    counted = proposals.governor.call("proposalVotes", proposal.number)
    assert counted == tuple(QUARTER * (place is support) for place in Support)
    assert proposals.governor.call("hasVoted", proposal.number, voter.address)
    assert not proposals.governor.call("hasVoted", proposal.number, proposals.voters[0].address)


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ([], State.DEFEATED),
        # A quarter is below the quorum of 30 %, whatever it says.
        ([Support.FOR], State.DEFEATED),
        ([Support.FOR, Support.FOR], State.SUCCEEDED),
        ([Support.FOR, Support.ABSTAIN], State.SUCCEEDED),
        # Votes against do not make a quorum.
        ([Support.FOR, Support.AGAINST], State.DEFEATED),
        ([Support.FOR, Support.FOR, Support.AGAINST], State.SUCCEEDED),
        ([Support.FOR, Support.FOR, Support.AGAINST, Support.AGAINST], State.DEFEATED),
        ([Support.FOR, Support.ABSTAIN, Support.AGAINST], State.DEFEATED),
        ([Support.ABSTAIN, Support.ABSTAIN], State.DEFEATED),
    ],
)
def test_cast_vote__all_counted__decide(
    proposals: Proposals, votes: list[Support], state: State
) -> None:
    assert outcome(proposals, votes) is state


@pytest.mark.parametrize("more", [-1, 0])
def test_quorum__to_the_last_unit__decides(proposals: Proposals, more: int) -> None:
    """30 % of a million tokens: a quarter and another voter's 50,000, or one base unit less."""
    helper = actor("helper")
    quorum = 4 * QUARTER * 30 // 100
    proposals.market.do(helper, proposals.token, "delegate", helper.address)
    proposals.market.do(
        proposals.voters[1], proposals.token, "transfer", helper.address, quorum - QUARTER + more
    )
    proposal = proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0], helper)
    proposals.close(proposal)
    assert proposals.governor.call("quorum", proposal.snapshot) == quorum
    assert proposals.state(proposal) is (State.DEFEATED if more else State.SUCCEEDED)


def test_cast_vote__twice__refused(proposals: Proposals) -> None:
    proposal, voter = proposals.propose(), proposals.voters[0]
    proposals.vote(proposal, Support.FOR, voter)
    for support in Support:
        with refused(errors.GovernorAlreadyCastVote, voter=voter.address):
            proposals.vote(proposal, support, voter)


def test_cast_vote__without_votes__counts_nothing(proposals: Proposals) -> None:
    proposal = proposals.propose()
    proposals.vote(proposal, Support.FOR, BYSTANDER)
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, 0, 0)


@pytest.mark.parametrize("support", [3, 255])
def test_cast_vote__neither_for_nor_against__refused(proposals: Proposals, support: int) -> None:
    proposal = proposals.propose()
    proposals.market.go_to(proposal.snapshot)
    with refused(errors.GovernorInvalidVoteType):
        proposals.market.do(
            proposals.voters[0], proposals.governor, "castVote", proposal.number, support
        )


def ways(proposals: Proposals, number: int) -> list[Call]:
    """The ways in which a vote is cast by its voter."""
    prepare = proposals.governor.prepare
    return [
        prepare("castVote", number, Support.FOR),
        prepare("castVoteWithReason", number, Support.FOR, "cheaper"),
        prepare("castVoteWithReasonAndParams", number, Support.FOR, "cheaper", b"\x01"),
    ]


def assert_not_active(proposals: Proposals, proposal: Proposal, state: State) -> None:
    values = {"current": state, "expected_states": bits(State.ACTIVE)}
    for call in ways(proposals, proposal.number):
        with refused(errors.GovernorUnexpectedProposalState, proposal_id=proposal.number, **values):
            proposals.market.send(proposals.voters[0], call)


def test_cast_vote__in_any_other_state__refused(proposals: Proposals) -> None:
    proposal = proposals.propose()
    assert_not_active(proposals, proposal, State.PENDING)
    proposals.market.do(proposals.voters[0], proposals.governor, "cancel(uint256)", proposal.number)
    assert_not_active(proposals, proposal, State.CANCELED)

    proposal = proposals.carry(description="two")
    assert_not_active(proposals, proposal, State.SUCCEEDED)
    proposals.queue(proposal)
    assert_not_active(proposals, proposal, State.QUEUED)
    proposals.execute(proposal)
    assert_not_active(proposals, proposal, State.EXECUTED)


def test_cast_vote__first_and_last_second__are_the_votes(proposals: Proposals) -> None:
    first, second = proposals.propose(), proposals.propose(description="two")
    values = {"expected_states": bits(State.ACTIVE)}

    def cast(proposal: Proposal, moment: int) -> None:
        vote = ("castVote", proposal.number, Support.FOR)
        proposals.market.at(moment).do(proposals.voters[0], proposals.governor, *vote)

    early = {"proposal_id": second.number, "current": State.PENDING, **values}
    with refused(errors.GovernorUnexpectedProposalState, **early):
        cast(second, second.snapshot)
    cast(second, second.snapshot + 1)
    cast(first, first.deadline)
    assert first.deadline == first.snapshot + PERIOD
    third = proposals.propose(description="three")
    late = {"proposal_id": third.number, "current": State.DEFEATED, **values}
    with refused(errors.GovernorUnexpectedProposalState, **late):
        cast(third, third.deadline + 1)


def test_cast_vote__unknown_proposal__refused(proposals: Proposals) -> None:
    for call in ways(proposals, UNKNOWN):
        with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
            proposals.market.send(proposals.voters[0], call)
    for function in ("state", "proposalDetails"):
        with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
            proposals.governor.call(function, UNKNOWN)


def test_cast_vote__with_a_reason__is_in_the_event(proposals: Proposals) -> None:
    proposal = proposals.propose()
    proposals.market.go_to(proposal.snapshot + 1)
    for call in ways(proposals, proposal.number):
        assert proposals.governor.simulate(call, proposals.voters[0].address) == QUARTER
    _, with_reason, with_params = ways(proposals, proposal.number)

    receipt = proposals.market.send(proposals.voters[0], with_reason)
    (emitted,) = proposals.market.events(receipt, proposals.governor, "VoteCast")
    assert (emitted["reason"], emitted["weight"]) == ("cheaper", QUARTER)

    receipt = proposals.market.send(proposals.voters[1], with_params)
    (emitted,) = proposals.market.events(receipt, proposals.governor, "VoteCastWithParams")
    assert emitted.arguments == {
        "voter": proposals.voters[1].address,
        "proposal_id": proposal.number,
        "support": Support.FOR,
        "weight": QUARTER,
        "reason": "cheaper",
        "params": b"\x01",
    }
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, 2 * QUARTER, 0)
