"""What is left of a batch without what was refused of it."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.domain.batch import Batch, Fill
from tests.model.batch import Signatures, in_period
from tests.model.settlement import BatchSettled

__all__ = ["pruned"]


def pruned(batch: Batch, outcome: BatchSettled, signatures: Signatures) -> Batch | None:
    """The batch of exactly what was agreed, None where nothing was."""
    if not outcome.transactions:
        return None
    pairs = [(made.buy_id, made.sell_id, made.amount) for made in outcome.transactions]
    used = {number for buy, sell, _ in pairs for number in (buy, sell)}
    signed = [
        (signatures.order_id(in_period(batch, order)), order) for order in batch.signed_orders
    ]
    signed = [(number, order) for number, order in signed if number in used]
    stored = tuple(number for number in batch.stored_orders if number in used)
    places = [*(number for number, _ in signed), *stored]
    return replace(
        batch,
        signed_orders=tuple(order for _, order in signed),
        stored_orders=stored,
        fills=tuple(
            Fill(buy=places.index(buy), sell=places.index(sell), amount=amount)
            for buy, sell, amount in pairs
        ),
    )
