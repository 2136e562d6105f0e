"""EnergyTrading.createOrder."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    BUY,
    CREATE,
    DAILY,
    EVER,
    HOURLY,
    KEEPER,
    QUARTER,
    START,
    WEEKLY,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    MONDAY,
    MOST,
    NEXT,
    NEXT_HOUR,
    create,
)


@pytest.mark.parametrize(
    ("amount", "lower", "higher", "kind", "start"),
    [
        (0, 0, 4, HOURLY, NEXT),
        (1, 0, 4, HOURLY, NEXT),
        (402, 400, 404, HOURLY, NEXT),
        (97, 96, 192, DAILY, 20_005 * DAY),
        (671, 0, 672, WEEKLY, MONDAY),
        (MOST + 1, MOST, 0, QUARTER, NEXT),
        (MOST * 4 + 1, MOST * 4, 0, HOURLY, NEXT),
        (2**256 - 1, MOST * 4, 0, HOURLY, NEXT),
        (MOST * 4 - 1, MOST * 4 - 4, MOST * 4, HOURLY, NEXT),
    ],
)
def test_create_order__of_no_whole_wh_in_every_slot__names_the_nearest_amounts(
    world: TradingWorld, amount: int, lower: int, higher: int, kind: int, start: int
) -> None:
    """Otherwise the nearest valid ones are named."""
    with refused("EnergyTrading_InvalidAmount", amount, lower, higher):
        create(world, amount, kind=kind, start=start, price=0)


def test_create_order__at_a_price_beyond_32_bits__is_refused(world: TradingWorld) -> None:
    """Of orders and of batches."""
    with refused("EnergyTrading_PriceTooHigh", 2**32, 2**32 - 1):
        create(world, price=2**32)
    with refused("EnergyTrading_PriceTooHigh", 2**32, 2**32 - 1):
        batch = world.batch(NEXT_HOUR, 2**32, [], [], [(0, 0, 4)])
        world.trading.settleBatch(batch, True, by=KEEPER)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (HOURLY, NEXT + 900),
        (QUARTER, NEXT + 1),
        (DAILY, NEXT),
        (WEEKLY, MONDAY + DAY),
        (HOURLY, EVER),
    ],
)
def test_create_order__of_a_misaligned_period__is_refused(
    world: TradingWorld, kind: int, start: int
) -> None:
    """Hours at full hours, and so on."""
    with refused("EnergyTrading_MisalignedPeriod", kind, start):
        create(world, kind=kind, start=start)


def test_create_order__when_the_first_slot_begins__the_gate_is_closed(world: TradingWorld) -> None:
    """The last second before is in time."""
    world.chain.set_time(NEXT - 1)
    create(world)
    for now in (NEXT, NEXT + 5):
        world.chain.set_time(now)
        with refused("EnergyTrading_GateClosed", NEXT, now):
            create(world)
        with refused("EnergyTrading_GateClosed", NEXT, now):
            batch = world.batch(NEXT_HOUR, 10, [], [], [(0, 0, 4)])
            world.trading.settleBatch(batch, True, by=KEEPER)


def test_create_order__of_a_period_beyond_the_horizon__is_refused(world: TradingWorld) -> None:
    """The week after the next one does not."""
    start, end = MONDAY + 7 * DAY, MONDAY + 14 * DAY
    with refused("EnergyTrading_BeyondHorizon", end, START + 15 * DAY):
        create(world, 672, kind=WEEKLY, start=start)
    with refused("EnergyTrading_BeyondHorizon", end, START + 15 * DAY):
        batch = world.batch((WEEKLY, start), 10, [], [], [(0, 0, 672)])
        world.trading.settleBatch(batch, True, by=KEEPER)
    world.chain.set_time(end - 15 * DAY)
    create(world, 672, kind=WEEKLY, start=start)


def test_create_order__that_has_expired__is_refused(world: TradingWorld) -> None:
    """Now is the earliest that is possible."""
    create(world, expiry=START)
    with refused("EnergyTrading_ExpiryInPast", START - 1, START):
        create(world, expiry=START - 1)


def test_create_order__without_an_account__is_refused(world: TradingWorld) -> None:
    """With money or a meter."""
    with refused("Settlement_UnknownAccount", KEEPER):
        world.trading.call(CREATE, 400, 100, EVER, BUY, by=KEEPER)
    with refused("Settlement_UnknownAccount", KEEPER):
        world.trading.cancelSignedBelow(1, by=KEEPER)
