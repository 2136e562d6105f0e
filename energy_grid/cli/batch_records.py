"""``energy-grid batch list`` and ``show``: the batches that keepers have settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
)
from energy_grid.cli.batches import BatchName, batches, parse_batch
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Limit
from energy_grid.cli.session import View, newest
from energy_grid.cli.times import format_minute, format_time
from energy_grid.cli.trades import trade_table
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.units import format_wh

if TYPE_CHECKING:
    from energy_grid.contracts.energy_trading import BatchRecord

__all__ = ["list_batches", "show"]

_PAGE = 100
_SHOWN = 20


@batches.shows("list")
def list_batches(view: View, limit: Limit = 20) -> Answer:
    """List the newest batches."""
    from energy_grid.chain.multicall import past_events
    from energy_grid.contracts.energy_trading import BatchRecord

    trading = view.market.trading
    numbers = newest(trading.batch_count(), limit)
    known = list(
        zip(numbers, trading.call_many("getBatch", zip(numbers), kind=BatchRecord), strict=True)
    )
    logs = past_events(
        trading, "BatchSettled", view.market.deployment.first_block, batch_id=numbers
    )
    settled = {log["batch_id"]: log for log in logs}
    rows = [
        (
            str(each),
            word(batch.period),
            format_minute(batch.start),
            view.price(batch.price),
            format_wh(settled[each]["amount"]),
            str(batch.transactions),
            settled[each].transaction,
        )
        for each, batch in known
    ]
    titles = (">batch", "period", "from", ">price", ">agreed", ">trades", "transaction")
    documents = [{"batch_id": each, **_document(batch)} for each, batch in known]
    document = [
        record
        | {
            "amount": settled[each]["amount"],
            "order_set": as_document(settled[each]["order_set"]),
            "transaction": settled[each].transaction,
            "block": settled[each].block,
        }
        for (each, _), record in zip(known, documents, strict=True)
    ]
    return Answer(document=document, shown=listed(titles, rows, "No batch is settled yet."))


@batches.shows("show")
def show(
    view: View,
    which: BatchName,
) -> Answer:
    """Show a batch, its trades, and how many of them are settled."""
    from energy_grid.chain.multicall import past_events

    trading = view.market.trading
    batch = _batch(view, which)
    known = trading.get_batch(batch)
    (log,) = past_events(
        trading, "BatchSettled", view.market.deployment.first_block, batch_id=batch
    )
    first, count = known.first_transaction_id, known.transactions
    made = [
        pair
        for start in range(first, first + count, _PAGE)
        for pair in enumerate(
            trading.get_transactions(start, min(_PAGE, first + count - start)), start
        )
    ]
    agreed = sum(each.amount for _, each in made)
    settled = sum(each.status is TransactionStatus.SETTLED for _, each in made)
    rows = {
        "batch": str(batch),
        "period": f"{word(known.period)}, from {format_time(known.start)}",
        "price": view.price(known.price),
        "agreed": f"{format_wh(agreed)} in {counted(count, 'trade')}",
        "costs": view.money(cost_up(agreed, known.price)),
        "settled": f"{settled} of {counted(count, 'trade')}",
        "order set": f"0x{log['order_set'].hex()}",
        "transaction": log.transaction,
    }
    document = {
        "batch_id": batch,
        **_document(known),
        "amount": agreed,
        "settled": settled,
        "order_set": as_document(log["order_set"]),
        "transaction": log.transaction,
        "block": log.block,
        "trades": numbered("trade_id", made),
    }
    shown = [facts(rows), trade_table(view, made[:_SHOWN], "")]
    if count > _SHOWN:
        shown.append(f"and {counted(count - _SHOWN, 'trade')} more: --json prints all")
    return Answer(document=document, shown=stacked(*shown))


def _document(batch: BatchRecord) -> dict[str, Any]:
    """A batch as a document; the contract calls its trades transactions."""
    document: dict[str, Any] = as_document(batch)
    document["first_trade_id"] = document.pop("first_transaction_id")
    document["trade_count"] = document.pop("transactions")
    return document


def _batch(view: View, text: str) -> int:
    """The number of a batch; of several of a transaction or an order set, the first.

    Raises:
        InputError: the transaction has settled no batch.
    """
    from energy_grid.market.keeper_chain import parts_of

    found = parse_batch(text)
    if isinstance(found, int):
        return found
    transaction = view.market.batch_transaction(found)
    parts = parts_of(view.market.node, view.market.trading, transaction)
    part = next(each for each in parts if each.transaction == transaction)
    return part.matches[0].trade_id // BATCH_IDS
