"""What energy costs, with the rounding of the chain.

Money taken or locked is rounded up, money paid out is rounded down; the difference stays with
the payer until the end and is then refunded. Energy in Wh, prices in money units per kWh.
"""

from __future__ import annotations

from energy_grid.domain.units import WH_PER_KWH, natural

__all__ = ["collateral", "cost_down", "cost_up"]


def cost_up(wh: int, price: int) -> int:
    """Money for energy, rounded up: what is taken or locked."""
    return -(-natural("energy", wh) * natural("price", price) // WH_PER_KWH)


def cost_down(wh: int, price: int) -> int:
    """Money for energy, rounded down: what is paid out."""
    return natural("energy", wh) * natural("price", price) // WH_PER_KWH


def collateral(wh: int, collateral_per_kwh: int) -> int:
    """What a transaction keeps of the seller, and what a buyer gets for undelivered energy."""
    return cost_down(wh, collateral_per_kwh)
