"""What energy costs.

Accounts hold thousandths of a money unit ("exact money"), in which a product of Wh and a price is
whole. What people read and send is money units: what they need is rounded up, what they have is
rounded down. Energy in Wh, prices in money units per kWh.
"""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.domain.units import WH_PER_KWH, natural

__all__ = [
    "EXACT",
    "FACTOR_ONE",
    "cost_down",
    "cost_up",
    "deficit_price",
    "grid_alone",
    "locked_rate",
]

EXACT = 1000
"""Exact money of a money unit."""
FACTOR_ONE = 10_000
"""The factor of a slot that costs what the tariff says, in basis points."""


def cost_up(wh: int, price: int) -> int:
    """Money for energy, rounded up: what is needed."""
    return -(-natural("energy", wh) * natural("price", price) // WH_PER_KWH)


def cost_down(wh: int, price: int) -> int:
    """Money for energy, rounded down: what there is."""
    return natural("energy", wh) * natural("price", price) // WH_PER_KWH


def deficit_price(buy: int, factor: int) -> int:
    """What a kWh of deficit costs in a slot with a factor in basis points, rounded up."""
    return -(-buy * factor // FACTOR_ONE)


def locked_rate(price: int, *, selling: bool, fees: int, dearest: int) -> int:
    """What a trade takes of an account's free money, exact money per Wh: a buyer's price; or what a
    seller's energy may cost beyond its income, and the fees beyond the price.

    Args:
        fees: network and protocol fee when the period begins.
        dearest: the highest price of a deficit in the period.
    """
    if not selling:
        return price
    income = max(price - fees, 0)
    return max(dearest - income, 0) + max(fees - price, 0)


def grid_alone(slots: Iterable[tuple[int, int, int]]) -> int:
    """What a household would pay with its grid contract and feed-in only, exact money; income below
    0.

    Args:
        slots: of each its net (export less import), the price of a deficit and the feed-in tariff.
    """
    return sum(-net * (buy if net < 0 else feed_in) for net, buy, feed_in in slots)
