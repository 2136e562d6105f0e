"""Orders on the chain: placed, refused, matched by anybody, and over."""

from __future__ import annotations

from energy_grid.client import OrderType, Period, PeriodKind, errors
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import DAY, HOUR
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars

__all__ = ["tell_of_orders"]

_NEVER = 2**256 - 1


def tell_of_orders(stage: Stage) -> None:
    """Orders for an hour of tomorrow, of which two trades come about."""
    _orders(stage)
    _orders_that_cannot_be(stage)
    _matching(stage)
    _over(stage)


def _noon(stage: Stage) -> Period:
    """The hour from 12 of tomorrow."""
    return Period(kind=PeriodKind.HOURLY, start=stage.now // DAY * DAY + DAY + 12 * HOUR)


def _orders(stage: Stage) -> None:
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Orders")
    stage.says("An order is for a delivery period, with the same energy in each of its quarters.")
    stage.says("A buyer's locks what it costs at most; a seller's locks a cover, for what the")
    stage.says("energy could cost at most if it were missing: 90 cents less the price.")
    noon = _noon(stage)
    before = [settlement.balance_of(each.address) for each in (prosumer, consumer)]
    stage.does(
        "the prosumer offers 3 kWh of tomorrow's noon at 25 cents per kWh, or more",
        prosumer,
        stage.market.prepare_order(OrderType.SELL, energy=3000, price=25 * CENT, period=noon),
        "OrderCreated",
    )
    stage.does(
        "the consumer wants 2 kWh of it at 30 cents, or less",
        consumer,
        stage.market.prepare_order(OrderType.BUY, energy=2000, price=30 * CENT, period=noon),
        "OrderCreated",
    )
    after = [settlement.balance_of(each.address) for each in (prosumer, consumer)]
    locked = [one - two for one, two in zip(before, after, strict=True)]
    stage.check(locked == [195 * CENT, 60 * CENT], f"{locked} are locked")
    stage.shows("what the two have locked", [dollars(each) for each in locked])
    stage.does(
        "the neighbour wants 4.8 kWh of all of tomorrow at 28 cents, and waits until 10:00",
        neighbour,
        stage.market.prepare_order(
            OrderType.BUY,
            energy=4800,
            price=28 * CENT,
            period=Period(kind=PeriodKind.DAILY, start=stage.now // DAY * DAY + DAY),
            expiry=stage.now - stage.now % HOUR + HOUR,
        ),
    )
    stage.shows("orders so far", trading.order_count())
    stage.shows("the prosumer's order", trading.get_order(1))
    stage.shows("what is left of it, for which period", trading.get_order_terms(1))
    stage.shows("several at once", trading.get_orders(2, 10).orders)


def _orders_that_cannot_be(stage: Stage) -> None:
    trading, consumer = stage.market.trading, stage.person("the consumer")
    stranger, noon = stage.person("a stranger"), _noon(stage)
    stage.chapter("Orders that revert")
    hourly, buy = PeriodKind.HOURLY, OrderType.BUY
    running = stage.now - stage.now % HOUR
    for what, error, call in (
        (
            "1,001 Wh, which are not the same in four quarters",
            errors.EnergyTrading_InvalidAmount,
            trading.create_order(1001, CENT, _NEVER, buy, hourly, noon.start),
        ),
        (
            "a price that fits no word",
            errors.EnergyTrading_PriceTooHigh,
            trading.create_order(1000, 2**32, _NEVER, buy, hourly, noon.start),
        ),
        (
            "one for an hour that has begun",
            errors.EnergyTrading_GateClosed,
            trading.create_order(1000, CENT, _NEVER, buy, hourly, running),
        ),
        (
            "one for an hour from half past",
            errors.EnergyTrading_MisalignedPeriod,
            trading.create_order(1000, CENT, _NEVER, buy, hourly, noon.start + 1800),
        ),
        (
            "one for an hour in 20 days, whose price nobody knows yet",
            errors.EnergyTrading_BeyondHorizon,
            trading.create_order(1000, CENT, _NEVER, buy, hourly, noon.start + 20 * DAY),
        ),
        (
            "one that has expired",
            errors.EnergyTrading_ExpiryInPast,
            trading.create_order(1000, CENT, stage.now - 1, buy),
        ),
        (
            "one that the consumer cannot pay",
            errors.Settlement_InsufficientBalance,
            trading.create_order(1_000_000, 30 * CENT, _NEVER, buy),
        ),
    ):
        stage.refuses(what, error, consumer, call)
    stage.refuses(
        "one of a stranger without an account",
        errors.Settlement_UnknownAccount,
        stranger,
        trading.create_order(1000, CENT, _NEVER, buy),
        account=stranger.address,
    )
    stage.refuses(
        "the consumer cancels the neighbour's",
        errors.EnergyTrading_NotOwner,
        consumer,
        trading.cancel_order(3),
        caller=consumer.address,
    )
    stage.refuses(
        "one that is not there",
        errors.EnergyTrading_NoSuchOrder,
        consumer,
        trading.cancel_order(99),
    )


def _matching(stage: Stage) -> None:
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Anybody matches orders that cross")
    for what, person, wh, price in (
        ("the neighbour wants 1 kWh of noon at 20 cents", neighbour, 1000, 20),
        ("the prosumer wants 1 kWh at 30", prosumer, 1000, 30),
        ("the neighbour wants 2 kWh at 27", neighbour, 2000, 27),
    ):
        call = stage.market.prepare_order(
            OrderType.BUY, energy=wh, price=price * CENT, period=_noon(stage)
        )
        stage.does(what, person, call)
    for what, error, buy, sell in (
        ("two that buy", errors.EnergyTrading_WrongSide, 2, 6),
        ("two of other periods", errors.EnergyTrading_PeriodMismatch, 3, 1),
        ("two that do not cross", errors.EnergyTrading_NotCrossing, 4, 1),
        ("two of the prosumer's", errors.EnergyTrading_SelfTrade, 5, 1),
    ):
        stage.refuses(what, error, consumer, trading.match_orders(buy, sell))
    before = settlement.balance_of(consumer.address)
    matched = stage.does(
        "the consumer matches the prosumer's order: 2 kWh at 25 cents, the earlier order's price",
        consumer,
        trading.match_orders(2, 1),
    )
    match = only(matched, "OrdersMatched")
    stage.check((match["amount"], match["price"]) == (2000, 25 * CENT), f"matched: {match}")
    freed = settlement.balance_of(consumer.address) - before
    stage.check(freed == 10 * CENT, f"{freed} of the consumer's are free")
    stage.refuses(
        "two lists that do not fit",
        errors.EnergyTrading_LengthMismatch,
        neighbour,
        trading.prepare("matchMany", [4, 6], [1]),
        buys=2,
        sells=1,
    )
    happened = stage.does(
        "the neighbour matches both of its orders: one gets the last kWh, the other is skipped",
        neighbour,
        trading.match_many([4, 6], [1, 1]),
        "OrdersMatched",
    )
    reason = only(happened, "MatchSkipped")["reason"]
    stage.check(
        errors.error_classes()[reason] is errors.EnergyTrading_NotCrossing, f"skipped by {reason}"
    )
    stage.does(
        "the prosumer cancels its order", prosumer, trading.cancel_order(5), "OrderCancelled"
    )
    stage.refuses(
        "it does so again",
        errors.EnergyTrading_NotActive,
        prosumer,
        trading.cancel_order(5),
        order_id=5,
    )
    stage.shows("trades so far", trading.transaction_count())
    stage.shows("the consumer's", trading.get_transaction(1))
    stage.refuses_to_answer(
        "one that is not there",
        errors.EnergyTrading_NoSuchTransaction,
        lambda: trading.get_transaction(99),
    )


def _over(stage: Stage) -> None:
    trading, consumer, neighbour = (
        stage.market.trading,
        stage.person("the consumer"),
        stage.person("the neighbour"),
    )
    stage.chapter("10:00: orders without a match")
    stage.wait_until(stage.now - stage.now % HOUR + HOUR)
    stage.refuses(
        "matching the neighbour's of all day, which has expired",
        errors.EnergyTrading_Expired,
        neighbour,
        trading.match_orders(3, 1),
        order_id=3,
    )
    before = stage.market.settlement.balance_of(neighbour.address)
    stage.does(
        "anybody can end it, and its owner's money is free",
        consumer,
        trading.cancel_order(3),
        "OrderCancelled",
    )
    freed = stage.market.settlement.balance_of(neighbour.address) - before
    stage.check(freed == 4800 * 28 * CENT // 1000, f"{freed} are free")
    stage.shows("what is free", dollars(freed))
