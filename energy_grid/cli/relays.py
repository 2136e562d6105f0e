"""``energy-grid relay``: calls that accounts have signed, and another sends and pays for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, listed
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_minute, zone_name
from energy_grid.errors import ContractError
from energy_grid.market.call_words import measure

if TYPE_CHECKING:
    from energy_grid.market.relays import SignedCall

__all__ = ["relays"]

relays = CommandGroup("relay")

File = Annotated[Path, typer.Argument(metavar="FILE", help="Of a command with --relay FILE.")]


@relays.does("send")
def send(session: Session, file: File) -> Planned[Any]:
    """Send the calls of a file that were not sent yet, and pay their gas (anybody)."""
    found = _loaded(session, file)
    plan = session.market.relay_calls(session.who, found)
    count, before = len(plan.steps), len(found) - len(plan.steps)

    def message(_: Any) -> str:
        rest = f"; {counted(before, 'call')} had been sent before" if before else ""
        return f"Relayed {counted(count, 'call')} of {file}{rest}"

    def explain(error: ContractError) -> ContractError | None:
        # The forwarder does not pass on why a call reverted.
        return session.market.why_not(found) if error.name == "FailedCall" else None

    return Planned(plan, message, explain)


@relays.shows("show")
def show(view: View, file: File) -> Answer:
    """Show the calls of a file, decoded from their data, and which were sent."""
    from energy_grid.market.governance import ProposedCall

    document, rows = [], []
    for each in _loaded(view, file):
        request, sent = each.request, each.nonce < view.market.nonce_of(each)
        words = measure(view, ProposedCall(target=request.to, value=0, data=request.data))
        document.append(
            {
                "account": request.from_,
                "call": words,
                "to": request.to,
                "data": request.data,
                "nonce": each.nonce,
                "deadline": request.deadline,
                "sent": sent,
            }
        )
        until = "sent" if sent else f"until {format_minute(request.deadline)}"
        rows.append((request.from_, words, until))
    shown = listed(("account", "call", f"can be sent, {zone_name()}"), rows, f"{file} has no call.")
    return Answer(document=document, shown=shown)


def _loaded(view: View, file: Path) -> list[SignedCall]:
    from energy_grid.market.consent_files import load_calls

    return load_calls(file, (view.market.node.chain_id, view.market.forwarder.address))
