"""``energy-grid order``: orders that are signed, published, and traded in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts, listed, stacked, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    AsJson,
    beginning,
    choice,
    kwh,
    moment,
    money,
    reading,
    whole,
)
from energy_grid.cli.session import Planned, Session, View, short
from energy_grid.domain.batch import Refusal
from energy_grid.domain.order_refusals import REASONS
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import (
    MAX_NONCE,
    NonceState,
    SignedOrder,
    order_hash,
    typed_data,
)
from energy_grid.domain.units import format_time, format_wh
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.market.order_status import SignedOrderStatus

__all__ = ["Amount", "Kind", "Price", "Side", "Start", "Until", "orders", "period_of"]

orders = CommandGroup("order")

_FILE = Path("orders.json")
_MOST_NONCES = 1000
_NONCES = re.compile(r"([0-9]{1,13})(?:-([0-9]{1,13}))?")
_HEX = re.compile("0x(?:[0-9a-fA-F]{2})*")
_PERIODS = {
    PeriodKind.HOURLY: "hour",
    PeriodKind.DAILY: "day",
    PeriodKind.WEEKLY: "week",
    PeriodKind.QUARTER_HOURLY: "quarter of an hour",
}
_FREE = "can trade now"
# Of the whole rest of an order, where a batch that takes less of it would succeed.
_SHORT_OF_MONEY = "its trader has not enough money for all of it"


def _nonces(text: str) -> list[int]:
    """``"4,7-9"``: numbers, and ranges with both ends; each once, ascending."""
    found: set[int] = set()
    for part in text.split(","):
        match = _NONCES.fullmatch(part)
        if match is None:
            raise InputError(f"{part[:20]!r} is no nonce: write numbers such as 4,7-9")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last <= MAX_NONCE:
            raise InputError(f"{part!r} is no range of nonces, which end with {MAX_NONCE}")
        if last - first + len(found) >= _MOST_NONCES:
            raise InputError(f"these are more than {_MOST_NONCES} nonces")
        found.update(range(first, last + 1))
    return sorted(found)


def _signature(text: str) -> str:
    if _HEX.fullmatch(text) is None:
        raise InputError("a signature is hexadecimal digits after 0x")
    return text


File = Annotated[Path, typer.Argument(metavar="FILE", help="Of signed orders, as JSON.")]
Nonces = Annotated[
    list[int] | None,
    typer.Argument(
        parser=reading(_nonces), metavar="NONCES", help="Such as 4,7-9.", show_default=False
    ),
]


# What an order says, signed or stored.
Side = Annotated[OrderType, choice(OrderType, "SIDE")]
Amount = Annotated[int, kwh("--amount", "How much at most, in kWh.")]
Price = Annotated[
    str, money("--price", "Money per kWh: the most a buyer pays, the least a seller takes")
]
Kind = Annotated[PeriodKind, choice(PeriodKind, "KIND", "--period", "When it is delivered")]
Start = Annotated[int | None, beginning("When the period begins, by default the one now running")]
Until = Annotated[int | None, moment("--until", "Its last second, by default the period's last")]


@orders.signs("sign")
def sign(
    session: Session,
    side: Side,
    amount: Amount,
    price: Price,
    period: Kind = PeriodKind.HOURLY,
    start: Start = None,
    until: Until = None,
    nonce: Annotated[
        int | None,
        typer.Option(
            "--nonce",
            parser=whole(0, MAX_NONCE),
            metavar="NUMBER",
            help="Serves one order; by default the next that is free on the chain and in the file."
            " Nobody else knows of orders that have not traded: name one if you have signed more.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Adds the order to this file; by default to orders.json.",
        ),
    ] = None,
    unsigned: Annotated[
        bool,
        typer.Option(
            "--unsigned",
            help="Sign nothing: print the typed data that a wallet signs (eth_signTypedData_v4),"
            " for order add. An address will do as --account.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> str:
    """Sign an order and add it to a file; with --json print it instead. Nothing is sent."""
    from energy_grid.market.order_file import document_of, load_orders, save_orders
    from energy_grid.market.signing import sign_order

    market, trader = session.market, session.address
    account = None if unsigned else session.key()
    kept = _FILE if out is None and not as_json else out
    others = load_orders(kept, market.trading_domain) if kept is not None and kept.exists() else []
    taken = {each.nonce for each in others if each.terms.trader == trader}
    if nonce in taken:
        raise InputError(f"{kept} has an order of yours with the nonce {nonce}")
    if nonce is not None:
        spent = market.trading.nonce_state(trader, nonce)
        if spent in (NonceState.FILLED, NonceState.CANCELLED):
            raise InputError(f"your nonce {nonce} is {word(spent)}: no order of it could trade")
    terms, number = market.order_terms(
        trader,
        side,
        energy=amount,
        price=session.parse_price(price),
        period=period_of(session, period, start),
        expiry=until,
        nonce=market.next_nonce(trader, taken) if nonce is None else nonce,
    )
    if account is None:
        return json.dumps(typed_data(terms, number, market.trading_domain))
    order = sign_order(account, terms, number, market.trading_domain)
    if kept is not None:
        save_orders(kept, [*others, order], market.trading_domain)
    if as_json:
        return json.dumps(document_of(order, market.trading_domain))
    held = counted(len(others) + 1, "order")
    return f"Signed by {short(trader)}: {_words(session, order)}; {kept} has {held}"


@orders.shows("add")
def add(
    view: View,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What order sign --unsigned has printed.")
    ],
    signature: Annotated[
        str,
        typer.Argument(
            parser=reading(_signature),
            metavar="SIGNATURE",
            help="The trader's, in hexadecimal digits after 0x; of a contract wallet whatever it"
            " confirms (EIP-1271).",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Adds the order to this file.")
    ] = _FILE,
) -> Answer:
    """Add an order that a wallet has signed to a file, if the signature is its trader's."""
    from energy_grid.market.order_file import (
        document_of,
        load_orders,
        load_typed_data,
        save_orders,
    )

    market = view.market
    order = load_typed_data(file, signature, market.trading_domain)
    standing = market.signed_order_status(order)
    if not standing.authentic and market.node.code(order.terms.trader):
        order = replace(order, by_contract=True)
        standing = market.signed_order_status(order)
    if not standing.authentic:
        whose = "" if order.by_contract else "the signature is "
        raise InputError(f"{whose}{_signer(order, standing)}: nothing is added")
    others = load_orders(out, market.trading_domain) if out.exists() else []
    if any(_same_nonce(order, each) for each in others):
        raise InputError(f"{out} has an order of this trader with the nonce {order.nonce}")
    save_orders(out, [*others, order], market.trading_domain)
    held = counted(len(others) + 1, "order")
    said = f"Added, of {short(order.terms.trader)}: {_words(view, order)}; {out} has {held}"
    return Answer(document=document_of(order, market.trading_domain), shown=said)


def _same_nonce(one: SignedOrder, other: SignedOrder) -> bool:
    return (one.terms.trader, one.nonce) == (other.terms.trader, other.nonce)


@orders.does("cancel")
def cancel(
    session: Session,
    nonces: Nonces = None,
    below: Annotated[
        int | None,
        typer.Option(
            "--below",
            parser=whole(1, MAX_NONCE),
            metavar="NONCE",
            help="All with a lower nonce, made or not; this can never be undone.",
        ),
    ] = None,
) -> Planned[Any]:
    """Void signed orders of the sender, some by their nonces or all below one."""
    market, who = session.market, short(session.address)
    if (nonces is None) == (below is None):
        raise InputError("name the nonces, such as 4,7-9, or all --below one")
    if below is not None:
        done = f"Cancelled all orders signed by {who} with nonces below {below}"
        return Planned(market.cancel_signed_below(session.who, below), lambda _: done)
    chosen = nonces or []
    which = f"nonce {chosen[0]}" if len(chosen) == 1 else f"{len(chosen)} nonces"
    plan = market.cancel_signed(session.who, chosen)
    return Planned(plan, lambda _: f"Cancelled {which} of {who}")


@orders.shows("show")
def show(view: View, file: File) -> Answer:
    """What the orders of a file say, in words, and with --json the typed data that was signed."""
    found, domain = _load(view, file), view.market.trading_domain
    document = [
        _document(view, order)
        | {
            "says": _words(view, order),
            "typed_data": typed_data(order.terms, order.nonce, domain),
        }
        for order in found
    ]
    lines = [f"{short(order.terms.trader)}: {_words(view, order)}" for order in found]
    return Answer(document=document, shown="\n".join(lines) or _none(file))


@orders.shows("verify")
def verify(view: View, file: File) -> Answer:
    """Whose signatures a file's orders have, and what the chain says of each.

    Exits with 1 if a signature is not its trader's, or something in the file is no order.
    """
    from energy_grid.market.order_file import sift_orders

    orders, malformed = sift_orders(file, view.market.trading_domain)
    found = [(order, view.market.signed_order_status(order)) for order in orders]
    spoilt = [f"no order: {each}" for each in malformed]
    code = 0 if not malformed and all(standing.authentic for _, standing in found) else 1
    document = [
        _document(view, order)
        | {
            "signer": standing.signer,
            "authentic": standing.authentic,
            "state": standing.state,
            "filled_wh": standing.filled,
            "needed": standing.needed,
            "available": standing.available,
            "refusal": standing.refusal,
        }
        for order, standing in found
    ]
    document += [{"malformed": each} for each in malformed]
    if len(found) == 1:
        shown = stacked(facts(_facts(view, *found[0])), *spoilt)
        return Answer(document=document, shown=shown, code=code)
    titles = ["trader", ">nonce", "side", ">kWh", ">limit", "period from", "state", "now"]
    rows = [_row(view, order, standing) for order, standing in found]
    parts = [listed(titles, rows, _none(file)), *spoilt]
    reasons = {standing.refusal for _, standing in found} - {Refusal.NONE}
    if reasons:
        parts.append(facts({word(each): _in_the_way(each) for each in sorted(reasons)}))
    return Answer(document=document, shown=stacked(*parts), code=code)


@orders.shows("state")
def state(view: View, trader: Address, nonces: Nonces = None) -> Answer:
    """The floor of a trader's nonces, the next that is free on the chain, and the state of some."""
    market, address = view.market, view.address_of(trader)
    floor, free = market.trading.signed_floor_of(address), market.next_nonce(address)
    chosen = nonces or []
    states = market.trading.call_many(
        "nonceState", ((address, nonce) for nonce in chosen), kind=NonceState
    )
    known = dict(zip(chosen, states, strict=True))
    document = {
        "trader": address,
        "floor": floor,
        "next_free": free,
        "nonces": {str(nonce): found.name for nonce, found in known.items()},
    }
    rows = {
        "trader": address,
        "floor": f"{floor}: what is signed with a lower nonce is void",
        "next free": f"{free}, unless an order signed with it waits somewhere",
    }
    told = {f"nonce {nonce}": word(found) for nonce, found in known.items()}
    return Answer(document=document, shown=facts(rows | told))


def _load(view: View, file: Path) -> list[SignedOrder]:
    from energy_grid.market.order_file import load_orders

    return load_orders(file, view.market.trading_domain)


def _none(file: Path) -> str:
    return f"There is no order in {file}."


def period_of(view: View, kind: PeriodKind, start: int | None) -> Period:
    """The period of a kind that begins then, by default the one now running."""
    return (
        Period.current(kind, view.market.node.time)
        if start is None
        else Period(kind=kind, start=start)
    )


def _words(view: View, order: SignedOrder) -> str:
    """``"buy up to 1.5 kWh at no more than 0.25 tUSD/kWh ..."``."""
    terms = order.terms
    limit = "more" if terms.order_type is OrderType.BUY else "less"
    return (
        f"{word(terms.order_type)} up to {format_wh(terms.amount)} at no {limit} than"
        f" {view.price(terms.price)}, delivered in the {_PERIODS[terms.period.kind]} from"
        f" {format_time(terms.period.start)}, until {format_time(terms.expiry)}, nonce"
        f" {order.nonce}"
    )


def _document(view: View, order: SignedOrder) -> dict[str, Any]:
    from energy_grid.market.order_file import document_of

    domain = view.market.trading_domain
    name = order_hash(order.terms, order.nonce, domain)
    return {"order": document_of(order, domain), "hash": name}


def _facts(view: View, order: SignedOrder, standing: SignedOrderStatus) -> dict[str, str]:
    terms = order.terms
    taken = "locks" if terms.order_type is OrderType.SELL else "costs at most"
    return {
        "order": f"0x{standing.order_hash.hex()}",
        "trader": terms.trader,
        "says": _words(view, order),
        "signature": _signer(order, standing),
        "nonce": word(standing.state),
        "filled": _filled(terms.amount, standing),
        "money": (
            f"the rest {taken} {view.money(standing.needed)}, the trader has"
            f" {view.money(standing.available)}"
        ),
        "now": _in_the_way(standing.refusal),
    }


def _in_the_way(refusal: Refusal) -> str:
    """What a trader is told of an order that is looked at by itself."""
    own = {Refusal.NONE: _FREE, Refusal.INSUFFICIENT_BALANCE: _SHORT_OF_MONEY}
    return own.get(refusal, REASONS[refusal])


def _filled(amount: int, standing: SignedOrderStatus) -> str:
    """Of an order that was filled at once, as of one whose nonce another had, nothing is noted."""
    if standing.filled or standing.state in (NonceState.OPEN, NonceState.CANCELLED):
        return f"{format_wh(standing.filled)} of {format_wh(amount)}"
    if standing.state is NonceState.PARTIAL:
        return "nothing; the nonce has served another order"
    return "all of it, or of another order that had the nonce"


def _signer(order: SignedOrder, standing: SignedOrderStatus) -> str:
    if order.by_contract:
        says = "confirms it" if standing.authentic else "does not confirm it"
        return f"its trader, a contract wallet, {says}"
    if standing.authentic:
        return "of its trader"
    return "of nobody" if standing.signer is None else f"of {standing.signer}, not its trader"


def _row(view: View, order: SignedOrder, standing: SignedOrderStatus) -> Sequence[str]:
    terms = order.terms
    return (
        short(terms.trader),
        str(order.nonce),
        word(terms.order_type),
        format_wh(terms.amount).removesuffix(" kWh"),
        view.price(terms.price),
        format_time(terms.period.start),
        word(standing.state),
        word(standing.refusal) if standing.refusal else _FREE,
    )
