"""Tariffs.setBuyPrice."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import GRID, TariffWorld


def test_set_buy_price__beyond_its_bounds__is_refused(world: TariffWorld) -> None:
    with refused("Tariffs_BuyAbove", 2**40, 600_000_000):
        world.tariffs.setBuyPrice(bytes(32), 2**40, by=GRID)
    with refused("Tariffs_FeedInAbove", 80_000, 50_000, 129_999):
        world.tariffs.setBuyPrice(bytes(32), 129_999, by=GRID)
    assert world.tariffs.setBuyPrice(bytes(32), 130_000, by=GRID) == world.today + 16
