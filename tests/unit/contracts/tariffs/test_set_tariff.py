"""Tariffs.setTariff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import DAY, TariffWorld, name, packed
from tests.unit.contracts.tariffs.suite import FIRST, NOWHERE


@pytest.mark.parametrize(
    ("change", "error", "values"),
    [
        ({"feed_in": 250_001}, "FeedInAbove", (250_001, 50_000, 300_000)),
        ({"network_fee": 300_001, "feed_in": 0}, "FeedInAbove", (0, 300_001, 300_000)),
        ({"buy": 600_000_001}, "BuyAbove", (600_000_001, 600_000_000)),
        ({"network_fee": 100_001}, "FeeAbove", (100_001, 100_000)),
        ({"protocol_fee": 100_001}, "FeeAbove", (100_001, 100_000)),
        ({"max_factor": 9_999}, "FactorBelowOne", (9_999,)),
        ({"feed_in": 59_999}, "FeedInBelowCredit", (59_999, 60_000)),
    ],
)
def test_set_tariff__outside_the_rules__is_refused(
    world: TariffWorld, change: dict[str, int], error: str, values: tuple[int, ...]
) -> None:
    false, far = packed(replace(FIRST, **change)), world.today + 30
    with refused(f"Tariffs_{error}", *values):
        world.tariffs.setTariff(name("home"), false, far, by=world.authority)
    with refused(f"Tariffs_{error}", *values):
        world.tariffs.addRegion(NOWHERE, false, by=world.authority)


def test_set_tariff__within_the_horizon__is_refused(world: TariffWorld) -> None:
    first = world.today + 16
    for day in (0, world.today, first - 1):
        with refused("Tariffs_WithinHorizon", day, first):
            world.tariffs.setTariff(name("home"), packed(FIRST), day, by=world.authority)
        with refused("Tariffs_WithinHorizon", day, first):
            world.tariffs.setCreditValue(1, day, by=world.authority)
    world.tariffs.setTariff(name("home"), packed(FIRST), first, by=world.authority)
    # At the very beginning of a day, the horizon ends with one.
    world.chain.set_time((world.today + 1) * DAY)
    world.tariffs.setCreditValue(1, world.today + 15, by=world.authority)
