"""``energy-grid transaction``: matched orders, delivered and paid out of what is metered."""

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
from energy_grid.cli.session import Planned, Session, View, events_of, short
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.costs import cost_down
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.units import format_time, format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.energy_trading import TransactionRecord

__all__ = ["transaction_table", "transactions"]

transactions = CommandGroup("transaction")

_MOST = 1000
_NUMBERS = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
# A week of hours in one settling; as many settlings as fit into a transaction of the chain.
_SLOTS, _AT_ONCE = 168, 20


def parse_numbers(text: str) -> list[int]:
    """``"1,4294967296-4294967299"``: numbers, and ranges with both ends; each once, ascending.

    Raises:
        InputError: something else, or too many.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _NUMBERS.fullmatch(part)
        if match is None:
            raise InputError(f"{part[:40]!r} is no transaction: write numbers such as 1,4-6")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + _MOST - len(found):
            raise InputError(f"{part!r} is no range of transactions, at most {_MOST} in all")
        found.update(range(first, last + 1))
    return sorted(found)


Numbers = Annotated[
    list[int] | None,
    typer.Argument(
        parser=reading(parse_numbers), metavar="NUMBERS", help="Such as 1,4-6.", show_default=False
    ),
]
Of = Annotated[
    str | None, typer.Option("--of", metavar="ADDRESS", help="Only those of this account.")
]


@transactions.does("settle")
def settle(
    session: Session,
    numbers: Numbers = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All in the market with something to settle.")
    ] = False,
    of: Of = None,
) -> Planned[Any]:
    """Deliver what is metered, pay for it, and end what is over (anybody)."""
    if sum((numbers is not None, everything, of is not None)) != 1:
        raise InputError("name the numbers, such as 1,4-6, or an account --of whom, or --all")
    chosen = list(numbers or [])
    if len(chosen) != 1:
        chosen = _ready(session, _open(session, of) if numbers is None else numbers)
    if not chosen:
        raise EnergyGridError(
            "none of these transactions has anything to settle now: that comes with the next"
            " reading, or once the period is final"
        )
    what = f"trade {chosen[0]}" if len(chosen) == 1 else counted(len(chosen), "trade")
    plan = session.market.settle_trades(session.who, chosen)
    return Planned(plan, lambda receipts: _settled(session, receipts, what))


@transactions.shows("show")
def show(view: View, transaction: Annotated[int, number("NUMBER", "Its number.", 1)]) -> Answer:
    """A transaction: who delivers what to whom, how much of it is done, and what it waits for."""
    market = view.market
    known = market.trading.get_transaction(transaction)
    (ready,) = _answers(view, [transaction])
    slots = (known.end - known.start) // market.time_of(1)
    rows = {
        "transaction": str(transaction),
        "status": word(known.status),
        "seller": known.seller,
        "buyer": known.buyer,
        "agreed": f"{format_wh(known.amount)} at {view.price(known.price)}",
        "delivered": f"{format_wh(known.delivered)}, paid"
        f" {view.money(cost_down(known.delivered, known.price))}",
        "period": f"{word(known.period)}, {format_time(known.start)} to {format_time(known.end)}",
        "slots done": f"{known.settled_slots} of {slots}",
        "matched late": f"{yes_or_no(known.late)}{': without collateral' if known.late else ''}",
    }
    if known.status is TransactionStatus.MATCHED:
        rows["to settle now"] = (
            "something" if ready else "nothing: with the next reading, or once its period is final"
        )
    (document,) = numbered("transaction_id", [(transaction, known)])
    batch = transaction // BATCH_IDS
    document |= {"batch_id": batch or None, "ready": ready}
    if batch:
        rows["batch"] = str(batch)
    return Answer(document=document, shown=facts(rows))


@transactions.shows("list")
def list_transactions(
    view: View,
    of: Of = None,
    unsettled: Annotated[
        bool, typer.Option("--open/--all", help="Only those that are not settled.")
    ] = False,
    limit: Limit = 20,
) -> Answer:
    """Transactions: those of the newest batches first, then those of single pairs."""
    from energy_grid.market import account_queries as holdings

    wanted = _wanted(view, of, unsettled)
    found = holdings.trades(view.market.trading, wanted, limit)
    shown = transaction_table(view, found, "There is no such transaction.")
    return Answer(document=numbered("transaction_id", found), shown=shown)


def transaction_table(view: View, found: Sequence[tuple[int, TransactionRecord]], none: str) -> Any:
    """Transactions as people read them."""
    rows = [
        (
            str(each),
            word(known.status),
            short(known.seller),
            short(known.buyer),
            format_wh(known.amount),
            format_wh(known.delivered),
            view.price(known.price),
            format_time(known.start)[:16],
        )
        for each, known in found
    ]
    titles = (
        *(">transaction", "status", "seller", "buyer"),
        *(">agreed", ">delivered", ">price", "period from"),
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
    from energy_grid.market import account_queries as holdings

    found = holdings.trades(session.market.trading, _wanted(session, of, True))
    return sorted(each for each, _ in found)


def _ready(session: Session, numbers: Sequence[int]) -> list[int]:
    """Those with something to settle now."""
    answers = _answers(session, numbers)
    return [each for each, ready in zip(numbers, answers, strict=True) if ready]


def _answers(view: View, numbers: Sequence[int]) -> list[bool]:
    from energy_grid.chain.multicall import would_succeed

    trading = view.market.trading
    calls = (trading.settle_transaction(each, _SLOTS) for each in numbers)
    return would_succeed(view.market.node, calls)


def _settled(session: Session, receipts: list[Receipt], what: str) -> str:
    trading, settlement = session.market.trading, session.market.settlement
    delivered = sum(log["amount"] for log in events_of(trading, receipts, "TransactionDelivered"))
    paid = sum(log["paid"] for log in events_of(settlement, receipts, "DeliveryPaid"))
    ended = events_of(trading, receipts, "TransactionSettled")
    told = f"Settled {what}: {format_wh(delivered)} delivered for {session.money(paid)}"
    if not ended:
        return f"{told}; more can come"
    compensation = sum(log["compensation"] for log in ended)
    refund = sum(log["refund"] for log in ended)
    rest = f", {session.money(refund)} back to buyers" if refund else ""
    failed = f", {session.money(compensation)} compensation" if compensation else ""
    return f"{told}; {len(ended)} ended{rest}{failed}"
