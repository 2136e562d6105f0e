"""``energy-grid slot``: the metered, traded and shared energy of an account in slots."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, as_document, facts, listed, yes_or_no
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, day, reading
from energy_grid.cli.reads import ask
from energy_grid.cli.session import View
from energy_grid.cli.slot_words import At, parse_slot, span
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_wh
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts.energy_accounts import SlotEnergy

__all__ = ["list_slots", "slot_table", "slots"]

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
    if stage < Stage.FINAL:
        rows["final"] = f"at {format_time(end + grace)}, unless the guardian prolongs it"
    if stage is not Stage.CLOSED:
        rows["closes with"] = format_day(on)
    document: dict[str, Any] = {
        "account": address,
        "slot": number,
        "start": market.time_of(number),
        "end": end,
        "final_at": end + grace,
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
    address = view.address_of(account)
    found, shown = slot_table(view, address, _range(view, first, last))
    return Answer(document=found, shown=shown)


def slot_table(
    view: View, address: str, numbers: Iterable[int]
) -> tuple[list[dict[str, Any]], RenderableType]:
    """Those of the slots that are read or traded, as documents and as a table."""
    from energy_grid.market.account_queries import slots_of

    found = slots_of(view.market.energy_accounts, address, numbers)
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
    return documents, listed(titles, rows, "This account has no energy in the slots of these days.")


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
