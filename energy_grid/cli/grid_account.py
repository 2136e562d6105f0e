"""``energy-grid grid account``: the supplier's account, which pays and charges all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Recipient, money, whole
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, approved, events_of
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_wh

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts import events

__all__ = ["grid_account"]

grid_account = CommandGroup("account", "The grid account: the supplier's money in the market.")

Amount = Annotated[str, money("--amount", "How much")]


@grid_account.shows("show")
def show(view: View) -> Answer:
    """Show the cash of the grid account, what it owes, and the fees that are not collected."""
    settlement, today = view.market.settlement, view.market.node.time // DAY_SECONDS
    (cash, owed, fees, credits, entries), value = ask(
        view,
        (settlement, "gridAccount"),
        (view.market.tariffs, "creditValueAt", today),
    )
    rows = {
        "cash": view.exact_money(cash),
        "receivables": f"{view.exact_money(owed)} owed; entries in the queue: {entries}",
        "protocol fees": view.exact_money(fees),
        "credits": f"{format_wh(credits)}, worth {view.exact_money(credits * value)} at"
        f" {view.price(value)}",
    }
    document = {
        "cash": str(cash),
        "owed": str(owed),
        "protocol_fees": str(fees),
        "credits": credits,
        "credit_value_per_kwh": value,
        "queue": entries,
    }
    return Answer(document=document, shown=facts(rows))


@grid_account.does("fund")
def fund(session: Session, amount: Amount) -> Planned[Any]:
    """Give money to the grid account, which pays receivables first (the supplier)."""
    units = session.parse_money(amount)
    plan = session.market.fund_grid(session.who, units)

    def message(made: events.Settlement_GridFunded) -> str:
        given = session.money(made.amount)
        return f"Gave {given} to the grid account{approved(plan, session.money(units))}"

    return Planned(plan, message)


@grid_account.does("collect")
def collect(session: Session, amount: Amount, to: Recipient = None) -> Planned[Any]:
    """Pay out protocol fees, then what the grid account need not keep (treasury)."""
    units, address = session.parse_money(amount), session.recipient(to)

    def message(made: events.Settlement_TreasuryCollected) -> str:
        fees, revenue = map(session.exact_money, (made.fees, made.grid_revenue))
        return f"Paid {fees} of protocol fees and {revenue} of the grid account to {address}"

    return Planned(session.market.collect(session.who, units, address), message)


@grid_account.does("serve")
def serve(
    session: Session,
    count: Annotated[
        int,
        typer.Option("--max", parser=whole(1), metavar="COUNT", help="Entries of the queue."),
    ] = 50,
) -> Planned[Any]:
    """Pay the first receivables of the queue (anybody)."""
    settlement = session.market.settlement

    def message(receipts: list[Receipt]) -> str:
        paid = events_of(settlement, receipts, "ReceivablePaid")
        total = session.exact_money(sum(each["amount"] for each in paid))
        return f"Paid {total} to {counted(len({each['account'] for each in paid}), 'account')}"

    return Planned(session.market.serve_receivables(session.who, count), message)
