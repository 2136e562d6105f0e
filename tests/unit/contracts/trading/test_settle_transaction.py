"""EnergyTrading.settleTransaction."""

from __future__ import annotations

from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    DAILY,
    KEEPER,
    SELL,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    create,
)


def test_settle_transaction__that_does_not_exist__is_refused(world: TradingWorld) -> None:
    """Neither of pairs nor of batches."""
    for number in (0, 1, 2**32, 2**40, 2**256 - 1):
        with refused("EnergyTrading_NoSuchTransaction", number):
            world.trading.getTransaction(number)
        with refused("EnergyTrading_NoSuchTransaction", number):
            world.trading.settleTransaction(number, by=KEEPER)
        assert world.trading.getTransactions(number, 9) == ()
    with refused("EnergyTrading_NoSuchBatch", 0):
        world.trading.getBatch(0)


def test_settle_transaction__of_days_ago__closes_seven_days_of_each_party_a_call(
    world: TradingWorld,
) -> None:
    """At most seven days of each; when both are closed to its end, it is settled."""
    buy = create(world, 96, kind=DAILY, start=20_012 * DAY)
    sell = create(world, 96, side=SELL, by="seller", kind=DAILY, start=20_012 * DAY)
    world.trading.matchOrders(buy, sell, by=KEEPER)
    with refused("Settlement_NothingToClose", 20_010):
        world.trading.settleTransaction(1, by=KEEPER)
    world.chain.set_time(20_014 * DAY)
    world.settlement.closeThrough([world.address("seller")], 20_005, by=KEEPER)
    days = []
    while world.trading.getTransaction(1)[7] == 0:
        world.trading.settleTransaction(1, by=KEEPER)
        events = [name for _, name, _ in world.chain.logs]
        days.append(
            [
                *(world.settlement.cursorAt(world.number(name)) for name in ("buyer", "seller")),
                events.count("TransactionSettled"),
            ]
        )
    assert days == [[20_011, 20_011, 0], [20_013, 20_013, 1]]
    with refused("EnergyTrading_AlreadySettled", 1):
        world.trading.settleTransaction(1, by=KEEPER)
