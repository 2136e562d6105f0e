"""What the stop of EnergyTrading refuses, and what it leaves open."""

from __future__ import annotations

from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    ADMIN,
    KEEPER,
    SELL,
    START,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT_HOUR,
    create,
)


def test_pause__running__refuses_what_is_new_and_leaves_exits_open(world: TradingWorld) -> None:
    """Cancelling and settling; nothing new begins."""
    buy, sell = create(world), create(world, side=SELL, by="seller")
    traded = create(world), create(world, side=SELL, by="seller")
    world.trading.matchOrders(*traded, by=KEEPER)
    world.trading.pause(by=ADMIN)
    batch = world.batch(NEXT_HOUR, 9, [], [], [(0, 1, 4)])
    for call in (
        lambda: create(world),
        lambda: world.trading.matchOrders(buy, sell, by=KEEPER),
        lambda: world.trading.matchMany([buy], [sell], by=KEEPER),
        lambda: world.trading.settleBatch(batch, True, by=KEEPER),
    ):
        with refused("EmergencyStop_Stopped", 1):
            call()
    world.trading.cancelOrder(buy, by=world.address("buyer"))
    world.trading.cancelSigned([1], by=world.address("buyer"))
    world.trading.cancelSignedBelow(1, by=world.address("buyer"))
    world.chain.set_time(START + 2 * DAY)
    world.trading.settleTransaction(1, by=KEEPER)
    assert world.trading.getTransaction(1)[7] == 1
