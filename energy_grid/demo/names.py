"""Households and money in words, for the demo's tables and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from energy_grid.cli.numbers import fixed
from energy_grid.demo.profiles import Household

if TYPE_CHECKING:
    from energy_grid.demo.day_report import Currency

__all__ = ["coins", "owns", "short_name"]


def coins(amount: int, currency: Currency, places: int = 2) -> str:
    """Whole coins with two places, or so many."""
    return fixed(amount, currency.decimals, places)


def short_name(household: Household) -> str:
    """Its name without the name of the grid: ``"Load 12"`` of ``"LV2.101 Load 12"``."""
    return household.name.partition(" ")[2] or household.name


def owns(household: Household) -> str:
    """Panels and battery of a household, in kWp and kWh: ``"9.8 + 14"``."""
    if not household.pv_peak_w:
        return ""
    panels = fixed(household.pv_peak_w, 3, 1)
    if household.battery is None:
        return panels
    return f"{panels} + {fixed(household.battery.capacity_wh, 3, 0)}"
