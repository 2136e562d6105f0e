"""How commands run: connected, at a desk that sends or only tries, and told for people or programs.

What speaks to a chain is imported where it is used: help and refusals need not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from energy_grid.chain.networks import NETWORKS
from energy_grid.cli.answers import Answer, as_document
from energy_grid.cli.console import console, plain
from energy_grid.cli.hints import about_places, explained
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import EnergyGrid

__all__ = ["act", "pass_on", "show", "sign"]

_PLACE = ("network", "rpc", "deployment")


def show(function: Callable[..., Answer], *, as_json: bool, **values: Any) -> None:
    """Run a command that reads."""
    from energy_grid.cli.desk import View

    market, values = _connected(values)
    view = View(market)
    with closing(market), explained(view):
        answer = function(view, **values)
    _print(answer, as_json)


def sign(function: Callable[..., str], *, account: str, **values: Any) -> None:
    """Run a command that signs or has something signed elsewhere, and sends nothing."""
    from energy_grid.cli.accounts import signers_of
    from energy_grid.cli.desk import NOT_THE_SAFE, View
    from energy_grid.cli.dry_run import DryDesk

    who = signers_of(account)
    if who.safe:
        raise InputError(NOT_THE_SAFE)
    market, values = _connected(values)
    with closing(market), explained(View(market)):
        print(plain(function(DryDesk(market, who), **values)))


def pass_on(function: Callable[..., bytes], *, dry_run: bool, as_json: bool, **values: Any) -> None:
    """Run a command that reads a signed transaction, and send it, or only try it."""
    from energy_grid.cli.accounts import Signers
    from energy_grid.cli.desk import View
    from energy_grid.cli.dry_run import DryDesk, described
    from energy_grid.cli.passing import Passed

    market, values = _connected(values)
    with closing(market), explained(View(market)):
        found = Passed.read(market, function(**values))
        if dry_run:
            desk = DryDesk(market, Signers("", (found.sender,)))
            with desk.running(goes_on=False):
                desk.send(found.call)
            desk.planned[0].transaction = found.signed.transaction
            _print(described(desk, None), as_json)
            return
        receipt = found.send()
        document = {"transactions": [transaction_document(market, receipt)]}
    told = f"Sent {found.told}: transaction {receipt.transaction}"
    print(json.dumps(as_document(document)) if as_json else told)


def act(
    function: Callable[..., str],
    *,
    goes_on: bool,
    account: str,
    dry_run: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Run a command that sends, or only try what it would send."""
    if dry_run:
        _print(_tried(function, account, goes_on, values), as_json)
        return
    from energy_grid.cli.accounts import Owners, actor_of
    from energy_grid.cli.desk import Desk, View
    from energy_grid.cli.drafts import Drafted, open_desk

    who, file = actor_of(account), None
    market, values = _connected(values)
    with closing(market), explained(View(market)):
        desk = open_desk(market, who.accounts) if isinstance(who, Owners) else Desk(market, who)
        try:
            line = function(desk, **values)
        except Drafted as draft:
            line, file = str(draft), str(draft.file)
        document = {
            "said": line,
            "file": file,
            "transactions": [transaction_document(market, each) for each in desk.receipts],
        }
    told = f"{plain(line)} ({desk.sent()})" if desk.receipts else plain(line)
    print(json.dumps(as_document(document)) if as_json else told)


def transaction_document(market: EnergyGrid, receipt: Receipt) -> dict[str, Any]:
    """A transaction that was mined, and what it has changed."""
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "sender": receipt.sender,
        "contract": receipt.contract,
        "function": receipt.function,
        "gas_used": receipt.gas_used,
        "gas_price": receipt.gas_price,
        "events": [
            {"contract": each.contract, "event": each.event, "arguments": each.arguments}
            for each in market.events_in(receipt.logs)
        ],
    }


def _tried(
    function: Callable[..., str], account: str, goes_on: bool, values: dict[str, Any]
) -> Answer:
    from energy_grid.cli.accounts import signers_of
    from energy_grid.cli.dry_run import DryDesk, described

    signers, line = signers_of(account), None
    market, values = _connected(values)
    with closing(market):
        desk = DryDesk(market, signers)
        with desk.running(goes_on):
            line = function(desk, **values)
        return described(desk, line)


def _print(answer: Answer, as_json: bool) -> None:
    if as_json:
        print(json.dumps(as_document(answer.document)))
    else:
        console().print(answer.shown)
    if answer.code:
        raise typer.Exit(answer.code)


def _connected(values: dict[str, Any]) -> tuple[EnergyGrid, dict[str, Any]]:
    """The market, and the rest of what was typed."""
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
