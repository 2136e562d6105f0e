"""The grid's own price, which rises with the load."""

from __future__ import annotations

from energy_grid.domain.units import natural

__all__ = ["EMERGENCY_FACTOR", "dynamic_price"]

EMERGENCY_FACTOR = 3


def dynamic_price(base: int, load: int, capacity: int, emergency: bool) -> int:
    """Grid price in money units per kWh.

    Normally ``base`` at no load and one and a half times that at full load; three times the
    base price in an emergency; the base price where there is no capacity to compare with.
    Storage that is charged and discharged in a circle can drive the load without bound: above
    the capacity it counts as the capacity. ``load`` and ``capacity`` are Wh per slot.
    """
    if emergency:
        return natural("base price", base) * EMERGENCY_FACTOR
    if natural("capacity", capacity) == 0:
        return natural("base price", base)
    counted = min(natural("load", load), capacity)
    return base + natural("base price", base) * counted // (2 * capacity)
