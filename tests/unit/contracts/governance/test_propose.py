"""GridGovernor.propose"""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    DELAY,
    PERIOD,
    QUARTER,
    TOKEN,
    Proposals,
    State,
    Support,
)

PROPOSER = actor("proposer").address
THRESHOLD = 10_000 * TOKEN


def test_propose__by_a_voter__is_pending_and_stored(proposals: Proposals) -> None:
    calls, text = proposals.tariff(), "Another tariff"
    parts = [call.to for call in calls], [0, 0], [call.data for call in calls]
    proposer = proposals.voters[0].address
    returned = proposals.governor.call("propose", *parts, text, sender=proposer)
    receipt = proposals.market.do(proposals.voters[0], proposals.governor, "propose", *parts, text)

    (created,) = proposals.market.events(receipt, proposals.governor, "ProposalCreated")
    number = created["proposal_id"]
    assert number == returned
    snapshot = receipt.time + DELAY
    assert created.arguments == {
        "proposal_id": number,
        "proposer": proposals.voters[0].address,
        "targets": tuple(parts[0]),
        "values": (0, 0),
        "signatures": ("", ""),
        "calldatas": tuple(parts[2]),
        "vote_start": snapshot,
        "vote_end": snapshot + PERIOD,
        "description": text,
    }
    ask, hashed = proposals.governor.call, keccak(text=text)
    stored = (*(tuple(part) for part in parts), hashed)
    assert ask("state", number) == State.PENDING
    assert ask("proposalCount") == 1
    assert ask("proposalDetails", number) == stored
    assert ask("proposalDetailsAt", 0) == (number, *stored)
    assert ask("proposalProposer", number) == proposals.voters[0].address
    assert ask("proposalSnapshot", number) == snapshot
    assert ask("proposalDeadline", number) == snapshot + PERIOD
    assert ask("proposalEta", number) == 0
    assert ask("proposalVotes", number) == (0, 0, 0)
    assert ask("hashProposal", *stored) == ask("getProposalId", *stored) == number


def test_propose__several__listed_in_their_order(proposals: Proposals) -> None:
    made = [proposals.propose(description=text) for text in ("one", "two", "three")]
    assert proposals.governor.call("proposalCount") == len(made)
    listed = [proposals.governor.call("proposalDetailsAt", place)[0] for place in range(3)]
    assert listed == [proposal.number for proposal in made]
    with pytest.raises(errors.Panic):
        proposals.governor.call("proposalDetailsAt", 3)


@pytest.mark.parametrize("votes", [0, THRESHOLD - 1])
def test_propose__below_the_threshold__refused(proposals: Proposals, votes: int) -> None:
    proposals.market.do(PROPOSER, proposals.token, "delegate", PROPOSER)
    proposals.market.do(proposals.voters[0], proposals.token, "transfer", PROPOSER, votes)
    values = {"proposer": PROPOSER, "votes": votes, "threshold": THRESHOLD}
    with refused(errors.GovernorInsufficientProposerVotes, **values):
        proposals.propose(by=PROPOSER)


def test_propose__with_the_threshold__accepted(proposals: Proposals) -> None:
    proposals.market.do(PROPOSER, proposals.token, "delegate", PROPOSER)
    proposals.market.do(proposals.voters[0], proposals.token, "transfer", PROPOSER, THRESHOLD)
    assert proposals.state(proposals.propose(by=PROPOSER)) is State.PENDING


def test_propose__by_those_who_hold_roles__need_votes_too(proposals: Proposals) -> None:
    for role in Role:
        holder = proposals.market.roles[role]
        values = {"proposer": holder, "votes": 0, "threshold": THRESHOLD}
        with refused(errors.GovernorInsufficientProposerVotes, **values):
            proposals.propose(by=holder)


@pytest.mark.parametrize(
    ("targets", "values", "calldatas"), [(0, 0, 0), (1, 0, 1), (1, 1, 0), (0, 1, 1), (2, 1, 2)]
)
def test_propose__parts_not_as_many__refused(
    proposals: Proposals, targets: int, values: int, calldatas: int
) -> None:
    parts = [PROPOSER] * targets, [0] * values, [b""] * calldatas
    wrong = {"targets": targets, "calldatas": calldatas, "values": values}
    with refused(errors.GovernorInvalidProposalLength, **wrong):
        proposals.market.do(proposals.voters[0], proposals.governor, "propose", *parts, "")


def test_propose__the_same_again__refused_in_every_state(proposals: Proposals) -> None:
    proposal = proposals.propose()

    def again(state: State) -> None:
        values = {"current": state, "expected_states": bytes(32)}
        with refused(errors.GovernorUnexpectedProposalState, proposal_id=proposal.number, **values):
            proposals.propose(by=proposals.voters[1])

    again(State.PENDING)
    proposals.vote(proposal, Support.FOR, *proposals.voters[:2])
    again(State.ACTIVE)
    proposals.close(proposal)
    again(State.SUCCEEDED)
    proposals.queue(proposal)
    again(State.QUEUED)
    proposals.execute(proposal)
    again(State.EXECUTED)
    assert (
        proposals.state(proposals.propose(description="Another tariff, once more")) is State.PENDING
    )


def test_propose__named_for_its_proposer__by_another_refused(proposals: Proposals) -> None:
    """Nobody can take a proposal away by sending it first, to cancel it."""
    first, second = proposals.voters[:2]
    text = f"Another tariff#proposer={first.address}"
    with refused(errors.GovernorRestrictedProposer, proposer=second.address):
        proposals.propose(by=second, description=text)
    assert proposals.state(proposals.propose(by=first, description=text)) is State.PENDING


def test_propose__votes_delegated_away__not_the_holders(proposals: Proposals) -> None:
    holder, other = proposals.voters[:2]
    proposals.market.do(holder, proposals.token, "delegate", other.address)
    values = {"proposer": holder.address, "votes": 0, "threshold": THRESHOLD}
    with refused(errors.GovernorInsufficientProposerVotes, **values):
        proposals.propose(by=holder)
    assert proposals.token.call("getVotes", other.address) == 2 * QUARTER
