"""Random schedules and factors: Tariffs and the model agree on every price and every refusal."""

from __future__ import annotations

from random import Random

import pytest

from tests.model.market import Tariff
from tests.support.core.tariff_suite import DAY, TariffWorld
from tests.support.examples import Seeds, live_all


def _tariff(draws: Random) -> Tariff:
    """Mostly valid."""
    return Tariff(
        buy=draws.choice((draws.randint(200_000, 500_000), draws.randint(1, 600_000_001))),
        feed_in=draws.choice((draws.randint(50_000, 90_000), draws.randint(0, 200_000))),
        network_fee=draws.choice((0, 40_000, draws.randint(0, 100_001))),
        protocol_fee=draws.choice((0, 1_000, draws.randint(0, 100_001))),
        max_factor=draws.choice((30_000, 10_000, 65_535, draws.randint(9_999, 40_000))),
    )


def live(seed: int) -> None:
    """Months of announcements."""
    draws = Random(seed)
    first = Tariff(buy=300_000, feed_in=80_000, network_fee=draws.choice((0, 50_000)))
    slot, max_age = draws.choice(((900, 900), (900, 7_200), (3_600, 7_200), (900, DAY), (60, 600)))
    world = TariffWorld(first, draws.choice((0, 50_000, 80_000)), slot=slot, max_age=max_age)
    for _ in range(60):
        region = draws.choice(world.regions)
        far = world.today + draws.randint(14, 30)
        match draws.randrange(8):
            case 0:
                world.set_tariff(region, _tariff(draws), far)
            case 1:
                world.set_credit_value(draws.randint(0, 60_000), far)
            case 2:
                world.set_buy_price(region, draws.randint(100_000, 600_000))
            case 3 if len(world.regions) < 4:
                world.add_region(f"region {len(world.regions)}", _tariff(draws))
            case 4:
                world.chain.set_time(world.now + draws.choice((1, slot, 5 * DAY, 20 * DAY)))
            case _:
                until = world.now + draws.choice((max_age, draws.randint(0, max_age)))
                world.write(region, draws.choice((5_000, draws.randint(9_000, 70_000))), until)
                world.chain.set_time(world.now + draws.choice((0, slot // 2, 3 * slot)))
        world.compare(draws)


@pytest.mark.parametrize("seed", range(60))
def test_random_schedules__agree_with_the_model(seed: int) -> None:
    live(seed)


def test_other_schedules__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(10), live)
