"""Tariffs.lowestAndDearest."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import TariffWorld


def test_lowest_and_dearest__without_slots__is_refused(world: TariffWorld) -> None:
    with refused("Tariffs_EmptySpan", 7, 7):
        world.tariffs.lowestAndDearest(1, 7, 7)


def test_lowest_and_dearest__of_a_long_span__costs_little(world: TariffWorld) -> None:
    """Forty days and three years of 96 slots a day, within a block."""
    slot = world.now // 900
    for days, most in ((40, 150_000), (3 * 365, 2_500_000)):
        world.tariffs.lowestAndDearest(1, slot - days * 96, slot)
        result = world.chain.evm.result
        assert result is not None
        assert result.gas_used < most
