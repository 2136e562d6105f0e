"""GridGovernor: votes in the last second, a guardian, and decisions that depend on each other."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.client import errors
from energy_grid.domain.enums import ProposalState, Support
from scripts._walkthrough.stage import Stage
from scripts.walkthrough._governance_proposals import carry, propose

__all__ = ["limits"]

TOKEN = 10**18


def limits(stage: Stage) -> None:
    """What keeps a majority from surprising the others, and what keeps a guardian in its place."""
    _late_quorum(stage)
    _a_guardian(stage)
    _predecessors(stage)


def _limit(stage: Stage, dollars: int) -> Call:
    return stage.market.settlement.set_outflow_limit(dollars * 10**6)


def _late_quorum(stage: Stage) -> None:
    governor = stage.market.governor
    first, second, third, fourth = stage.voters
    stage.chapter("A vote in the last second")
    stage.says("Two voters want to win before anybody notices that there is a quorum.")
    stage.shows("seconds that others have to answer", governor.late_quorum_vote_extension())
    made = propose(stage, [_limit(stage, 1)], "A limit of one dollar")
    stage.wait_until(made.vote_start + 1)
    stage.does("the first votes early", first, governor.cast_vote(made.id, Support.FOR))
    stage.wait_until(made.vote_end - 1)
    stage.does(
        "the second in the last second, which brings the quorum",
        second,
        governor.cast_vote(made.id, Support.FOR),
        "ProposalExtended",
    )
    later = stage.market.proposal(made.number)
    stage.check(later.vote_end == made.vote_end + 120, "the vote was not extended")
    stage.shows("the last second of the vote, now", later.vote_end)
    for voter in (third, fourth):
        stage.does("the others answer", voter, governor.cast_vote(made.id, Support.AGAINST))
    stage.wait_until(later.vote_end + 1)
    stage.refuses(
        "queueing it",
        errors.GovernorUnexpectedProposalState,
        first,
        governor.queue(made.id),
        current=ProposalState.DEFEATED,
    )


def _a_guardian(stage: Stage) -> None:
    market, governor, safe = stage.market, stage.market.governor, stage.guardian
    anybody = stage.person("anybody")
    stage.chapter("A guardian stops what was decided, while it waits")
    stage.shows("where the governor looks who is a guardian", governor.access())
    stage.shows("the role", governor.guardian_role())
    made = propose(stage, [_limit(stage, 2)], "A limit of two dollars")
    stage.wait_until(made.vote_start + 1)
    for voter in stage.voters[:2]:
        stage.does("a quarter of all votes for it", voter, governor.cast_vote(made.id, Support.FOR))
    stage.wait_until(made.vote_end + 1)
    stage.refuses(
        "the guardian stops it before it is queued",
        errors.GovernorUnableToCancel,
        safe,
        governor.cancel(made.id),
    )
    stage.does("queued", anybody, governor.queue(made.id), "ProposalQueued")
    stage.does("the guardian stops it", safe, governor.cancel(made.id), "ProposalCanceled")
    stage.shows("where it stands", governor.state(made.id))
    late = carry(stage, [_limit(stage, 3)], "A limit of three dollars")
    stage.refuses(
        "the guardian stops it once its time has come",
        errors.GovernorUnableToCancel,
        safe,
        governor.cancel(late.id),
    )
    dismissal = market.access.revoke_role(Role.GUARDIAN, safe.address)
    made = propose(stage, [dismissal], "Another guardian is needed")
    stage.wait_until(made.vote_start + 1)
    for voter in stage.voters[:2]:
        stage.does("a quarter of all votes for it", voter, governor.cast_vote(made.id, Support.FOR))
    stage.wait_until(made.vote_end + 1)
    stage.does("queued", anybody, governor.queue(made.id), "ProposalQueued")
    stage.refuses(
        "the guardian stops its own dismissal",
        errors.GovernorUnableToCancel,
        safe,
        governor.cancel(made.id),
    )


def _predecessors(stage: Stage) -> None:
    market, governor = stage.market, stage.market.governor
    anybody = stage.person("anybody")
    stage.chapter("A decision that comes after another one")
    first = carry(stage, [_limit(stage, 50_000)], "A limit of 50,000 dollars")
    stage.refuses_to_answer(
        "whether it is executed",
        errors.GridGovernor_NotExecuted,
        lambda: governor.require_executed(first.id),
        proposal_id=first.id,
        state=ProposalState.QUEUED,
    )
    calls = [governor.prepare("requireExecuted", first.id), _limit(stage, 60_000)]
    second = carry(stage, calls, "And then 60,000")
    stage.refuses(
        "executing the second one first",
        errors.GridGovernor_NotExecuted,
        anybody,
        governor.execute(second.id),
        proposal_id=first.id,
    )
    stage.does("the first", anybody, governor.execute(first.id), "ProposalExecuted")
    stage.does(
        "then the second",
        anybody,
        governor.execute(second.id),
        "ProposalExecuted",
        within=calls,
    )
    stage.check(market.settlement.outflow_limit() == 60_000 * 10**6, "the limit is another one")
