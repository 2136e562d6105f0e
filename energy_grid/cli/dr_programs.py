"""``energy-grid dr program``: demand-response programs that consumers join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    Limit,
    Recipient,
    Region,
    choice,
    duration,
    kw,
    money,
    number,
    watts,
    whole,
)
from energy_grid.cli.session import Planned, Session, View, approved, event_of, newest
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import ProgramType
from energy_grid.domain.units import format_duration

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.demand_response import DemandResponse_ProgramCreated

__all__ = ["programs"]

programs = CommandGroup("program", "Demand-response programs that consumers join.")

Program = Annotated[int, number("PROGRAM", "Its number.")]


def _fee(text: str) -> Any:
    return typer.Option("--fee", parser=whole(0, 10_000), metavar="BPS", help=text)


@programs.does("create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 characters.")],
    region: Region,
    target: Annotated[int, kw("--target", "The total reduction, in kW.")],
    rate: Annotated[str, money("--rate", "The reward per kW of reduction")],
    seconds: Annotated[int, duration("The duration, at most 366d")],
    kind: Annotated[
        ProgramType, choice(ProgramType, "TYPE", "--type", "The purpose")
    ] = ProgramType.PEAK_SHAVING,
) -> Planned[Any]:
    """Open a program, and pay in its budget: target times rate (registered operator)."""
    per_kw = session.parse_tokens(rate)
    plan = session.market.create_program(
        session.who, name, kind, region, target=target, rate=per_kw, duration=seconds
    )

    def message(opened: DemandResponse_ProgramCreated) -> str:
        budget = session.tokens(opened.budget)
        return (
            f"Opened program {opened.program_id} in {region}: {target} kW at"
            f" {session.rate(per_kw)} for {format_duration(seconds)},"
            f" budget {budget}{approved(plan, budget)}"
        )

    return Planned(plan, message)


@programs.does("join")
def join(
    session: Session,
    program: Program,
    committed: Annotated[
        int,
        watts("--commit", "The reduction that the sender commits to, in W; at most the target."),
    ],
    aggregator: Annotated[
        str | None,
        typer.Option(
            "--through",
            metavar="ADDRESS",
            help="Join an aggregator's portfolio, which it has accepted.",
        ),
    ] = None,
    fee: Annotated[int, _fee("Its fee, of 10000.")] = 0,
) -> Planned[Any]:
    """Join a program until it ends; takes part in what is announced later."""
    response = session.market.demand_response

    def message(_: Any) -> str:
        ends = session.market.demand_response.get_program(program).end_time
        return f"Joined program {program} with {committed} W until {format_time(ends)}"

    call = response.join_program(program, committed)
    if aggregator is not None:
        call = response.join_through(program, committed, session.address_of(aggregator), fee)
    return session.plan(call, message)


@programs.does("leave")
def leave(session: Session, program: Program) -> Planned[Any]:
    """Leave a program; earned rewards can still be claimed."""
    return session.plan(
        session.market.demand_response.leave_program(program), lambda _: f"Left program {program}"
    )


@programs.does("accept")
def accept(
    session: Session,
    program: Program,
    member: Address,
    committed: Annotated[
        int, watts("--commit", "The most that it may commit to, in W; 0 takes it back.")
    ],
    fee: Annotated[int, _fee("Its fee at least, of 10000.")] = 0,
) -> Planned[Any]:
    """Accept a consumer as a member of the sender's portfolio (an aggregator)."""
    address = session.address_of(member)
    call = session.market.demand_enrolments.accept_member(program, address, committed, fee)
    shown = f"Accepted {address} in program {program} with at most {committed} W"
    return session.plan(call, lambda _: f"{shown}, for {fee / 100:g} % of its rewards or more")


@programs.does("release")
def release(session: Session, program: Program, member: Address) -> Planned[Any]:
    """End the enrolment of a member of the sender's portfolio (its aggregator)."""
    address = session.address_of(member)
    call = session.market.demand_enrolments.release_member(program, address)
    return session.plan(call, lambda _: f"Released {address} from program {program}")


@programs.does("group")
def group(
    session: Session,
    program: Program,
    name: Annotated[str, typer.Argument(metavar="GROUP", help="Its name; a new one is made.")],
    members: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Consumers.")],
) -> Planned[Any]:
    """Put consumers in a group, for which events can be announced (operator of the program)."""
    addresses = [session.address_of(each) for each in members]
    call = session.market.demand_enrolments.add_to_group(program, name, addresses)
    shown = f"Put {counted(len(addresses), 'consumer')} in group {name} of program {program}"
    return session.plan(call, lambda _: shown)


@programs.does("report")
def report(
    session: Session,
    program: Program,
    participant: Address,
    reduced: Annotated[int, watts("--reduced", "Its reduction, in W.")],
) -> Planned[Any]:
    """Report a reduction of a participant without a meter (operator of the program)."""
    response = session.market.demand_response
    address = session.address_of(participant)

    def message(receipts: list[Receipt]) -> str:
        reward = event_of(response, receipts, "ReductionReported")["reward"]
        return f"Reported {reduced} W of {address}: it earned {session.tokens(reward)}"

    return session.plan(response.report_reduction(program, address, reduced), message)


@programs.does("close")
def close(session: Session, program: Program, to: Recipient = None) -> Planned[Any]:
    """Close a program and refund its operator: after its end, or while nobody is enrolled."""
    response = session.market.demand_response
    operator = response.get_program(program).operator
    recipient = operator if to is None else session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        back = event_of(response, receipts, "ProgramClosed")["refunded"]
        return f"Closed program {program}: {session.tokens(back)} went back to {recipient}"

    return session.plan(response.close_program(program, recipient), message)


@programs.does("claim")
def claim(session: Session, program: Program, to: Recipient = None) -> Planned[Any]:
    """Claim the sender's rewards."""
    response = session.market.demand_response
    recipient = session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(response, receipts, "ProgramRewardPaid")["amount"]
        return f"Claimed {session.tokens(amount)} of program {program} for {recipient}"

    return session.plan(response.claim_program_reward(program, recipient), message)


@programs.shows("list")
def list_programs(view: View, limit: Limit = 20) -> Answer:
    """List the newest programs of all regions."""
    response = view.market.demand_response
    numbers = newest(response.program_count(), limit)
    found = [(number, response.get_program(number)) for number in numbers]
    rows = [
        (
            str(number),
            each.name,
            each.region,
            f"{each.target_reduction_kw} kW",
            view.rate(each.incentive_rate),
            format_time(each.end_time),
            word(each.status),
        )
        for number, each in found
    ]
    titles = (">program", "name", "region", ">target", ">rate", "ends", "status")
    return Answer(
        document=numbered("program_id", found),
        shown=listed(titles, rows, "There is no program yet."),
    )


@programs.shows("show")
def show(
    view: View,
    program: Program,
    participant: Annotated[
        str | None,
        typer.Option(
            "--participant", metavar="ADDRESS", help="Show this consumer's participation too."
        ),
    ] = None,
) -> Answer:
    """Show a program, and the participation of a consumer in it."""
    response = view.market.demand_response
    known = response.get_program(program)
    rows = {
        "program": f"{program}: {known.name}",
        "type": word(known.program_type),
        "status": word(known.status),
        "region": known.region,
        "operator": known.operator,
        "target": f"{known.target_reduction_kw} kW at {view.rate(known.incentive_rate)}",
        "committed": f"{known.committed} W by {known.participants}",
        "budget": f"{view.tokens(known.budget)}, {view.tokens(known.spent)} of it spent",
        "begins": format_time(known.start_time),
        "ends": format_time(known.end_time),
    }
    document = {"program_id": program, **as_document(known)}
    if participant is None:
        return Answer(document=document, shown=facts(rows))
    address = view.address_of(participant)
    part = response.get_program_participant(program, address)
    enrolment = view.market.demand_enrolments.get_enrolment(address)
    own = {
        "participant": address,
        "committed": f"{part.committed} W" if part.committed else "not participating",
        "missed": f"{enrolment.missed} in a row",
        "aggregator": enrolment.aggregator if enrolment.fee_bps else "none",
        "reduced": f"{part.reduction} W",
        "earned": f"{view.tokens(part.earned)}, {view.tokens(part.claimed)} of it claimed",
    }
    document["participant"] = {"address": address, **as_document(part)}
    return Answer(document=document, shown=stacked(facts(rows), "", facts(own)))
