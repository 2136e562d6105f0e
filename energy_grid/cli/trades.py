"""``energy-grid trade``: matched orders, which settle as both accounts close their days."""

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
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Limit, number, reading
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.units import format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.contracts.energy_trading import TransactionRecord
    from energy_grid.market.days import ClosedDay

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
    """Close the final days of both accounts of trades, up to the ends of their periods (anybody).

    One trade closes at most 7 days of each account.
    """
    if sum((numbers is not None, everything, of is not None)) != 1:
        raise InputError(
            "name the numbers, such as 1,4-6, or an account with --of ADDRESS, or --all"
        )
    chosen = list(numbers or [])
    if len(chosen) != 1:
        chosen = _ready(session, _open(session, of) if numbers is None else numbers)
    if not chosen:
        raise EnergyGridError(
            "none of these trades can settle now: wait until a day of their period is final"
        )
    plan = session.market.settle_trades(session.who, chosen)
    return Planned(plan, lambda closed: _settled(session, chosen, closed))


@trades.shows("show")
def show(view: View, trade: Annotated[int, number("TRADE", "Its number.", 1)]) -> Answer:
    """Show a trade: seller, buyer, energy, period, and whether it can settle."""
    market = view.market
    known = market.trading.get_transaction(trade)
    (ready,) = _can_settle(view, [trade])
    slots = (known.end - known.start) // market.time_of(1)
    each = f", {format_wh(known.amount // slots)} in each of {slots} slots" if slots > 1 else ""
    rows = {
        "trade": str(trade),
        "status": word(known.status),
        "seller": known.seller,
        "buyer": known.buyer,
        "agreed": f"{format_wh(known.amount)} at {view.price(known.price)}{each}",
        "costs": view.money(cost_up(known.amount, known.price)),
        "period": f"{word(known.period)}, {format_time(known.start)} to {format_time(known.end)}",
    }
    if known.status is TransactionStatus.MATCHED:
        rows["can settle now"] = "yes" if ready else "no: once a day of its period is final"
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
            view.price(known.price),
            format_minute(known.start),
        )
        for each, known in found
    ]
    titles = (
        *(">trade", "status", "seller", "buyer"),
        *(">agreed", ">price", f"from, {zone_name()}"),
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

    settle = view.market.trading.settle_transaction
    return would_succeed(view.market.node, map(settle, numbers))


def _settled(session: Session, numbers: Sequence[int], closed: Sequence[ClosedDay]) -> str:
    from energy_grid.contracts.energy_trading import TransactionRecord

    known = session.market.trading.call_many("getTransaction", zip(numbers), kind=TransactionRecord)
    done = sum(each.status is TransactionStatus.SETTLED for each in known)
    what = f"trade {numbers[0]}" if len(numbers) == 1 else f"{done} of {len(numbers)} trades"
    days = f"closed {counted(len(closed), 'account day')}"
    if not done:
        return f"Settled a part of {what}: {days}; the rest follows when more days are final"
    return f"Settled {what}: {days}"
