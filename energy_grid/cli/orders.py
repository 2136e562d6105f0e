"""``energy-grid order``: signed orders, which a keeper trades in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts, listed, numbered, stacked, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.hashes import hash_in
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
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
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
from energy_grid.domain.units import format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.market.order_status import SignedOrderStatus

__all__ = ["Amount", "Kind", "Price", "Side", "Start", "Until", "orders", "period_of"]

orders = CommandGroup("order")

_FILE = Path("orders.json")
_MAX_NONCES = 1000
# Of hashes as decimal numbers, as the JSON of events has them; order numbers have fewer.
_HASH_DIGITS = range(20, 79)
_NONCES = re.compile(r"([0-9]{1,13})(?:-([0-9]{1,13}))?")
_HEX = re.compile("0x(?:[0-9a-fA-F]{2})*")
_PERIODS = {
    PeriodKind.HOURLY: "hour",
    PeriodKind.DAILY: "day",
    PeriodKind.WEEKLY: "week",
    PeriodKind.QUARTER_HOURLY: "quarter of an hour",
}
_FREE = "can trade now"
# A batch that takes less of the order would succeed.
_SHORT_OF_MONEY = "its trader has too little money for all of it"


def _nonces(text: str) -> list[int]:
    """``"4,7-9"``: numbers, and ranges with both ends; each once, ascending."""
    found: set[int] = set()
    for part in text.split(","):
        match = _NONCES.fullmatch(part)
        if match is None:
            raise InputError(f"{part[:20]!r} is not a nonce: write numbers such as 4,7-9")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last <= MAX_NONCE:
            raise InputError(f"{part!r} is not a range of nonces: the largest is {MAX_NONCE}")
        if last - first + len(found) >= _MAX_NONCES:
            raise InputError(f"these are more than {_MAX_NONCES} nonces: name fewer")
        found.update(range(first, last + 1))
    return sorted(found)


def _signature(text: str) -> str:
    if _HEX.fullmatch(text) is None:
        raise InputError("this is not a signature: write 0x and hexadecimal digits")
    return text


File = Annotated[Path, typer.Argument(metavar="FILE", help="Signed orders, as JSON.")]
Nonces = Annotated[
    list[int] | None,
    typer.Argument(
        parser=reading(_nonces), metavar="NONCES", help="Such as 4,7-9.", show_default=False
    ),
]


# The terms of an order, signed or on-chain.
Side = Annotated[OrderType, choice(OrderType, "SIDE")]
Amount = Annotated[
    int,
    kwh("--amount", "The maximum amount, in kWh: the same whole Wh in every slot of the period."),
]
Price = Annotated[
    str,
    money("--price", "The limit price per kWh: the maximum of a buyer, the minimum of a seller"),
]
Kind = Annotated[
    PeriodKind, choice(PeriodKind, "KIND", "--period", "The kind of period that it is for")
]
Start = Annotated[int | None, beginning("The start of the period, by default of the next one")]
Until = Annotated[
    int | None,
    moment(
        "--until",
        "The last second in which the order is valid, by default the last before the period",
    ),
]


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
            help="Used by one order; by default the next free one on the chain and in the file. The"
            " chain does not know untraded orders: name a nonce if you have signed more.",
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
            " for order add. --account can be an address.",
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
        raise InputError(
            f"{kept} has an order of {trader} with the nonce {nonce}: choose another nonce"
        )
    if nonce is not None:
        spent = market.trading.nonce_state(trader, nonce)
        if spent in (NonceState.FILLED, NonceState.CANCELLED):
            raise InputError(
                f"the nonce {nonce} of {trader} is {word(spent)}: choose another nonce"
            )
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
    trades_from = order.terms.period.end - market.trading.horizon()
    waits = (
        ""
        if trades_from <= market.node.time
        else (f"; it is traded from {format_time(trades_from)} on")
    )
    return f"Signed by {trader}: {_words(session, order)}; {kept} has {held}{waits}"


@orders.signs("prefer")
def prefer(
    session: Session,
    until: Annotated[int, moment("--until", "No order is for a later time")],
    sell: Annotated[int, kwh("--sell", "The most to sell of an hour, in kWh.")] = 0,
    lowest: Annotated[str, money("--lowest", "What a seller gets per kWh at least")] = "0",
    buy: Annotated[int, kwh("--buy", "The most to buy of an hour, in kWh.")] = 0,
    highest: Annotated[str, money("--highest", "What a buyer pays per kWh at most")] = "0",
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where the preference is written.")
    ] = Path("preference.json"),
    as_json: AsJson = False,
) -> str:
    """Sign what an agent may trade: it signs no order beyond it. Nothing is sent."""
    from energy_grid.domain.preferences import Preference
    from energy_grid.market.preference_file import save_preference

    allowed = Preference(
        account=session.address,
        sold_wh=sell,
        lowest_price=session.parse_price(lowest),
        bought_wh=buy,
        highest_price=session.parse_price(highest),
        until=until,
    )
    save_preference(out, session.key(), allowed, session.market.trading_domain)
    if as_json:
        return out.read_text(encoding="utf-8").rstrip()
    return (
        f"Signed by {session.address}: sell up to {format_wh(sell)} of an hour at no less than"
        f" {session.price(allowed.lowest_price)}, buy up to {format_wh(buy)} at no more"
        f" than {session.price(allowed.highest_price)}, until {format_time(until)}; {out}"
    )


@orders.shows("add")
def add(
    view: View,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The output of order sign --unsigned.")
    ],
    signature: Annotated[
        str,
        typer.Argument(
            parser=reading(_signature),
            metavar="SIGNATURE",
            help="The signature of the trader, 0x and hexadecimal digits; a contract wallet"
            " confirms its own (EIP-1271).",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Adds the order to this file.")
    ] = _FILE,
) -> Answer:
    """Add an order that a wallet has signed to a file, if the trader has signed it."""
    from energy_grid.market.order_file import (
        document_of,
        load_orders,
        load_typed_data,
        save_orders,
    )

    market = view.market
    order = load_typed_data(file, signature, market.trading_domain)
    status = market.signed_order_status(order)
    if not status.authentic and market.node.code(order.terms.trader):
        order = replace(order, by_contract=True)
        status = market.signed_order_status(order)
    if not status.authentic:
        raise InputError(f"the order is not added: {_signer(order, status)}")
    others = load_orders(out, market.trading_domain) if out.exists() else []
    if any(_same_nonce(order, each) for each in others):
        raise InputError(
            f"{out} has an order of this trader with the nonce {order.nonce}: sign another nonce"
        )
    save_orders(out, [*others, order], market.trading_domain)
    held = counted(len(others) + 1, "order")
    message = f"Added the order of {order.terms.trader}: {_words(view, order)}; {out} has {held}"
    return Answer(document=document_of(order, market.trading_domain), shown=message)


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
            help="All orders with a lower nonce, also future ones; this cannot be undone.",
        ),
    ] = None,
) -> Planned[Any]:
    """Cancel signed orders of the sender: by their nonces, or all below one."""
    market, who = session.market, session.address
    if (nonces is None) == (below is None):
        raise InputError("name the nonces, such as 4,7-9, or a nonce with --below")
    if below is not None:
        done = f"Cancelled all signed orders of {who} with nonces below {below}"
        return Planned(market.cancel_signed_below(session.who, below), lambda _: done)
    chosen = nonces or []
    which = f"nonce {chosen[0]}" if len(chosen) == 1 else f"{len(chosen)} nonces"
    plan = market.cancel_signed(session.who, chosen)
    return Planned(plan, lambda _: f"Cancelled {which} of {who}")


@orders.shows("show")
def show(
    view: View,
    which: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Signed orders, as JSON; or the hash of one order."),
    ],
    among: Annotated[
        Path,
        typer.Option("--in", metavar="FILE", help="The file that has the terms of this one order."),
    ] = _FILE,
) -> Answer:
    """Show the orders of a file in words, or one order by its hash: its terms and its trades.

    With --json, the orders of a file have the typed data that was signed.
    """
    name = hash_in(which)
    if name is None and which.isascii() and which.isdecimal() and len(which) in _HASH_DIGITS:
        name = hash_in(f"0x{int(which):064x}")
    if name is not None:
        return _by_hash(view, name, among)
    file = Path(which)
    found, domain = _load(view, file), view.market.trading_domain
    document = [
        _document(view, order)
        | {
            "terms": _words(view, order),
            "typed_data": typed_data(order.terms, order.nonce, domain),
        }
        for order in found
    ]
    lines = [f"{order.terms.trader}: {_words(view, order)}" for order in found]
    return Answer(document=document, shown="\n".join(lines) or _none(file))


@orders.shows("verify")
def verify(view: View, file: File) -> Answer:
    """Validate the signatures of a file's orders, and show their state on the chain.

    Exits with 1 if a signature is not the trader's, or an entry of the file is malformed.
    """
    from energy_grid.market.order_file import sift_orders

    orders, malformed = sift_orders(file, view.market.trading_domain)
    found = [(order, view.market.signed_order_status(order)) for order in orders]
    malformed_lines = [f"malformed: {each}" for each in malformed]
    code = 0 if not malformed and all(status.authentic for _, status in found) else 1
    document = [
        _document(view, order)
        | {
            "signer": status.signer,
            "authentic": status.authentic,
            "state": status.state,
            "filled_wh": status.filled,
            "needed": status.needed,
            "available": status.available,
            "refusal": status.refusal,
        }
        for order, status in found
    ]
    document += [{"malformed": each} for each in malformed]
    if len(found) == 1:
        shown = stacked(facts(_facts(view, *found[0])), *malformed_lines)
        return Answer(document=document, shown=shown, code=code)
    titles = ["trader", ">nonce", "side", ">kWh", ">limit", "period from", "state", "now"]
    rows = [_row(view, order, status) for order, status in found]
    parts = [listed(titles, rows, _none(file)), *malformed_lines]
    reasons = {status.refusal for _, status in found} - {Refusal.NONE}
    if reasons:
        parts.append(facts({word(each): _in_the_way(each) for each in sorted(reasons)}))
    return Answer(document=document, shown=stacked(*parts), code=code)


@orders.shows("state")
def state(view: View, trader: Address, nonces: Nonces = None) -> Answer:
    """Show a trader's lowest valid nonce, its next free one, and the state of some nonces."""
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
        "lowest valid": f"{floor}: orders with a lower nonce are void",
        "next free": f"{free}, unless a signed order that has not traded uses it",
    }
    states_shown = {f"nonce {nonce}": word(found) for nonce, found in known.items()}
    return Answer(document=document, shown=facts(rows | states_shown))


def _by_hash(view: View, name: str, file: Path) -> Answer:
    """An order: its terms as a file has them, and its trades as the chain has them.

    Raises:
        EnergyGridError: neither knows it.
    """
    from energy_grid.chain.multicall import past_events
    from energy_grid.cli.trades import trade_table
    from energy_grid.contracts.energy_trading import TransactionRecord
    from energy_grid.market.order_file import sift_orders

    market, number = view.market, int(name, 16)
    order = None
    if file.exists():
        known = sift_orders(file, market.trading_domain)[0]
        order = next((each for each in known if _document(view, each)["order_hash"] == name), None)
    matched = [
        log
        for side in ("buy_id", "sell_id")
        for log in past_events(
            market.trading, "OrdersMatched", market.deployment.first_block, **{side: number}
        )
    ]
    if order is None and not matched:
        raise EnergyGridError(
            f"neither {file} nor a trade of this market has an order of this hash: name the file of"
            " the order with --in"
        )
    numbers = [log["transaction_id"] for log in matched]
    trades = list(
        zip(
            numbers,
            market.trading.call_many("getTransaction", zip(numbers), kind=TransactionRecord),
            strict=True,
        )
    )
    traded = sum(log["amount"] for log in matched)
    document: dict[str, Any] = {"order": None, "order_hash": name}
    if order is None:
        side = "buyer" if matched[0]["buy_id"] == number else "seller"
        trader = getattr(trades[0][1], side)
        rows = {"order": name, "trader": trader, "traded": format_wh(traded)}
    else:
        trader = order.terms.trader
        document = _document(view, order)
        rows = _facts(view, order, market.signed_order_status(order))
    document |= {"trader": trader, "traded_wh": traded, "trades": numbered("trade_id", trades)}
    shown = stacked(facts(rows), trade_table(view, trades, "It has not traded."))
    return Answer(document=document, shown=shown)


def _load(view: View, file: Path) -> list[SignedOrder]:
    from energy_grid.market.order_file import load_orders

    return load_orders(file, view.market.trading_domain)


def _none(file: Path) -> str:
    return f"There is no order in {file}."


def period_of(view: View, kind: PeriodKind, start: int | None) -> Period:
    """The period of a kind that begins at ``start``, by default the next one."""
    from energy_grid.chain.multicall import next_time

    return (
        Period.next(kind, next_time(view.market.node))
        if start is None
        else Period(kind=kind, start=start)
    )


def _words(view: View, order: SignedOrder) -> str:
    """``"buy up to 1.5 kWh at no more than 0.25 tUSD/kWh ..."``."""
    terms = order.terms
    limit = "more" if terms.order_type is OrderType.BUY else "less"
    return (
        f"{word(terms.order_type)} up to {format_wh(terms.amount)} at no {limit} than"
        f" {view.price(terms.price)}, for the {_PERIODS[terms.period.kind]} from"
        f" {format_time(terms.period.start)}, until {format_time(terms.expiry)}, nonce"
        f" {order.nonce}"
    )


def _document(view: View, order: SignedOrder) -> dict[str, Any]:
    from energy_grid.market.order_file import document_of

    domain = view.market.trading_domain
    name = f"0x{order_hash(order.terms, order.nonce, domain).hex()}"
    return {"order": document_of(order, domain), "order_hash": name}


def _facts(view: View, order: SignedOrder, status: SignedOrderStatus) -> dict[str, str]:
    terms = order.terms
    taken = "locks a cover of" if terms.order_type is OrderType.SELL else "costs at most"
    return {
        "order": f"0x{status.order_hash.hex()}",
        "trader": terms.trader,
        "terms": _words(view, order),
        "signature": _signer(order, status),
        "nonce": word(status.state),
        "filled": _filled(terms.amount, status),
        "money": (
            f"the rest {taken} {view.money(status.needed)}, the trader can spend"
            f" {view.money(status.available)}"
        ),
        "now": _in_the_way(status.refusal),
    }


def _in_the_way(refusal: Refusal) -> str:
    """Why an order cannot trade, if it were alone in its batch."""
    own = {Refusal.NONE: _FREE, Refusal.INSUFFICIENT_BALANCE: _SHORT_OF_MONEY}
    return own.get(refusal, REASONS[refusal])


def _filled(amount: int, status: SignedOrderStatus) -> str:
    """The chain records no amount of an order that was filled at once, nor whose nonce it was."""
    if status.filled or status.state in (NonceState.OPEN, NonceState.CANCELLED):
        return f"{format_wh(status.filled)} of {format_wh(amount)}"
    if status.state is NonceState.PARTIAL:
        return "nothing; another order has used the nonce"
    return "all of it, or of another order with the nonce"


def _signer(order: SignedOrder, status: SignedOrderStatus) -> str:
    if order.by_contract:
        confirms = "confirms" if status.authentic else "does not confirm"
        return f"its trader, a contract wallet, {confirms} the signature"
    if status.authentic:
        return "the signature is its trader's"
    if status.signer is None:
        return "the signature is invalid"
    return f"the signature is {status.signer}'s, not its trader's"


def _row(view: View, order: SignedOrder, status: SignedOrderStatus) -> Sequence[str]:
    terms = order.terms
    return (
        terms.trader,
        str(order.nonce),
        word(terms.order_type),
        format_wh(terms.amount).removesuffix(" kWh"),
        view.price(terms.price),
        format_time(terms.period.start),
        word(status.state),
        word(status.refusal) if status.refusal else _FREE,
    )
