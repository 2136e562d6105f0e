"""Rules 12 to 14: energy sharing in communities. Days of four hours."""

from __future__ import annotations

import pytest

from tests.model.market import Market, shareable
from tests.support.toy_market import (
    DAY,
    RICH,
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


@pytest.fixture
def market() -> Market:
    return new_market()


@pytest.mark.parametrize(
    ("net", "position", "surplus", "deficit"),
    [
        (500, 0, 500, 0),
        (-500, 0, 0, 500),
        (500, -200, 300, 0),
        (500, 200, 500, 0),
        (500, -900, 0, 0),
        (-500, 200, 0, 300),
        (-500, -200, 0, 500),
        (-500, 900, 0, 0),
        (0, 900, 0, 0),
    ],
)
def test_shareable__metered_energy_that_trades_leave__and_no_more(
    net: int, position: int, surplus: int, deficit: int
) -> None:
    assert shareable(net, position) == (surplus, deficit)


def test_shared__more_demand_than_supply__is_in_proportion_and_rounded_down(market: Market) -> None:
    nets = {"giver": 1000, "small": -500, "large": -1501}
    for name in nets:
        household(market, name, member=True)
    brought = {name: settle(market, name, net) for name, net in nets.items() if net < 0}
    # They close before they see the giver: what is not read in time is not there.
    assert brought == {"small": -500 * 30, "large": -1501 * 30}


def test_shared__all_read_in_time__costs_takers_and_pays_givers_the_shared_price(
    market: Market,
) -> None:
    nets = {"giver": 1000, "small": -500, "large": -1501}
    for name, net in nets.items():
        household(market, name, member=True)
        meter(market, name, net)
    close(market, *nets)
    balances = {name: market.accounts[name].balances[FIRST] for name in nets}
    # 500 * 1000 // 2001, 1501 * 1000 // 2001: the Wh that is left is the grid account's.
    assert (balances["small"].taken, balances["large"].taken) == (249, 750)
    assert balances["giver"].given == 1000
    assert balances["giver"].money == 1000 * 18
    assert balances["small"].money == -249 * (18 + 2) - 251 * 30


def test_shared__more_supply_than_demand__feeds_the_rest_in(market: Market) -> None:
    for name, net in (("small", 500), ("large", 1501), ("taker", -1000)):
        household(market, name, member=True)
        meter(market, name, net)
    close(market, "small", "large", "taker")
    balances = [market.accounts[name].balances[FIRST] for name in ("small", "large", "taker")]
    assert [each.given for each in balances] == [249, 750, 0]
    assert [each.fed_in for each in balances] == [251, 751, 0]
    assert (balances[2].taken, balances[2].from_grid) == (1000, 0)


def test_shared__a_reading_after_finality__blocks_nobody(market: Market) -> None:
    for name in ("giver", "taker", "silent"):
        household(market, name, member=True)
    meter(market, "giver", 1000)
    meter(market, "taker", -1000)
    close(market, "taker", "giver", "silent")
    assert market.accounts["taker"].worth == RICH - 1000 * 20
    assert market.accounts["giver"].worth == RICH + 1000 * 18


def test_join__begins_tomorrow__in_one_community_of_the_region(market: Market) -> None:
    market.add_region("valley", TARIFF)
    market.found("farm", region="valley")
    account = market.open("home", NOW)
    with refused("OtherRegion", "home"):
        market.join("home", "farm", NOW)
    with refused("NoMeter", "home"):
        market.join("home", "street", NOW)
    market.attach("home", 8000, (0, 0), 0, NOW)
    market.deposit("home", 1)
    market.join("home", "street", NOW + DAY - 1)
    assert market.community_of(account, of_day(TODAY + 1) - 1) is None
    assert market.community_of(account, of_day(TODAY + 1)) is market.communities["street"]
    with refused("IsMember", "home"):
        market.join("home", "street", NOW)


def test_leave__a_community__is_beyond_the_horizon(market: Market) -> None:
    account = household(market, "home", member=True)
    market.leave("home", NOW)
    assert market.community_of(account, of_day(TODAY + 5) - 1) is not None
    assert market.community_of(account, of_day(TODAY + 5)) is None
    market.join("home", "street", NOW + 5 * DAY)
    assert market.community_of(account, of_day(TODAY + 6)) is not None


def test_suspend__a_member_that_owes__by_anybody(market: Market) -> None:
    account = household(market, "home", money=0, member=True)
    with refused("NoDebt", "home"):
        market.suspend("home", NOW)
    settle(market, "home", -1)
    market.suspend("home", NOW)
    assert market.community_of(account, of_day(TODAY + 5)) is None
    # Nor does it join again, so that nothing would have happened.
    with refused("InDebt", "home", 30):
        market.join("home", "street", NOW + 4 * DAY)
    market.deposit("home", 30)
    market.join("home", "street", NOW + 4 * DAY)
    assert market.community_of(account, of_day(TODAY + 5)) is not None


def test_join__a_meter_that_ends_tomorrow__is_refused(market: Market) -> None:
    household(market, "home")
    market.detach("home", NOW)
    with refused("NoMeter", "home"):
        market.join("home", "street", NOW)


def test_shared__a_member_that_owes__still_shares(market: Market) -> None:
    for name, money in (("giver", RICH), ("taker", 0)):
        household(market, name, money=money, member=True)
    for day in (TODAY, TODAY + 1):
        meter(market, "giver", 1000, 0, 0, 0, day=day)
        meter(market, "taker", -1000, 0, 0, 0, day=day)
        close(market, "giver", "taker", day=day)
    assert market.accounts["taker"].debt == 2 * 1000 * 20


@pytest.mark.parametrize("theta", [-1, 10_001])
def test_set_theta__out_of_bounds__is_refused(market: Market, theta: int) -> None:
    with refused("ThetaAbove", theta):
        market.set_theta("street", theta, TODAY + 5, NOW)


def test_set_theta__from_a_day_on__changes_the_shared_price(market: Market) -> None:
    for name, net in (("giver", 1000), ("taker", -1000)):
        household(market, name, member=True)
        for day in range(TODAY, TODAY + 6):
            meter(market, name, net, 0, 0, 0, day=day)
    market.set_theta("street", 0, TODAY + 5, NOW)
    for day in range(TODAY, TODAY + 6):
        close(market, "giver", "taker", day=day)
    balances = market.accounts["giver"].balances
    assert balances[of_day(TODAY + 4)].money == 1000 * 18
    assert balances[of_day(TODAY + 5)].money == 1000 * 8
