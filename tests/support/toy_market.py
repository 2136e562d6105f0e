"""A market in small numbers: days of four hours, a gap of three days, a horizon of five."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.model.market import Account, Market, Refused, Rules, Tariff, moved

__all__ = [
    "DAY",
    "GRACE",
    "HOUR",
    "RICH",
    "RULES",
    "SLOTS",
    "TARIFF",
    "TODAY",
    "close",
    "household",
    "meter",
    "new_market",
    "of_day",
    "refused",
    "settle",
]

HOUR, SLOTS, GRACE = 3600, 4, 900
DAY = SLOTS * HOUR
TODAY = 100
"""The first day with meters; they are attached the day before."""
RICH = 10**9
RULES = Rules(slot_seconds=HOUR, day_seconds=DAY, grace=GRACE, horizon=5 * DAY, gap=3 * DAY)
TARIFF = Tariff(buy=30, feed_in=8, network_fee=2, protocol_fee=1)
"""A shared kWh costs 18 and the network fee at theta 5000."""


def new_market(rules: Rules = RULES, tariff: Tariff = TARIFF, credit_value: int = 5) -> Market:
    """A market with one empty community, and a grid account that can pay."""
    market = Market(rules, tariff, credit_value)
    market.fund_grid(RICH)
    market.found("street")
    return market


def household(
    market: Market,
    name: str,
    *,
    money: int = RICH,
    member: bool = False,
    keeps: bool = False,
    rated: int = 8000,
    day: int = TODAY,
) -> Account:
    """An account whose meter speaks from a day on."""
    yesterday = (day - 1) * market.rules.day_seconds
    account = market.open(name, yesterday)
    market.deposit(name, money)
    market.attach(name, rated, (0, 0), 0, yesterday)
    if member:
        market.join(name, "street", yesterday)
    market.set_keeps(name, keeps, yesterday)
    return account


def of_day(day: int, number: int = 0) -> int:
    """A slot of a day."""
    return day * SLOTS + number


def meter(market: Market, name: str, *nets: int, day: int = TODAY) -> None:
    """Boundary readings in time: Wh by slot from the first of the day on."""
    account, slot = market.accounts[name], day * market.rules.day_slots
    length = market.rules.slot_seconds
    if account.read_to < slot:
        market.read(name, slot, account.registers, slot * length)
    for end, net in enumerate(nets, slot + 1):
        rise = (max(-net, 0), max(net, 0))
        registers = moved(account.registers, (0, 0), rise)
        market.read(name, end, registers, end * length)


def close(market: Market, *names: str, day: int = TODAY) -> None:
    """Close a day of accounts as soon as it is final."""
    now = (day + 1) * market.rules.day_seconds + market.rules.grace
    for name in names:
        market.close([name], day, now)
        market.check()


def settle(market: Market, name: str, *nets: int, day: int = TODAY) -> int:
    """Meter and close a day; gives what it brought the account."""
    before = market.accounts[name].worth
    meter(market, name, *nets, day=day)
    close(market, name, day=day)
    return market.accounts[name].worth - before


@contextmanager
def refused(name: str, *values: object) -> Iterator[None]:
    """What happens inside is refused by this name and with these values."""
    with pytest.raises(Refused) as caught:
        yield
    assert (caught.value.name, caught.value.values) == (name, values)
