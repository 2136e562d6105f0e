"""Rules 15 to 19: closing, credits, the grid account, debts. Days of four hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.market import Balance, Market, Tariff
from tests.support.toy_market import (
    DAY,
    GRACE,
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
LATER = NOW + DAY + GRACE
"""When today is final."""


@pytest.fixture
def market() -> Market:
    return new_market()


@pytest.fixture
def poor() -> Market:
    """A market whose grid account is empty, and where a credit is worth its feed-in of 8."""
    market = Market(RULES, replace(TARIFF, network_fee=0), 8)
    market.found("street")
    return market


# Rule 15: closing


def test_close__a_day__is_possible_when_its_last_slot_is_final(market: Market) -> None:
    account = household(market, "home")
    assert market.close(["home"], TODAY, LATER - 1) == 1
    assert account.day == TODAY
    assert market.close(["home"], TODAY, LATER) == 1
    assert market.close(["home"], TODAY, LATER) == 0
    assert market.close(["home"], TODAY + 9, LATER + 3 * DAY - 1) == 2


# Rules 16 and 17: credits and the balance of a slot


def test_close__a_keeper_of_credits__keeps_own_export_and_draws_it(market: Market) -> None:
    account = household(market, "home", keeps=True)
    meter(market, "home", 1000, -300, -900, 100)
    market.write_prices("home", 15_000, NOW + 3 * HOUR, NOW)
    close(market, "home")
    assert account.credits == 100
    drawn = [account.balances[FIRST + number].drawn for number in range(4)]
    assert drawn == [0, 300, 700, 0]
    # 300 at 45 - 5, 700 at 45 - 5, 200 at 45.
    assert account.worth == RICH - 300 * 40 - 700 * 40 - 200 * 45


def test_close__bought_energy__is_fed_in_and_never_kept(market: Market) -> None:
    household(market, "seller")
    account = household(market, "buyer", keeps=True)
    market.trade("buyer", "seller", range(FIRST, FIRST + 2), 1000, 20, NOW - 1)
    meter(market, "buyer", 300, -300)
    close(market, "buyer")
    assert account.balances[FIRST] == Balance(
        net=300, position=1000, kept=300, fed_in=1000, money=8000
    )
    assert account.balances[FIRST + 1] == Balance(net=-300, position=1000, fed_in=700, money=5600)


def test_close__sold_energy__is_never_covered_by_credits(market: Market) -> None:
    household(market, "buyer")
    account = household(market, "seller", keeps=True)
    market.trade("buyer", "seller", range(FIRST + 1, FIRST + 2), 1000, 20, NOW - 1)
    meter(market, "seller", 2000, -300)
    close(market, "seller")
    assert account.balances[FIRST + 1] == Balance(
        net=-300, position=-1000, drawn=300, from_grid=1000, money=-300 * 25 - 1000 * 30
    )


def test_close__a_giver_that_bought__keeps_what_it_exported_and_did_not_give(
    market: Market,
) -> None:
    household(market, "seller")
    account = household(market, "giver", member=True, keeps=True)
    household(market, "taker", member=True)
    market.trade("giver", "seller", range(FIRST, FIRST + 1), 300, 20, NOW - 1)
    meter(market, "giver", 500)
    meter(market, "taker", -200)
    close(market, "giver", "taker")
    assert account.balances[FIRST] == Balance(
        net=500, position=300, given=200, kept=300, fed_in=300, money=200 * 18 + 300 * 8
    )


def test_close__a_full_credit_field__feeds_the_rest_in() -> None:
    market = new_market(replace(RULES, max_credits=700))
    account = household(market, "home", keeps=True)
    assert settle(market, "home", 1000) == 300 * 8
    assert account.credits == 700


def test_set_keeps__begins_tomorrow(market: Market) -> None:
    account = household(market, "home")
    market.set_keeps("home", True, NOW)
    meter(market, "home", 1000, 0, 0, 0)
    meter(market, "home", 1000, 0, 0, 0, day=TODAY + 1)
    close(market, "home", day=TODAY)
    assert account.credits == 0
    close(market, "home", day=TODAY + 1)
    assert account.credits == 1000


def test_balance__its_difference__is_what_comes_in_less_what_goes_out() -> None:
    assert Balance(net=5, position=-2, given=1, kept=1, fed_in=1).difference == 0
    assert Balance(net=-5, position=1, taken=1, drawn=1, from_grid=2).difference == 0
    assert Balance(net=5).difference == 5


# Rules 16 and 18: credits as tokens and as money


@pytest.fixture
def holder(market: Market) -> Market:
    """With an account that holds 1000 Wh of credit, tomorrow at LATER."""
    household(market, "holder", keeps=True)
    meter(market, "holder", 1000, 0, 0, 0)
    close(market, "holder")
    return market


def test_credits__to_tokens_and_back__by_anybody(holder: Market) -> None:
    with refused("CreditsMissing", 1001, 1000):
        holder.withdraw_credits("holder", 1001, NOW + DAY)
    holder.withdraw_credits("holder", 1000, NOW + DAY)
    holder.check()
    other = holder.open("other", NOW + DAY)
    with refused("TokensMissing", 1001, 1000):
        holder.deposit_credits("other", "holder", 1001, NOW + DAY)
    holder.deposit_credits("other", "holder", 1000, NOW + DAY)
    assert (other.credits, holder.accounts["holder"].credits) == (1000, 0)
    holder.check()


def test_deposit_credits__beyond_the_field__is_refused() -> None:
    market = new_market(replace(RULES, max_credits=700))
    household(market, "home", keeps=True)
    settle(market, "home", 700)
    market.tokens["home"] = 1
    with refused("CreditFieldFull", 1, 0):
        market.deposit_credits("home", "home", 1, NOW + DAY)


def test_redeem__a_credit__is_worth_its_value_without_a_meter(holder: Market) -> None:
    account = holder.accounts["holder"]
    with refused("CreditsMissing", 1001, 1000):
        holder.redeem("holder", 1001, NOW + DAY)
    holder.redeem("holder", 400, NOW + DAY)
    assert (account.credits, account.free) == (600, RICH + 400 * 5)
    holder.check()


def test_redeem__more_than_the_grid_account_has__is_refused_and_loses_nothing(
    poor: Market,
) -> None:
    account = household(poor, "home", keeps=True)
    settle(poor, "home", 1000)
    poor.fund_grid(799)
    with refused("GridAccountShort", 800, 799):
        poor.redeem("home", 100, NOW + DAY)
    assert account.credits == 1000
    poor.fund_grid(1)
    poor.redeem("home", 100, NOW + DAY)
    assert (account.credits, poor.cash) == (900, 0)
    poor.check()


# Rule 18: the grid account


def test_close__an_empty_grid_account__owes_and_serves_in_order(poor: Market) -> None:
    for name, net in (("first", 1000), ("second", 500)):
        household(poor, name)
        meter(poor, name, net)
    close(poor, "first", "second")
    first, second = poor.accounts["first"], poor.accounts["second"]
    assert (first.receivable, second.receivable) == (8000, 4000)
    assert (first.free, second.free) == (RICH, RICH)
    poor.fund_grid(9000)
    poor.check()
    assert (first.receivable, second.receivable) == (0, 3000)
    household(poor, "consumer")
    settle(poor, "consumer", -200)
    assert (second.receivable, poor.cash) == (0, 3000)


def test_close__a_second_receivable__is_behind_those_of_others(poor: Market) -> None:
    for name in ("first", "second"):
        household(poor, name)
        meter(poor, name, 1000, 0, 0, 0)
        close(poor, name)
    poor.fund_grid(5000)
    settle(poor, "first", 1000, 0, 0, 0, day=TODAY + 1)
    poor.fund_grid(5000)
    poor.check()
    receivables = [poor.accounts[name].receivable for name in ("first", "second")]
    assert receivables == [8000, 6000]


def test_close__own_receivables__are_set_off_against_own_debts(poor: Market) -> None:
    account = household(poor, "home", money=0)
    meter(poor, "home", 1000, 0, 0, 0)
    close(poor, "home")
    assert account.receivable == 8000
    settle(poor, "home", -200, 0, 0, 0, day=TODAY + 1)
    assert (account.receivable, account.debt) == (2000, 0)
    settle(poor, "home", -200, 0, 0, 0, day=TODAY + 2)
    assert (account.receivable, account.debt) == (0, 4000)
    settle(poor, "home", 1000, 0, 0, 0, day=TODAY + 3)
    assert (account.receivable, account.debt) == (4000, 0)
    poor.fund_grid(5000)
    poor.check()
    assert (account.free, poor.cash) == (4000, 1000)


def test_redeem__before_receivables__is_refused(poor: Market) -> None:
    household(poor, "keeper", keeps=True)
    household(poor, "giver")
    settle(poor, "keeper", 1000)
    settle(poor, "giver", 1000)
    with refused("GridAccountShort", 8, 0):
        poor.redeem("keeper", 1, NOW + DAY)


def test_close__a_giver_before_its_taker__is_paid_the_same(poor: Market) -> None:
    for name, net in (("giver", 1000), ("taker", -1000)):
        household(poor, name, member=True)
        meter(poor, name, net)
    close(poor, "giver", "taker")
    assert poor.accounts["giver"].free == RICH + 1000 * 19
    assert poor.cash == 0


def test_collect__leaves_credits_receivables_and_a_week_of_payments(holder: Market) -> None:
    household(holder, "giver")
    meter(holder, "giver", 0, 0, 0, 0)
    meter(holder, "giver", 500, 0, 0, 0, day=TODAY + 1)
    close(holder, "giver", day=TODAY + 1)
    now, cash = (TODAY + 8) * DAY, RICH - 500 * 8
    most = cash - 1000 * 5 - 500 * 8
    with refused("CollectAbove", most + 1, most):
        holder.collect(most + 1, now)
    with refused("CollectAbove", most + 4001, most + 4000):
        holder.collect(most + 4001, now + DAY)
    holder.collect(most + 4000, now + DAY)
    assert holder.cash == 5000
    holder.check()


def test_collect__with_receivables__leaves_them(poor: Market) -> None:
    household(poor, "giver")
    settle(poor, "giver", 500)
    with refused("CollectAbove", 0, -8000):
        poor.collect(0, NOW + DAY)


def test_collect__tokens__count_as_credits(holder: Market) -> None:
    holder.withdraw_credits("holder", 1000, NOW + DAY)
    with refused("CollectAbove", RICH, RICH - 5000):
        holder.collect(RICH, NOW + DAY)


# Rule 19: debts


def test_close__what_an_account_cannot_pay__is_debt_that_money_pays_first(market: Market) -> None:
    account = household(market, "home", money=20_000)
    settle(market, "home", -1000)
    assert (account.free, account.debt) == (0, 10_000)
    market.deposit("home", 4000)
    market.check()
    assert (account.free, account.debt, market.cash) == (0, 6000, RICH + 24_000)
    market.deposit("home", 7000)
    assert (account.free, account.debt) == (1000, 0)
    market.check()


def test_close__credits_pay_a_debt__in_whole_wh_at_their_value(market: Market) -> None:
    account = household(market, "home", money=0, keeps=True)
    meter(market, "home", 1000, 0, 0, 0)
    close(market, "home")
    settle(market, "home", -1100, 0, 0, 0, day=TODAY + 1)
    # 1000 Wh cover at 30 - 5, 100 Wh cost 30: no credit is left, and nothing pays.
    assert (account.credits, account.debt) == (0, 1000 * 25 + 100 * 30)
    settle(market, "home", 5000, 0, 0, 0, day=TODAY + 2)
    assert (account.credits, account.debt) == (0, 28_000 - 25_000)
    settle(market, "home", 601, 0, 0, 0, day=TODAY + 3)
    assert (account.credits, account.debt) == (1, 0)


def test_debt__less_than_a_credit__stays(market: Market) -> None:
    account = household(market, "home", money=0)
    market.tokens["friend"] = 2
    market.credits_paid = -2
    market.set_credit_value(4, TODAY + 5, NOW)
    settle(market, "home", 0, -1, 0, 0)
    market.deposit_credits("home", "friend", 2, NOW + DAY)
    assert (account.credits, account.debt) == (0, 20)
    market.deposit("home", 16)
    market.tokens["friend"], market.credits_paid = 1, -1
    market.deposit_credits("home", "friend", 1, NOW + DAY)
    assert (account.credits, account.debt) == (1, 4)
    for day in range(TODAY + 1, TODAY + 6):
        settle(market, "home", 0, 0, 0, 0, day=day)
    assert (account.credits, account.debt) == (0, 0)


def test_debt__blocks_buying_and_every_way_out(market: Market) -> None:
    household(market, "seller")
    household(market, "home", money=0)
    for name in ("seller", "home"):
        meter(market, name, 0, 0, 0, -1)
        close(market, name)
    now, slots = NOW + DAY, range(FIRST + 6, FIRST + 7)
    with refused("InDebt", "home", 30):
        market.trade("home", "seller", slots, 1, 20, now)
    reserve = 3500 * 90
    for blocked in (
        lambda: market.withdraw("home", 0, now),
        lambda: market.withdraw_credits("home", 0, now),
    ):
        with refused("InsufficientBalance", "home", 0, -30 - reserve):
            blocked()


def test_withdraw__keeps_what_open_days_may_cost(market: Market) -> None:
    """Two open days at 4 kWh and the dearest price."""
    account = household(market, "home")
    meter(market, "home", 0, 0, 0, 0)
    most = RICH - 2 * 4000 * 90
    with refused("InsufficientBalance", "home", most + 1, most):
        market.withdraw("home", most + 1, NOW + DAY)
    market.withdraw("home", most, NOW + DAY)
    with refused("InsufficientBalance", "home", 1, 0):
        market.withdraw("home", 1, NOW + DAY)
    close(market, "home")
    assert account.deemed == 3500
    market.withdraw("home", 4500 * 90, NOW + DAY)
    market.check()


def test_withdraw_credits__with_nothing_for_the_open_days__is_refused(holder: Market) -> None:
    """Or a household could move its credits away before its bill comes."""
    account = holder.accounts["holder"]
    holder.withdraw("holder", account.free - 3500 * 90, NOW + DAY)
    holder.withdraw_credits("holder", 1, NOW + DAY)
    meter(holder, "holder", 0, 0, 0, 0, day=TODAY + 1)
    with refused("InsufficientBalance", "holder", 0, -3500 * 90):
        holder.withdraw_credits("holder", 1, NOW + 2 * DAY)


def test_withdraw__without_a_meter__is_all(market: Market) -> None:
    market.open("trader", NOW)
    market.deposit("trader", 1000)
    with refused("InsufficientBalance", "trader", 1001, 1000):
        market.withdraw("trader", 1001, NOW)
    market.withdraw("trader", 1000, NOW)
    assert market.came_in == RICH
    market.check()


def test_tariff__of_a_day__decides_its_bill(market: Market) -> None:
    household(market, "home")
    market.set_tariff("home", Tariff(buy=40, feed_in=10), TODAY + 5, NOW)
    brought = [settle(market, "home", -1000, 1000, 0, 0, day=TODAY + n) for n in range(6)]
    assert brought == [-22_000] * 5 + [-30_000]
