"""``energy-grid carbon``: credits for clean production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    table,
    yes_or_no,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address, Limit, number, whole
from energy_grid.cli.options import carbon as mass
from energy_grid.cli.session import Planned, Session, View, event_of, newest
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_carbon, format_day, format_wh
from energy_grid.errors import EnergyGridError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.market.carbon import IssuedCredits

__all__ = ["carbon"]

carbon = CommandGroup("carbon")
factor = CommandGroup("factor", "The emission factor: the CO2e that a clean kWh avoids.")
carbon.add(factor)

Producer = Annotated[str, typer.Argument(metavar="PRODUCER", help="Its address.")]
Amount = Annotated[int, mass("--amount", "The amount, in kg CO2e")]

_MAX_FACTOR = 2000


@carbon.does("register")
def register(session: Session, producer: Producer) -> Planned[Any]:
    """Register a producer as clean from the next day on (registrar)."""
    address = session.address_of(producer)

    def message(receipts: list[Receipt]) -> str:
        first = event_of(session.market.carbon, receipts, "CleanProducerRegistered")["from_day"]
        return f"Registered {address} as a clean producer from {format_day(first)} on"

    return session.plan(session.market.carbon.register_clean_energy_producer(address), message)


@carbon.does("deregister")
def deregister(session: Session, producer: Producer) -> Planned[Any]:
    """Deregister a clean producer; what it produced before still counts (registrar)."""
    address = session.address_of(producer)

    def message(receipts: list[Receipt]) -> str:
        until = event_of(session.market.carbon, receipts, "CleanProducerDeregistered")["until_day"]
        return f"Deregistered {address}: its production counts until {format_day(until)}"

    return session.plan(session.market.carbon.deregister_clean_energy_producer(address), message)


@carbon.does("issue")
def issue(
    session: Session,
    consumer: Annotated[
        str | None,
        typer.Argument(metavar="ACCOUNT", help="Who has retired; by default the sender."),
    ] = None,
    only: Annotated[
        int | None,
        typer.Option(
            "--retirement",
            parser=whole(1),
            metavar="NUMBER",
            help="One retirement of certificates; by default all that have no credits yet.",
        ),
    ] = None,
) -> Planned[Any]:
    """Issue the credits of certificates that an account has retired (anybody)."""
    address = session.recipient(consumer)
    chosen = session.market.creditable_retirements(address) if only is None else [only]
    if not chosen:
        raise EnergyGridError(
            f"{address} has retired no certificates that earn credits and have none yet; they must"
            " be of a producer that was registered as clean on the day: energy-grid certificates"
            " retire retires them"
        )

    def message(issued: IssuedCredits) -> str:
        return (
            f"Issued {format_carbon(issued.grams)} to {address} for {format_wh(issued.energy)} of"
            f" {counted(issued.retirements, 'retirement')}"
        )

    return Planned(session.market.issue_carbon(session.who, chosen, account=address), message)


@carbon.does("send")
def send(session: Session, to: Address, amount: Amount) -> Planned[Any]:
    """Send credits to an account."""
    address = session.address_of(to)
    return session.plan(
        session.market.carbon.transfer_carbon_credits(address, amount),
        lambda _: f"Sent {format_carbon(amount)} to {address}",
    )


@carbon.does("retire")
def retire(
    session: Session,
    amount: Amount,
    reason: Annotated[str, typer.Option("--reason", help="1 to 256 bytes of plain text.")],
    beneficiary: Annotated[
        str | None,
        typer.Option("--for", metavar="ADDRESS", help="The beneficiary; by default the sender."),
    ] = None,
) -> Planned[Any]:
    """Retire credits for a beneficiary, with a reason."""
    address = session.recipient(beneficiary)

    def message(receipts: list[Receipt]) -> str:
        made = event_of(session.market.carbon, receipts, "CarbonCreditsRetired")["id"]
        return f"Retired {format_carbon(amount)} for {address}: retirement {made}"

    return session.plan(session.market.carbon.retire(amount, address, reason), message)


@carbon.shows("balance")
def balance(view: View, account: Address) -> Answer:
    """Show the credits of an account, its retirements, and its registration as a clean producer."""
    credits, address = view.market.carbon, view.address_of(account)
    held, retired = credits.get_carbon_credits_balance(address), credits.retired_for(address)
    clean, known = credits.is_clean_energy_producer(address), credits.clean_producer(address)
    rows = {
        "account": address,
        "credits": format_carbon(held),
        "retired for it": format_carbon(retired),
        "clean producer": yes_or_no(clean),
    }
    if known.from_day:
        rows["counts from"] = format_day(known.from_day)
    if known.until_day:
        rows["counts until"] = format_day(known.until_day)
    document = {
        "account": address,
        "credits": held,
        "retired_for": retired,
        "clean": clean,
        **as_document(known),
    }
    return Answer(document=document, shown=facts(rows))


@carbon.shows("totals")
def totals(view: View) -> Answer:
    """Show the credits issued, in circulation, and retired."""
    credits = view.market.carbon
    found = {
        "issued": credits.total_issued(),
        "in circulation": credits.total_supply(),
        "retired": credits.total_retired(),
    }
    document = {name.replace(" ", "_"): grams for name, grams in found.items()}
    rows = {name: format_carbon(grams) for name, grams in found.items()}
    return Answer(document=document, shown=facts(rows))


@carbon.shows("retirements")
def retirements(
    view: View,
    beneficiary: Annotated[
        str | None,
        typer.Option("--for", metavar="ADDRESS", help="Only retirements for this account."),
    ] = None,
    limit: Limit = 20,
) -> Answer:
    """List the newest retirements, with account, beneficiary and reason."""
    from energy_grid.contracts.carbon_credits import Retirement

    credits = view.market.carbon
    count, none = credits.retirement_count(), "There is no retirement yet."
    numbers = newest(count, limit if beneficiary is None else count)
    found = list(
        zip(numbers, credits.call_many("retirement", zip(numbers), kind=Retirement), strict=True)
    )
    if beneficiary is not None:
        address = view.address_of(beneficiary)
        found = [each for each in found if each[1].beneficiary == address][:limit]
        none = f"There is no retirement for {address} yet."
    rows = [
        (
            str(at),
            format_carbon(each.amount),
            each.account,
            each.beneficiary,
            each.reason,
            format_time(each.time),
        )
        for at, each in found
    ]
    titles = (">no", ">amount", "by", "for", "reason", "retired")
    shown = listed(titles, rows, none)
    return Answer(document=numbered("retirement_id", found), shown=shown)


@carbon.shows("retirement")
def retirement(view: View, which: Annotated[int, number("RETIREMENT", "Its number.", 1)]) -> Answer:
    """Show a retirement: its amount, its beneficiary and its reason."""
    known = view.market.carbon.retirement(which)
    rows = {
        "retirement": str(which),
        "amount": format_carbon(known.amount),
        "by": known.account,
        "for": known.beneficiary,
        "reason": known.reason,
        "retired": format_time(known.time),
    }
    (document,) = numbered("retirement_id", [(which, known)])
    return Answer(document=document, shown=facts(rows))


@factor.shows("show")
def show_factor(view: View) -> Answer:
    """Show the emission factors, each with its first day."""
    credits = view.market.carbon
    found = [*map(credits.emission_factor_at, range(credits.emission_factor_count()))]
    rows = [(format_day(first), f"{grams} g CO2e/kWh") for first, grams in found]
    document = [{"from_day": format_day(first), "grams_per_kwh": grams} for first, grams in found]
    return Answer(document=document, shown=table(("from", ">a clean kWh avoids"), rows))


@factor.does("set")
def set_factor(
    session: Session,
    grams: Annotated[
        int,
        typer.Argument(
            parser=whole(0, _MAX_FACTOR), metavar="GRAMS", help=f"Of CO2e, 0 to {_MAX_FACTOR}."
        ),
    ],
) -> Planned[Any]:
    """Set the emission factor from the next day on (governance)."""

    def message(receipts: list[Receipt]) -> str:
        first = event_of(session.market.carbon, receipts, "EmissionFactorSet")["from_day"]
        return f"A clean kWh avoids {grams} g CO2e from {format_day(first)} on"

    return session.plan(session.market.carbon.set_emission_factor(grams), message)
