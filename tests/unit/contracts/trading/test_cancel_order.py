"""EnergyTrading.cancelOrder."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    START,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    create,
)


def test_cancel_order__of_another__is_refused_until_it_expires(world: TradingWorld) -> None:
    """Once."""
    first, second = create(world), create(world, expiry=START + 10)
    third = world.address("third")
    with refused("EnergyTrading_NotOwner", first, third):
        world.trading.cancelOrder(first, by=third)
    world.trading.cancelOrder(first, by=world.address("buyer"))
    with refused("EnergyTrading_NotActive", first, 2):
        world.trading.cancelOrder(first, by=world.address("buyer"))
    world.chain.set_time(START + 10)
    with refused("EnergyTrading_NotOwner", second, third):
        world.trading.cancelOrder(second, by=third)
    world.chain.set_time(START + 11)
    world.trading.cancelOrder(second, by=third)
    with refused("EnergyTrading_NoSuchOrder", 3):
        world.trading.cancelOrder(3, by=third)
    with refused("EnergyTrading_NoSuchOrder", 3):
        world.trading.getOrder(3)
    with refused("EnergyTrading_NoSuchOrder", 3):
        world.trading.getOrderTerms(3)
