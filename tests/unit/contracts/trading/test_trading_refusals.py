"""Every refusal of the market of trades, with its values."""

from __future__ import annotations

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.model.market import DAY
from tests.support.core.chain import CHAIN_ID, Reverted, refused
from tests.support.core.trading_world import (
    ADMIN,
    BUY,
    CREATE,
    CREATE_FOR,
    DAILY,
    EVER,
    FORWARDER,
    GRID,
    HOUR,
    HOURLY,
    KEEPER,
    QUARTER,
    REFUSALS,
    SELL,
    START,
    WEEKLY,
    Order,
    TradingWorld,
)

NEXT = START // HOUR * HOUR + HOUR
"""The next full hour."""
MONDAY = 20_010 * DAY
MOST = 2**31 - 1
NEXT_HOUR = (HOURLY, NEXT)


@pytest.fixture(scope="module")
def fresh() -> TradingWorld:
    """Three accounts with money."""
    world = TradingWorld()
    for name in ("buyer", "seller", "third"):
        world.open(name, 10**7)
    return world


@pytest.fixture
def world(fresh: TradingWorld) -> TradingWorld:
    """As `fresh`, again for each test."""
    mark = fresh.chain.snapshot()
    fresh.orders, fresh.signed = [], []
    yield fresh
    fresh.chain.revert(mark)


def create(
    world: TradingWorld,
    amount: int = 400,
    price: int = 100,
    expiry: int = EVER,
    side: int = BUY,
    kind: int = HOURLY,
    start: int = NEXT,
    by: str = "buyer",
) -> int:
    """An order; amounts in Wh of the whole period."""
    terms = amount, price, expiry, side, kind, start
    return int(world.trading.call(CREATE_FOR, *terms, by=world.address(by)))


# Placing


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
def test_an_amount_is_the_same_in_every_slot(
    world: TradingWorld, amount: int, lower: int, higher: int, kind: int, start: int
) -> None:
    """Otherwise the nearest valid ones are named."""
    with refused("EnergyTrading_InvalidAmount", amount, lower, higher):
        create(world, amount, kind=kind, start=start, price=0)


def test_a_price_has_32_bits(world: TradingWorld) -> None:
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
def test_a_period_begins_where_its_kind_does(world: TradingWorld, kind: int, start: int) -> None:
    """Hours at full hours, and so on."""
    with refused("EnergyTrading_MisalignedPeriod", kind, start):
        create(world, kind=kind, start=start)


def test_the_gate_closes_when_the_first_slot_begins(world: TradingWorld) -> None:
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


def test_a_period_ends_within_the_horizon(world: TradingWorld) -> None:
    """The week after the next one does not."""
    start, end = MONDAY + 7 * DAY, MONDAY + 14 * DAY
    with refused("EnergyTrading_BeyondHorizon", end, START + 15 * DAY):
        create(world, 672, kind=WEEKLY, start=start)
    with refused("EnergyTrading_BeyondHorizon", end, START + 15 * DAY):
        batch = world.batch((WEEKLY, start), 10, [], [], [(0, 0, 672)])
        world.trading.settleBatch(batch, True, by=KEEPER)
    world.chain.set_time(end - 15 * DAY)
    create(world, 672, kind=WEEKLY, start=start)


def test_an_order_expires_later(world: TradingWorld) -> None:
    """Now is the earliest that is possible."""
    create(world, expiry=START)
    with refused("EnergyTrading_ExpiryInPast", START - 1, START):
        create(world, expiry=START - 1)


def test_an_order_needs_an_account(world: TradingWorld) -> None:
    """With money or a meter."""
    with refused("Settlement_UnknownAccount", KEEPER):
        world.trading.call(CREATE, 400, 100, EVER, BUY, by=KEEPER)
    with refused("Settlement_UnknownAccount", KEEPER):
        world.trading.cancelSignedBelow(1, by=KEEPER)


def test_orders_are_limited() -> None:
    """A quota that fills up by one each second."""
    world = TradingWorld(burst=2)
    world.open("buyer", 10**7)
    create(world)
    assert world.trading.ordersLeft(world.address("buyer")) == 1
    create(world)
    with refused("EnergyTrading_RateLimited", world.address("buyer"), START + 1):
        create(world)
    world.chain.set_time(START + 1)
    create(world)


@pytest.mark.parametrize(
    ("burst", "refill", "name", "value"),
    [
        (0, 1, b"orderBurst", 0),
        (2**32, 1, b"orderBurst", 2**32),
        (1, 0, b"orderRefill", 0),
        (1, DAY + 1, b"orderRefill", DAY + 1),
        (10**6, DAY, b"orderBurst", 10**6),
    ],
)
def test_the_constructor_checks_its_parameters(
    world: TradingWorld, burst: int, refill: int, name: bytes, value: int
) -> None:
    """A new account has its whole quota."""
    with refused("EnergyTrading_BadParameter", name.ljust(32, b"\0"), value):
        world.chain.deploy(
            *("EnergyTrading", world.manager.address, ADMIN),
            *(world.tariffs.address, world.settlement.address),
            (burst, refill),
        )


# Cancelling and matching


def test_the_owner_cancels_and_anybody_after_expiry(world: TradingWorld) -> None:
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


def test_what_cannot_be_matched(world: TradingWorld) -> None:
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


def test_what_settlement_refuses_of_a_pair(world: TradingWorld) -> None:
    """Its reason, and the order that it is for: here the side is blocked after placing."""
    buy, sell = create(world), create(world, side=SELL, by="seller")
    for name, buying, order_id in (("seller", False, sell), ("buyer", True, buy)):
        world.settlement.setSideBlocked(world.address(name), buying, True, by=GRID)
        with refused("EnergyTrading_Refused", order_id, REFUSALS.index("SIDE_BLOCKED")):
            world.trading.matchOrders(buy, sell, by=KEEPER)
        with refused("Settlement_SideBlocked", world.address(name), buying):
            create(world, side=SELL - buying, by=name)


# Trades


def test_trades_that_are_none(world: TradingWorld) -> None:
    """Neither of pairs nor of batches."""
    for number in (0, 1, 2**32, 2**40, 2**256 - 1):
        with refused("EnergyTrading_NoSuchTransaction", number):
            world.trading.getTransaction(number)
        with refused("EnergyTrading_NoSuchTransaction", number):
            world.trading.settleTransaction(number, by=KEEPER)
        assert world.trading.getTransactions(number, 9) == ()
    with refused("EnergyTrading_NoSuchBatch", 0):
        world.trading.getBatch(0)


def test_a_trade_settles_by_closing_both_accounts(world: TradingWorld) -> None:
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


# Batches


def skipped(world: TradingWorld) -> list[str]:
    """Why orders of the last batch were skipped."""
    return [
        REFUSALS[values["reason"]] for _, name, values in world.chain.logs if name == "OrderSkipped"
    ]


def test_batches_that_are_malformed(world: TradingWorld) -> None:
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


def test_why_orders_are_skipped(world: TradingWorld) -> None:
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


def test_a_trader_without_an_account_is_skipped(world: TradingWorld) -> None:
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


def test_why_fills_are_skipped(world: TradingWorld) -> None:
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


def test_what_settlement_refuses_of_a_batch(world: TradingWorld) -> None:
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


def test_debts_and_gaps_refuse(world: TradingWorld) -> None:
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


def test_each_round_of_a_batch_leaves_orders_out(world: TradingWorld) -> None:
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


# Signed orders


def test_nonces_serve_once(world: TradingWorld) -> None:
    """Filled in parts, cancelled, cancelled below."""
    buyer = world.address("buyer")
    sell = world.sign("seller", SELL, NEXT_HOUR, 100, 1, 1)
    buy = world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 1)
    other = world.sign("buyer", BUY, NEXT_HOUR, 6, 50, 1)

    def fill(order: Order, per_slot: int) -> list[str]:
        signed = world.sorted([order, sell])
        at = signed.index(order)
        batch = world.batch(NEXT_HOUR, 9, signed, [], [(at, 1 - at, 4 * per_slot)])
        world.trading.settleBatch(batch, True, by=KEEPER)
        return skipped(world)

    assert world.trading.nonceState(buyer, 1) == 0
    assert fill(buy, 2) == []
    assert world.trading.nonceState(buyer, 1) == 1
    assert world.trading.filled(world.hash(buy).to_bytes(32)) == 8
    assert fill(other, 2) == ["NONCE_SPENT"]
    assert fill(buy, 4) == ["OVERFILLED"]
    assert fill(buy, 3) == []
    assert world.trading.nonceState(buyer, 1) == 2
    assert fill(buy, 1) == ["NONCE_SPENT"]
    with refused("EnergyTrading_NonceSpent", buyer, 1):
        world.trading.cancelSigned([2, 1], by=buyer)
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        world.trading.cancelSigned([2**40], by=buyer)
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        world.trading.cancelSignedBelow(2**40, by=buyer)
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        world.trading.nonceState(buyer, 2**40)
    world.trading.cancelSigned([2, 300], by=buyer)
    world.trading.cancelSignedBelow(9, by=buyer)
    with refused("Settlement_FloorNotHigher", buyer, 9, 9):
        world.trading.cancelSignedBelow(9, by=buyer)
    states = [world.trading.nonceState(buyer, nonce) for nonce in (1, 2, 8, 9, 300)]
    assert states == [2, 3, 3, 0, 3]
    assert world.trading.signedFloorOf(buyer) == 9


def test_a_contract_wallet_confirms_its_orders(world: TradingWorld) -> None:
    """EIP-1271: its owner's key signs."""
    wallet = world.chain.deploy("WalletDouble", world.address("buyer"))
    world.dollar.faucet(10**6, by=ADMIN)
    world.dollar.approve(world.settlement.address, 10**6, by=ADMIN)
    world.settlement.depositFor(wallet.address, 10**6, by=ADMIN)
    sell = world.packed(world.sign("seller", SELL, NEXT_HOUR, 5, 9, 1))
    order = (wallet.address, BUY, 20, 9, EVER, 0, bytes(32), bytes(32))
    order_hash = world.trading.hashOrder(order, *NEXT_HOUR)
    signed = world.keys["buyer"].unsafe_sign_hash(order_hash).signature
    wrong = world.keys["third"].unsafe_sign_hash(order_hash).signature
    orders = sorted([order, sell], key=lambda each: int(each[0], 16))
    at = orders.index(order)
    for signatures, count in (([], 0), ([wrong], 0), ([signed], 1)):
        batch = (*NEXT_HOUR, 9, bytes(32), orders, [], [(at, 1 - at, 20)], signatures)
        assert world.trading.settleBatch(batch, True, by=KEEPER) == count
        assert skipped(world) == ["WRONG_SIGNATURE"] * (1 - count)


def test_the_signed_form_is_that_of_eip_712(world: TradingWorld) -> None:
    """As a wallet hashes it."""
    order = world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 3)
    fields = {
        "trader": "address",
        "side": "string",
        "amountWh": "uint256",
        "pricePerKwh": "uint256",
        "period": "string",
        "deliveryStart": "uint256",
        "validUntil": "uint256",
        "nonce": "uint256",
    }
    values = (world.address("buyer"), "BUY", 20, 50, "HOURLY", NEXT, EVER, 3)
    signable = encode_typed_data(
        {
            "name": "EnergyGrid EnergyTrading",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.trading.address,
        },
        {"EnergyOrder": [{"name": name, "type": type_} for name, type_ in fields.items()]},
        dict(zip(fields, values, strict=True)),
    )
    whole = keccak(b"\x19" + signable.version + signable.header + signable.body)
    assert int.from_bytes(whole) == world.hash(order)


# Relayed calls, and the stop


def relayed(world: TradingWorld, name: str, function: str, *arguments: object) -> bytes:
    """As the forwarder sends it for an account that has signed."""
    data = world.trading.abi.function(function).encode(arguments)
    sender = bytes.fromhex(world.address(name)[2:])
    return world.chain.send(FORWARDER, world.trading.address, data + sender)


def test_households_need_no_native_coin(world: TradingWorld) -> None:
    """The forwarder calls for them; nobody else can."""
    buyer = world.address("buyer")
    relayed(world, "buyer", CREATE, 400, 100, EVER, BUY)
    relayed(world, "buyer", CREATE_FOR, 400, 100, EVER, BUY, HOURLY, NEXT)
    assert [world.trading.getOrder(number)[0] for number in (1, 2)] == [buyer, buyer]
    with refused("EnergyTrading_NotOwner", 1, world.address("third")):
        relayed(world, "third", "cancelOrder", 1)
    relayed(world, "buyer", "cancelOrder", 1)
    relayed(world, "buyer", "cancelSigned", [4])
    relayed(world, "buyer", "cancelSignedBelow", 3)
    assert [world.trading.nonceState(buyer, nonce) for nonce in (2, 3, 4)] == [3, 0, 3]
    data = world.trading.abi.function("cancelOrder").encode([2])
    with refused("EnergyTrading_NotOwner", 2, KEEPER):
        world.chain.send(KEEPER, world.trading.address, data + bytes.fromhex(buyer[2:]))


def test_what_stays_open_while_stopped(world: TradingWorld) -> None:
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
