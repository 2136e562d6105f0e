"""``energy-grid govern``: who changes the market's rules, and how far each change is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    stacked,
    table,
    word,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Limit, Offset, choice, number
from energy_grid.cli.proposals import found_proposal, propose
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import ProposalState, Support
from energy_grid.domain.units import format_duration
from energy_grid.errors import ContractError, EnergyGridError
from energy_grid.market.call_words import measure

if TYPE_CHECKING:
    from energy_grid.contracts import events
    from energy_grid.market.governance import Proposal
    from energy_grid.market.plan import Plan

__all__ = ["govern"]

govern = CommandGroup("govern")
govern.add(propose)

Result = TypeVar("Result")
_NOBODY = "0x" + "0" * 40
Number = Annotated[int, number("PROPOSAL", "Its number, or its id.", 1)]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="On a local chain, set the clock forward to the time when this is possible."
    ),
]


@govern.shows("status")
def status(view: View) -> Answer:
    """Show the rules of voting, the voting power of accounts, and the holders of roles."""
    from energy_grid.market.roles import role_assignments as roles_held

    market = view.market
    governor, votes = market.governor, market.votes
    supply, percent = votes.total_supply(), governor.quorum_numerator()
    holders = [_holder(view, address) for address in _holders(view)]
    rules = {
        "voting_delay": governor.voting_delay(),
        "voting_period": governor.voting_period(),
        "vote_extension": governor.late_quorum_vote_extension(),
        "timelock_delay": market.timelock.get_min_delay(),
        "proposal_threshold": governor.proposal_threshold(),
        "quorum_percent": percent,
        "quorum": supply * percent // 100,
        "total_supply": supply,
        "delegated": sum(each["votes"] for each in holders),
        "cap": votes.cap(),
        "proposals": governor.proposal_count(),
    }
    held = roles_held(market.access, market.deployment.first_block)
    roles = {role.name: sorted(held.get(role, {})) for role in Role}
    shown = stacked(
        facts(_rules(view, rules)),
        table(
            ("holder", ">tokens", "delegated to", ">votes"),
            [
                (
                    view.named(each["holder"]),
                    view.votes(each["tokens"]),
                    "nobody; has no votes"
                    if each["delegate"] == _NOBODY
                    else view.named(each["delegate"]),
                    view.votes(each["votes"]),
                )
                for each in holders
            ],
        ),
        table(
            ("role", "held by"),
            [(name, ", ".join(map(view.named, found)) or "-") for name, found in roles.items()],
        ),
    )
    document = {**rules, "holders": holders, "roles": roles}
    return Answer(document=document, shown=shown)


@govern.does("delegate")
def delegate(
    session: Session,
    to: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="The delegate; by default the sender."),
    ] = None,
) -> Planned[Any]:
    """Delegate the sender's votes; tokens without a delegate do not count."""
    votes = session.market.votes
    chosen = session.recipient(to)

    def message(_: Any) -> str:
        held = votes.balance_of(session.address)
        whose = "its own" if chosen == session.address else f"those of {session.address},"
        return f"{chosen} votes with {whose} {session.votes(held)}"

    return Planned(session.market.delegate_votes(session.who, chosen), message)


@govern.shows("list")
def list_(view: View, limit: Limit = 20, offset: Offset = 0) -> Answer:
    """List proposals, the newest first."""
    found = view.market.proposals(offset, limit)
    rows = [
        (
            str(each.number),
            word(each.state),
            _words(view, each),
            view.votes(each.tally.for_votes),
            view.votes(each.tally.against_votes),
            _next(view, each),
        )
        for each in found
    ]
    titles = (">proposal", "state", "calls", ">for", ">against", "next")
    return Answer(
        document=[_document(view, each) for each in found],
        shown=listed(titles, rows, "Nothing has been proposed."),
    )


@govern.shows("show")
def show(view: View, proposal: Number) -> Answer:
    """Show a proposal: its description, calls and votes, and the next step."""
    found = found_proposal(view, proposal)
    description = view.market.proposal_description(found.id)
    tally, needed = found.tally, _quorum(view, found)
    rows = {
        "proposal": f"{found.number} (id {found.id})",
        "state": word(found.state),
        "description": _described(description),
        "calls": _words(view, found),
        "depends on": _predecessors(found) or "no other proposal",
        "proposer": view.named(found.proposer),
        "for": view.votes(tally.for_votes),
        "against": view.votes(tally.against_votes),
        "abstain": view.votes(tally.abstain_votes),
        "quorum": "not known before the vote starts" if needed is None else view.votes(needed),
        "votes count as of": format_time(found.vote_start),
        "voting ends": format_time(found.vote_end),
        "next": _next(view, found),
    }
    return Answer(
        document={**_document(view, found), "description": description}, shown=facts(rows)
    )


@govern.does("vote")
def vote(
    session: Session,
    proposal: Number,
    support: Annotated[Support, choice(Support, "VOTE")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="A public reason.")] = "",
    wait: Wait = False,
) -> Planned[Any]:
    """Vote, with the votes that the sender had at the start of the vote."""
    found = found_proposal(session, proposal)
    _require_votes(session, found)

    def message(cast: events.GridGovernor_VoteCast) -> str:
        tally = session.market.governor.proposal_votes(found.id)
        return (
            f"Voted {word(support)} on proposal {found.number} with {session.votes(cast.weight)}:"
            f" now {session.votes(tally.for_votes)} for, {session.votes(tally.against_votes)}"
            f" against, {session.votes(tally.abstain_votes)} abstain; {_wanted(session, found)}"
        )

    plan = session.market.vote(session.who, found, support, reason=reason, wait=wait)
    return _timed(session, found, plan, message, "be voted on")


@govern.does("queue")
def queue(session: Session, proposal: Number, wait: Wait = False) -> Planned[Any]:
    """Queue a successful proposal in the timelock (anybody)."""
    found = found_proposal(session, proposal)

    def message(queued: events.GridGovernor_ProposalQueued) -> str:
        eta = format_time(queued.eta_seconds)
        return f"Queued proposal {found.number}: it can be executed from {eta} on"

    plan = session.market.queue_proposal(session.who, found, wait=wait)
    return _timed(session, found, plan, message, "be queued")


@govern.does("execute")
def execute(session: Session, proposal: Number, wait: Wait = False) -> Planned[Any]:
    """Execute a proposal after its delay (anybody)."""
    found = found_proposal(session, proposal)
    does = _words(session, found)
    plan = session.market.execute_proposal(session.who, found, wait=wait)
    message = f"Executed proposal {found.number}: {does}"
    return _timed(session, found, plan, lambda _: message, "be executed")


@govern.does("cancel")
def cancel(session: Session, proposal: Number) -> Planned[Any]:
    """Cancel an own proposal before its vote, or a queued one as guardian within its delay."""
    found = found_proposal(session, proposal)
    message = f"Cancelled proposal {found.number}: {_words(session, found)}"
    plan = session.market.cancel_proposal(session.who, found)
    return _timed(session, found, plan, lambda _: message, "be cancelled")


def _timed(
    session: Session,
    proposal: Proposal,
    plan: Plan[Result],
    message: Callable[[Result], str],
    doing: str,
) -> Planned[Result]:
    """A call that a proposal permits at certain times; the error names the time."""
    from energy_grid.contracts import errors

    def explain(refusal: ContractError) -> EnergyGridError | None:
        if isinstance(refusal, errors.GovernorAlreadyCastVote):
            who = session.address
            return EnergyGridError(f"{who} has voted on proposal {proposal.number} already")
        if isinstance(
            refusal,
            errors.GovernorUnexpectedProposalState | errors.TimelockUnexpectedOperationState,
        ):
            reason = _next(session, session.market.proposal(proposal.number))
        elif isinstance(refusal, errors.GridGovernor_NotExecuted):
            reason = f"it depends on {_predecessors(session.market.proposal(proposal.number))}"
        elif isinstance(refusal, errors.GovernorUnableToCancel):
            reason = _uncancellable(session, proposal)
        else:
            return None
        return EnergyGridError(f"proposal {proposal.number} cannot {doing} now: {reason}")

    return Planned(plan, message, explain=explain)


def _uncancellable(session: Session, proposal: Proposal) -> str:
    """Why the sender cannot cancel a proposal."""
    from energy_grid.market.roles import role_assignments

    if proposal.state is ProposalState.PENDING:
        return f"only its proposer {proposal.proposer} can"
    if proposal.state in (ProposalState.ACTIVE, ProposalState.SUCCEEDED):
        return "its vote has begun; a guardian can once it is queued"
    if proposal.state is not ProposalState.QUEUED:
        return _next(session, proposal)
    access, first = session.market.access, session.market.deployment.first_block
    guardians = role_assignments(access, first).get(Role.GUARDIAN, {})
    if session.address not in guardians:
        return f"only a guardian can: {', '.join(map(session.named, sorted(guardians)))}"
    if proposal.eta <= session.market.node.time:
        return "its delay is over"
    return "no guardian can cancel a proposal that only revokes the role GUARDIAN"


def _require_votes(session: Session, proposal: Proposal) -> None:
    """Accept a sender with votes, and any sender before the vote starts.

    Raises:
        EnergyGridError: the sender has no votes.
    """
    from energy_grid.contracts import errors

    try:
        weight = session.market.governor.get_votes(session.address, proposal.vote_start)
    except errors.ERC5805FutureLookup:
        return
    if not weight:
        raise EnergyGridError(
            f"{session.address} had no votes at {format_time(proposal.vote_start)}, the start of"
            " the vote: delegate with energy-grid govern delegate before the next proposal"
        )


def _next(view: View, proposal: Proposal) -> str:
    """The next step of a proposal, and its time."""
    name = f"energy-grid govern {{}} {proposal.number}"
    words: Mapping[ProposalState, Callable[[], str]] = {
        ProposalState.PENDING: lambda: f"voting begins after {format_time(proposal.vote_start)}",
        ProposalState.ACTIVE: lambda: (
            f"voting is open until {format_time(proposal.vote_end)}: {_wanted(view, proposal)}"
        ),
        ProposalState.CANCELED: lambda: "it was cancelled",
        ProposalState.DEFEATED: lambda: f"it was defeated: {_defeat(view, proposal)}",
        ProposalState.SUCCEEDED: lambda: f"it has succeeded: {name.format('queue')}",
        ProposalState.QUEUED: lambda: (
            f"it can be executed from {format_time(proposal.eta)} on"
            f"{f', depends on {after}' if (after := _predecessors(proposal)) else ''}:"
            f" {name.format('execute')}"
        ),
        ProposalState.EXPIRED: lambda: "it has expired",
        ProposalState.EXECUTED: lambda: "it is done",
    }
    return words[proposal.state]()


def _wanted(view: View, proposal: Proposal) -> str:
    """The votes that are missing for the quorum."""
    needed = _quorum(view, proposal)
    tally = view.market.governor.proposal_votes(proposal.id)
    if needed is None:
        return "the vote starts now"
    counted = tally.for_votes + tally.abstain_votes
    if counted < needed:
        return f"the quorum needs {view.votes(needed - counted)} more"
    return "the quorum is reached"


def _defeat(view: View, proposal: Proposal) -> str:
    tally, needed = proposal.tally, _quorum(view, proposal)
    if needed is not None and tally.for_votes + tally.abstain_votes < needed:
        return f"fewer than {view.votes(needed)} voted for it or abstained"
    return "the votes for it did not exceed those against"


def _quorum(view: View, proposal: Proposal) -> int | None:
    """The quorum of the proposal; None before the vote starts."""
    from energy_grid.contracts import errors

    try:
        return view.market.governor.quorum(proposal.vote_start)
    except errors.ERC5805FutureLookup:
        return None


def _words(view: View, proposal: Proposal) -> str:
    return "; ".join(measure(view, call) for call in proposal.calls)


def _predecessors(proposal: Proposal) -> str:
    """The predecessors of a proposal: ``"proposal 1 (executed), proposal 2 (defeated, so never)"``;
    empty without one."""
    return ", ".join(
        f"{each.proposal_id}, which is no proposal, so never"
        if each.number is None or each.state is None
        else f"proposal {each.number} ({word(each.state)}{', so never' * each.is_lost})"
        for each in proposal.predecessors
    )


def _described(description: str | None) -> str:
    if description is None:
        return "unknown: the node has no event of this proposal"
    return description.rpartition("#proposer=")[0].strip() or description


def _document(view: View, proposal: Proposal) -> dict[str, Any]:
    calls = [
        {
            "contract": view.contract_at(call.target),
            "target": call.target,
            "value": call.value,
            "data": f"0x{call.data.hex()}",
            "call": measure(view, call),
        }
        for call in proposal.calls
    ]
    return {**as_document(_facts(proposal)), "calls": calls, "next": _next(view, proposal)}


def _facts(proposal: Proposal) -> dict[str, Any]:
    """A proposal without its calls."""
    names = (
        "number",
        "proposer",
        "state",
        "vote_start",
        "vote_end",
        "eta",
        "tally",
        "predecessors",
    )
    return {"proposal_id": proposal.id, **{name: getattr(proposal, name) for name in names}}


def _holders(view: View) -> list[str]:
    """The accounts that hold governance tokens or have votes."""
    votes, first = view.market.votes, view.market.deployment.first_block
    moved = {log["to"] for log in votes.history("Transfer", from_block=first)}
    chosen = {log["to_delegate"] for log in votes.history("DelegateChanged", from_block=first)}
    return sorted((moved | chosen) - {_NOBODY}, key=str.lower)


def _holder(view: View, address: str) -> dict[str, Any]:
    votes = view.market.votes
    return {
        "holder": address,
        "tokens": votes.balance_of(address),
        "delegate": votes.delegates(address),
        "votes": votes.get_votes(address),
    }


def _rules(view: View, rules: Mapping[str, int]) -> dict[str, str]:
    return {
        "to propose": view.votes(rules["proposal_threshold"]),
        "voting starts": f"{format_duration(rules['voting_delay'])} after the proposal",
        "voting lasts": f"{format_duration(rules['voting_period'])}, and at least"
        f" {format_duration(rules['vote_extension'])} after the quorum is reached",
        "quorum": f"{rules['quorum_percent']} % of all tokens: {view.votes(rules['quorum'])}",
        "execution": f"{format_duration(rules['timelock_delay'])} after the queue call, or later",
        "tokens": f"{view.votes(rules['total_supply'])} of at most {view.votes(rules['cap'])};"
        f" {view.votes(rules['delegated'])} are delegated"
        + ("" if rules["delegated"] >= rules["quorum"] else ", fewer than the quorum"),
        "proposals": str(rules["proposals"]),
    }
