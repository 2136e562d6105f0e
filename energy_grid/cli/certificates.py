"""``energy-grid certificates``: certificates of production, slot by slot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, listed, numbered, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    Limit,
    carbon,
    choice,
    day,
    kwh,
    moment,
    money,
    number,
)
from energy_grid.cli.session import Planned, Session, View, event_of, newest
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_carbon, format_day, format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts import events
    from energy_grid.contracts.certificate_market import Offer

__all__ = ["certificates"]

certificates = CommandGroup("certificates")

Device = Annotated[int, number("DEVICE", "The number of its meter.", 1)]
OfferNumber = Annotated[int, number("OFFER", "Its number.", 1)]
OfDay = Annotated[int, day("--day", "The day of production")]
Price = Annotated[str, money("--price", "Money per kWh")]


@certificates.does("register")
def register(
    session: Session,
    device: Device,
    technology: Annotated[
        EnergyType, choice(EnergyType, "TECHNOLOGY", "--technology", "What it measures")
    ],
) -> Planned[Any]:
    """Register a meter as a device that earns certificates from the next slot on (registrar)."""
    contract = session.market.certificates

    def message(receipts: list[Receipt]) -> str:
        first = event_of(contract, receipts, "DeviceRegistered")["from_slot"]
        begin = format_time(session.market.time_of(first))
        return f"Device {device} ({word(technology)}) earns certificates from {begin} on"

    return session.plan(contract.register_device(device, technology), message)


@certificates.does("deregister")
def deregister(session: Session, device: Device) -> Planned[Any]:
    """End a device's registration after the running slot (registrar)."""
    contract = session.market.certificates

    def message(receipts: list[Receipt]) -> str:
        until = event_of(contract, receipts, "DeviceDeregistered")["until_slot"]
        return (
            f"Device {device} earns certificates until {format_time(session.market.time_of(until))}"
        )

    return session.plan(contract.deregister_device(device), message)


@certificates.does("correct")
def correct(
    session: Session,
    device: Device,
    at: Annotated[int, moment("--slot", "A time in the slot whose reading was wrong")],
    amount: Annotated[int, kwh("--amount", "What was not produced, in kWh.")],
    reason: Annotated[str, typer.Option("--reason", help="1 to 256 bytes of plain text.")],
) -> Planned[Any]:
    """Take back certificates of a slot: the device owes what is sold or retired (registrar)."""
    contract = session.market.certificates
    certificate = contract.id_of(device, session.market.slot(at))

    def message(receipts: list[Receipt]) -> str:
        done = event_of(contract, receipts, "CertificateCorrected")
        owed = format_wh(done["wh"] - done["withdrawn"])
        return (
            f"Correction {done['correction']}: {format_wh(done['withdrawn'])} withdrawn, and device"
            f" {device} owes {owed} more"
        )

    return session.plan(contract.correct(certificate, amount, reason), message)


@certificates.does("issue")
def issue(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Of one device's signed readings, as JSON.")
    ],
) -> Planned[Any]:
    """Issue the certificates of a device's signed readings (anybody)."""
    from energy_grid.market.reading_file import load_readings

    found = load_readings(file, session.market.meter_domain)
    if not found:
        raise InputError(f"{file} has no reading: add one with energy-grid meter sign")

    def message(issued: list[events.EnergyCertificates_CertificatesIssued]) -> str:
        (*_, last), wh = issued, sum(each.wh for each in issued)
        read_to = format_time(session.market.time_of(last.read_to))
        return f"Issued {format_wh(wh)} of device {last.device} to {last.account}, until {read_to}"

    return Planned(session.market.issue_certificates(session.who, found), message)


@certificates.does("send")
def send(session: Session, device: Device, to: Address, of: OfDay) -> Planned[Any]:
    """Send all certificates that the sender holds of a device's day to an account."""
    market, address = session.market, session.address_of(to)
    held = _some(market.held_certificates(session.address, device, of), "held", device, of)
    ids = [market.certificates.id_of(device, slot) for slot in held]
    call = market.certificates.safe_batch_transfer_from(
        session.address, address, ids, list(held.values()), b""
    )
    return session.plan(call, lambda _: f"Sent {_amounts(held)} of device {device} to {address}")


@certificates.does("retire")
def retire(
    session: Session,
    device: Device,
    of: OfDay,
    consumer: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="ADDRESS",
            help="Whose consumption and certificates, with its approval; by default the sender's.",
        ),
    ] = None,
) -> Planned[Any]:
    """Retire a device's certificates of a day against consumption of the same slots."""
    address = session.recipient(consumer)
    found = session.market.matchable_certificates(address, device, of)
    amounts = _some(found, "matched by consumption", device, of)

    def message(done: events.EnergyCertificates_CertificatesRetired) -> str:
        return f"Retired {_amounts(amounts)} of device {device}: retirement {done.id}"

    plan = session.market.retire_certificates(session.who, device, amounts, address)
    return Planned(plan, message)


@certificates.does("offer")
def offer(
    session: Session,
    device: Device,
    first: Annotated[int, day("--from", "The first day of production")],
    last: Annotated[int, day("--to", "The last day of production")],
    amount: Annotated[int, kwh("--amount", "How much of these days, in kWh.")],
    price: Price,
) -> Planned[Any]:
    """Offer certificates of a device for the settlement token."""
    per_kwh, slots = session.parse_price(price), DAY_SECONDS // session.market.tariffs.slot_length()
    if last < first:
        raise InputError(f"--to {format_day(last)} is before --from {format_day(first)}")
    plan = session.market.offer_certificates(
        session.who, device, range(first * slots, (last + 1) * slots), amount, per_kwh
    )
    allowed = "; the market may move certificates from now on" if len(plan.calls) > 1 else ""
    return Planned(
        plan,
        lambda made: (
            f"Opened offer {made}: {format_wh(amount)} of device {device} at"
            f" {session.price(per_kwh)}{allowed}"
        ),
    )


@certificates.does("offer-credits")
def offer_credits(
    session: Session,
    amount: Annotated[int, carbon("--amount", "How much, in kg CO2e")],
    price: Annotated[str, money("--price", "Money per kg CO2e")],
) -> Planned[Any]:
    """Offer carbon credits for the settlement token."""
    plan = session.market.offer_carbon(session.who, amount, session.parse_price(price))
    return Planned(
        plan, lambda made: f"Opened offer {made}: {format_carbon(amount)} at {price} per kg"
    )


@certificates.does("buy")
def buy(
    session: Session,
    which: OfferNumber,
    of: OfDay,
    amount: Annotated[
        int | None, kwh("--amount", "In kWh; by default all that is left and held.")
    ] = None,
) -> Planned[Any]:
    """Buy certificates of an offer and of one day, the earliest slots first."""
    market = session.market
    known = market.certificate_market.offer_of(which)
    held = market.held_certificates(known.seller, known.device, of)
    left = known.remaining if amount is None else amount
    amounts: dict[int, int] = {}
    for slot, wh in held.items():
        if left and known.from_slot <= slot <= known.to_slot:
            amounts[slot] = min(wh, left)
            left -= amounts[slot]
    if not amounts or (amount is not None and left):
        raise EnergyGridError(
            f"the seller of offer {which} has {_amounts(amounts)} of {format_day(of)} to sell"
        )
    return Planned(
        market.buy_certificates(session.who, which, amounts),
        lambda sold: _sold(session, sold, format_wh),
    )


@certificates.does("buy-credits")
def buy_credits(
    session: Session,
    which: OfferNumber,
    amount: Annotated[int, carbon("--amount", "How much, in kg CO2e")],
) -> Planned[Any]:
    """Buy carbon credits of an offer."""
    plan = session.market.buy_carbon(session.who, which, amount)
    return Planned(plan, lambda sold: _sold(session, sold, format_carbon))


@certificates.does("cancel")
def cancel(session: Session, which: OfferNumber) -> Planned[Any]:
    """Withdraw an offer (its seller)."""
    call = session.market.certificate_market.cancel_offer(which)
    return session.plan(call, lambda _: f"Cancelled offer {which}")


@certificates.shows("device")
def device(view: View, which: Device) -> Answer:
    """Show a device: its plant, how far it was read, and what it owes."""
    known, time = view.market.certificates.device_of(which), view.market.time_of
    rows = {
        "device": str(which),
        "account": known.account,
        "technology": word(EnergyType(known.technology)),
        "earns from": format_time(time(known.from_slot)),
        "earns until": format_time(time(known.until_slot)) if known.until_slot else "-",
        "read to": format_time(time(known.read_to)),
        "owes": format_wh(known.owed),
    }
    return Answer(document={"device": which, **as_document(known)}, shown=facts(rows))


@certificates.shows("held")
def held(view: View, holder: Address, which: Device, of: OfDay) -> Answer:
    """Show an account's certificates of a device's day, and what it could retire of them."""
    address = view.address_of(holder)
    found = view.market.held_certificates(address, which, of)
    free = view.market.matchable_certificates(address, which, of)
    rows = [
        (format_time(view.market.time_of(slot)), format_wh(wh), format_wh(free.get(slot, 0)))
        for slot, wh in found.items()
    ]
    document = [
        {"slot": slot, "held": wh, "matchable": free.get(slot, 0)} for slot, wh in found.items()
    ]
    none = f"{address} has no certificate of device {which} and this day."
    return Answer(document=document, shown=listed(("slot", ">held", ">can be retired"), rows, none))


@certificates.shows("offers")
def offers(view: View, limit: Limit = 20) -> Answer:
    """List the newest offers of certificates and carbon credits."""
    from energy_grid.contracts.certificate_market import Offer

    market = view.market.certificate_market
    numbers = newest(market.offer_count(), limit)
    found = list(zip(numbers, market.call_many("offerOf", zip(numbers), kind=Offer), strict=True))
    rows = [(str(at), *_row(view, each)) for at, each in found]
    titles = (">no", "of", ">left", ">price", "seller")
    shown = listed(titles, rows, "There is no offer yet.")
    return Answer(document=numbered("offer_id", found), shown=shown)


@certificates.shows("retirements")
def retirements(
    view: View,
    consumer: Annotated[
        str | None,
        typer.Option("--for", metavar="ADDRESS", help="Only retirements of this account."),
    ] = None,
    limit: Limit = 20,
) -> Answer:
    """List the newest retirements: which production whose consumption was matched with."""
    from energy_grid.contracts.energy_certificates import Retirement

    contract = view.market.certificates
    count = contract.retirement_count()
    numbers = newest(count, limit if consumer is None else count)
    found = list(
        zip(numbers, contract.call_many("retirement", zip(numbers), kind=Retirement), strict=True)
    )
    if consumer is not None:
        address = view.address_of(consumer)
        found = [each for each in found if each[1].account == address][:limit]
    rows = [
        (str(at), format_day(each.day), format_wh(each.wh), str(each.device), each.account)
        for at, each in found
    ]
    titles = (">no", "day", ">retired", ">device", "consumed by")
    shown = listed(titles, rows, "There is no retirement of certificates yet.")
    return Answer(document=numbered("retirement_id", found), shown=shown)


def _row(view: View, known: Offer) -> tuple[str, str, str, str]:
    of = f"device {known.device}" if known.device else "carbon credits"
    left = format_wh(known.remaining) if known.device else format_carbon(known.remaining)
    if known.currency.lower() != view.market.deployment.token.lower():
        return of, left, f"{known.price} of {known.currency}", known.seller
    per = "kWh" if known.device else "kg"
    price = view.money(known.price // view.market.token_units)
    return of, left, f"{price} per {per}", known.seller


def _sold(session: Session, sold: events.CertificateMarket_CertificatesSold, amount: Any) -> str:
    paid = session.money(sold.paid // session.market.token_units)
    left = amount(sold.remaining)
    return f"Bought {amount(sold.amount)} of offer {sold.offer_id} for {paid}; {left} left"


def _some(found: dict[int, int], what: str, device: int, of: int) -> dict[int, int]:
    if not found:
        raise EnergyGridError(
            f"no certificate of device {device} and {format_day(of)} is {what}; energy-grid"
            " certificates held shows them"
        )
    return found


def _amounts(amounts: dict[int, int]) -> str:
    return f"{format_wh(sum(amounts.values()))} in {counted(len(amounts), 'slot')}"
