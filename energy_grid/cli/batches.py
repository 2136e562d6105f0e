"""``energy-grid batch`` and ``energy-grid audit-batch``: all orders of a period at one price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts, stacked, table, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.console import console
from energy_grid.cli.hashes import hash_in
from energy_grid.cli.hints import missing_role
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import beginning, choice
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.order_refusals import REASONS, order_name
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.units import format_wh
from energy_grid.errors import DeploymentError, InputError

if TYPE_CHECKING:
    from energy_grid.domain.batch import Batch
    from energy_grid.domain.signed_orders import SignedOrder
    from energy_grid.market.batch_audit import BatchAudit
    from energy_grid.market.batches import BatchSession
    from energy_grid.market.order_sets import Dropped, OrderSet

__all__ = ["BatchName", "audits", "batches", "parse_batch"]

batches = CommandGroup("batch")
audits = CommandGroup.at_the_top()

_NAMED = 20
_MAX_DIGITS = 20
_WH_PER_KWH = 1000

OrdersFile = Annotated[Path, typer.Argument(metavar="ORDERS", help="A file of signed orders.")]
Kind = Annotated[
    PeriodKind | None,
    choice(PeriodKind, "PERIOD", "--period", "The period, if the file has orders of several"),
]
Start = Annotated[int | None, beginning("With --period: its begin")]
OfRegion = Annotated[
    str | None,
    typer.Option(
        "--region", metavar="REGION", help="Whose traders trade; the home region by default."
    ),
]
WithStored = Annotated[
    bool,
    typer.Option("--stored/--no-stored", help="Include on-chain orders."),
]


BatchName = Annotated[
    str,
    typer.Argument(
        metavar="BATCH", help="Its number, or the hash of its transaction or its order set."
    ),
]


@batches.shows("build")
def build(
    view: View,
    orders: OrdersFile,
    period: Kind = None,
    start: Start = None,
    region: OfRegion = None,
    stored: WithStored = True,
    order_set: Annotated[
        Path | None, typer.Option("--set", metavar="FILE", help="Write the order set there.")
    ] = None,
) -> Answer:
    """Clear the orders of a period and show the batches that a keeper would send; sends nothing.

    The command skips entries of the file that are not orders, lists them, and exits with 1.
    """
    keeper = _keeper_of(view)
    with _progress() as log:
        book = _read(view, orders, (period, start), log)
        session, planned = view.market.clear_batch(
            keeper, book.orders, book.period, region=region, stored=stored, log=log
        )
        if order_set is not None and session.order_set is not None:
            _save(view, order_set, session.order_set)
    return _planned(view, session, planned, book)


@batches.does("send")
def send(
    session: Session,
    orders: OrdersFile,
    order_set: Annotated[
        Path,
        typer.Option(
            "--set",
            metavar="FILE",
            help="Write the order set there. An existing set stays: the next one is FILE-2.",
        ),
    ],
    period: Kind = None,
    start: Start = None,
    region: OfRegion = None,
    stored: WithStored = True,
) -> Planned[Any]:
    """Clear the orders of a period, trade them in batches and write their set (role KEEPER)."""
    from energy_grid.contracts import errors
    from energy_grid.market.keeper_chain import next_seed

    market, file = session.market, order_set

    def publish(published: OrderSet) -> None:
        nonlocal file
        file = _save(session, order_set, published)

    with _progress() as log:
        book = _read(session, orders, (period, start), log)
        log("waiting for the block after the orders")
        try:
            plan = market.trade_batch(
                session.who,
                book.orders,
                book.period,
                region=region,
                stored=stored,
                seed=next_seed(market.node),
                publish=publish,
                log=log,
            )
        except errors.AccessManagedUnauthorized as refusal:
            call = market.trading.prepare("settleBatch", *_EMPTY)
            raise missing_role(session, session.address, call) or refusal from None

    def message(done: BatchSession) -> str:
        left_out = f"{_listed(done.dropped)}{_malformed(book.malformed)}"
        if not done.settled:
            return f"Nothing trades of {counted(done.considered, 'order')}{left_out}"
        prices = dict.fromkeys(one.price for one in done.settled)
        numbers = dict.fromkeys(str(match.trade_id // BATCH_IDS) for match in done.matches)
        return (
            f"Agreed {format_wh(sum(match.wh for match in done.matches))} in"
            f" {counted(len(done.matches), 'trade')} at {' and '.join(map(session.price, prices))}"
            f" (batch {', '.join(numbers)}){left_out}; the order set is in {file}"
        )

    return Planned(plan, message)


@audits.shows("audit-batch")
def audit_batch(
    view: View,
    batch: BatchName,
    order_set: Annotated[
        Path, typer.Argument(metavar="SET", help="The order set that the keeper has published.")
    ],
) -> Answer:
    """Clear a batch's published orders again; exit with 1 if the keeper could have done better."""
    market = view.market
    transaction = market.batch_transaction(parse_batch(batch))
    with _progress() as log:
        found = market.audit_batch(transaction, order_set, log=log)
    return _audited(view, found, transaction)


# The error needs the function alone, so the arguments are empty.
_EMPTY: tuple[Any, ...] = ((0, 0, 0, bytes(32), [], [], [], []), False)


@contextmanager
def _progress() -> Iterator[Callable[[str], object]]:
    """Log the progress on a terminal."""
    stderr = console(stderr=True)
    if not stderr.is_terminal:
        yield lambda _: None
        return
    with stderr.status("reading the chain") as status:
        yield status.update


def parse_batch(text: str) -> int | str:
    """The number of a batch, or the hash of its transaction, or the root of its order set.

    Raises:
        InputError: the text is none of these.
    """
    if text.isascii() and text.isdecimal() and len(text) < _MAX_DIGITS:
        return int(text)
    found = hash_in(text if text.startswith("0x") else f"0x{text}")
    if found is None:
        raise InputError(
            f"{text!r} is neither a batch's number nor a hash (0x and 64 digits) of its transaction"
            " or its order set"
        )
    return found


def _keeper_of(view: View) -> str:
    from energy_grid.chain.roles import Role

    holders = view.market.deployment.roles.get(Role.KEEPER, ())
    if not holders:
        raise DeploymentError(f"{view.market.deployment.network} was deployed without a keeper")
    return holders[0]


def _save(view: View, path: Path, order_set: OrderSet) -> Path:
    from energy_grid.market.order_set_file import path_for, save_order_set

    domain = view.market.trading_domain
    found = path_for(path, order_set.root, domain)
    save_order_set(found, order_set, domain)
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    """A file of orders.

    Attributes:
        orders: the orders of the period.
        malformed: the entries that are not orders, each with the reason.
    """

    period: Period
    orders: list[SignedOrder]
    malformed: list[str]


def _read(
    view: View,
    file: Path,
    chosen: tuple[PeriodKind | None, int | None],
    log: Callable[[str], object],
) -> _Book:
    from energy_grid.market.order_file import sift_orders

    log(f"reading {file}")
    signed, malformed = sift_orders(file, view.market.trading_domain)
    period = _period(chosen, {order.terms.period for order in signed})
    own = [order for order in signed if order.terms.period == period]
    return _Book(period, own, malformed)


def _period(chosen: tuple[PeriodKind | None, int | None], found: set[Period]) -> Period:
    kind, start = chosen
    if kind is not None and start is not None:
        return Period(kind=kind, start=start)
    if (kind, start) != (None, None):
        raise InputError("--period needs --start, and --start needs --period")
    if len(found) != 1:
        periods = sorted(found, key=lambda period: (period.start, period.kind))
        listed = ", ".join(map(_named_period, periods[:3]))
        which = f"the orders are for: {listed}" if listed else "the file has no orders"
        raise InputError(f"choose a --period and its --start; {which}")
    return found.pop()


def _named_period(period: Period) -> str:
    return f"{word(period.kind)} {format_time(period.start)}"


def _listed(dropped: Sequence[Dropped]) -> str:
    """The orders that would revert, after a semicolon."""
    if not dropped:
        return ""
    names = ", ".join(
        f"{order_name(each.order.id)} {word(each.reason)}" for each in dropped[:_NAMED]
    )
    more = f" and {len(dropped) - _NAMED} more" if len(dropped) > _NAMED else ""
    return f"; dropped {names}{more}"


def _malformed(malformed: Sequence[str]) -> str:
    """The entries that are not orders, after a semicolon."""
    if not malformed:
        return ""
    more = f" and {len(malformed) - 1} more" if len(malformed) > 1 else ""
    return f"; skipped {malformed[0]}{more}"


def _planned(view: View, session: BatchSession, planned: Sequence[Batch], book: _Book) -> Answer:
    from energy_grid.market.batch_audit import written_id

    cleared, published = session.cleared, session.order_set
    period, considered = book.period, session.considered
    assert cleared is not None
    document = {
        "period": period.kind,
        "start": period.start,
        "considered": considered,
        "price": cleared.price,
        "volume_wh": cleared.volume,
        "welfare_thousandths": cleared.welfare,
        "self_wh": cleared.self_wh,
        "order_set": None if published is None else published.root,
        "batches": [
            {
                "signed": len(batch.signed_orders),
                "stored": len(batch.stored_orders),
                "fills": len(batch.fills),
            }
            for batch in planned
        ],
        "dropped": [
            {"order_id": written_id(each.order.id), "reason": each.reason}
            for each in session.dropped
        ],
        "malformed": book.malformed,
    }
    rows = {"period": _named_period(period), "considered": counted(considered, "order")}
    if cleared.price is None:
        rows["trades"] = "none: no bid reaches an ask"
    else:
        rows |= {
            "trades": f"{format_wh(cleared.volume)} in {counted(len(cleared.pairs), 'fill')}",
            "price": view.price(cleared.price),
            "marginal": f"{view.price(cleared.low)} to {view.price(cleared.high)}",
            "welfare": view.money(cleared.welfare // _WH_PER_KWH),
            "batches": str(len(planned)),
            "order set": f"0x{published.root.hex()}" if published is not None else "",
        }
    if cleared.self_wh:
        rows["left out"] = f"{format_wh(cleared.self_wh)} between orders of one trader"
    shown: list[Any] = [facts(rows)]
    if session.dropped:
        named = [
            [order_name(each.order.id), each.order.trader, REASONS[each.reason]]
            for each in session.dropped
        ]
        shown.append(table(["dropped", "trader", "why"], named))
    shown += [f"not an order: {each}" for each in book.malformed]
    return Answer(document=document, shown=stacked(*shown), code=1 if book.malformed else 0)


def _audited(view: View, found: BatchAudit, transaction: str) -> Answer:
    from energy_grid.market.batch_audit import written_id

    document = {
        "transaction": transaction,
        "optimal": found.is_optimal,
        "order_set": found.root,
        "orders": found.orders,
        "batches": found.parts,
        "prices": found.prices,
        "lowest_price": found.low,
        "highest_price": found.high,
        "volume_wh": found.volume,
        "best_volume_wh": found.best_volume,
        "welfare_thousandths": found.welfare,
        "optimum_thousandths": found.optimum,
        "left_out": [
            {"order_id": written_id(each.order.id), "trader": each.order.trader, "wh": each.wh}
            for each in found.left_out
        ],
        "excused": [
            {"order_id": written_id(each.order.id), "reason": each.reason} for each in found.excused
        ],
        "findings": found.findings,
    }
    points = found.welfare * 10_000 // found.optimum if found.optimum else 10_000
    rows = {
        "order set": f"0x{found.root.hex()}, {counted(found.orders, 'order')}",
        "batches": str(found.parts),
        "volume": f"{format_wh(found.volume)} of {format_wh(found.best_volume)}",
        "price": " and ".join(map(view.price, found.prices)),
        "marginal": f"{view.price(found.low)} to {view.price(found.high)}",
        "welfare": f"{view.money(found.welfare // _WH_PER_KWH)} of"
        f" {view.money(found.optimum // _WH_PER_KWH)} ({points // 100}.{points % 100:02} %)",
    }
    if found.excused:
        reasons = Counter(word(each.reason) for each in found.excused)
        rows["excused"] = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    lines = [f"NOT OPTIMAL: {each}" for each in found.findings] or [
        "OPTIMAL: no other batch of these orders has more welfare"
    ]
    return Answer(
        document=document,
        shown=stacked(facts(rows), *lines),
        code=0 if found.is_optimal else 1,
    )
