"""``energy-grid dr event``: demand-response events, from announcement to reward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, as_document, facts, listed, stacked, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    Event,
    Limit,
    Recipient,
    duration,
    kw,
    kwh,
    moment,
    money,
    watts,
    whole,
)
from energy_grid.cli.session import (
    Planned,
    Session,
    View,
    approved,
    event_of,
    events_of,
    every,
    newest,
)
from energy_grid.cli.times import format_time
from energy_grid.contracts.demand_response import EventTerms
from energy_grid.domain.enums import EventKind
from energy_grid.domain.units import format_duration
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import EventLog
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.demand_response import (
        DemandResponse_EventStarted,
        DemandResponseEvent,
        ParticipationRecord,
    )

__all__ = ["events", "participations_table"]

events = CommandGroup("event", "Demand-response events, from announcement to reward.")

OfProgram = Annotated[
    int | None,
    typer.Option(
        "--program",
        parser=whole(1),
        metavar="PROGRAM",
        help="The event of a program: for its participants, at its rate, from its budget.",
    ),
]
Begin = Annotated[
    int | None, moment("--from", "When a slot begins, up to seven days ahead; by default the next")
]
Group = Annotated[
    str | None,
    typer.Option("--group", metavar="GROUP", help="For the members of this group alone."),
]
_TITLES = (
    ">event",
    "consumer",
    ">baseline",
    ">actual",
    ">reduction",
    ">minimum",
    ">reward",
    "status",
    "verified",
)


@events.does("start")
def start(
    session: Session,
    target: Annotated[int, kw("--target", "The total reduction, in kW.")],
    seconds: Annotated[int, duration("The duration, in whole slots, at most a day")],
    reward: Annotated[
        str | None, money("--reward", "The reward per kW for the whole event")
    ] = None,
    program: OfProgram = None,
    begin: Begin = None,
    ramp: Annotated[
        int | None, duration("Whole slots at the beginning that are not measured", "--ramp")
    ] = None,
    group: Group = None,
    opt_in: Annotated[
        bool, typer.Option("--opt-in", help="Only those take part who opt in.")
    ] = False,
    is_test: Annotated[bool, typer.Option("--test", help="Measured, and not paid.")] = False,
) -> Planned[Any]:
    """Announce an event, and pay in its budget (registered operator)."""
    market = session.market
    if (reward is None) == (program is None) and not is_test:
        raise InputError("an event needs either --reward or --program")
    terms = EventTerms(
        program_id=program or 0,
        kind=EventKind.CAPACITY,
        target_reduction_kw=target,
        reward_per_kw=0 if reward is None else session.parse_tokens(reward),
        start_time=market.next_slot() if begin is None else begin,
        duration=seconds,
        ramp=ramp or 0,
        group=group or "",
        opt_in=opt_in,
        is_test=is_test,
    )
    plan = market.schedule_event(session.who, terms)

    def message(found: DemandResponse_EventStarted) -> str:
        budget = session.tokens(found.budget)
        return (
            f"Announced event {found.event_id}: {target} kW at"
            f" {session.rate(found.reward_per_kw)} from {format_time(found.start_time)} for"
            f" {format_duration(seconds)}, budget {budget}{approved(plan, budget)}"
        )

    return Planned(plan, message)


@events.does("price")
def price(
    session: Session,
    per_kwh: Annotated[str, money("--price", "The price per kWh")],
    seconds: Annotated[int, duration("The duration, in whole slots, at most a day")],
    program: OfProgram = None,
    begin: Begin = None,
    group: Group = None,
) -> Planned[Any]:
    """Announce a price: nothing is measured or paid by it (registered operator)."""
    market = session.market
    terms = EventTerms(
        program_id=program or 0,
        kind=EventKind.PRICE,
        target_reduction_kw=0,
        reward_per_kw=session.parse_tokens(per_kwh),
        start_time=market.next_slot() if begin is None else begin,
        duration=seconds,
        ramp=0,
        group=group or "",
        opt_in=False,
        is_test=False,
    )
    plan = market.schedule_event(session.who, terms)

    def message(found: DemandResponse_EventStarted) -> str:
        return (
            f"Announced price {found.event_id}: {session.tokens(found.reward_per_kw)} per kWh from"
            f" {format_time(found.start_time)} for {format_duration(seconds)}"
        )

    return Planned(plan, message)


@events.does("opt-in")
def opt_in_(session: Session, event: Event) -> Planned[Any]:
    """Take part in an event that asks for it, before it starts."""
    call = session.market.demand_enrolments.opt_in(event)
    return session.plan(call, lambda _: f"Opted in to event {event}")


@events.does("opt-out")
def opt_out(session: Session, event: Event) -> Planned[Any]:
    """Take no part in an event, before it starts: no reward, and no miss."""
    call = session.market.demand_enrolments.opt_out(event)
    return session.plan(call, lambda _: f"Opted out of event {event}")


@events.does("cancel")
def cancel(session: Session, event: Event) -> Planned[Any]:
    """Cancel an event before it starts; reclaim then refunds its budget (its operator)."""
    return session.plan(
        session.market.demand_response.cancel_event(event), lambda _: f"Cancelled event {event}"
    )


@events.does("verify")
def verify(
    session: Session,
    event: Event,
    consumer: Address,
    baseline: Annotated[int, watts("--baseline", "Its usual average power, in W.")],
    actual: Annotated[int, watts("--actual", "Its average power during the event, in W.")],
    meter_start: Annotated[int, kwh("--meter-start", "Its meter register at the start, in kWh.")],
    meter_end: Annotated[int, kwh("--meter-end", "Its meter register at the end, in kWh.")],
) -> Planned[Any]:
    """Verify a reduction of a consumer without a meter, after the event (its operator)."""
    address = session.address_of(consumer)
    call = session.market.demand_response.verify_reduction(
        event,
        address,
        baseline=baseline,
        actual=actual,
        meter_start=meter_start,
        meter_end=meter_end,
    )

    def message(receipts: list[Receipt]) -> str:
        return _verified(
            session, event_of(session.market.demand_response, receipts, "ReductionVerified")
        )

    return session.plan(call, message)


@events.does("verify-from-meter")
def verify_from_meter(
    session: Session,
    event: Event,
    consumer: Address,
) -> Planned[Any]:
    """Record what final meter readings show of a consumer in an event (anybody)."""
    response = session.market.demand_response
    address = session.address_of(consumer)

    def message(receipts: list[Receipt]) -> str:
        return _verified(session, event_of(response, receipts, "ReductionVerified"))

    return session.plan(response.verify_from_meter(event, address), message)


@events.does("complete")
def complete(session: Session, event: Event) -> Planned[Any]:
    """Complete an event after its verification period; fixes the rewards (anybody)."""
    response = session.market.demand_response

    def message(receipts: list[Receipt]) -> str:
        found = event_of(response, receipts, "EventCompleted")
        return (
            f"Completed event {event}: {found['total_reduction_w']} W reduced,"
            f" {session.tokens(found['rewards'])} to pay"
        )

    return session.plan(response.complete_event(event), message)


@events.does("distribute")
def distribute(session: Session, event: Event) -> Planned[Any]:
    """Pay the rewards of a completed event to all its participants (anybody)."""
    response = session.market.demand_response

    def message(receipts: list[Receipt]) -> str:
        paid = events_of(response, receipts, "RewardPaid")
        deferred = len(events_of(response, receipts, "RewardDeferred"))
        total = session.tokens(sum(each["amount"] for each in paid))
        later = f"; {deferred} could not be paid: they can claim" if deferred else ""
        return f"Paid {total} to {counted(len(paid), 'participant')} of event {event}{later}"

    return Planned(session.market.distribute_rewards(session.who, event), message)


@events.does("claim")
def claim(session: Session, event: Event, to: Recipient = None) -> Planned[Any]:
    """Claim the sender's reward, if it was not distributed."""
    response = session.market.demand_response
    recipient = session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(response, receipts, "RewardPaid")["amount"]
        return f"Claimed {session.tokens(amount)} of event {event} for {recipient}"

    return session.plan(response.claim_reward(event, recipient), message)


@events.does("reclaim")
def reclaim(session: Session, event: Event, to: Recipient = None) -> Planned[Any]:
    """Reclaim the unused budget of a completed or cancelled event (its operator)."""
    response = session.market.demand_response
    recipient = session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(response, receipts, "BudgetRefunded")["amount"]
        return f"Reclaimed {session.tokens(amount)} of event {event} for {recipient}"

    return session.plan(response.reclaim_budget(event, recipient), message)


@events.shows("list")
def list_events(view: View, limit: Limit = 20) -> Answer:
    """List the newest events of all regions."""
    response = view.market.demand_response
    found = [response.get_event(number) for number in newest(response.event_count(), limit)]
    rows = [
        (
            str(each.event_id),
            each.region,
            f"{each.target_reduction_kw} kW",
            view.rate(each.reward_per_kw),
            format_time(each.start_time),
            format_duration(each.end_time - each.start_time),
            word(each.status),
        )
        for each in found
    ]
    titles = (">event", "region", ">target", ">reward", "begins", ">lasts", "status")
    return Answer(document=found, shown=listed(titles, rows, "There is no event yet."))


@events.shows("show")
def show(view: View, event: Event) -> Answer:
    """Show an event and its participations."""
    response = view.market.demand_response
    known = response.get_event(event)
    parts = every(lambda offset, limit: response.get_event_participations(event, offset, limit))
    rows = {
        "event": str(event),
        "status": word(known.status),
        "region": known.region,
        "operator": known.grid_operator,
        "program": str(known.program_id) if known.program_id else "none",
        "kind": _kind(known),
        "for": f"group {known.group}" if known.group else "all",
        "target": f"{known.target_reduction_kw} kW at {view.rate(known.reward_per_kw)}",
        "announced": format_time(known.announced_at),
        "begins": format_time(known.start_time),
        "measured": f"from {format_time(known.measured_from)}",
        "ends": format_time(known.end_time),
        "verifiable": f"until {format_time(known.verifiable_until)}",
        "reduced": f"{known.total_reduction_w} W by {counted(known.total_participants, 'consumer')}"
        f" ({known.metered_reduction_w} W found by meters)",
        "budget": view.tokens(known.budget),
        "paid": view.tokens(known.paid),
        "refunded": view.tokens(known.refunded),
    }
    document = {**as_document(known), "participations": parts}
    shown = stacked(facts(rows), participations_table(view, parts, "No reduction is verified yet."))
    return Answer(document=document, shown=shown)


def _kind(known: DemandResponseEvent) -> str:
    """One line."""
    opting = ", opt in" if known.opt_in else ""
    return f"{'test' if known.is_test else word(known.kind)}{opting}"


def _verified(session: Session, found: EventLog) -> str:
    by = "by meters" if found["metered"] else "by the operator"
    drawn = f"{found['actual_w']} of {found['baseline_w']} W drawn"
    reduced = f"{found['reduction_w']} W reduced, at least {found['minimum_w']} W count"
    return f"Verified {found['consumer']} in event {found['event_id']} {by}: {drawn}, {reduced}"


def participations_table(
    view: View, parts: Sequence[ParticipationRecord], otherwise: str
) -> RenderableType:
    """A line for each participation."""
    rows = [
        (
            str(each.event_id),
            each.consumer,
            f"{each.baseline_usage_w} W",
            f"{each.actual_usage_w} W",
            f"{each.reduction_w} W",
            f"{each.minimum_w} W",
            view.tokens(each.reward_amount),
            word(each.status),
            format_time(each.verified_at),
        )
        for each in parts
    ]
    return listed(_TITLES, rows, otherwise)
