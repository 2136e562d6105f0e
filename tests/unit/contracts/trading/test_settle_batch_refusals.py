"""EnergyTrading.settleBatch: why orders and fills are left out, or refuse the batch."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.chain import Reverted, refused
from tests.support.core.trading_world import (
    BUY,
    GRID,
    HOUR,
    HOURLY,
    KEEPER,
    QUARTER,
    REFUSALS,
    SELL,
    START,
    Order,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    MOST,
    NEXT,
    NEXT_HOUR,
    create,
    skipped,
)


def test_settle_batch__wrong_order__is_skipped_or_refuses_the_batch(world: TradingWorld) -> None:
    """Signed and on-chain orders, one by one; without skipping the batch is refused."""
    period = NEXT_HOUR
    sell = world.sign("seller", SELL, period, 50, 40, 1)
    cases = [
        (world.sign("third", BUY, period, 5, 50, 2**40), [], "NONCE_SPENT"),
        (world.sign("third", BUY, period, 5, 50, 2, expiry=START - 1), [], "EXPIRED"),
        (world.sign("third", BUY, period, 5, 39, 3), [], "WORSE_THAN_LIMIT"),
        (world.sign("third", BUY, period, 0, 50, 4), [], "INVALID_AMOUNT"),
        (world.sign("third", BUY, period, 2**31, 50, 4), [], "INVALID_AMOUNT"),
        (world.sign("third", BUY, (HOURLY, NEXT + HOUR), 5, 50, 5), [], "WRONG_SIGNATURE"),
        (world.sign("third", BUY, (QUARTER, NEXT), 8, 50, 6), [], "WRONG_SIGNATURE"),
        (world.sign("third", BUY, (QUARTER, NEXT), 5, 50, 6), [], "INVALID_AMOUNT"),
        (None, [99], "NO_SUCH_ORDER"),
        (None, [create(world, start=NEXT + HOUR)], "OTHER_PERIOD"),
        (None, [create(world, kind=QUARTER)], "OTHER_PERIOD"),
        (None, [create(world, price=39)], "WORSE_THAN_LIMIT"),
    ]
    gone = create(world)
    world.trading.cancelOrder(gone, by=world.address("buyer"))
    cases.append((None, [gone], "NOT_ACTIVE"))
    for order, stored, reason in cases:
        signed = world.sorted([each for each in (order, sell) if each])
        place = signed.index(sell)
        batch = world.batch(
            period, 40, signed, stored, [(1 if order is None else 1 - place, place, 4)]
        )
        mark = world.chain.snapshot()
        assert world.trading.settleBatch(batch, True, by=KEEPER) == 0
        assert skipped(world) == [reason]
        assert world.trading.batchCount() == 0
        world.chain.revert(mark)
        with pytest.raises(Reverted) as refusal:
            world.trading.settleBatch(batch, False, by=KEEPER)
        name = world.hash(order) if order and order.period == period else refusal.value.values[0]
        assert refusal.value.name == "EnergyTrading_Refused"
        assert refusal.value.values == (stored[0] if stored else name, REFUSALS.index(reason))


def test_settle_batch__of_a_trader_without_an_account__skips_its_order(world: TradingWorld) -> None:
    """It never had money."""
    world.stranger("new")
    orders = world.sorted(
        [
            world.sign("new", BUY, NEXT_HOUR, 1, 50, 1),
            world.sign("seller", SELL, NEXT_HOUR, 1, 1, 1),
        ]
    )
    fill = (orders[0].side, orders[1].side)
    batch = world.batch(NEXT_HOUR, 9, orders, [], [(fill.index(BUY), fill.index(SELL), 4)])
    assert world.trading.settleBatch(batch, True, by=KEEPER) == 0
    assert skipped(world) == ["UNKNOWN_ACCOUNT"]


def test_settle_batch__wrong_fill__is_skipped_or_refuses_the_batch(world: TradingWorld) -> None:
    """The orders stay in the batch."""
    buy = world.sign("buyer", BUY, NEXT_HOUR, 10, 50, 1)
    sell = world.sign("seller", SELL, NEXT_HOUR, 20, 50, 1)
    own = world.sign("buyer", SELL, NEXT_HOUR, 20, 50, 2)
    signed = world.sorted([buy, sell, own])
    at = {id(order): place for place, order in enumerate(signed)}
    cases = [
        (sell, buy, 4, sell, "WRONG_SIDE"),
        (buy, buy, 4, buy, "WRONG_SIDE"),
        (buy, own, 4, buy, "SELF_TRADE"),
        (buy, sell, 0, buy, "INVALID_AMOUNT"),
        (buy, sell, 41, buy, "INVALID_AMOUNT"),
        (buy, sell, 44, buy, "OVERFILLED"),
    ]
    fills = [(at[id(left)], at[id(right)], wh) for left, right, wh, _, _ in cases]
    batch = world.batch(NEXT_HOUR, 50, signed, [], [*fills, (at[id(buy)], at[id(sell)], 40)])
    for fill, (*_, by, reason) in zip(fills, cases, strict=True):
        alone = world.batch(NEXT_HOUR, 50, signed, [], [fill])
        with refused("EnergyTrading_Refused", world.hash(by), REFUSALS.index(reason)):
            world.trading.settleBatch(alone, False, by=KEEPER)
    assert world.trading.settleBatch(batch, True, by=KEEPER) == 1
    assert skipped(world) == [reason for *_, reason in cases]
    assert world.trading.getTransaction(2**32)[2] == 40


def test_settle_batch__what_settlement_refuses__is_skipped_or_refuses_the_batch(
    world: TradingWorld,
) -> None:
    """The order goes with its fills; the others trade."""
    buyer, seller = world.address("buyer"), world.address("seller")
    spare = world.sign("third", SELL, NEXT_HOUR, 1, 1, 1)
    rich = world.sign("buyer", BUY, NEXT_HOUR, 1, 50, 9)

    def expect(order: Order, partner: Order, reason: str) -> None:
        signed = world.sorted([order, partner, spare, rich])
        at = {id(each): place for place, each in enumerate(signed)}
        pair = (order, partner) if order.side == BUY else (partner, order)
        wh = 4 * min(order.amount, partner.amount)
        fills = [(at[id(pair[0])], at[id(pair[1])], wh), (at[id(rich)], at[id(spare)], 4)]
        batch = world.batch(NEXT_HOUR, 50, signed, [], fills)
        mark = world.chain.snapshot()
        with refused("EnergyTrading_Refused", world.hash(order), REFUSALS.index(reason)):
            world.trading.settleBatch(batch, False, by=KEEPER)
        assert world.trading.settleBatch(batch, True, by=KEEPER) == 1
        assert skipped(world) == [reason]
        states = [
            world.trading.nonceState(world.address(each.trader), each.nonce) for each in signed
        ]
        assert states.count(2) == 2
        world.chain.revert(mark)

    sell = world.sign("seller", SELL, NEXT_HOUR, 5, 50, 7)
    buy = world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 7)
    mark = world.chain.snapshot()
    world.trading.cancelSignedBelow(8, by=buyer)
    expect(buy, sell, "BELOW_FLOOR")
    world.chain.revert(mark)
    mark = world.chain.snapshot()
    world.settlement.setSideBlocked(seller, False, True, by=GRID)
    expect(sell, buy, "SIDE_BLOCKED")
    world.chain.revert(mark)
    world.deposit("third", 3 * 10**9)
    dear = world.sign("buyer", BUY, NEXT_HOUR, 10**9, 50, 8)
    much = world.sign("third", SELL, NEXT_HOUR, 10**9, 50, 8)
    expect(dear, much, "INSUFFICIENT_BALANCE")


def test_settle_batch__of_an_account_with_a_debt_or_a_gap__skips_its_order(
    world: TradingWorld,
) -> None:
    """An account whose day cost more than it has, and whose meter fell silent."""
    world.open("poor", 30)
    world.attach("poor", 8)
    world.live(START // DAY * DAY + 2 * DAY + HOUR, lambda _: -2)
    world.close(["poor"], START // DAY + 1)
    start = world.now // HOUR * HOUR + 3 * HOUR
    poor = world.address("poor")
    debt = world.settlement.call("debtOf(address)", poor)
    buy = world.sign("poor", BUY, (HOURLY, start), 1, 0, 1)
    sell = world.sign("seller", SELL, (HOURLY, start), 1, 0, 1)
    signed = world.sorted([buy, sell])
    at = signed.index(buy)
    batch = world.batch((HOURLY, start), 0, signed, [], [(at, 1 - at, 4)])
    with pytest.raises(Reverted, match="Settlement_InDebt"):
        create(world, side=BUY, by="poor", start=start)
    world.trading.settleBatch(batch, True, by=KEEPER)
    assert skipped(world) == ["IN_DEBT"]
    world.deposit("poor", 10**6)
    world.chain.set_time(world.now + HOUR)
    with refused("Settlement_GapOpen", poor):
        create(world, side=SELL, by="poor", start=start)
    world.trading.settleBatch(batch, True, by=KEEPER)
    assert skipped(world) == ["GAP_OPEN"]
    assert debt > 0


def test_settle_batch__position_that_a_refused_order_would_have_made_fit__is_skipped_too(
    world: TradingWorld,
) -> None:
    """What goes with a refused order can be what another one's position needed.

    `third` buys half of what a position can be from `seller`, who is blocked, and sells as much and
    then all that a position can be.
    """
    half = 2**30
    world.open("rich", 9 * 10**9)
    world.deposit("third", 9 * 10**9)
    buy = world.sign("third", BUY, NEXT_HOUR, half, 400, 1)
    more = [world.sign("third", SELL, NEXT_HOUR, wh, 400, 2 + wh % half) for wh in (MOST, half)]
    blocked = world.sign("seller", SELL, NEXT_HOUR, half, 400, 1)
    takers = [world.sign("rich", BUY, NEXT_HOUR, wh, 400, 2 + wh % half) for wh in (MOST, half)]
    world.settlement.setSideBlocked(world.address("seller"), False, True, by=GRID)
    signed = world.sorted([buy, *more, blocked, *takers])
    at = {id(order): place for place, order in enumerate(signed)}
    fills = [(at[id(buy)], at[id(blocked)], 4 * half)]
    for taker, order in zip(takers, more, strict=True):
        fills.append((at[id(taker)], at[id(order)], 4 * order.amount))
    batch = world.batch(NEXT_HOUR, 400, signed, [], fills)
    world.trading.settleBatch(batch, True, by=KEEPER)
    assert skipped(world) == ["SIDE_BLOCKED", "POSITION_TOO_LARGE"]
