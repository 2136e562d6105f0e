"""How commands run: connect, execute or try the plan in a session, and print the result.

Modules that use a chain are imported where they are used: help and input errors do not need them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from energy_grid.chain.networks import NETWORKS
from energy_grid.cli.answers import Answer, as_document, event_documents
from energy_grid.cli.console import console, plain
from energy_grid.cli.hints import about_places, error_document, explained
from energy_grid.cli.times import format_time
from energy_grid.errors import (
    ChainError,
    ContractError,
    EnergyGridError,
    InputError,
    TransactionPendingError,
)

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.cli.accounts import Signers
    from energy_grid.cli.session import Planned, Session
    from energy_grid.client import Actor, EnergyGrid, Multisig
    from energy_grid.market.plan import Execution

__all__ = ["DRAFTED", "act", "pass_on", "show", "sign"]

# Exit code of a command that was drafted and not sent: its files wait for signatures.
DRAFTED = 3
_FAILED = 1
_PLACE = ("network", "rpc", "deployment")


def show(function: Callable[..., Answer], *, as_json: bool, **values: Any) -> None:
    """Run a command that reads."""
    from energy_grid.cli.session import View

    market, values = _connected(values)
    view = View(market)
    with closing(market), explained(view):
        answer = function(view, **values)
    _print(answer, as_json)


def sign(function: Callable[..., str], *, account: str, **values: Any) -> None:
    """Run a command that signs, or prints what another program signs, and sends nothing."""
    from energy_grid.cli.accounts import signers_of
    from energy_grid.cli.session import NOT_THE_SAFE, Session, View

    signers = signers_of(account)
    if signers.safe:
        raise InputError(NOT_THE_SAFE)
    market, values = _connected(values)
    with closing(market), explained(View(market)):
        print(plain(function(Session(market, _address(market, signers), signers), **values)))


def pass_on(function: Callable[..., bytes], *, dry_run: bool, as_json: bool, **values: Any) -> None:
    """Run a command that reads a signed transaction, and send it, or only try it."""
    from energy_grid.cli.accounts import Signers
    from energy_grid.cli.dry_run import described
    from energy_grid.cli.raw_transactions import RawTransaction
    from energy_grid.cli.session import Session, View

    market, values = _connected(values)
    with closing(market), explained(View(market)):
        found = RawTransaction.read(market, function(**values))
        if dry_run:
            session = Session(market, found.sender, Signers("", (found.sender,)))
            planned = session.plan(found.call, lambda _: "")
            _print(described(session, planned, signed=found.signed.transaction), as_json)
            return
        with _stoppable(market):
            receipt = found.send()
        document = {"transactions": [transaction_document(market, receipt)]}
    message = plain(f"Sent {found.name}: transaction {receipt.transaction}")
    print(json.dumps(as_document(document)) if as_json else message)


def act(
    function: Callable[..., Planned[Any]],
    *,
    account: str,
    dry_run: bool,
    relay: Path | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Run a command that sends: execute its plan, try it, or write it for the Safe's owners or for
    a relay."""
    from energy_grid.cli.accounts import signers_of
    from energy_grid.cli.session import Session, View

    if dry_run:
        signers = signers_of(account)
        market, values = _connected(values)
        with closing(market):
            session = Session(market, _address(market, signers), signers)
            answer = _tried(session, _next_step(session, function(session, **values)))
    else:
        who, signers = _acting(account)
        market, values = _connected(values)
        with closing(market), explained(View(market)):
            actor = who(market)
            session = Session(market, actor, signers)
            planned = _next_step(session, function(session, **values))
            with _stoppable(market):
                if relay is not None:
                    answer = _for_relay(session, planned, relay)
                else:
                    answer = _drafted(session, planned) or _executed(session, planned)
        if not as_json:
            print(answer.shown)
            _exit(answer)
            return
    _print(answer, as_json)


def _next_step(session: Session, planned: Planned[Any]) -> Planned[Any]:
    """The command itself; or what schedules it, if the role of its calls has to wait."""
    from energy_grid.cli.session import Planned

    market = session.market
    plan = market.delayed(planned.plan)
    if plan is planned.plan:
        return planned

    def message(_: object) -> str:
        waits = {each.call.data: each for each in market.scheduled_calls()}
        found = [waits[call.data] for call in planned.plan.calls if call.data in waits]
        begin, end = max(each.executable_at for each in found), min(e.expires_at for e in found)
        return (
            f"Scheduled: run the same command again from {format_time(begin)} on, before"
            f" {format_time(end)}; until then a guardian can stop it (energy-grid role cancel"
            f" 0x{found[0].id.hex()})"
        )

    return Planned(plan, message, planned.explain)


def transaction_document(market: EnergyGrid, receipt: Receipt) -> dict[str, Any]:
    """A mined transaction and its events; null if the node fails before they are read."""
    try:
        events = event_documents(market.events_in(receipt.logs))
    except ChainError:
        events = None
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "sender": receipt.sender,
        "contract": receipt.contract,
        "function": receipt.function,
        "gas_used": receipt.gas_used,
        "gas_price": receipt.gas_price,
        "events": events,
    }


@contextmanager
def _stoppable(market: EnergyGrid) -> Iterator[None]:
    """Ctrl-C names what was sent, since the same command would send it a second time."""
    try:
        yield
    except KeyboardInterrupt:
        sent = market.sender.unfinished
        if not sent:
            raise
        hashes = tuple(each.hash for one in sent for each in one.attempts)
        calls = ", ".join(map(str, sent))
        raise TransactionPendingError(calls, hashes, "an interruption") from None


def _acting(account: str) -> tuple[Callable[[EnergyGrid], Actor], Signers]:
    """The acting account, for any market; asks for passwords at once."""
    from energy_grid.cli.accounts import Owners, Signers, actor_of

    who = actor_of(account)
    if not isinstance(who, Owners):
        return lambda _: who, Signers(account, (who.address,))
    owners, name = who.accounts, who.name
    signers = Signers(account, tuple(each.address for each in owners), safe=True, name=name)
    return lambda market: market.acting_safe(owners, name, enough=False), signers


def _address(market: EnergyGrid, signers: Signers) -> str:
    """The address that would act; asks for no password."""
    from energy_grid.chain.accounts import refuse_well_known
    from energy_grid.market.safe import require_owners

    refuse_well_known(signers.addresses, market.node.chain_id)
    if signers.vote:
        return market.timelock.address
    if signers.safe:
        safe = market.safe_of(signers.addresses, signers.name)
        require_owners(safe, signers.addresses)
        return safe.address
    return signers.addresses[0]


def _tried(session: Session, planned: Planned[Any]) -> Answer:
    from energy_grid.cli.dry_run import described

    if not planned.plan.steps:
        message = planned.message(planned.plan.execute())
        document = {
            "dry_run": True,
            "sender": session.address,
            "transactions": [],
            "message": message,
        }
        return Answer(document=document, shown=f"Nothing would be sent: {message}")
    return described(session, planned)


def _executed(session: Session, planned: Planned[Any]) -> Answer:
    from energy_grid.cli.dry_run import reason

    done: Execution[Any] = planned.plan.carry_out()
    failures, pending = (
        [(reason(session, planned, each.step.call, each.error), each) for each in found]
        for found in (done.failures, done.pending)
    )
    bad = [error for error, _ in (*failures, *pending)]
    if bad and len(done.outcomes) == 1:
        raise bad[0]
    receipts = done.receipts
    if not done.outcomes or not done.is_idle:
        message = _message(planned, done)
    else:
        message = "Only the approval was executed" if receipts else "Nothing was executed"
        message = "Nothing is final yet" if pending else message
    market = session.market
    counts = {
        "done": len(done.outcomes) - len(bad),
        "failed": len(failures),
        "pending": len(pending),
    }
    document = {
        "message": message,
        "files": [],
        "calls": counts,
        "transactions": [transaction_document(market, each) for each in receipts],
        "failures": [_failure(each, done) for each in failures],
        "pending": [_failure(each, done) for each in pending],
    }
    hashes = plain(", ".join(each.transaction for each in receipts))
    lines = [plain(message)]
    if receipts:
        lines = [f"{lines[0]} (transaction{'s' if len(receipts) > 1 else ''} {hashes})"]
    if bad:
        lines.append(", ".join(f"{count} {name}" for name, count in counts.items()))
    lines += [f"failed: {plain(str(error))}" for error, _ in failures]
    lines += [f"pending: {plain(str(error))}" for error, _ in pending]
    return Answer(document=document, shown="\n".join(lines), code=_FAILED if bad else 0)


def _message(planned: Planned[Any], done: Execution[Any]) -> str:
    """The message of what took effect, whether or not the chain can still be read: a command that
    seemed to fail would be repeated."""
    try:
        return planned.message(done.result)
    except ChainError as error:
        if not done.receipts:
            raise
        return f"Executed, but its result cannot be read: {error}"


def _failure(pair: tuple[EnergyGridError, Any], done: Execution[Any]) -> dict[str, Any]:
    error, outcome = pair
    call = outcome.step.call
    return {
        "step": done.outcomes.index(outcome),
        "contract": call.contract,
        "function": call.function,
        "error": error_document(error),
    }


def _drafted(session: Session, planned: Planned[Any]) -> Answer | None:
    """Files for the other owners, if the Safe acts with too few of their keys."""
    from energy_grid.cli.dry_run import reason
    from energy_grid.client import Multisig
    from energy_grid.contracts.safe import Safe

    if not isinstance(session.who, Multisig) or not planned.plan.steps:
        return None
    actor: Multisig = session.who
    needed = Safe(session.market.node, actor.address).get_threshold()
    if len(actor.owners) >= needed:
        return None
    try:
        paths = planned.plan.save_safe_files(Path())
    except ContractError:
        trials = planned.plan.trials()
        first = next((each for each in trials if each.error is not None), None)
        if first is None:
            raise
        raise reason(session, planned, first.step.call, first.error) from first.error
    has_more, not_before = planned.plan.following is not None, planned.plan.not_before
    names = ", ".join(map(str, paths))
    have = "has" if len(paths) == 1 else "have"
    message = (
        f"Nothing is sent: {names} {have} {len(actor.owners)} of {needed} signatures; another owner"
        f" signs with energy-grid safe sign {paths[0]} --account WHO"
    )
    if not_before is not None:
        message += f"; it reverts before {format_time(not_before)}"
    if has_more:
        message += "; later calls depend on it: run this again once it is executed"
    document = {
        "message": message,
        "files": [str(each) for each in paths],
        "transactions": [],
        "has_more": has_more,
        "not_before": not_before,
    }
    return Answer(document=document, shown=plain(message), code=DRAFTED)


def _for_relay(session: Session, planned: Planned[Any], file: Path) -> Answer:
    """The calls of a plan, signed for a relay and added to a file."""
    from energy_grid.market.consent_files import load_calls, save_calls

    holder, market, plan = session.key(), session.market, planned.plan
    if plan.following is not None or any(each.key is not None for each in plan.steps):
        raise InputError("this cannot be relayed: its calls depend on each other's results")
    place = (market.node.chain_id, market.forwarder.address)
    before = load_calls(file, place) if file.exists() else []
    signed = market.sign_calls(holder, plan.calls, behind=before)
    save_calls(file, [*before, *signed], place)
    names = ", ".join(f"{each.contract}.{each.function.partition('(')[0]}" for each in plan.calls)
    message = (
        f"Signed {names or 'nothing'} for a relay: it sends {file} with energy-grid relay send"
        f" {file} --account WHO"
    )
    document = {"message": message, "files": [str(file)], "transactions": []}
    return Answer(document=document, shown=plain(message))


def _print(answer: Answer, as_json: bool) -> None:
    if as_json:
        print(json.dumps(as_document(answer.document)))
    else:
        console().print(answer.shown)
    _exit(answer)


def _exit(answer: Answer) -> None:
    if answer.code:
        raise typer.Exit(answer.code)


def _connected(values: dict[str, Any]) -> tuple[EnergyGrid, dict[str, Any]]:
    """The market, and the other arguments."""
    place = {name: value for name, value in values.items() if name in _PLACE}
    with about_places(place["network"]):
        market = _connect(**place)
    return market, {each: values[each] for each in values if each not in _PLACE}


def _connect(network: str | None, rpc: str | None, deployment: Path | None) -> EnergyGrid:
    from energy_grid.client import EnergyGrid

    if network is not None:
        return EnergyGrid.connect(network, deployment, rpc=rpc)
    local = NETWORKS["local"]
    return EnergyGrid.connect(rpc or local.rpc, deployment or local.deployment)
