"""``energy-grid safe``: the operators' Safes, and calls that their owners sign one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import Answer, facts, stacked
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.hashes import parse_hash
from energy_grid.cli.options import reading
from energy_grid.cli.session import Planned, Session, View
from energy_grid.errors import EnergyGridError, InputError
from energy_grid.market.call_words import effects, measure

if TYPE_CHECKING:
    from energy_grid.chain.tx.safe_file import SafeFile
    from energy_grid.contracts.safe import Safe

__all__ = ["safe"]

safe = CommandGroup("safe")

# What is left out is signed as well.
_SHORTENED = "shortened above; --json prints all of it"

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="Written by a command whose --account safe:WHO names too few owners."
    ),
]


@safe.shows("show")
def show(
    view: View,
    name: Annotated[
        str | None,
        typer.Argument(
            parser=reading(parse_hash),
            metavar="HASH",
            help="Of a transaction of a Safe, as safe review prints it.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Show the Safes: owners, thresholds and roles; or what became of a transaction."""
    if name is not None:
        return _executed(view, name)
    found = [_described(view, each) for each in view.market.safes]
    rows = [
        facts(
            {
                "name": each["name"],
                "safe": each["safe"],
                "signatures": f"{each['threshold']} of {len(each['owners'])}",
                "owners": ", ".join(each["owners"]),
                "roles": ", ".join(each["roles"]) or "none",
                "next nonce": str(each["nonce"]),
            }
        )
        for each in found
    ]
    none = f"{view.market.deployment.network} was deployed without a Safe"
    return Answer(document=found, shown=stacked(*rows) if rows else none)


def _described(view: View, name: str) -> dict[str, Any]:
    contract, access = view.market.require_safe(name), view.market.access
    return {
        "name": name,
        "safe": contract.address,
        "owners": contract.get_owners(),
        "threshold": contract.get_threshold(),
        "nonce": contract.nonce(),
        "roles": [role.name for role in Role if access.has_role(role, contract.address).is_member],
    }


@safe.shows("review")
def review(view: View, file: File) -> Answer:
    """Show the call in a file, decoded from its data, and who has signed it."""
    contract, found = _load(view, file)
    owners = contract.get_owners()
    signed = [owner for owner in owners if owner in found.signatures]
    missing = max(contract.get_threshold() - len(signed), 0)
    transaction, words = found.transaction, _words(view, found)
    document = {
        "safe": found.safe,
        "nonce": transaction.nonce,
        "to": transaction.to,
        "value": transaction.value,
        "data": f"0x{transaction.data.hex()}",
        "call": words,
        "hash": _hash(view, found),
        "signed_by": signed,
        "missing": missing,
    }
    calls = effects(view, transaction)
    rows = {
        **{f"call {at}" if len(calls) > 1 else "call": each for at, each in enumerate(calls, 1)},
        **({"call data": _SHORTENED} if any("…" in each for each in calls) else {}),
        "hash": _hash(view, found),
        "nonce": str(transaction.nonce),
        "signed by": ", ".join(signed) or "no owner",
        "next": _next(missing, file),
    }
    return Answer(document=document, shown=facts(rows))


@safe.signs("sign")
def sign(
    session: Session,
    file: File,
    reviewed: Annotated[
        str | None,
        typer.Option(
            "--hash",
            metavar="HASH",
            help="The hash that safe review printed; a file that has changed since is rejected.",
        ),
    ] = None,
) -> str:
    """Add the signature of an owner of its Safe to a file; review it with safe review first."""
    contract, found = _load(session, file)
    if reviewed is not None and reviewed.lower() != _hash(session, found):
        raise InputError(
            f"{file} has changed since the review: its call is now {_words(session, found)}"
        )
    owner, owners = session.key(), contract.get_owners()
    if owner.address not in owners:
        raise InputError(f"{owner.address} is not an owner of the Safe {contract.address}")
    if owner.address in found.signatures:
        raise InputError(f"{owner.address} has signed {file} already")
    signed = found.signed_by(owner)
    signed.save(file)
    missing = max(contract.get_threshold() - len(signed.signatures), 0)
    return f"Signed as {owner.address}: {_words(session, found)}; {_next(missing, file)}"


@safe.does("send")
def send(session: Session, file: File) -> Planned[Any]:
    """Send a call that enough owners have signed; the sender pays the gas (anybody)."""
    contract, found = _load(session, file)
    missing = contract.get_threshold() - len(found.signatures)
    if missing > 0:
        raise InputError(_next(missing, file))
    session.refuse_safe()  # A Safe cannot send its own execution.
    plan = session.market.execute_signed(session.who, contract, found.transaction, found.signatures)
    return Planned(plan, lambda _: f"The Safe executed: {_words(session, found)}")


def _executed(view: View, name: str) -> Answer:
    """The execution of the transaction of a hash, by whichever Safe.

    Raises:
        EnergyGridError: it was not executed.
    """
    from energy_grid.chain.abi import checksum
    from energy_grid.chain.multicall import past_events
    from energy_grid.market.governance import ProposedCall

    digest, first = [bytes.fromhex(name.removeprefix("0x"))], view.market.deployment.first_block
    logs = [
        log
        for each in view.market.safes.values()
        for log in past_events(each, "ExecutionSuccess", first, tx_hash=digest)
    ]
    if not logs:
        raise EnergyGridError(
            "no Safe has executed a transaction of this hash: energy-grid safe review shows a file"
            " that waits for signatures"
        )
    sent = view.market.node.rpc("eth_getTransactionByHash", logs[0].transaction)
    if sent is None:
        raise EnergyGridError(f"the node does not have the transaction {logs[0].transaction}")
    data = bytes.fromhex(sent["input"].removeprefix("0x"))
    call = ProposedCall(target=checksum(sent["to"]), value=int(sent["value"], 16), data=data)
    document = {
        "safe": checksum(sent["to"]),
        "hash": name,
        "transaction": logs[0].transaction,
        "block": logs[0].block,
        "sender": checksum(sent["from"]),
        "call": measure(view, call),
    }
    rows = {
        "hash": name,
        "executed": f"in block {logs[0].block}, by {document['sender']}",
        "transaction": logs[0].transaction,
        "call": str(document["call"]),
    }
    return Answer(document=document, shown=facts(rows))


def _load(view: View, file: Path) -> tuple[Safe, SafeFile]:
    """Load a file and validate that it is the next call of a Safe of this market."""
    from energy_grid.chain.tx.multisig import Operation, calls_in
    from energy_grid.chain.tx.safe_file import SafeFile

    found, chain = SafeFile.load(file), view.market.node.chain_id
    contract = view.market.safe_at(found.safe)
    if found.chain_id != chain or contract is None:
        raise InputError(
            f"{file} is for the Safe {found.safe} on chain {found.chain_id}, which is none of this"
            f" market on chain {chain}: name the network that it was written for"
        )
    nonce = contract.nonce()
    if found.transaction.nonce != nonce:
        raise InputError(
            f"{file} is for the nonce {found.transaction.nonce}, and the Safe's next is {nonce}:"
            " this call or another one with its nonce was executed"
        )
    transaction = found.transaction
    if transaction.operation is Operation.DELEGATE_CALL:
        if transaction.to != view.market.deployment.address("MultiSendCallOnly"):
            raise InputError(
                f"{file} delegates the Safe to the code of {transaction.to}: do not sign it"
            )
        calls_in(transaction.data)
    strangers = [owner for owner in found.signatures if owner not in contract.get_owners()]
    if strangers:
        raise InputError(f"{file}: {strangers[0]} has signed, but is not an owner of the Safe")
    return contract, found


def _hash(view: View, file: SafeFile) -> str:
    """The hash that owners sign, as other Safe wallets show it."""
    digest = file.transaction.digest(file.safe, view.market.node.chain_id)
    return f"0x{digest.hex()}"


def _words(view: View, file: SafeFile) -> str:
    return "; ".join(effects(view, file.transaction))


def _next(missing: int, file: Path) -> str:
    if missing:
        return f"{missing} more must sign: energy-grid safe sign {file} --account WHO"
    return f"enough have signed: energy-grid safe send {file} --account WHO"
