"""EnergyTrading.matchOrders."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    BUY,
    GRID,
    HOUR,
    KEEPER,
    QUARTER,
    REFUSALS,
    SELL,
    START,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT,
    create,
)


def test_match_orders__that_do_not_fit__are_refused_and_skipped_among_many(
    world: TradingWorld,
) -> None:
    """Each by its error; many pairs skip it."""
    buy, sell = create(world), create(world, side=SELL, by="seller")
    dear = create(world, price=101, side=SELL, by="seller")
    own = create(world, side=SELL)
    later = create(world, side=SELL, by="seller", start=NEXT + HOUR)
    quarter = create(world, side=SELL, by="seller", kind=QUARTER)
    soon = create(world, side=SELL, by="seller", expiry=START)
    world.chain.set_time(START + 1)
    refusals = [
        ((99, sell), ("NoSuchOrder", 99)),
        ((sell, sell), ("WrongSide", sell, SELL)),
        ((buy, buy), ("WrongSide", buy, BUY)),
        ((buy, dear), ("NotCrossing", 100, 101)),
        ((buy, own), ("SelfTrade", buy, own)),
        ((buy, later), ("PeriodMismatch", buy, later)),
        ((buy, quarter), ("PeriodMismatch", buy, quarter)),
        ((buy, soon), ("Expired", soon, START, START + 1)),
    ]
    for pair, (name, *values) in refusals:
        with refused(f"EnergyTrading_{name}", *values):
            world.trading.matchOrders(*pair, by=KEEPER)
    pairs = [pair for pair, _ in refusals]
    pairs.insert(3, (buy, sell))
    assert world.trading.matchMany(*map(list, zip(*pairs, strict=True)), by=KEEPER) == 1
    skipped = [values for _, name, values in world.chain.logs if name == "MatchSkipped"]
    assert [(each["buy_id"], each["sell_id"]) for each in skipped] == [
        pair for pair in pairs if pair != (buy, sell)
    ]
    with refused("EnergyTrading_NotActive", buy, 1):
        world.trading.matchOrders(buy, sell, by=KEEPER)
    with refused("EnergyTrading_LengthMismatch", 1, 0):
        world.trading.matchMany([buy], [], by=KEEPER)


def test_match_orders__of_a_blocked_side__are_refused(world: TradingWorld) -> None:
    """Its reason, and the order that it is for: here the side is blocked after placing."""
    buy, sell = create(world), create(world, side=SELL, by="seller")
    for name, buying, order_id in (("seller", False, sell), ("buyer", True, buy)):
        world.settlement.setSideBlocked(world.address(name), buying, True, by=GRID)
        with refused("EnergyTrading_Refused", order_id, REFUSALS.index("SIDE_BLOCKED")):
            world.trading.matchOrders(buy, sell, by=KEEPER)
        with refused("Settlement_SideBlocked", world.address(name), buying):
            create(world, side=SELL - buying, by=name)
