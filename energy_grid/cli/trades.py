"""``energy-grid trade``: matched orders, delivered and paid by metered energy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    facts,
    listed,
    numbered,
    word,
    yes_or_no,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Limit, number, reading
from energy_grid.cli.session import Planned, Session, View, events_of
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.costs import cost_down
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.units import format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.energy_trading import TransactionRecord

__all__ = ["trade_table", "trades"]

trades = CommandGroup("trade")

_MAX_NUMBERS = 1000
_NUMBERS = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")


def parse_numbers(text: str) -> list[int]:
    """``"1,4294967296-4294967299"``: numbers, and ranges with both ends; each once, ascending.

    Raises:
        InputError: something else, or too many.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _NUMBERS.fullmatch(part)
        if match is None:
            raise InputError(f"{part[:20]!r} is not a trade: write numbers such as 1,4-6")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + _MAX_NUMBERS - len(found):
            raise InputError(f"{part!r} is not a range of trades: at most {_MAX_NUMBERS} in all")
        found.update(range(first, last + 1))
    return sorted(found)


Numbers = Annotated[
    list[int] | None,
    typer.Argument(
        parser=reading(parse_numbers), metavar="NUMBERS", help="Such as 1,4-6.", show_default=False
    ),
]
Of = Annotated[
    str | None, typer.Option("--of", metavar="ADDRESS", help="Only trades of this account.")
]


@trades.does("settle")
def settle(
    session: Session,
    numbers: Numbers = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All trades of the market that can settle now.")
    ] = False,
    of: Of = None,
) -> Planned[Any]:
    """Deliver metered energy, pay for it, and end trades whose period is over (anybody)."""
    if sum((numbers is not None, everything, of is not None)) != 1:
        raise InputError(
            "name the numbers, such as 1,4-6, or an account with --of ADDRESS, or --all"
        )
    chosen = list(numbers or [])
    if len(chosen) != 1:
        chosen = _ready(session, _open(session, of) if numbers is None else numbers)
    if not chosen:
        raise EnergyGridError(
            "none of these trades can settle now: wait for the next reading, or until the period is"
            " final"
        )
    plan = session.market.settle_trades(session.who, chosen)
    return Planned(plan, lambda receipts: _settled(session, receipts))


@trades.shows("show")
def show(view: View, trade: Annotated[int, number("TRADE", "Its number.", 1)]) -> Answer:
    """Show a trade: seller, buyer, energy, how much is delivered, and what it waits for."""
    market = view.market
    known = market.trading.get_transaction(trade)
    (ready,) = _can_settle(view, [trade])
    slots = (known.end - known.start) // market.time_of(1)
    rows = {
        "trade": str(trade),
        "status": word(known.status),
        "seller": known.seller,
        "buyer": known.buyer,
        "agreed": f"{format_wh(known.amount)} at {view.price(known.price)}",
        "delivered": f"{format_wh(known.delivered)}, paid"
        f" {view.money(cost_down(known.delivered, known.price))}",
        "period": f"{word(known.period)}, {format_time(known.start)} to {format_time(known.end)}",
        "settled slots": f"{known.settled_slots} of {slots}",
        "matched late": f"{yes_or_no(known.late)}{': without collateral' if known.late else ''}",
    }
    if known.status is TransactionStatus.MATCHED:
        rows["can settle now"] = (
            "yes" if ready else "no: after the next reading, or once its period is final"
        )
    (document,) = numbered("trade_id", [(trade, known)])
    batch = trade // BATCH_IDS
    document |= {"batch_id": batch or None, "ready": ready}
    if batch:
        rows["batch"] = str(batch)
    return Answer(document=document, shown=facts(rows))


@trades.shows("list")
def list_trades(
    view: View,
    of: Of = None,
    unsettled: Annotated[
        bool, typer.Option("--open/--all", help="Only trades that are not settled.")
    ] = False,
    limit: Limit = 20,
) -> Answer:
    """List trades: those of the newest batches first, then those of single pairs."""
    from energy_grid.market import account_queries

    wanted = _wanted(view, of, unsettled)
    found = account_queries.trades(view.market.trading, wanted, limit)
    shown = trade_table(view, found, "There is no such trade.")
    return Answer(document=numbered("trade_id", found), shown=shown)


def trade_table(view: View, found: Sequence[tuple[int, TransactionRecord]], none: str) -> Any:
    """Trades as a table."""
    rows = [
        (
            str(each),
            word(known.status),
            known.seller,
            known.buyer,
            format_wh(known.amount),
            format_wh(known.delivered),
            view.price(known.price),
            format_minute(known.start),
        )
        for each, known in found
    ]
    titles = (
        *(">trade", "status", "seller", "buyer"),
        *(">agreed", ">delivered", ">price", f"from, {zone_name()}"),
    )
    return listed(titles, rows, none)


def _wanted(view: View, of: str | None, unsettled: bool) -> Callable[[TransactionRecord], bool]:
    address = None if of is None else view.address_of(of)

    def wanted(known: TransactionRecord) -> bool:
        if unsettled and known.status is TransactionStatus.SETTLED:
            return False
        return address is None or address in (known.seller, known.buyer)

    return wanted


def _open(session: Session, of: str | None) -> list[int]:
    from energy_grid.market import account_queries

    found = account_queries.trades(session.market.trading, _wanted(session, of, True))
    return sorted(each for each, _ in found)


def _ready(session: Session, numbers: Sequence[int]) -> list[int]:
    """Those that can settle now."""
    answers = _can_settle(session, numbers)
    return [each for each, ready in zip(numbers, answers, strict=True) if ready]


def _can_settle(view: View, numbers: Sequence[int]) -> list[bool]:
    from energy_grid.chain.multicall import would_succeed
    from energy_grid.market.trading import SLOTS_AT_ONCE

    trading = view.market.trading
    calls = (trading.settle_transaction(each, SLOTS_AT_ONCE) for each in numbers)
    return would_succeed(view.market.node, calls)


def _settled(session: Session, receipts: list[Receipt]) -> str:
    trading, settlement = session.market.trading, session.market.settlement
    deliveries = events_of(trading, receipts, "TransactionDelivered")
    delivered = sum(log["amount"] for log in deliveries)
    paid = sum(log["paid"] for log in events_of(settlement, receipts, "DeliveryPaid"))
    ended = events_of(trading, receipts, "TransactionSettled")
    # A call leaves out what it cannot settle, and one of several calls can fail.
    numbers = {log["transaction_id"] for log in (*deliveries, *ended)}
    what = f"trade {min(numbers)}" if len(numbers) == 1 else counted(len(numbers), "trade")
    message = f"Settled {what}: {format_wh(delivered)} delivered for {session.money(paid)}"
    if not ended:
        return f"{message}; more can come"
    compensation = sum(log["compensation"] for log in ended)
    refund = sum(log["refund"] for log in ended)
    rest = f", {session.money(refund)} back to buyers" if refund else ""
    failed = f", {session.money(compensation)} compensation" if compensation else ""
    return f"{message}; {len(ended)} ended{rest}{failed}"
