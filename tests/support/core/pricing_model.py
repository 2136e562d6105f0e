"""Dynamic factors, as the new MarketPricing has them: what `tests/model/pricing.py` becomes.

Factors are basis points; every division rounds down. The unchanged factors are still in
`tests.model.pricing`.
"""

from __future__ import annotations

from energy_grid.domain.units import natural
from tests.model.market import BPS
from tests.model.pricing import (
    MAX_FACTOR,
    MIN_FACTOR,
    demand_factor,
    stability_factor,
    supply_factor,
    time_factor,
)

__all__ = [
    "EMERGENCY_FACTOR",
    "demand_factor",
    "history_factor",
    "load_factor",
    "price_factor",
    "stability_factor",
    "supply_factor",
    "time_factor",
]

EMERGENCY_FACTOR = 3
_MAX_LOAD_FACTOR = BPS + BPS // 2
_WEIGHTS = (3_000, 3_000, 2_000, 2_000)


def load_factor(demand: int, supply: int) -> int:
    """Up to one and a half: the load as a share of twice the capacity; both in kW."""
    if natural("supply", supply) == 0:
        return BPS if natural("demand", demand) == 0 else _MAX_LOAD_FACTOR
    return BPS + BPS * min(natural("demand", demand), supply) // (2 * supply)


def history_factor(buy: int, smoothed: int, *, token_decimals: int, oracle_decimals: int) -> int:
    """The moving average of the price oracle, compared with the tariff's buy price per kWh."""
    if natural("buy price", buy) == 0:
        return BPS
    converted = (
        BPS * natural("smoothed price", smoothed) * 10 ** natural("decimals", token_decimals)
    )
    factor: int = converted // (10 ** natural("decimals", oracle_decimals) * buy)
    return max(MIN_FACTOR, min(factor, MAX_FACTOR))


def price_factor(
    *, load: int, history: int, demand: int, supply: int, time: int, stability: int
) -> int:
    """The factor of the buy price, before an emergency and before the tariff's limit."""
    factors = zip(_WEIGHTS, (demand, supply, time, stability), strict=True)
    weighted = sum(weight * factor for weight, factor in factors)
    return max(BPS, load * history * weighted // BPS**3)
