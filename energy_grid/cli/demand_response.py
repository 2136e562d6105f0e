"""``energy-grid dr``: demand response, which pays consumers for load reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.dr_events import events, participations_table
from energy_grid.cli.dr_programs import programs
from energy_grid.cli.dr_vens import vens
from energy_grid.cli.options import Address, Recipient, moment, whole
from energy_grid.cli.session import Planned, Session, View, event_of, every
from energy_grid.cli.times import format_time
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["demand_response"]

demand_response = CommandGroup("dr")
for part in (programs, events, vens):
    demand_response.add(part)


@demand_response.does("register-operator")
def register_operator(session: Session, operator: Address) -> Planned[Any]:
    """Admit a verified operator to demand response (grid authority)."""
    address = session.address_of(operator)
    return session.plan(
        session.market.demand_response.register_grid_operator(address),
        lambda _: f"Registered {address} as a demand-response operator",
    )


@demand_response.does("register-consumer")
def register_consumer(
    session: Session,
    consumer: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="By default the sender."),
    ] = None,
) -> Planned[Any]:
    """Register a consumer: the sender or, by a registered operator, another account."""
    address = session.recipient(consumer)
    return session.plan(
        session.market.demand_response.register_consumer(address),
        lambda _: f"Registered {address} as a consumer",
    )


@demand_response.does("claim-fees")
def claim_fees(session: Session, to: Recipient = None) -> Planned[Any]:
    """Claim the fees of the sender's members (an aggregator)."""
    response = session.market.demand_response
    recipient = session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(response, receipts, "FeesPaid")["amount"]
        return f"Claimed fees of {session.tokens(amount)} for {recipient}"

    return session.plan(response.claim_fees(recipient), message)


@demand_response.shows("participations")
def participations(view: View, consumer: Address) -> Answer:
    """List the participations of a consumer in events, oldest first."""
    response = view.market.demand_response
    address = view.address_of(consumer)
    found = every(
        lambda offset, limit: response.get_consumer_participations(address, offset, limit)
    )
    shown = participations_table(view, found, f"{address} has no participation.")
    return Answer(document=found, shown=shown)


@demand_response.shows("baseline")
def baseline(
    view: View,
    consumer: Address,
    event: Annotated[
        int | None,
        typer.Option(
            "--event", parser=whole(1), metavar="EVENT", help="Use the slots of this event."
        ),
    ] = None,
    begin: Annotated[int | None, moment("--from", "Or use the slots from a time")] = None,
    end: Annotated[int | None, moment("--to", "The end of these slots")] = None,
) -> Answer:
    """Show the metered baseline of a consumer, for the slots of an event or of a time."""
    address, announced = view.address_of(consumer), view.market.node.time
    if event is not None and begin is None and end is None:
        known = view.market.demand_response.get_event(event)
        begin, end, announced = known.measured_from, known.end_time, known.announced_at
    elif event is not None or begin is None or end is None:
        raise InputError("choose the slots of the baseline with --event, or with --from and --to")
    first, last = view.market.slot(begin), view.market.slot(end)
    watts, minimum = view.market.demand_baselines.baseline_of(address, announced, first, last)
    rows = {
        "consumer": address,
        "from": format_time(begin),
        "to": format_time(end),
        "baseline": f"{watts} W on average",
        "minimum": f"{minimum} W less is the least that counts by itself",
    }
    document = {"consumer": address, "start": begin, "end": end, "baseline_w": watts}
    document["minimum_w"] = minimum
    return Answer(document=document, shown=facts(rows))
