"""What a guardian can stop of governance, and what it cannot"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    TOKEN,
    Proposal,
    Proposals,
    State,
    Support,
    bits,
)

SECOND = actor("second guardian").address


@pytest.fixture
def guardian(proposals: Proposals) -> str:
    """The Safe."""
    return proposals.market.roles[Role.GUARDIAN]


def cancel(proposals: Proposals, proposal: Proposal) -> Call:
    return proposals.governor.prepare("cancel(uint256)", proposal.number)


def assert_cannot(proposals: Proposals, proposal: Proposal, guardian: str) -> None:
    before = proposals.state(proposal)
    values = {"proposal_id": proposal.number, "account": guardian}
    with refused(errors.GovernorUnableToCancel, **values):
        proposals.market.send(guardian, cancel(proposals, proposal))
    assert proposals.state(proposal) is before


def revoke(proposals: Proposals, role: Role, holder: str) -> Call:
    return proposals.market.access.prepare("revokeRole", role, holder)


def grant(proposals: Proposals, holder: str) -> None:
    access = proposals.market.access
    proposals.market.do(proposals.timelock.address, access, "grantRole", Role.GUARDIAN, holder, 0)


def test_guardian__within_the_delay__stops_a_decision(proposals: Proposals, guardian: str) -> None:
    """The last second of it; afterwards nobody can execute the proposal."""
    market, proposal = proposals.market, proposals.queued()
    eta = proposals.eta(proposal)
    receipt = market.at(eta - 1).send(guardian, cancel(proposals, proposal))
    (emitted,) = market.events(receipt, proposals.governor, "ProposalCanceled")
    assert emitted.arguments == {"proposal_id": proposal.number}
    assert proposals.state(proposal) is State.CANCELED
    assert not proposals.timelock.call("isOperation", proposal.operation(proposals))
    market.go_to(eta)
    values = {
        "proposal_id": proposal.number,
        "current": State.CANCELED,
        "expected_states": bits(State.QUEUED),
    }
    with refused(errors.GovernorUnexpectedProposalState, **values):
        market.do(guardian, proposals.governor, "execute(uint256)", proposal.number)
    assert market.settlement.call("outflowLimit") != 1


def test_guardian__stopped_already__cannot_cancel(proposals: Proposals, guardian: str) -> None:
    proposal = proposals.queued()
    proposals.market.send(guardian, cancel(proposals, proposal))
    assert_cannot(proposals, proposal, guardian)


def test_guardian__before_it_is_queued__cannot_cancel(proposals: Proposals, guardian: str) -> None:
    proposal = proposals.propose()
    assert_cannot(proposals, proposal, guardian)
    proposals.vote(proposal, Support.FOR, *proposals.voters[:2])
    assert_cannot(proposals, proposal, guardian)
    proposals.close(proposal)
    assert proposals.state(proposal) is State.SUCCEEDED
    assert_cannot(proposals, proposal, guardian)


def test_guardian__once_the_delay_is_over__cannot_cancel(
    proposals: Proposals, guardian: str
) -> None:
    """From the first second at which it can be executed on."""
    proposal = proposals.queued()
    proposals.market.at(proposals.eta(proposal))
    assert_cannot(proposals, proposal, guardian)
    proposals.execute(proposal)
    assert proposals.state(proposal) is State.EXECUTED
    assert_cannot(proposals, proposal, guardian)


def test_guardian__proposes_and_executes__nothing(proposals: Proposals, guardian: str) -> None:
    market, timelock = proposals.market, proposals.timelock
    values = {"proposer": guardian, "votes": 0, "threshold": 10_000 * TOKEN}
    with refused(errors.GovernorInsufficientProposerVotes, **values):
        proposals.propose(by=guardian)
    proposal = proposals.queued()
    operation, batch = proposal.operation(proposals), proposal.batch(proposals)
    for role, function, arguments in (
        ("CANCELLER_ROLE", "cancel", (operation,)),
        ("EXECUTOR_ROLE", "executeBatch", batch),
        ("PROPOSER_ROLE", "scheduleBatch", (*batch, 600)),
    ):
        needed = timelock.call(role)
        with refused(errors.AccessControlUnauthorizedAccount, account=guardian, needed_role=needed):
            market.do(guardian, timelock, function, *arguments)
    early = {"operation_id": operation, "expected_states": (1 << 2).to_bytes(32)}
    with refused(errors.TimelockUnexpectedOperationState, **early):
        market.do(guardian, proposals.governor, "execute(uint256)", proposal.number)


def test_others__within_the_delay__cannot_cancel(proposals: Proposals, guardian: str) -> None:
    proposal = proposals.queued()
    holders = {holder for role, holder in proposals.market.roles.items()} - {guardian}
    for caller in (*sorted(holders), proposals.voters[0].address, actor("stranger").address):
        assert_cannot(proposals, proposal, caller)


@pytest.mark.parametrize("whose", ["its own", "another's"])
def test_guardian__dismissed_by_a_vote__cannot_stop_that(
    proposals: Proposals, guardian: str, whose: str
) -> None:
    """However it cancels everything else, and with whomever: a decision later it is none."""
    grant(proposals, SECOND)
    caller = guardian if whose == "its own" else SECOND
    proposal = proposals.queued([revoke(proposals, Role.GUARDIAN, guardian)])
    assert_cannot(proposals, proposal, caller)
    other = proposals.queued(description="while it still can")
    proposals.market.send(guardian, cancel(proposals, other))
    proposals.execute(proposal)
    assert proposals.market.access.call("hasRole", Role.GUARDIAN, guardian) == (False, 0)
    assert_cannot(proposals, proposals.queued(description="afterwards"), guardian)


def dismissal_and_more(proposals: Proposals, guardian: str) -> Sequence[Call]:
    return [revoke(proposals, Role.GUARDIAN, guardian), *proposals.tariff()]


def of_another_role(proposals: Proposals, guardian: str) -> Sequence[Call]:
    return [revoke(proposals, Role.TREASURY, guardian)]


def to_another_contract(proposals: Proposals, guardian: str) -> Sequence[Call]:
    made = revoke(proposals, Role.GUARDIAN, guardian)
    other = proposals.market.settlement
    return [Call(contract=other.name, function="?", to=other.address, data=made.data)]


def cut_short(proposals: Proposals, guardian: str) -> Sequence[Call]:
    made = revoke(proposals, Role.GUARDIAN, guardian)
    return [Call(contract=made.contract, function="?", to=made.to, data=made.data[:35])]


@pytest.mark.parametrize(
    "calls", [dismissal_and_more, of_another_role, to_another_contract, cut_short]
)
def test_guardian__of_what_is_more_than_its_dismissal__can_stop_it(
    proposals: Proposals, guardian: str, calls: object
) -> None:
    """Nothing else passes under the cover of a dismissal."""
    assert callable(calls)
    proposal = proposals.queued(calls(proposals, guardian))
    proposals.market.send(guardian, cancel(proposals, proposal))
    assert proposals.state(proposal) is State.CANCELED
