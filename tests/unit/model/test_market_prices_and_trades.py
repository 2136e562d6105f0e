"""Rules 6 to 11: tariffs, prices of deficits, trades. Days of four hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.market import Market, Rules, Tariff
from tests.support.toy_market import (
    DAY,
    HOUR,
    RICH,
    RULES,
    TARIFF,
    TODAY,
    close,
    household,
    meter,
    new_market,
    of_day,
    refused,
    settle,
)

FIRST = of_day(TODAY)
NOW = TODAY * DAY
ONE = range(FIRST, FIRST + 1)
BEYOND = TODAY + 5
"""The first day that cannot be traded at the beginning of today."""


@pytest.fixture
def market() -> Market:
    return new_market()


@pytest.fixture
def pair(market: Market) -> Market:
    """With a buyer and a seller, whose meters have shown their first registers."""
    for name in ("buyer", "seller"):
        household(market, name)
    return market


# Rule 6: tariffs


@pytest.mark.parametrize(
    ("change", "name", "values"),
    [
        ({"feed_in": 29}, "FeedInAbove", (29, 28)),
        ({"feed_in": 4}, "FeedInBelowCredit", (4, 5)),
        ({"buy": 2**32, "feed_in": 8}, "BuyAbove", (2**32, 2**32 - 1)),
        ({"network_fee": 7}, "FeeAbove", (7, 6)),
        ({"protocol_fee": 7}, "FeeAbove", (7, 6)),
        ({"max_factor": 9999}, "FactorBelowOne", (9999,)),
    ],
)
def test_set_tariff__out_of_bounds__is_refused(
    change: dict[str, int], name: str, values: tuple[int, ...]
) -> None:
    market = new_market(replace(RULES, max_fee=6))
    with refused(name, *values):
        market.set_tariff("home", replace(TARIFF, **change), BEYOND, NOW)
    with refused(name, *values):
        market.add_region("valley", replace(TARIFF, **change))


@pytest.mark.parametrize(
    "change", [{"feed_in": 28}, {"feed_in": 5}, {"network_fee": 6, "protocol_fee": 6}]
)
def test_set_tariff__at_the_bounds__holds_from_its_day_on(change: dict[str, int]) -> None:
    market = new_market(replace(RULES, max_fee=6))
    account, tariff = market.open("home", NOW), replace(TARIFF, **change)
    market.set_tariff("home", tariff, BEYOND, NOW)
    assert market.tariff(account, of_day(BEYOND) - 1) == TARIFF
    assert market.tariff(account, of_day(BEYOND)) == tariff


@pytest.mark.parametrize(("now", "first"), [(NOW, BEYOND), (NOW + 1, BEYOND + 1)])
def test_schedules__within_the_horizon__are_refused(market: Market, now: int, first: int) -> None:
    for schedule in (
        lambda day: market.set_tariff("home", TARIFF, day, now),
        lambda day: market.set_credit_value(4, day, now),
        lambda day: market.set_theta("street", 1, day, now),
    ):
        with refused("WithinHorizon", first - 1, first):
            schedule(first - 1)
        schedule(first)


def test_set_tariff__without_feed_in__needs_worthless_credits() -> None:
    market = new_market(credit_value=0)
    market.set_tariff("home", replace(TARIFF, feed_in=0), BEYOND, NOW)
    with refused("FeedInAbove", -1, 28):
        market.set_tariff("home", replace(TARIFF, feed_in=-1), BEYOND, NOW)


def test_set_credit_value__higher_than_before__is_refused(market: Market) -> None:
    market.set_credit_value(4, BEYOND, NOW)
    with refused("CreditValueRises", 5):
        market.set_credit_value(5, BEYOND + 1, NOW)
    market.set_tariff("home", replace(TARIFF, feed_in=4), BEYOND, NOW)
    with refused("FeedInBelowCredit", 4, 5):
        market.set_tariff("home", replace(TARIFF, feed_in=4), BEYOND - 1, NOW - DAY)


# Rule 7: prices of deficits


def test_write_prices__of_slots_to_come__never_changes_what_has_begun(market: Market) -> None:
    account = market.open("home", NOW)
    market.write_prices("home", 15_000, NOW + 2 * HOUR + 1, NOW)
    prices = [market.deficit_price(account, FIRST + number) for number in range(4)]
    assert prices == [30, 45, 45, 30]
    market.write_prices("home", 20_000, NOW + 3 * HOUR, NOW + HOUR - 1)
    prices = [market.deficit_price(account, FIRST + number) for number in range(4)]
    assert prices == [30, 60, 60, 30]


@pytest.mark.parametrize(("factor", "price"), [(9999, 30), (10_001, 31), (30_001, 90)])
def test_write_prices__any_factor__is_within_one_and_the_highest(
    market: Market, factor: int, price: int
) -> None:
    account = market.open("home", NOW)
    market.write_prices("home", factor, NOW + 2 * HOUR, NOW)
    assert market.deficit_price(account, FIRST + 1) == price


def test_prices__of_a_region__are_its_own(market: Market) -> None:
    market.add_region("valley", Tariff(buy=50, feed_in=5))
    market.write_prices("home", 20_000, NOW + 2 * HOUR, NOW)
    account = market.open("other", NOW, "valley")
    assert market.deficit_price(account, FIRST + 1) == 50


def test_shared__any_theta__is_between_feed_in_and_what_the_grid_leaves() -> None:
    assert [TARIFF.shared(theta) for theta in (0, 1, 5000, 10_000)] == [8, 9, 18, 28]


# Rules 8 to 10: trades


def test_trade__of_a_period__changes_positions_and_moves_money(pair: Market) -> None:
    """The seller gets 20 less 3 of fees a kWh, and covers 90 less 17."""
    pair.trade("buyer", "seller", range(FIRST, FIRST + 2), 1000, 20, NOW - 1)
    buyer, seller = pair.accounts["buyer"], pair.accounts["seller"]
    assert buyer.position == {FIRST: 1000, FIRST + 1: 1000}
    assert seller.position == {FIRST: -1000, FIRST + 1: -1000}
    assert buyer.free == RICH - 2 * 20_000
    assert seller.free == RICH - 2 * 73_000
    assert seller.income == {FIRST: 17_000, FIRST + 1: 17_000}
    assert (pair.cash, pair.protocol_fees) == (RICH + 2 * 2000, 2 * 1000)
    pair.check()


def test_trade__delivered__costs_no_grid_energy(pair: Market) -> None:
    pair.trade("buyer", "seller", ONE, 1000, 20, NOW - 1)
    assert settle(pair, "buyer", -1000) == 0
    assert settle(pair, "seller", 1000) == 0
    # Other slots close without readings.
    assert pair.accounts["buyer"].worth == RICH - 20_000
    assert pair.accounts["seller"].worth == RICH + 17_000


def test_trade__not_delivered__costs_each_what_its_meter_shows(pair: Market) -> None:
    pair.write_prices("home", 30_000, NOW + HOUR, NOW - 1)
    pair.trade("buyer", "seller", ONE, 1000, 20, NOW - 1)
    assert settle(pair, "buyer", 0) == 1000 * 8
    assert settle(pair, "seller", 0) == -1000 * 90
    assert pair.accounts["seller"].free == RICH + 17_000 - 90_000


def test_trade__a_seller_without_money_that_defaults__pays_from_its_cover(market: Market) -> None:
    household(market, "buyer")
    market.open("seller", NOW - DAY)
    market.deposit("seller", 73_000)
    market.write_prices("home", 30_000, NOW + HOUR, NOW - 1)
    market.trade("buyer", "seller", ONE, 1000, 20, NOW - 1)
    close(market, "seller")
    seller = market.accounts["seller"]
    assert (seller.free, seller.debt) == (0, 0)


def test_trade__below_the_fees__costs_the_seller_the_difference(pair: Market) -> None:
    pair.trade("buyer", "seller", ONE, 1000, 1, NOW - 1)
    assert pair.accounts["seller"].free == RICH - 92_000
    assert settle(pair, "seller", 1000) == 0
    assert pair.accounts["seller"].free == RICH - 2000


def test_trade__without_the_money__is_refused(market: Market) -> None:
    for name, money in (("buyer", 20_000), ("seller", 73_000)):
        market.open(name, NOW - DAY)
        market.deposit(name, money)
    with refused("InsufficientBalance", "buyer", 20_020, 20_000):
        market.trade("buyer", "seller", ONE, 1001, 20, NOW - 1)
    with refused("InsufficientBalance", "seller", 74_000, 73_000):
        market.trade("buyer", "seller", ONE, 1000, 19, NOW - 1)
    market.trade("buyer", "seller", ONE, 1000, 20, NOW - 1)
    assert market.accounts["buyer"].free == market.accounts["seller"].free == 0


def test_trade__at_the_gate__is_refused(pair: Market) -> None:
    with refused("GateClosed", FIRST):
        pair.trade("buyer", "seller", ONE, 1, 20, NOW)
    pair.trade("buyer", "seller", ONE, 1, 20, NOW - 1)


def test_trade__to_the_horizon__and_not_beyond(pair: Market) -> None:
    last = of_day(BEYOND) - 1
    with refused("BeyondHorizon", NOW + 5 * DAY, NOW + 5 * DAY - 1):
        pair.trade("buyer", "seller", range(last, last + 1), 1, 20, NOW - 1)
    for name in ("buyer", "seller"):
        meter(pair, name)
    pair.trade("buyer", "seller", range(last, last + 1), 1, 20, NOW)


def test_trade__with_oneself_or_of_nothing__is_refused(pair: Market) -> None:
    with refused("SelfTrade", "buyer"):
        pair.trade("buyer", "buyer", ONE, 1, 20, NOW - 1)
    with refused("NothingTraded", 0):
        pair.trade("buyer", "seller", ONE, 0, 20, NOW - 1)


def test_trade__over_a_change_of_tariff__covers_the_dearest_day(market: Market) -> None:
    for name in ("buyer", "seller"):
        market.open(name, NOW)
        market.deposit(name, RICH)
    market.set_tariff("home", replace(TARIFF, buy=40), BEYOND, NOW)
    week = range(of_day(BEYOND) - 2, of_day(BEYOND) + 2)
    market.trade("buyer", "seller", week, 100, 20, NOW + DAY)
    assert market.accounts["seller"].locked == dict.fromkeys(week, 100 * (120 - 17))


def test_trade__a_week_of_quarter_hours__is_one_match() -> None:
    market = new_market(Rules())
    now = 100 * 86_400
    for name in ("buyer", "seller"):
        market.open(name, now)
        market.deposit(name, RICH)
    week = range(101 * 96, 108 * 96)
    market.trade("buyer", "seller", week, 7, 20, now)
    assert market.accounts["buyer"].free == RICH - 672 * 7 * 20
    for day in range(100, 108):
        for name in ("buyer", "seller"):
            market.close([name], day, 110 * 86_400)
        market.check()
    assert market.accounts["buyer"].free == RICH - 672 * 7 * (20 - 8)
    assert market.accounts["seller"].free == RICH + 672 * 7 * (17 - 30)


# Source function kept: consumeEnergy


def test_consume__without_a_meter__is_what_the_slot_consumes(market: Market) -> None:
    account = market.open("visitor", NOW)
    market.deposit("visitor", 30_000)
    with refused("PriceAbove", 30, 29):
        market.consume("visitor", 1000, NOW, limit=29)
    with refused("InsufficientBalance", "visitor", 30_030, 30_000):
        market.consume("visitor", 1001, NOW)
    market.consume("visitor", 1000, NOW, limit=30)
    assert account.free == 0
    close(market, "visitor")
    assert (account.free, account.debt) == (0, 0)
    assert account.balances[FIRST].from_grid == 1000


def test_consume__with_a_meter__locks_and_pays_what_the_meter_shows(market: Market) -> None:
    account = household(market, "home")
    market.consume("home", 1000, NOW)
    assert account.free == RICH - 30_000
    assert settle(market, "home", -300) == -9000
    assert account.free == RICH - 9000
