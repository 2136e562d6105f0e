"""The day of the demo with energy sharing alone, as the design was judged by: hourly slots, all
households in one community, no trades, no credits, a tariff without network fee."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from energy_grid.demo.config import DEFAULT_SEED, DemoConfig
from energy_grid.demo.plan import DemoPlan
from energy_grid.demo.profiles import DayProfile
from tests.model.market import DAY, Account, Balance, Market, Rules, Tariff, cost, plus
from tests.support.toy_market import close, household, meter

BUY, FEED_IN, SHARED = 300_000, 80_000, 190_000
RICH = 10**15
# Thousandths of a unit, of which a tUSD has a million.
TUSD = 10**9


@dataclass(frozen=True)
class Day:
    """What the meters showed, and the accounts after it was closed."""

    profiles: tuple[DayProfile, ...]
    nets: dict[str, list[int]]
    accounts: dict[str, Account]

    def bill(self, name: str) -> int:
        return RICH - self.accounts[name].worth

    def alone(self, name: str) -> int:
        """With grid and feed-in only."""
        return sum(cost(-net, BUY, FEED_IN) for net in self.nets[name])

    def balances(self) -> list[Balance]:
        return [each for account in self.accounts.values() for each in account.balances.values()]


def demo_nets() -> tuple[int, dict[str, list[int]]]:
    """The day's number, and what every household's meter shows: Wh by slot, export positive."""
    plan = _plan()
    return plan.start // DAY, {
        profile.household.name: [produced - consumed for produced, consumed in profile]
        for profile in plan.days
    }


def _plan() -> DemoPlan:
    config = DemoConfig.of_words(
        day="2016-07-06", households="all", seed=str(DEFAULT_SEED), slot="3600", report=None
    )
    return DemoPlan.of(config)


@pytest.fixture(scope="module")
def day() -> Day:
    number, nets = demo_nets()
    market = Market(Rules(slot_seconds=3600), Tariff(buy=BUY, feed_in=FEED_IN), FEED_IN)
    market.found("street", 5000)
    market.fund_grid(RICH)
    for name, by_slot in nets.items():
        household(market, name, money=RICH, member=True, rated=100_000, day=number)
        meter(market, name, *by_slot, day=number)
    close(market, *nets, day=number)
    return Day(_plan().days, nets, market.accounts)


def test_day__energy_sharing_alone__is_worth_what_the_design_says(day: Day) -> None:
    """-34.69 tUSD against -7.00; whole Wh cost two cents, which the grid account has."""
    alone = sum(map(day.alone, day.nets))
    together = sum(map(day.bill, day.nets))
    slots = [*zip(*day.nets.values(), strict=True)]
    supply = [sum(map(plus, nets)) for nets in slots]
    demand = [sum(plus(-net) for net in nets) for nets in slots]
    exact = sum(cost(d - s, BUY, FEED_IN) for s, d in zip(supply, demand, strict=True))
    shared = sum(map(min, supply, demand))
    taken = sum(each.taken for each in day.balances())
    given = sum(each.given for each in day.balances())
    rounding = (shared - taken) * (BUY - SHARED) + (shared - given) * (SHARED - FEED_IN)

    assert len(day.nets) == 92
    assert round(alone / TUSD, 2) == -7.00
    assert round(exact / TUSD, 2) == -34.69
    assert together == exact + rounding
    assert (together, rounding) == (-34_670_280_000, 21_120_000)


def test_day__energy_sharing_alone__costs_nobody_more(day: Day) -> None:
    assert [name for name in day.nets if day.bill(name) > day.alone(name)] == []


def test_day__energy_sharing_alone__raises_self_sufficiency(day: Day) -> None:
    """From 16 to 66 % of what is consumed."""
    consumed = sum(sum(profile.consumed_wh) for profile in day.profiles)
    alone = sum(plus(-net) for nets in day.nets.values() for net in nets)
    together = sum(each.from_grid for each in day.balances())
    assert round(100 - 100 * alone / consumed) == 16
    assert round(100 - 100 * together / consumed) == 66
