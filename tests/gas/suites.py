"""All suites, and the most that a path may cost."""

from __future__ import annotations

from tests.gas.asset_suite import measure_asset_suite
from tests.gas.batch_suite import measure_batch_suite
from tests.gas.grid_suite import measure_grid_suite
from tests.gas.market_suite import measure_market_suite
from tests.support.market import Market

__all__ = ["LIMITS", "measure_everything"]

# The most that a path may cost.
LIMITS = {
    "createOrder BUY": 75_000,
    "createOrder SELL": 75_000,
    "cancelOrder": 42_000,
    "matchOrders, both filled": 85_000,
    "settleTransaction, one delivered slot": 95_000,
    "signed order, cost to its maker": 0,
    "cancelSigned, word in use": 32_000,
    "settleBatch, each of 100": 60_000,
    "submitReading, same slot": 48_000,
    "submitReading, first of a slot": 66_000,
    "submitSignedReadings, each of 100": 24_000,
    "issueCarbonCredits, one slot": 75_000,
}


def measure_everything(market: Market) -> dict[str, int]:
    """Gas by operation, one suite after the other on one market."""
    suites = (
        measure_market_suite,
        measure_grid_suite,
        measure_asset_suite,
        measure_batch_suite,
    )
    return {name: gas for suite in suites for name, gas in suite(market).items()}
