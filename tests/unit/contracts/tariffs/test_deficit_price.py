"""Tariffs.deficitPrice."""

from __future__ import annotations

from tests.model.market import Tariff
from tests.support.core.tariff_suite import GRID, TariffWorld, name, packed


def test_deficit_price__the_dearest_of_all__fits_its_32_bits(world: TariffWorld) -> None:
    dearest = Tariff(buy=655_370_000, feed_in=60_000, max_factor=65_535)
    parameters = (900, 7_200, 655_370_000, 0, 0)
    arguments = world.manager.address, GRID, parameters, name("home"), packed(dearest), 60_000
    tariffs = world.chain.deploy("Tariffs", *arguments)
    assert tariffs.termsOf(1, world.today, world.today)[1] == 2**32 - 1
