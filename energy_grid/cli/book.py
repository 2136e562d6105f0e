"""``energy-grid book``: the order book of on-chain orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, as_document, facts, listed, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Limit, number, state_folder
from energy_grid.cli.orders import Amount, Kind, Price, Side, Start, Until, period_of
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_minute, format_time, zone_name
from energy_grid.domain.orders import OrderStatus
from energy_grid.domain.periods import PeriodKind
from energy_grid.domain.units import format_wh

if TYPE_CHECKING:
    from energy_grid.contracts import events
    from energy_grid.contracts.energy_trading import OrderRecord, OrderState

__all__ = ["book", "order_documents", "order_table"]

book = CommandGroup("book")

_PAGE = 100

Order = Annotated[int, number("ORDER", "Its number.", 1)]
Stored: TypeAlias = "tuple[int, OrderRecord, OrderState]"
Of = Annotated[
    str | None, typer.Option("--of", metavar="ADDRESS", help="Only orders of this account.")
]


@book.does("place")
def place(
    session: Session,
    side: Side,
    amount: Amount,
    price: Price,
    period: Kind = PeriodKind.HOURLY,
    start: Start = None,
    until: Until = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="WORD",
            help="A word for this order: with the same word again, the command sends nothing.",
            show_default=False,
        ),
    ] = None,
) -> Planned[Any]:
    """Place an on-chain order; it locks the buyer's money or the seller's cover."""
    from energy_grid.cli.accounts import refuse_key

    units = session.parse_price(price)
    # The journal would have it in plain text.
    refuse_key(key or "")
    if key is not None and not isinstance(session.who, str):
        session.market.remember_in(state_folder())
    plan = session.market.place_order(
        session.who,
        side,
        energy=amount,
        price=units,
        period=period_of(session, period, start),
        expiry=until,
        key=key,
    )

    def message(placed: events.EnergyTrading_OrderCreated) -> str:
        return (
            f"Placed order {placed.order_id}: {word(side)} {format_wh(amount)} at"
            f" {session.price(units)}, {word(period)} from {format_time(placed.start)}"
        )

    return Planned(plan, message)


@book.does("cancel")
def cancel(session: Session, order: Order) -> Planned[Any]:
    """Cancel an order and unlock its money (its owner; anybody once it has expired)."""

    def message(ended: events.EnergyTrading_OrderCancelled) -> str:
        return f"Cancelled order {order}: {format_wh(ended.remaining)} were unmatched"

    return Planned(session.market.cancel_order(session.who, order), message)


@book.does("match")
def match(
    session: Session,
    buy: Annotated[int, number("BUY", "The number of a BUY order.", 1)],
    sell: Annotated[int, number("SELL", "The number of a SELL order.", 1)],
) -> Planned[Any]:
    """Match two orders whose prices cross, at the price of the earlier one (anybody)."""

    def message(made: events.EnergyTrading_OrdersMatched) -> str:
        return (
            f"Matched orders {buy} and {sell}: trade {made.transaction_id} of"
            f" {format_wh(made.amount)} at {session.price(made.price)}"
        )

    return Planned(session.market.match_orders(session.who, buy, sell), message)


@book.shows("show")
def show(view: View, order: Order) -> Answer:
    """Show an on-chain order."""
    trading = view.market.trading
    record, state = trading.get_order(order), trading.get_order_terms(order)
    terms = _cells(view, record, state, _now(view))
    rows = {
        "order": str(order),
        **{title.removeprefix(">"): cell for title, cell in terms.items()},
        "last second": format_time(record.expiry),
        "period until": format_time(state.end),
    }
    document = order_documents([(order, record, state)])[0]
    return Answer(document=document, shown=facts(rows))


@book.shows("list")
def list_orders(
    view: View,
    of: Of = None,
    every: Annotated[
        bool, typer.Option("--all/--active", help="Also filled and cancelled orders.")
    ] = False,
    limit: Limit = 20,
) -> Answer:
    """List the newest on-chain orders: active ones, or with --all every one."""
    from energy_grid.market.account_queries import orders_of

    def wanted(one: Stored) -> bool:
        return every or one[1].status is OrderStatus.ACTIVE

    if of is None:
        found = _newest(view, wanted, limit)
    else:
        trading, first = view.market.trading, view.market.deployment.first_block
        mine = orders_of(trading, view.address_of(of), first)
        found = [each for each in mine if wanted(each)][:limit]
    none = "There is no order." if every else "There is no active order."
    return Answer(document=order_documents(found), shown=order_table(view, found, none))


def order_documents(found: Sequence[Stored]) -> list[dict[str, object]]:
    """On-chain orders as JSON has them."""
    return [
        {"order_id": each, **as_document(record), **as_document(state)}
        for each, record, state in found
    ]


def order_table(view: View, found: Sequence[Stored], none: str) -> RenderableType:
    """On-chain orders as a table."""
    now = _now(view)
    rows = [
        {">order": str(each)} | _cells(view, record, state, now) for each, record, state in found
    ]
    titles = list(rows[0]) if rows else []
    return listed(titles, [list(row.values()) for row in rows], none)


def _cells(view: View, record: OrderRecord, state: OrderState, now: int) -> dict[str, str]:
    # It cannot trade any more, but its money is locked until it is cancelled.
    is_expired = record.status is OrderStatus.ACTIVE and record.expiry < now
    return {
        "status": "expired" if is_expired else word(record.status),
        "trader": record.trader,
        "side": word(record.order_type),
        ">amount": format_wh(record.amount),
        ">left": format_wh(state.remaining),
        ">price": view.price(record.price),
        "period": word(state.period),
        f"from, {zone_name()}": format_minute(state.start),
    }


def _now(view: View) -> int:
    from energy_grid.chain.multicall import next_time

    return next_time(view.market.node)


def _newest(view: View, wanted: Callable[[Stored], bool], limit: int) -> list[Stored]:
    """The newest orders that are wanted."""
    trading = view.market.trading
    found: list[Stored] = []
    last = trading.order_count()
    while last > 0 and len(found) < limit:
        first = max(last - _PAGE, 0) + 1
        page = trading.get_orders(first, last - first + 1)
        some = list(zip(range(first, last + 1), page.orders, page.terms, strict=True))
        found += [each for each in reversed(some) if wanted(each)]
        last = first - 1
    return found[:limit]
