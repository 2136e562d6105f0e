"""EnergyTrading.settleBatch."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    ADMIN,
    BUY,
    KEEPER,
    SELL,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT_HOUR,
)


def test_settle_batch__malformed__is_refused_as_a_whole(world: TradingWorld) -> None:
    """They are refused as a whole."""
    period = NEXT_HOUR
    buy = world.sign("buyer", BUY, period, 5, 50, 1)
    sell = world.sign("seller", SELL, period, 5, 50, 1)
    orders = world.sorted([buy, sell])
    send = world.trading.settleBatch
    with refused("EnergyTrading_NoFills"):
        send(world.batch(period, 50, orders, [], []), True, by=KEEPER)
    with refused("EnergyTrading_NoSuchPlace", 2, 2):
        send(world.batch(period, 50, orders, [], [(0, 2, 4)]), True, by=KEEPER)
    with refused("EnergyTrading_Unsorted", 1):
        send(world.batch(period, 50, orders[::-1], [], [(0, 1, 4)]), True, by=KEEPER)
    with refused("EnergyTrading_Unsorted", 3):
        send(world.batch(period, 50, orders, [7, 7], [(0, 1, 4)]), True, by=KEEPER)
    with refused("AccessManagedUnauthorized", ADMIN):
        send(world.batch(period, 50, orders, [], [(0, 1, 4)]), True, by=ADMIN)
