"""``energy-grid slot``: an account's energy in the slots of the market, and how it was balanced."""

from __future__ import annotations

from collections import defaultdict
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
from energy_grid.cli.session import Planned, Session, View, events_of, short
from energy_grid.cli.slot_words import At, parse_slot, parse_slots, span
from energy_grid.domain.periods import DAY_SECONDS, closable, is_final
from energy_grid.domain.slots import SlotEnergy, close_slot
from energy_grid.domain.units import format_time, format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import EventLog
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["list_slots", "slot_table", "slots"]

slots = CommandGroup("slot")

_DAYS, _MOST_DAYS = 7, 400
# Well within the gas that any chain gives to one transaction.
_AT_ONCE = 100
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
            help="Its number, or a time in it; by default the one now running.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """An account's energy in a slot, what it waits for, and what closing it moves or has moved."""
    market, address = view.market, view.address_of(account)
    number = market.slot() if slot is None else slot.number(view)
    settlement = market.settlement
    energy = settlement.energy_of(address, number)
    at_end, is_counted, price, banked, available, mine, grace, (gateway, _) = ask(
        view,
        (settlement, "metersReadAtEnd", address, number),
        (settlement, "isCounted", address, number),
        (market.grid, "priceOf", number),
        (market.energy_token, "balanceOf", address),
        (settlement, "balanceOf", address),
        (market.meters, "getMeters", address),
        (settlement, "GRACE"),
        (market.meters, "gatewayOf", address, number),
    )
    closings = _closings(view, address, number)[number]
    stage, end = _stage(view, number, energy, grace), market.time_of(number + 1)
    rows = {
        "account": address,
        "slot": f"{number}, {span(view, number)}",
        "state": _STAGES[stage],
        "metered": f"{format_wh(energy.produced)} produced, {format_wh(energy.consumed)} consumed",
        "traded": f"{format_wh(energy.sold)} sold, {format_wh(energy.bought)} bought",
        "balance": _net(energy),
        "read by": f"gateway {gateway}, {'proven' if is_counted else 'not proven yet'}"
        if gateway
        else f"{at_end} of {counted(len(mine), 'meter')} at its end",
        "grid price": view.price(price),
    }
    document: dict[str, Any] = {
        "account": address,
        "slot": number,
        "from": market.time_of(number),
        "to": end,
        "readings_until": end + grace,
        "closable_from": end + 2 * grace,
        **as_document(energy),
        "net": energy.net,
        "state": stage,
        "counted": is_counted,
        "meters_read_at_end": at_end,
        "meters": len(mine),
        "gateway": gateway,
        "grid_price": price,
        "closings": [{name: each[name] for name in _MONEY} for each in closings],
    }
    for each in closings:
        rows["closed" if "closed" not in rows else "proven later"] = _moved(view, each.arguments)
    if stage < Stage.FINAL:
        rows["readings"] = f"are taken until {format_time(end + grace)}"
    if stage < Stage.CLOSABLE:
        rows["closing"] = f"from {format_time(end + 2 * grace)} on"
    if stage is not Stage.CLOSED:
        would = close_slot(energy, banked, available, price)
        moves = {name: getattr(would, name) for name in _MONEY}
        rows["to close now"] = _moved(view, moves)
        document["closing_now"] = moves
    return Answer(document=as_document(document), shown=facts(rows))


@slots.shows("list")
def list_slots(view: View, account: Address, first: First = None, last: Last = None) -> Answer:
    """The slots of an account with energy in them, the newest first, and how they were balanced."""
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
    """Balance slots of an account: bank its surplus, or buy what it lacks (anybody)."""
    settlement, address = session.market.settlement, session.address_of(owner)
    numbers = _closable(session, address) if chosen is None else chosen

    def message(receipts: list[Receipt]) -> str:
        closed = events_of(settlement, receipts, "SlotClosed")
        moved = {name: sum(each[name] for each in closed) for name in _MONEY}
        told = (
            f"Closed {counted(len(closed), 'slot')} of {short(address)}: {_moved(session, moved)}"
        )
        before = len(numbers) - len(closed)
        return f"{told}; {before} had been closed before" if before else told

    return Planned(session.market.close_slots(session.who, address, numbers), message)


def slot_table(
    view: View, address: str, numbers: Iterable[int]
) -> tuple[list[dict[str, Any]], RenderableType]:
    """Those of the slots with something in them, as documents and as people read them."""
    from energy_grid.market.account_queries import slots_of

    found = slots_of(view.market.settlement, address, numbers)
    closings = _closings(view, address)
    documents, rows = [], []
    for slot, energy in found:
        moved = {name: sum(each[name] for each in closings[slot]) for name in _MONEY}
        documents.append({"slot": slot, **as_document(energy), **moved})
        rows.append(
            (
                str(slot),
                format_time(view.market.time_of(slot))[:16],
                *(_kwh(each) for each in (energy.produced, energy.consumed)),
                *(_kwh(each) for each in (energy.sold, energy.bought)),
                *(_outcome(view, energy, moved) if energy.closed else ("", "", "", "open")),
            )
        )
    titles = (
        *(">slot", "from, UTC", ">produced", ">consumed", ">sold", ">bought"),
        *(">banked", ">grid", ">cost", "state"),
    )
    return documents, listed(titles, rows, "No slot of these days has energy of this account.")


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


def _closings(view: View, address: str, slot: int | None = None) -> dict[int, list[EventLog]]:
    """How slots were closed, and again where they were proven later."""
    from energy_grid.chain.multicall import past_events

    only = {} if slot is None else {"slot": slot}
    first = view.market.deployment.first_block
    by_slot: defaultdict[int, list[EventLog]] = defaultdict(list)
    for log in past_events(view.market.settlement, "SlotClosed", first, account=address, **only):
        by_slot[log["slot"]].append(log)
    return by_slot


class Stage(IntEnum):
    """How far a slot is (see `energy_grid.domain.periods`)."""

    RUNNING = 0
    OVER = 1
    FINAL = 2
    CLOSABLE = 3
    CLOSED = 4


_STAGES = {
    Stage.RUNNING: "is running",
    Stage.OVER: "is over; readings still come in",
    Stage.FINAL: "is final: no more readings, its trades settle",
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
    return f"{format_wh(abs(energy.net))} {'short' if energy.net < 0 else 'over'}"


def _moved(view: View, moves: Any) -> str:
    parts = [
        f"{format_wh(moves[name])} {verb}"
        for name, verb in (
            ("minted", "banked"),
            ("burned", "taken out of the bank"),
            ("from_grid", "bought from the grid"),
        )
        if moves[name]
    ]
    if moves["cost"]:
        owed = moves["cost"] - moves["paid"]
        parts[-1] += f" for {view.money(moves['cost'])}"
        if owed:
            parts.append(f"{view.money(owed)} owed")
    return ", ".join(parts) or "nothing moves"


def _range(view: View, first: int | None, last: int | None) -> range:
    """The slots of days."""
    market = view.market
    end = (market.node.time // DAY_SECONDS if last is None else last) + 1
    begin = max(end - _DAYS, 0) if first is None else first
    if end - begin > _MOST_DAYS:
        raise InputError(f"these are {end - begin} days: at most {_MOST_DAYS} at once")
    return range(market.slot(begin * DAY_SECONDS), market.slot(end * DAY_SECONDS))


def _closable(session: Session, address: str) -> Sequence[int]:
    """The slots of an account that can be closed and have something in them, the oldest first."""
    from energy_grid.market.account_queries import slots_to_close

    market = session.market
    begin = int(market.node.block(market.deployment.first_block)["timestamp"], 16)
    known = range(market.slot(begin), market.slot())
    found = [slot for slot, _ in slots_to_close(market.settlement, address, known)]
    if not found:
        raise EnergyGridError(
            f"no slot of {short(address)} can be closed now: those can that have energy, are open,"
            " and ended two grace times ago (energy-grid slot show tells when)"
        )
    return found[::-1]
