"""GridGovernor.cancel"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.house import House, Proposal, State, Support

WAYS = ("by number", "by parts")


def cancel(house: House, proposal: Proposal, way: str) -> Call:
    if way == "by number":
        return house.governor.prepare("cancel(uint256)", proposal.number)
    return house.governor.prepare("cancel(address[],uint256[],bytes[],bytes32)", *proposal.parts)


@pytest.mark.parametrize("way", WAYS)
def test_cancel__by_its_proposer_while_pending__ends_it(house: House, way: str) -> None:
    proposal = house.propose()
    call = cancel(house, proposal, way)
    if way == "by parts":
        assert house.governor.simulate(call, house.voters[0].address) == proposal.number
    receipt = house.market.send(house.voters[0], call)
    (told,) = house.market.events(receipt, house.governor, "ProposalCanceled")
    assert told.arguments == {"proposal_id": proposal.number}
    assert house.state(proposal) is State.CANCELED


@pytest.mark.parametrize("way", WAYS)
def test_cancel__by_anybody_else__refused(house: House, way: str) -> None:
    proposal = house.propose()
    holders = [house.market.roles[role] for role in Role]
    for caller in (*holders, house.voters[1].address, actor("stranger").address):
        values = {"proposal_id": proposal.number, "account": caller}
        with refused(errors.GovernorUnableToCancel, **values):
            house.market.send(caller, cancel(house, proposal, way))


@pytest.mark.parametrize("way", WAYS)
def test_cancel__once_votes_are_weighed__refused(house: House, way: str) -> None:
    """Nobody takes back what others have voted on."""
    proposer, proposal = house.voters[0], house.propose()
    values = {"proposal_id": proposal.number, "account": proposer.address}

    def assert_too_late(state: State) -> None:
        assert house.state(proposal) is state
        with refused(errors.GovernorUnableToCancel, **values):
            house.market.send(proposer, cancel(house, proposal, way))

    house.vote(proposal, Support.FOR, *house.voters[:2])
    assert_too_late(State.ACTIVE)
    house.close(proposal)
    assert_too_late(State.SUCCEEDED)
    house.queue(proposal)
    assert_too_late(State.QUEUED)
    house.execute(proposal)
    assert_too_late(State.EXECUTED)


def test_cancel__at_the_snapshot__is_the_last_second(house: House) -> None:
    first, second = house.propose(), house.propose(description="two")
    call = cancel(house, first, WAYS[0])
    house.market.at(first.snapshot).send(house.voters[0], call)
    late = cancel(house, second, WAYS[0])
    values = {"proposal_id": second.number, "account": house.voters[0].address}
    with refused(errors.GovernorUnableToCancel, **values):
        house.market.at(second.snapshot + 1).send(house.voters[0], late)


def test_cancelled_in_the_timelock__by_the_governor_alone__is_cancelled(house: House) -> None:
    """The governor has no way to do so; were there one, the proposal would be cancelled."""
    proposal = house.queued()
    operation, role = proposal.operation(house), house.timelock.call("CANCELLER_ROLE")
    for caller in (house.voters[0].address, *(house.market.roles[each] for each in Role)):
        values = {"account": caller, "needed_role": role}
        with refused(errors.AccessControlUnauthorizedAccount, **values):
            house.market.do(caller, house.timelock, "cancel", operation)
    house.market.do(house.governor.address, house.timelock, "cancel", operation)
    assert house.state(proposal) is State.CANCELED
