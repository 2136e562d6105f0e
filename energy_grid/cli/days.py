"""``energy-grid day``: the closing of an account's days, and what each day brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, as_document, facts, listed, yes_or_no
from energy_grid.cli.backends import signed_in
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address, AsJson, SignerWord, day, reading
from energy_grid.cli.reads import account_number
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_money, format_price, format_wh, parse_day
from energy_grid.errors import EnergyGridError

if TYPE_CHECKING:
    from energy_grid.market.days import ClosedDay

__all__ = ["day_table", "days"]

days = CommandGroup("day")

_DAYS = 30
# Of a base unit.
_EXACT_DECIMALS = 3


@days.does("close")
def close(
    session: Session,
    accounts: Annotated[
        list[str],
        typer.Argument(metavar="ACCOUNT...", help="Those with deficits first: that costs less."),
    ],
    through: Annotated[
        int | None, day("--through", "The last day; by default the last final one")
    ] = None,
) -> Planned[Any]:
    """Close all final days of accounts, in order (anybody)."""
    addresses = [session.address_of(each) for each in accounts]

    def message(closed: Sequence[ClosedDay]) -> str:
        if not closed:
            return "Closed no day: somebody else was faster"
        last = format_day(max(each.day for each in closed))
        of = counted(len({each.account for each in closed}), "account")
        return (
            f"Closed {counted(len(closed), 'day')} of {of}, through {last}: {_sum(session, closed)}"
        )

    return Planned(session.market.close_days(session.who, addresses, through), message)


@days.shows("show")
def show(
    view: View,
    account: Address,
    which: Annotated[
        int | None,
        typer.Argument(
            parser=reading(parse_day),
            metavar="DATE",
            help="Such as 2024-01-31; by default the newest closed day.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Show what a closed day of an account brought.

    With --json, money is in thousandths of a base unit, in which accounts hold it.
    """
    address = view.address_of(account)
    cursor = _cursor(view, address)
    chosen = cursor - 1 if which is None else which
    found = view.market.closed_days(address, range(chosen, chosen + 1))
    if not found:
        first = f"its first open day is {format_day(cursor)}"
        raise EnergyGridError(f"{format_day(chosen)} is not closed for {address}: {first}")
    one = found[0]
    rows = {
        "account": address,
        "day": format_day(one.day),
        "metered": _signed(one.net, "export", "import"),
        "traded": _signed(one.position, "bought", "sold"),
        "shared": f"{format_wh(one.taken)} taken, {format_wh(one.given)} given",
        "credits": f"{format_wh(one.kept)} kept, {format_wh(one.drawn)} used",
        "grid": f"{format_wh(one.from_grid)} bought, {format_wh(one.fed_in)} fed in",
        "money": _paid(view, one.money),
        "deemed import": f"{format_wh(one.deemed)} a day",
    }
    return Answer(document=_document(one), shown=facts(rows))


@days.shows("list")
def list_days(
    view: View,
    account: Address,
    first: Annotated[
        int | None, day("--from", "The first day; by default the last 30 are shown")
    ] = None,
    last: Annotated[int | None, day("--to", "The last day; today by default")] = None,
) -> Answer:
    """List what the closed days of an account brought, the newest first."""
    address = view.address_of(account)
    end = (view.market.node.time // DAY_SECONDS if last is None else last) + 1
    wanted = range(max(end - _DAYS, 0) if first is None else first, end)
    document, shown = day_table(view, address, wanted)
    return Answer(document=document, shown=shown)


def day_table(
    view: View, address: str, wanted: range
) -> tuple[list[dict[str, Any]], RenderableType]:
    """Those of the days that are closed, as documents and as a table."""
    found = view.market.closed_days(address, wanted)
    rows = [
        (
            format_day(each.day),
            *map(_kwh, (each.net, each.position, each.taken - each.given)),
            *map(_kwh, (each.kept - each.drawn, each.from_grid, each.fed_in)),
            view.exact_money(each.money),
        )
        for each in found
    ]
    titles = (
        *("day", ">net, kWh", ">traded", ">shared", ">credits", ">from grid", ">fed in"),
        ">money",
    )
    shown = listed(titles, rows, "No day of this account in this time is closed.")
    return [_document(each) for each in found], shown


@days.shows("due")
def due(view: View, account: Address) -> Answer:
    """Show the first open day of an account, and whether it can be closed."""
    address, market = view.address_of(account), view.market
    cursor, final = _cursor(view, address), market.last_final_day()
    gateway = market.awaits_gateway(market.settlement.number_of(address), cursor)
    open_days = 0 if gateway else max(final - cursor + 1, 0)
    rows = {
        "account": address,
        "first open day": format_day(cursor),
        "last final day": format_day(final),
        "can be closed": counted(open_days, "day") if open_days else yes_or_no(False),
    }
    if gateway:
        until = (cursor + 1) * DAY_SECONDS + market.community_days.deadline()
        rows["waits"] = f"for the gateway of community {gateway}, until {format_time(until)}"
    document = {
        "account": address,
        "first_open_day": format_day(cursor),
        "last_final_day": format_day(final),
        "closable_days": open_days,
        "waits_for_community": gateway or None,
    }
    return Answer(document=document, shown=facts(rows))


@days.alone("statement")
def statement(
    backend: Annotated[
        str, typer.Argument(metavar="URL", help="Of a backend, such as https://grid.example.")
    ],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2024-01.")],
    account: SignerWord,
    subject: Annotated[
        str,
        typer.Option(
            "--of",
            metavar="SUBJECT",
            help="community:NUMBER or region:NAME that the account answers for; by default itself.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> str:
    """Show a month line by line, as a backend has issued it or as it would be now; needs no chain.

    With --json, money is in thousandths of a base unit, in which accounts hold it.
    """
    with signed_in(backend, account) as (api, who, market):
        found = api.statement(subject or who, month)
    if as_json:
        return found.model_dump_json()
    coin = market.coin

    def money(thousandths: int) -> str:
        return format_money(thousandths, coin.decimals + _EXACT_DECIMALS, coin.symbol)

    rows = [f"{found.number or 'not issued yet'}: {found.subject}, {found.month}"]
    for name, lines, total in (
        ("through the account", found.lines, found.money_thousandths),
        ("paid in and out", found.transfers, found.transfers_thousandths),
        ("beside the account", found.wallet, found.wallet_thousandths),
        ("taxes, not collected here", found.taxes, found.taxes_thousandths),
    ):
        for each in lines:
            what = each.name or each.kind.replace("_", " ")
            energy = "" if each.energy_wh is None else format_wh(each.energy_wh)
            price = each.price_per_kwh
            at = "" if price is None else format_price(price, coin.decimals, coin.symbol)
            row = f"{what:<22}{energy:>16}{at:>20}{money(each.money_thousandths):>24}"
            rows.append(f"{row}  {each.of_month or ''}".rstrip())
        if lines:
            rows.append(f"{name:<58}{money(total):>24}")
    return "\n".join(rows)


def _cursor(view: View, address: str) -> int:
    return view.market.settlement.cursor_at(account_number(view, address))


def _document(one: ClosedDay) -> dict[str, Any]:
    """Money is in thousandths of a base unit."""
    head = {"account": one.account, "day": format_day(one.day), "money": str(one.money)}
    return {**head, **{key: each for key, each in as_document(one).items() if key not in head}}


def _sum(view: View, closed: Sequence[ClosedDay]) -> str:
    paid = sum(each.money for each in closed if each.money > 0)
    charged = -sum(each.money for each in closed if each.money < 0)
    return f"{view.exact_money(paid)} paid, {view.exact_money(charged)} charged"


def _paid(view: View, money: int) -> str:
    if money < 0:
        return f"{view.exact_money(-money)} charged"
    return f"{view.exact_money(money)} paid"


def _signed(wh: int, above: str, below: str) -> str:
    if wh == 0:
        return format_wh(0)
    return f"{format_wh(abs(wh))} {above if wh > 0 else below}"


def _kwh(wh: int) -> str:
    sign = "-" if wh < 0 else ""
    return f"{sign}{format_wh(abs(wh)).removesuffix(' kWh')}" if wh else ""
