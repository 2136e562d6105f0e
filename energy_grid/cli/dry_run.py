"""What a command would send: the exact calls, who has to sign them, and what the chain says now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from energy_grid.chain.abi import Function, load
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import functions_of
from energy_grid.chain.tx.transactions import Transaction
from energy_grid.chain.tx.unsigned import as_request
from energy_grid.cli.answers import Answer, as_document, facts, plain_value, stacked
from energy_grid.cli.hints import missing_role, readable
from energy_grid.cli.measures import measure
from energy_grid.cli.numbers import counted
from energy_grid.cli.session import Planned, Session
from energy_grid.domain.units import format_duration
from energy_grid.errors import ContractError, EnergyGridError
from energy_grid.market.plan import Trial

__all__ = ["described", "reason"]

_NOTHING = "Nothing is sent: this is a dry run."
_MORE = "What is sent after this depends on what becomes of it."


def described(
    session: Session, planned: Planned[Any], *, signed: Transaction | None = None
) -> Answer:
    """What a dry run has found; exits with 1 if something would be refused.

    Args:
        signed: the transaction that somebody has signed elsewhere, if it is there already.
    """
    plan, signatures = planned.plan, _signatures(session)
    trials = plan.trials()
    if signed is not None:
        trials = [replace(trials[0], transaction=signed)]
    elif not (session.signers.safe or session.signers.vote):
        trials = plan.unsigned(trials)
    reasons = [
        None
        if each.refusal is None
        else str(reason(session, planned, each.step.call, each.refusal))
        for each in trials
    ]
    document = {
        "dry_run": True,
        "sender": session.address,
        "signatures": signatures,
        "transactions": [
            _document(session, trial, why) for trial, why in zip(trials, reasons, strict=True)
        ],
        "has_more": plan.following is not None,
    }
    parts: list[Any] = [_NOTHING]
    for number, (trial, why) in enumerate(zip(trials, reasons, strict=True), 1):
        contract, function = _function(trial.step.call)
        parts += ["", f"{number}  {contract}.{function.signature}"]
        rows = _rows(session, trial, why, signatures)
        if number > 1 and trial.untried is None:
            rows["now"] += "; as the chain is before all of this"
        parts.append(facts(rows))
    if plan.following is not None:
        parts += ["", _MORE]
    refused = any(why is not None for why in reasons)
    return Answer(document=document, shown=stacked(*parts), code=1 if refused else 0)


def reason(
    session: Session, planned: Planned[Any], call: Call, error: EnergyGridError | None
) -> EnergyGridError:
    """Why a call was refused, in a line, with what to do next."""
    from energy_grid.contracts import errors

    better = planned.explain(error) if isinstance(error, ContractError) else None
    if better is None and isinstance(error, errors.AccessManagedUnauthorized):
        better = missing_role(session, session.address, call)
    return readable(session, better or error or EnergyGridError("unknown"))


def _function(call: Call) -> tuple[str, Function]:
    """What is called; a Safe's own call is named after what it carries out."""
    function = load(call.contract).function(call.function)
    if function.selector == call.data[:4]:
        return call.contract, function
    return "Safe", load("Safe").function("execTransaction")


def _arguments(call: Call) -> dict[str, Any]:
    function = _function(call)[1]
    return function.inputs.named(function.inputs.decode(call.data[4:]))


def _role(session: Session, call: Call) -> tuple[str, list[str]] | None:
    """The role that a function is for, and who has it of those that the deployment names."""
    contract, function = _function(call)
    role = functions_of(contract).get(function.name)
    if role is None:
        return None
    named = session.market.deployment.roles.get(role, ())
    known = dict.fromkeys((*named, session.address))
    return role.name, [
        each for each in known if session.market.access.has_role(role, each).is_member
    ]


def _signatures(session: Session) -> dict[str, Any]:
    if session.signers.vote:
        governor, votes = session.market.governor, session.market.votes
        return {
            "vote": {
                "proposer_needs": governor.proposal_threshold(),
                "quorum": votes.total_supply() * governor.quorum_numerator() // 100,
                "timelock": session.address,
                "delay": session.market.timelock.get_min_delay(),
            }
        }
    if not session.signers.safe:
        return {"needed": 1, "of": [session.address], "safe_nonce": None}
    safe = session.market.require_safe()
    return {
        "needed": safe.get_threshold(),
        "of": list(safe.get_owners()),
        "safe_nonce": safe.nonce(),
    }


def _document(session: Session, trial: Trial, why: str | None) -> dict[str, Any]:
    call, role = trial.step.call, _role(session, trial.step.call)
    contract, function = _function(call)
    unsigned = trial.transaction
    return {
        "contract": contract,
        "function": function.signature,
        "arguments": as_document(_arguments(call)),
        "to": call.to,
        "value": call.value,
        "data": f"0x{call.data.hex()}",
        "role": None if role is None else {"name": role[0], "held_by": role[1]},
        "outcome": _outcome(trial),
        "gas": trial.gas,
        "why": why or trial.untried,
        "unsigned": unsigned and as_request(unsigned, session.address),
    }


def _rows(
    session: Session, trial: Trial, why: str | None, signatures: dict[str, Any]
) -> dict[str, str]:
    from energy_grid.market.governance import ProposedCall

    call, role = trial.step.call, _role(session, trial.step.call)
    does = ProposedCall(target=call.to, value=call.value, data=call.data)
    rows = {"does": measure(session, does), "to": session.named(call.to)}
    # Indented, since an argument can have the name of another line.
    rows |= {f"  {name}": plain_value(value) for name, value in _arguments(call).items()}
    if call.value:
        rows["value"] = f"{call.value} wei"
    rows["call data"] = f"0x{call.data.hex()}"
    rows["signed by"] = _who(session, signatures)
    if role is not None:
        holders = ", ".join(map(session.named, role[1])) or "nobody that the deployment names"
        rows["for the role"] = f"{role[0]}, held by {holders}"
    rows["now"] = _now(trial, why)
    return rows


def _who(session: Session, found: dict[str, Any]) -> str:
    if session.signers.vote:
        vote = found["vote"]
        return (
            f"a vote, proposed with {session.votes(vote['proposer_needs'])}, that"
            f" {session.votes(vote['quorum'])} take part in; the timelock {vote['timelock']} acts"
            f" {format_duration(vote['delay'])} after it is queued"
        )
    if not session.signers.safe:
        return session.address
    owners = ", ".join(found["of"])
    return (
        f"{counted(found['needed'], 'owner')} of the Safe {session.address} (nonce"
        f" {found['safe_nonce']}): {owners}"
    )


def _outcome(trial: Trial) -> str:
    if trial.untried is not None:
        return "untried"
    return "succeeds" if trial.refusal is None else "refused"


def _now(trial: Trial, why: str | None) -> str:
    if trial.untried is not None:
        return f"cannot be tried: {trial.untried}"
    if why is not None:
        return f"would be refused: {why}"
    return f"would succeed, with {trial.gas:,} gas"
