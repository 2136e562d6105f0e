"""The output of a dry run: the exact calls, their signers, and whether they would succeed now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from energy_grid.chain.abi import Function, load
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import functions_of
from energy_grid.chain.tx.transactions import Transaction
from energy_grid.chain.tx.unsigned import as_request
from energy_grid.cli.answers import Answer, as_document, facts, stacked
from energy_grid.cli.hints import missing_role, readable
from energy_grid.cli.numbers import counted
from energy_grid.cli.session import Planned, Session
from energy_grid.contracts.safe import Safe
from energy_grid.domain.units import format_duration
from energy_grid.errors import ContractError, EnergyGridError
from energy_grid.market.call_values import named_values, raw_bytes
from energy_grid.market.call_words import summary
from energy_grid.market.plan import Trial

__all__ = ["described", "reason"]

# A role and its holders.
Held = tuple[str, list[str]]

_NOTHING = "Nothing is sent: this is a dry run."
_MORE = "Later calls depend on the result of these."


def described(
    session: Session, planned: Planned[Any], *, signed: Transaction | None = None
) -> Answer:
    """The answer of a dry run; exits with 1 if a call would revert.

    Args:
        signed: the transaction, if it is signed already.
    """
    plan, signatures = planned.plan, _signatures(session)
    trials = plan.trials()
    if signed is not None:
        trials = [replace(trials[0], transaction=signed)]
    elif not (session.signers.safe or session.signers.vote):
        trials = plan.unsigned(trials)
    roles = [_role(session, each.step.call) for each in trials]
    reasons = [
        None if each.error is None else str(reason(session, planned, each.step.call, each.error))
        for each in trials
    ]
    document = {
        "dry_run": True,
        "sender": session.address,
        "signatures": signatures,
        "transactions": [
            _document(session, *each) for each in zip(trials, reasons, roles, strict=True)
        ],
        "has_more": plan.following is not None,
    }
    parts: list[Any] = [_NOTHING]
    for number, (trial, why, role) in enumerate(zip(trials, reasons, roles, strict=True), 1):
        contract, function = _function(trial.step.call)
        parts += ["", f"{number}  {contract}.{function.signature}"]
        rows = _rows(session, trial, why, role, signatures)
        if number > 1 and trial.untried is None:
            rows["now"] += "; tried without the calls before it"
        parts.append(facts(rows))
    if plan.following is not None:
        parts += ["", _MORE]
    refused = any(why is not None for why in reasons)
    return Answer(document=document, shown=stacked(*parts), code=1 if refused else 0)


def reason(
    session: Session, planned: Planned[Any], call: Call, error: EnergyGridError | None
) -> EnergyGridError:
    """The error of a call in one line, with what to do next."""
    from energy_grid.contracts import errors

    better = planned.explain(error) if isinstance(error, ContractError) else None
    if better is None and isinstance(error, errors.AccessManagedUnauthorized):
        better = missing_role(session, session.address, call)
    return readable(session, better or error or EnergyGridError("unknown"))


def _function(call: Call) -> tuple[str, Function]:
    """The contract and the function; for a Safe's own transaction, execTransaction."""
    function = load(call.contract).function(call.function)
    if function.selector == call.data[:4]:
        return call.contract, function
    return "Safe", load("Safe").function("execTransaction")


def _arguments(call: Call) -> dict[str, Any]:
    function = _function(call)[1]
    return function.inputs.named(function.inputs.decode(call.data[4:]))


def _role(session: Session, call: Call) -> Held | None:
    """The role that a function needs, and its holders among the accounts of the deployment."""
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
    safe = Safe(session.market.node, session.address)
    return {
        "needed": safe.get_threshold(),
        "of": list(safe.get_owners()),
        "safe_nonce": safe.nonce(),
    }


def _document(session: Session, trial: Trial, why: str | None, role: Held | None) -> dict[str, Any]:
    call = trial.step.call
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
    session: Session,
    trial: Trial,
    why: str | None,
    role: Held | None,
    signatures: dict[str, Any],
) -> dict[str, str]:
    from energy_grid.market.governance import ProposedCall

    call = trial.step.call
    contract, function = _function(call)
    does = ProposedCall(target=call.to, value=call.value, data=call.data)
    words = summary(session, does)
    # Without words of its own, a call is its title and its values.
    rows = ({} if words is None else {"call": words}) | {"to": session.named(call.to)}
    # Indented: an argument can have the name of another row.
    values = named_values(session, contract, function, call.data)
    rows |= {f"  {name}": value for name, value in values.items()}
    if call.value:
        rows["value"] = f"{call.value} wei"
    shown = raw_bytes(call.data)
    rows["call data"] = f"{shown}; --json prints all" if "…" in shown else shown
    rows["signed by"] = _who(session, signatures)
    if role is not None:
        holders = ", ".join(map(session.named, role[1])) or "no account of the deployment"
        rows["needs role"] = f"{role[0]}, held by {holders}"
    rows["now"] = _now(trial, why)
    return rows


def _who(session: Session, found: dict[str, Any]) -> str:
    if session.signers.vote:
        vote = found["vote"]
        return (
            f"a vote: the proposer needs {session.votes(vote['proposer_needs'])}, the quorum is"
            f" {session.votes(vote['quorum'])}; the timelock {vote['timelock']} executes it"
            f" {format_duration(vote['delay'])} after the queue call"
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
    return "succeeds" if trial.error is None else "reverts"


def _now(trial: Trial, why: str | None) -> str:
    if trial.untried is not None:
        return f"cannot be tried: {trial.untried}"
    if why is not None:
        return f"would revert: {why}"
    return f"would succeed, with {trial.gas:,} gas"
