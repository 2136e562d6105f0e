"""A keeper at work on whatever takes its batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from energy_grid.domain.batch import Batch, Refused
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.periods import Period
from energy_grid.market.batches import BatchSession, Keeper, Settled
from energy_grid.market.order_sets import Seed

__all__ = ["settle"]


def settle(
    keeper: Keeper,
    orders: Sequence[OpenOrder],
    period: Period,
    seed: Seed,
    send: Callable[[Batch, bool], Settled | Refused],
) -> BatchSession:
    """Carry out all rounds of a keeper, as the plan of `EnergyGrid.trade_batch` does."""
    rounds, outcome = keeper.rounds(orders, period, seed), None
    while True:
        try:
            batch, skip = rounds.send(outcome)
        except StopIteration:
            keeper.publish_set()
            return keeper.session
        keeper.publish_set()
        outcome = send(batch, skip)
