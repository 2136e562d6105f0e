"""All suites, and the most that a path may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from energy_grid.chain.rpc.anvil import Anvil
from tests.gas.asset_suite import measure_asset_suite
from tests.gas.closing_suite import measure_closing_suite
from tests.gas.community_suite import measure_community_suite
from tests.gas.core_suite import measure_core_suite
from tests.gas.grid_suite import measure_grid_suite
from tests.gas.street import HOUR, QUARTER, START
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain

__all__ = ["LIMITS", "MISSED", "gas_chain", "measure_everything"]

_SUITES: tuple[Callable[[GasChain], dict[str, int]], ...] = (
    measure_core_suite,
    partial(measure_closing_suite, slot=HOUR),
    partial(measure_closing_suite, slot=QUARTER),
    partial(measure_community_suite, slot=HOUR),
    partial(measure_community_suite, slot=QUARTER),
    measure_grid_suite,
    measure_asset_suite,
)
LIMITS = {
    "createOrder BUY": 75_000,
    "createOrder SELL": 75_000,
    "cancelOrder": 42_000,
    "signed order, cost to its maker": 0,
    "cancelSigned, used word": 32_000,
    "matchOrders, both filled, used word of trades": 180_000,
    "matchOrders, both filled, fresh word of trades": 180_000,
    "settleBatch, each of 100, hour, used words": 90_000,
    "settleBatch, each of 100, hour, fresh words": 125_000,
    "submitReading, between boundaries": 48_000,
    "submitReading, boundary, used word": 48_000,
    "submitReading, boundary, fresh word": 66_000,
    "submitSignedReadings, each of 100, used word": 24_000,
    "submitSignedReadings, each of 100, fresh word": 47_000,
    "closeThrough, 24 slots, one account": 93_000,
    "closeThrough, 24 slots, each of 50": 43_000,
    "closeThrough, 24 slots, all traded, one account": 138_000,
    "closeThrough, 24 slots, all traded, each of 50": 78_000,
    "closeThrough, 96 slots, all traded, one account": 326_000,
    "closeThrough, 96 slots, all traded, each of 50": 219_000,
    "settleDay, 24 slots, each of 100": 18_000,
    "settleDay, 24 slots, all traded, each of 100": 35_000,
    "settleDay, 96 slots, each of 100": 37_000,
    "issueCarbonCredits, one day": 75_000,
}
"""What was to be reached when the market was designed. A trade's limit holds its settlement."""
MISSED = {
    "createOrder BUY",
    "createOrder SELL",
    "closeThrough, 24 slots, one account",
    "settleDay, 24 slots, each of 100",
}
"""The paths above their limit; docs/gas.md says why."""


def measure_everything() -> dict[str, int]:
    """Gas by operation; each suite has a chain of its own."""
    figures: dict[str, int] = {}
    for suite in _SUITES:
        with gas_chain() as chain:
            figures.update(suite(chain))
    return figures


@contextmanager
def gas_chain() -> Iterator[GasChain]:
    """A fresh Anvil at `START`."""
    with Anvil(timestamp=START - DAY, mining=False, gas_limit=60_000_000) as node:
        yield GasChain(node, START)
