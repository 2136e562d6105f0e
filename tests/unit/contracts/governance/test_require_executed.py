"""GridGovernor.requireExecuted: proposals that depend on others"""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import Proposal, Proposals, State, Support

UNKNOWN = 12345


def after(proposals: Proposals, proposal: Proposal) -> Call:
    return proposals.governor.prepare("requireExecuted", proposal.number)


def test_execute__before_its_predecessor__changes_nothing(proposals: Proposals) -> None:
    """Both are due; the later one waits for the former, whoever executes it."""
    market = proposals.market
    first = proposals.queued([market.carbon.prepare("setEmissionFactor", 300)])
    limit = market.settlement.prepare("setOutflowLimit", 7)
    second = proposals.queued([limit, after(proposals, first)], description="two")
    market.go_to(proposals.eta(second))
    values = {"proposal_id": first.number, "state": State.QUEUED}
    with refused(errors.GridGovernor_NotExecuted, **values):
        proposals.execute(second)
    assert proposals.state(second) is State.QUEUED
    assert market.settlement.call("outflowLimit") != 7
    proposals.execute(first)
    proposals.execute(second)
    assert proposals.state(second) is State.EXECUTED
    assert market.settlement.call("outflowLimit") == 7


def test_execute__after_a_predecessor_that_was_stopped__never(proposals: Proposals) -> None:
    market = proposals.market
    first = proposals.propose()
    second = proposals.queued([after(proposals, first)], description="two")
    assert proposals.state(first) is State.DEFEATED
    market.go_to(proposals.eta(second))
    values = {"proposal_id": first.number, "state": State.DEFEATED}
    with refused(errors.GridGovernor_NotExecuted, **values):
        proposals.execute(second)


def test_require_executed__in_every_other_state__refused(proposals: Proposals) -> None:
    def assert_refused(proposal: Proposal, state: State) -> None:
        with refused(errors.GridGovernor_NotExecuted, proposal_id=proposal.number, state=state):
            proposals.governor.call("requireExecuted", proposal.number)

    proposal = proposals.propose()
    assert_refused(proposal, State.PENDING)
    proposals.vote(proposal, Support.FOR, *proposals.voters[:2])
    assert_refused(proposal, State.ACTIVE)
    proposals.close(proposal)
    assert_refused(proposal, State.SUCCEEDED)
    proposals.queue(proposal)
    assert_refused(proposal, State.QUEUED)
    proposals.execute(proposal)
    assert proposals.governor.call("requireExecuted", proposal.number) is None


def test_require_executed__of_no_proposal__refused(proposals: Proposals) -> None:
    with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
        proposals.governor.call("requireExecuted", UNKNOWN)
