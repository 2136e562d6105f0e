"""``energy-grid slot``: the metered, traded and shared energy of an account in slots."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, listed, yes_or_no
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, day, duration, moment, reading
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.slot_words import At, parse_slot, span
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_duration, format_wh
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts.energy_accounts import SlotEnergy

__all__ = ["list_slots", "slots"]

slots = CommandGroup("slot")

_DAYS, _MAX_DAYS = 7, 400
_HOME = 1

First = Annotated[int | None, day("--from", "The first day; by default the last seven are shown")]
Last = Annotated[int | None, day("--to", "The last day; today by default")]


class Stage(IntEnum):
    """The stage of a slot of an account."""

    WAITING = 0
    RUNNING = 1
    OVER = 2
    FINAL = 3
    CLOSED = 4


_STAGES = {
    Stage.WAITING: "has not begun",
    Stage.RUNNING: "is running",
    Stage.OVER: "is over; readings still count in full",
    Stage.FINAL: "is final: its day closes as a whole",
    Stage.CLOSED: "is closed with its day",
}


@slots.does("prolong")
def prolong(
    session: Session,
    first: Annotated[int, moment("--from", "The begin of the outage")],
    end: Annotated[int, moment("--to", "Its end")],
    extra: Annotated[int, duration("How much later the slots are final, at most 7d", "--by")],
) -> Planned[Any]:
    """Give the readings of slots more time, after an outage of metering (guardian)."""
    market = session.market
    # The last slot is the one that the outage ends in.
    begin, last = market.slot(first), market.slot(end - 1)
    call = market.energy_accounts.prolong(begin, last + 1, extra)

    def message(_: Any) -> str:
        final = market.time_of(last + 1) + market.energy_accounts.grace() + extra
        return (
            f"Slots {begin} to {last} are final {format_duration(extra)} later: the last one at"
            f" {format_time(final)}"
        )

    return session.plan(call, message)


@slots.shows("show")
def show(
    view: View,
    account: Address,
    slot: Annotated[
        At | None,
        typer.Argument(
            parser=reading(parse_slot),
            metavar="SLOT",
            help="Its number, or a time in it; by default the running slot.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Show an account's energy in a slot, its price, and its state."""
    market, address = view.market, view.address_of(account)
    number = market.slot() if slot is None else slot.number(view)
    energy = market.energy_accounts.energy_of(address, number)
    of = market.settlement.number_of(address)
    (region, _), is_final, cursor, grace = ask(
        view,
        (market.energy_accounts, "regionOf", of),
        (market.energy_accounts, "isFinal", number),
        (market.settlement, "cursorAt", of),
        (market.energy_accounts, "GRACE"),
    )
    price = market.tariffs.deficit_price(region or _HOME, number)
    on, end = market.time_of(number) // DAY_SECONDS, market.time_of(number + 1)
    stage = _stage(view, number, is_final=is_final, is_closed=bool(of) and on < cursor)
    rows = {
        "account": address,
        "slot": f"{number}, {span(view, number)}",
        "state": _STAGES[stage],
        "metered": _metered(energy),
        "traded": _words(energy.position, "bought", "sold"),
        "shared": f"{format_wh(energy.taken)} taken, {format_wh(energy.given)} given",
        "price of a deficit": view.price(price),
    }
    extra = _prolonged(view, number)
    if stage < Stage.FINAL:
        why = "later for an outage" if extra else "unless the guardian prolongs it"
        rows["final"] = f"at {format_time(end + grace + extra)}, {why}"
    if stage is not Stage.CLOSED:
        rows["closes with"] = format_day(on)
    document: dict[str, Any] = {
        "account": address,
        "slot": number,
        "start": market.time_of(number),
        "end": end,
        "final_at": end + grace + extra,
        **as_document(energy),
        "state": stage,
        "price": price,
        "day": format_day(on),
    }
    return Answer(document=as_document(document), shown=facts(rows))


@slots.shows("list")
def list_slots(view: View, account: Address, first: First = None, last: Last = None) -> Answer:
    """List the slots of an account that are read or traded, the newest first.

    What was read late has no net here: the closing of its day pays or charges it.
    """
    from energy_grid.market.account_queries import slots_of

    address = view.address_of(account)
    found = slots_of(view.market.energy_accounts, address, _range(view, first, last))
    documents = [{"slot": slot, **as_document(energy)} for slot, energy in found]
    rows = [
        (
            str(slot),
            format_minute(view.market.time_of(slot)),
            *map(_kwh, (energy.net, energy.position, energy.taken, energy.given)),
            yes_or_no(energy.read),
        )
        for slot, energy in found
    ]
    titles = (
        *(">slot", f"from, {zone_name()}", ">net, kWh", ">traded", ">taken", ">given"),
        "read",
    )
    shown = listed(titles, rows, "This account has no energy in the slots of these days.")
    return Answer(document=documents, shown=shown)


def _prolonged(view: View, slot: int) -> int:
    """By how many seconds a slot is final later."""
    from energy_grid.chain.multicall import past_events

    first = view.market.deployment.first_block
    outages = past_events(view.market.energy_accounts, "Prolonged", first)
    # What is final before the next outage is prolonged stays final.
    within = [each["extra"] for each in outages if each["from_slot"] <= slot < each["to_slot"]]
    return int(within[-1]) if within else 0


def _stage(view: View, slot: int, *, is_final: bool, is_closed: bool) -> Stage:
    from energy_grid.chain.multicall import next_time

    if is_closed:
        return Stage.CLOSED
    if is_final:
        return Stage.FINAL
    now = next_time(view.market.node)
    if now >= view.market.time_of(slot + 1):
        return Stage.OVER
    return Stage.RUNNING if now >= view.market.time_of(slot) else Stage.WAITING


def _metered(energy: SlotEnergy) -> str:
    if not energy.read:
        return "not read"
    return _words(energy.net, "exported", "imported")


def _words(wh: int, above: str, below: str) -> str:
    return f"{format_wh(abs(wh))} {above if wh > 0 else below}" if wh else format_wh(0)


def _kwh(wh: int) -> str:
    sign = "-" if wh < 0 else ""
    return f"{sign}{format_wh(abs(wh)).removesuffix(' kWh')}" if wh else ""


def _range(view: View, first: int | None, last: int | None) -> range:
    """The slots of days."""
    market = view.market
    end = (market.node.time // DAY_SECONDS if last is None else last) + 1
    begin = max(end - _DAYS, 0) if first is None else first
    if end - begin > _MAX_DAYS:
        raise InputError(f"these are {end - begin} days: at most {_MAX_DAYS} at once")
    return range(market.slot(begin * DAY_SECONDS), market.slot(end * DAY_SECONDS))
