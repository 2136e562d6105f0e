"""Tariffs.writeFactors."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import GRID, TariffWorld


def test_write_factors__of_begun_or_far_slots__is_refused(world: TariffWorld) -> None:
    first, end = world.now // 900 + 1, -(-(world.now + 7_200) // 900)
    for span in ((first - 1, end), (first, end + 1), (first - 1, first), (end, end + 1)):
        with refused("Tariffs_SlotsOutOfReach", *span, first, end):
            world.tariffs.writeFactors(1, *span, 12_000, by=GRID)
    world.tariffs.writeFactors(1, first, end, 70_000, by=GRID)
    written = {"id": 1, "from_slot": first, "to_slot": end, "factor": 30_000}
    assert world.chain.logs[0][1:] == ("FactorsWritten", written)
    # A slot that begins now has begun.
    world.chain.set_time(first * 900)
    with refused("Tariffs_SlotsOutOfReach", first, end, first + 1, first + 8):
        world.tariffs.writeFactors(1, first, end, 12_000, by=GRID)
