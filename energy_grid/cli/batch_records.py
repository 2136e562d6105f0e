"""``energy-grid batch list`` and ``show``: what keepers have settled."""

from __future__ import annotations

from typing import Annotated

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
    yes_or_no,
)
from energy_grid.cli.batches import batches
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Limit, number
from energy_grid.cli.session import View, newest
from energy_grid.cli.trades import trade_table
from energy_grid.domain.costs import cost_down
from energy_grid.domain.units import format_time, format_wh

__all__ = ["list_batches", "show"]

_PAGE = 100
_SHOWN = 20


@batches.shows("list")
def list_batches(view: View, limit: Limit = 20) -> Answer:
    """The newest batches."""
    from energy_grid.chain.rpc.multicall import found
    from energy_grid.contracts.energy_trading import BatchRecord

    trading = view.market.trading
    numbers = newest(trading.batch_count(), limit)
    known = list(
        zip(numbers, trading.call_many("getBatch", zip(numbers), kind=BatchRecord), strict=True)
    )
    logs = found(trading, "BatchSettled", view.market.deployment.first_block, batch_id=numbers)
    settled = {log["batch_id"]: log for log in logs}
    rows = [
        (
            str(each),
            word(batch.period),
            format_time(batch.start)[:16],
            view.price(batch.price),
            format_wh(settled[each]["amount"]),
            str(batch.transactions),
            f"{settled[each].transaction[:10]}…",
        )
        for each, batch in known
    ]
    titles = (">batch", "period", "from", ">price", ">agreed", ">transactions", "settled in")
    document = [
        record
        | {
            "amount": settled[each]["amount"],
            "order_set": as_document(settled[each]["order_set"]),
            "transaction": settled[each].transaction,
            "block": settled[each].block,
        }
        for (each, _), record in zip(known, numbered("batch_id", known), strict=True)
    ]
    return Answer(document=document, shown=listed(titles, rows, "There is no batch yet."))


@batches.shows("show")
def show(view: View, batch: Annotated[int, number("BATCH", "Its number.", 1)]) -> Answer:
    """A batch, how much of it is delivered, and its transactions."""
    from energy_grid.chain.rpc.multicall import found

    trading = view.market.trading
    known = trading.get_batch(batch)
    (log,) = found(trading, "BatchSettled", view.market.deployment.first_block, batch_id=batch)
    first, count = known.first_transaction_id, known.transactions
    made = [
        pair
        for start in range(first, first + count, _PAGE)
        for pair in enumerate(
            trading.get_transactions(start, min(_PAGE, first + count - start)), start
        )
    ]
    agreed, delivered = (
        sum(getattr(each, name) for _, each in made) for name in ("amount", "delivered")
    )
    paid = sum(cost_down(each.delivered, each.price) for _, each in made)
    rows = {
        "batch": str(batch),
        "period": f"{word(known.period)}, from {format_time(known.start)}",
        "price": view.price(known.price),
        "agreed": f"{format_wh(agreed)} in {counted(count, 'transaction')}",
        "delivered": f"{format_wh(delivered)}, paid {view.money(paid)}",
        "matched late": yes_or_no(known.late),
        "order set": f"0x{log['order_set'].hex()}",
        "settled in": log.transaction,
    }
    document = {
        "batch_id": batch,
        **as_document(known),
        "amount": agreed,
        "delivered": delivered,
        "paid": paid,
        "order_set": as_document(log["order_set"]),
        "transaction": log.transaction,
        "block": log.block,
        "made": numbered("transaction_id", made),
    }
    shown = [facts(rows), trade_table(view, made[:_SHOWN], "")]
    if count > _SHOWN:
        shown.append(f"and {counted(count - _SHOWN, 'transaction')} more: --json has them all")
    return Answer(document=document, shown=stacked(*shown))
