"""GridGovernor.castVote, castVoteWithReason, castVoteWithReasonAndParams"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.house import (
    PERIOD,
    QUARTER,
    House,
    Proposal,
    State,
    Support,
    bits,
)

BYSTANDER = actor("bystander")
UNKNOWN = 12345


def outcome(house: House, votes: list[Support]) -> State:
    """What becomes of a proposal on which the voters vote in their order."""
    proposal = house.propose()
    for voter, support in zip(house.voters, votes, strict=False):
        house.vote(proposal, support, voter)
    house.close(proposal)
    return house.state(proposal)


@pytest.mark.parametrize("support", Support)
def test_cast_vote__by_a_voter__is_counted(house: House, support: Support) -> None:
    proposal, voter = house.propose(), house.voters[1]

    (receipt,) = house.vote(proposal, support, voter)

    (cast,) = house.market.events(receipt, house.governor, "VoteCast")
    assert cast.arguments == {
        "voter": voter.address,
        "proposal_id": proposal.number,
        "support": support,
        "weight": QUARTER,
        "reason": "",
    }
    counted = house.governor.call("proposalVotes", proposal.number)
    assert counted == tuple(QUARTER * (place is support) for place in Support)
    assert house.governor.call("hasVoted", proposal.number, voter.address)
    assert not house.governor.call("hasVoted", proposal.number, house.voters[0].address)


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
def test_cast_vote__all_counted__decide(house: House, votes: list[Support], state: State) -> None:
    assert outcome(house, votes) is state


@pytest.mark.parametrize("more", [-1, 0])
def test_quorum__to_the_last_unit__decides(house: House, more: int) -> None:
    """30 % of a million tokens: a quarter and another voter's 50,000, or one base unit less."""
    helper = actor("helper")
    quorum = 4 * QUARTER * 30 // 100
    house.market.do(helper, house.token, "delegate", helper.address)
    house.market.do(
        house.voters[1], house.token, "transfer", helper.address, quorum - QUARTER + more
    )
    proposal = house.propose()
    house.vote(proposal, Support.FOR, house.voters[0], helper)
    house.close(proposal)
    assert house.governor.call("quorum", proposal.snapshot) == quorum
    assert house.state(proposal) is (State.DEFEATED if more else State.SUCCEEDED)


def test_cast_vote__twice__refused(house: House) -> None:
    proposal, voter = house.propose(), house.voters[0]
    house.vote(proposal, Support.FOR, voter)
    for support in Support:
        with refused(errors.GovernorAlreadyCastVote, voter=voter.address):
            house.vote(proposal, support, voter)


def test_cast_vote__without_votes__counts_nothing(house: House) -> None:
    proposal = house.propose()
    house.vote(proposal, Support.FOR, BYSTANDER)
    assert house.governor.call("proposalVotes", proposal.number) == (0, 0, 0)


@pytest.mark.parametrize("support", [3, 255])
def test_cast_vote__neither_for_nor_against__refused(house: House, support: int) -> None:
    proposal = house.propose()
    house.market.go_to(proposal.snapshot)
    with refused(errors.GovernorInvalidVoteType):
        house.market.do(house.voters[0], house.governor, "castVote", proposal.number, support)


def ways(house: House, number: int) -> list[Call]:
    """The ways in which a vote is cast by its voter."""
    prepare = house.governor.prepare
    return [
        prepare("castVote", number, Support.FOR),
        prepare("castVoteWithReason", number, Support.FOR, "cheaper"),
        prepare("castVoteWithReasonAndParams", number, Support.FOR, "cheaper", b"\x01"),
    ]


def assert_not_active(house: House, proposal: Proposal, state: State) -> None:
    values = {"current": state, "expected_states": bits(State.ACTIVE)}
    for call in ways(house, proposal.number):
        with refused(errors.GovernorUnexpectedProposalState, proposal_id=proposal.number, **values):
            house.market.send(house.voters[0], call)


def test_cast_vote__in_any_other_state__refused(house: House) -> None:
    proposal = house.propose()
    assert_not_active(house, proposal, State.PENDING)
    house.market.do(house.voters[0], house.governor, "cancel(uint256)", proposal.number)
    assert_not_active(house, proposal, State.CANCELED)

    proposal = house.carry(description="two")
    assert_not_active(house, proposal, State.SUCCEEDED)
    house.queue(proposal)
    assert_not_active(house, proposal, State.QUEUED)
    house.execute(proposal)
    assert_not_active(house, proposal, State.EXECUTED)


def test_cast_vote__first_and_last_second__are_the_votes(house: House) -> None:
    first, second = house.propose(), house.propose(description="two")
    values = {"expected_states": bits(State.ACTIVE)}

    def cast(proposal: Proposal, moment: int) -> None:
        vote = ("castVote", proposal.number, Support.FOR)
        house.market.at(moment).do(house.voters[0], house.governor, *vote)

    early = {"proposal_id": second.number, "current": State.PENDING, **values}
    with refused(errors.GovernorUnexpectedProposalState, **early):
        cast(second, second.snapshot)
    cast(second, second.snapshot + 1)
    cast(first, first.deadline)
    assert first.deadline == first.snapshot + PERIOD
    third = house.propose(description="three")
    late = {"proposal_id": third.number, "current": State.DEFEATED, **values}
    with refused(errors.GovernorUnexpectedProposalState, **late):
        cast(third, third.deadline + 1)


def test_cast_vote__unknown_proposal__refused(house: House) -> None:
    for call in ways(house, UNKNOWN):
        with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
            house.market.send(house.voters[0], call)
    for function in ("state", "proposalDetails"):
        with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
            house.governor.call(function, UNKNOWN)


def test_cast_vote__with_a_reason__is_told(house: House) -> None:
    proposal = house.propose()
    house.market.go_to(proposal.snapshot + 1)
    for call in ways(house, proposal.number):
        assert house.governor.simulate(call, house.voters[0].address) == QUARTER
    _, with_reason, with_params = ways(house, proposal.number)

    receipt = house.market.send(house.voters[0], with_reason)
    (told,) = house.market.events(receipt, house.governor, "VoteCast")
    assert (told["reason"], told["weight"]) == ("cheaper", QUARTER)

    receipt = house.market.send(house.voters[1], with_params)
    (told,) = house.market.events(receipt, house.governor, "VoteCastWithParams")
    assert told.arguments == {
        "voter": house.voters[1].address,
        "proposal_id": proposal.number,
        "support": Support.FOR,
        "weight": QUARTER,
        "reason": "cheaper",
        "params": b"\x01",
    }
    assert house.governor.call("proposalVotes", proposal.number) == (0, 2 * QUARTER, 0)
