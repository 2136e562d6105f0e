"""GridGovernor.cancel"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import Proposal, Proposals, State, Support

WAYS = ("by number", "by parts")


def cancel(proposals: Proposals, proposal: Proposal, way: str) -> Call:
    if way == "by number":
        return proposals.governor.prepare("cancel(uint256)", proposal.number)
    return proposals.governor.prepare(
        "cancel(address[],uint256[],bytes[],bytes32)", *proposal.parts
    )


@pytest.mark.parametrize("way", WAYS)
def test_cancel__by_its_proposer_while_pending__ends_it(proposals: Proposals, way: str) -> None:
    proposal = proposals.propose()
    call = cancel(proposals, proposal, way)
    if way == "by parts":
        assert proposals.governor.simulate(call, proposals.voters[0].address) == proposal.number
    receipt = proposals.market.send(proposals.voters[0], call)
    (emitted,) = proposals.market.events(receipt, proposals.governor, "ProposalCanceled")
    assert emitted.arguments == {"proposal_id": proposal.number}
    assert proposals.state(proposal) is State.CANCELED


@pytest.mark.parametrize("way", WAYS)
def test_cancel__by_anybody_else__refused(proposals: Proposals, way: str) -> None:
    proposal = proposals.propose()
    holders = [proposals.market.roles[role] for role in Role]
    for caller in (*holders, proposals.voters[1].address, actor("stranger").address):
        values = {"proposal_id": proposal.number, "account": caller}
        with refused(errors.GovernorUnableToCancel, **values):
            proposals.market.send(caller, cancel(proposals, proposal, way))


@pytest.mark.parametrize("way", WAYS)
def test_cancel__once_votes_are_weighed__refused(proposals: Proposals, way: str) -> None:
    """Its proposer does not take back what others have voted on."""
    proposer, proposal = proposals.voters[0], proposals.propose()
    values = {"proposal_id": proposal.number, "account": proposer.address}

    def assert_too_late(state: State) -> None:
        assert proposals.state(proposal) is state
        with refused(errors.GovernorUnableToCancel, **values):
            proposals.market.send(proposer, cancel(proposals, proposal, way))

    proposals.vote(proposal, Support.FOR, *proposals.voters[:2])
    assert_too_late(State.ACTIVE)
    proposals.close(proposal)
    assert_too_late(State.SUCCEEDED)
    proposals.queue(proposal)
    assert_too_late(State.QUEUED)
    proposals.execute(proposal)
    assert_too_late(State.EXECUTED)


def test_cancel__at_the_snapshot__is_the_last_second(proposals: Proposals) -> None:
    first, second = proposals.propose(), proposals.propose(description="two")
    call = cancel(proposals, first, WAYS[0])
    proposals.market.at(first.snapshot).send(proposals.voters[0], call)
    late = cancel(proposals, second, WAYS[0])
    values = {"proposal_id": second.number, "account": proposals.voters[0].address}
    with refused(errors.GovernorUnableToCancel, **values):
        proposals.market.at(second.snapshot + 1).send(proposals.voters[0], late)


def test_cancelled_in_the_timelock__by_the_governor_alone__is_cancelled(
    proposals: Proposals,
) -> None:
    """The governor has no way to do so; were there one, the proposal would be cancelled."""
    proposal = proposals.queued()
    operation, role = proposal.operation(proposals), proposals.timelock.call("CANCELLER_ROLE")
    for caller in (proposals.voters[0].address, *(proposals.market.roles[each] for each in Role)):
        values = {"account": caller, "needed_role": role}
        with refused(errors.AccessControlUnauthorizedAccount, **values):
            proposals.market.do(caller, proposals.timelock, "cancel", operation)
    proposals.market.do(proposals.governor.address, proposals.timelock, "cancel", operation)
    assert proposals.state(proposal) is State.CANCELED
