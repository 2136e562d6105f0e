"""``energy-grid slot``: the energy of an account in slots, and the closing of slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, as_document, facts, listed
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address, day, reading
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, events_of
from energy_grid.cli.slot_words import At, parse_slot, parse_slots, span
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.periods import DAY_SECONDS, closable, is_final
from energy_grid.domain.slots import SlotEnergy, close_slot
from energy_grid.domain.units import format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import EventLog
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["list_slots", "slot_table", "slots"]

slots = CommandGroup("slot")

_DAYS, _MAX_DAYS = 7, 400
_MONEY = ("minted", "burned", "from_grid", "cost", "paid")

First = Annotated[int | None, day("--from", "The first day; by default the last seven are shown")]
Last = Annotated[int | None, day("--to", "The last day; today by default")]


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
    """Show an account's energy in a slot, its state, and what its closing moves."""
    market, address = view.market, view.address_of(account)
    number = market.slot() if slot is None else slot.number(view)
    settlement = market.settlement
    energy = settlement.energy_of(address, number)
    at_end, price, energy_credits, available, mine, grace = ask(
        view,
        (settlement, "metersReadAtEnd", address, number),
        (market.grid, "priceOf", number),
        (market.energy_token, "balanceOf", address),
        (settlement, "balanceOf", address),
        (market.meters, "getMeters", address),
        (settlement, "GRACE"),
    )
    closing = _closings(view, address, number).get(number)
    stage, end = _stage(view, number, energy, grace), market.time_of(number + 1)
    rows = {
        "account": address,
        "slot": f"{number}, {span(view, number)}",
        "state": _STAGES[stage],
        "metered": f"{format_wh(energy.produced)} produced, {format_wh(energy.consumed)} consumed",
        "traded": f"{format_wh(energy.sold)} sold, {format_wh(energy.bought)} bought",
        "balance": _net(energy),
        "read by": f"{at_end} of {counted(len(mine), 'meter')} at its end",
        "grid price": view.price(price),
    }
    document: dict[str, Any] = {
        "account": address,
        "slot": number,
        "start": market.time_of(number),
        "end": end,
        "readings_until": end + grace,
        "closable_from": end + 2 * grace,
        **as_document(energy),
        "net": energy.net,
        "state": stage,
        "meters_read_at_end": at_end,
        "meters": len(mine),
        "grid_price": price,
        "closing": {name: closing[name] for name in _MONEY} if closing else None,
    }
    if closing:
        rows["closed"] = _moved(view, closing.arguments)
    if stage < Stage.FINAL:
        rows["readings"] = f"are accepted until {format_time(end + grace)}"
    if stage < Stage.CLOSABLE:
        rows["closing"] = f"from {format_time(end + 2 * grace)} on"
    if stage is not Stage.CLOSED:
        would = close_slot(energy, energy_credits, available, price)
        moves = {name: getattr(would, name) for name in _MONEY}
        rows["closing now"] = _moved(view, moves)
        document["closing_now"] = moves
    return Answer(document=as_document(document), shown=facts(rows))


@slots.shows("list")
def list_slots(view: View, account: Address, first: First = None, last: Last = None) -> Answer:
    """List the slots of an account that have energy, the newest first."""
    address = view.address_of(account)
    found, shown = slot_table(view, address, _range(view, first, last))
    return Answer(document=found, shown=shown)


@slots.does("close")
def close(
    session: Session,
    owner: Address,
    chosen: Annotated[
        list[int] | None,
        typer.Argument(
            parser=reading(parse_slots),
            metavar="SLOTS",
            help="Such as 473352,473360-473365; by default all that can be closed.",
            show_default=False,
        ),
    ] = None,
) -> Planned[Any]:
    """Close slots of an account: mint energy credits, or buy its deficit (anybody)."""
    settlement, address = session.market.settlement, session.address_of(owner)
    numbers = _closable(session, address) if chosen is None else chosen

    def message(receipts: list[Receipt]) -> str:
        closed = events_of(settlement, receipts, "SlotClosed")
        moved = {name: sum(each[name] for each in closed) for name in _MONEY}
        message = f"Closed {counted(len(closed), 'slot')} of {address}: {_moved(session, moved)}"
        before = len(numbers) - len(closed)
        return f"{message}; {before} had been closed before" if before else message

    return Planned(session.market.close_slots(session.who, address, numbers), message)


def slot_table(
    view: View, address: str, numbers: Iterable[int]
) -> tuple[list[dict[str, Any]], RenderableType]:
    """Those of the slots that have energy, as documents and as a table."""
    from energy_grid.market.account_queries import slots_of

    found = slots_of(view.market.settlement, address, numbers)
    closings = _closings(view, address)
    documents, rows = [], []
    for slot, energy in found:
        closing = closings.get(slot)
        moved = {name: closing[name] if closing else 0 for name in _MONEY}
        documents.append({"slot": slot, **as_document(energy), **moved})
        rows.append(
            (
                str(slot),
                format_minute(view.market.time_of(slot)),
                *(_kwh(each) for each in (energy.produced, energy.consumed)),
                *(_kwh(each) for each in (energy.sold, energy.bought)),
                *(_outcome(view, energy, moved) if energy.closed else ("", "", "", "open")),
            )
        )
    titles = (
        *(">slot", f"from, {zone_name()}", ">produced", ">consumed", ">sold", ">bought"),
        *(">credits", ">grid", ">cost", "state"),
    )
    return documents, listed(titles, rows, "This account has no energy in the slots of these days.")


def _outcome(view: View, energy: SlotEnergy, moved: dict[str, int]) -> tuple[str, ...]:
    owed = moved["cost"] - moved["paid"]
    return (
        _kwh(moved["minted"] - moved["burned"]),
        _kwh(moved["from_grid"]),
        view.money(moved["cost"]) if moved["cost"] else "",
        f"owes {view.money(owed)}" if owed else "closed",
    )


def _kwh(wh: int) -> str:
    return format_wh(wh).removesuffix(" kWh") if wh else ""


def _closings(view: View, address: str, slot: int | None = None) -> dict[int, EventLog]:
    """The closings of slots, by slot."""
    from energy_grid.chain.multicall import past_events

    only = {} if slot is None else {"slot": slot}
    first = view.market.deployment.first_block
    logs = past_events(view.market.settlement, "SlotClosed", first, account=address, **only)
    return {log["slot"]: log for log in logs}


class Stage(IntEnum):
    """The stage of a slot (see `energy_grid.domain.periods`)."""

    RUNNING = 0
    OVER = 1
    FINAL = 2
    CLOSABLE = 3
    CLOSED = 4


_STAGES = {
    Stage.RUNNING: "is running",
    Stage.OVER: "is over; readings are still accepted",
    Stage.FINAL: "is final: readings are closed, its trades can settle",
    Stage.CLOSABLE: "can be closed",
    Stage.CLOSED: "is closed",
}


def _stage(view: View, slot: int, energy: SlotEnergy, grace: int) -> Stage:
    from energy_grid.chain.multicall import next_time

    now, length = next_time(view.market.node), view.market.time_of(1)
    if energy.closed:
        return Stage.CLOSED
    if closable(slot, now, length, grace):
        return Stage.CLOSABLE
    if is_final(slot, now, length, grace):
        return Stage.FINAL
    return Stage.RUNNING if now < view.market.time_of(slot + 1) else Stage.OVER


def _net(energy: SlotEnergy) -> str:
    if energy.net == 0:
        return "even"
    return f"{format_wh(abs(energy.net))} {'deficit' if energy.net < 0 else 'surplus'}"


def _moved(view: View, moves: Any) -> str:
    parts = [
        f"{format_wh(moves[name])} {verb}"
        for name, verb in (
            ("minted", "of energy credits minted"),
            ("burned", "of energy credits burned"),
            ("from_grid", "bought from the grid"),
        )
        if moves[name]
    ]
    if moves["cost"]:
        owed = moves["cost"] - moves["paid"]
        parts[-1] += f" for {view.money(moves['cost'])}"
        if owed:
            parts.append(f"{view.money(owed)} owed")
    return ", ".join(parts) or "nothing changes"


def _range(view: View, first: int | None, last: int | None) -> range:
    """The slots of days."""
    market = view.market
    end = (market.node.time // DAY_SECONDS if last is None else last) + 1
    begin = max(end - _DAYS, 0) if first is None else first
    if end - begin > _MAX_DAYS:
        raise InputError(f"these are {end - begin} days: at most {_MAX_DAYS} at once")
    return range(market.slot(begin * DAY_SECONDS), market.slot(end * DAY_SECONDS))


def _closable(session: Session, address: str) -> Sequence[int]:
    """The slots of an account that can be closed and have energy, the oldest first."""
    from energy_grid.market.account_queries import slots_to_close

    market = session.market
    begin = int(market.node.block(market.deployment.first_block)["timestamp"], 16)
    known = range(market.slot(begin), market.slot())
    found = [slot for slot, _ in slots_to_close(market.settlement, address, known)]
    if not found:
        raise EnergyGridError(
            f"no slot of {address} can be closed now: a slot can be closed when it has energy"
            " and ended two grace times ago (energy-grid slot show shows when)"
        )
    return found[::-1]
