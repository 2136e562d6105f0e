"""GridGovernor.propose"""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.house import (
    DELAY,
    PERIOD,
    QUARTER,
    TOKEN,
    House,
    State,
    Support,
)

PROPOSER = actor("proposer").address
THRESHOLD = 10_000 * TOKEN


def test_propose__by_a_voter__is_pending_and_stored(house: House) -> None:
    calls, text = house.tariff(), "Another tariff"
    parts = [call.to for call in calls], [0, 0], [call.data for call in calls]
    proposer = house.voters[0].address
    returned = house.governor.call("propose", *parts, text, sender=proposer)
    receipt = house.market.do(house.voters[0], house.governor, "propose", *parts, text)

    (created,) = house.market.events(receipt, house.governor, "ProposalCreated")
    number = created["proposal_id"]
    assert number == returned
    snapshot = receipt.time + DELAY
    assert created.arguments == {
        "proposal_id": number,
        "proposer": house.voters[0].address,
        "targets": tuple(parts[0]),
        "values": (0, 0),
        "signatures": ("", ""),
        "calldatas": tuple(parts[2]),
        "vote_start": snapshot,
        "vote_end": snapshot + PERIOD,
        "description": text,
    }
    ask, hashed = house.governor.call, keccak(text=text)
    stored = (*(tuple(part) for part in parts), hashed)
    assert ask("state", number) == State.PENDING
    assert ask("proposalCount") == 1
    assert ask("proposalDetails", number) == stored
    assert ask("proposalDetailsAt", 0) == (number, *stored)
    assert ask("proposalProposer", number) == house.voters[0].address
    assert ask("proposalSnapshot", number) == snapshot
    assert ask("proposalDeadline", number) == snapshot + PERIOD
    assert ask("proposalEta", number) == 0
    assert ask("proposalVotes", number) == (0, 0, 0)
    assert ask("hashProposal", *stored) == ask("getProposalId", *stored) == number


def test_propose__several__listed_in_their_order(house: House) -> None:
    proposals = [house.propose(description=text) for text in ("one", "two", "three")]
    assert house.governor.call("proposalCount") == len(proposals)
    listed = [house.governor.call("proposalDetailsAt", place)[0] for place in range(3)]
    assert listed == [proposal.number for proposal in proposals]
    with pytest.raises(errors.Panic):
        house.governor.call("proposalDetailsAt", 3)


@pytest.mark.parametrize("votes", [0, THRESHOLD - 1])
def test_propose__below_the_threshold__refused(house: House, votes: int) -> None:
    house.market.do(PROPOSER, house.token, "delegate", PROPOSER)
    house.market.do(house.voters[0], house.token, "transfer", PROPOSER, votes)
    values = {"proposer": PROPOSER, "votes": votes, "threshold": THRESHOLD}
    with refused(errors.GovernorInsufficientProposerVotes, **values):
        house.propose(by=PROPOSER)


def test_propose__with_the_threshold__accepted(house: House) -> None:
    house.market.do(PROPOSER, house.token, "delegate", PROPOSER)
    house.market.do(house.voters[0], house.token, "transfer", PROPOSER, THRESHOLD)
    assert house.state(house.propose(by=PROPOSER)) is State.PENDING


def test_propose__by_those_who_hold_roles__need_votes_too(house: House) -> None:
    for role in Role:
        holder = house.market.roles[role]
        values = {"proposer": holder, "votes": 0, "threshold": THRESHOLD}
        with refused(errors.GovernorInsufficientProposerVotes, **values):
            house.propose(by=holder)


@pytest.mark.parametrize(
    ("targets", "values", "calldatas"), [(0, 0, 0), (1, 0, 1), (1, 1, 0), (0, 1, 1), (2, 1, 2)]
)
def test_propose__parts_not_as_many__refused(
    house: House, targets: int, values: int, calldatas: int
) -> None:
    parts = [PROPOSER] * targets, [0] * values, [b""] * calldatas
    wrong = {"targets": targets, "calldatas": calldatas, "values": values}
    with refused(errors.GovernorInvalidProposalLength, **wrong):
        house.market.do(house.voters[0], house.governor, "propose", *parts, "")


def test_propose__the_same_again__refused_in_every_state(house: House) -> None:
    proposal = house.propose()

    def again(state: State) -> None:
        values = {"current": state, "expected_states": bytes(32)}
        with refused(errors.GovernorUnexpectedProposalState, proposal_id=proposal.number, **values):
            house.propose(by=house.voters[1])

    again(State.PENDING)
    house.vote(proposal, Support.FOR, *house.voters[:2])
    again(State.ACTIVE)
    house.close(proposal)
    again(State.SUCCEEDED)
    house.queue(proposal)
    again(State.QUEUED)
    house.execute(proposal)
    again(State.EXECUTED)
    assert house.state(house.propose(description="Another tariff, once more")) is State.PENDING


def test_propose__named_for_its_proposer__by_another_refused(house: House) -> None:
    """Nobody can take a proposal away by sending it first, to cancel it."""
    first, second = house.voters[:2]
    text = f"Another tariff#proposer={first.address}"
    with refused(errors.GovernorRestrictedProposer, proposer=second.address):
        house.propose(by=second, description=text)
    assert house.state(house.propose(by=first, description=text)) is State.PENDING


def test_propose__votes_delegated_away__not_the_holders(house: House) -> None:
    holder, other = house.voters[:2]
    house.market.do(holder, house.token, "delegate", other.address)
    values = {"proposer": holder.address, "votes": 0, "threshold": THRESHOLD}
    with refused(errors.GovernorInsufficientProposerVotes, **values):
        house.propose(by=holder)
    assert house.token.call("getVotes", other.address) == 2 * QUARTER
