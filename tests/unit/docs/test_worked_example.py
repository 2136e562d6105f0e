"""The day in docs/concepts/example.md, lived in the model: its figures are those on the page."""

from __future__ import annotations

import re

import pytest

from scripts._docs.pages import DOCS
from tests.model.market import DAY, Balance, Market, Rules, Tariff

PAGE = (DOCS / "concepts/example.md").read_text()
COIN = 10**9
"""Thousandths of a base unit of a token with 6 decimals."""
TODAY = 20_000
NAMES = ("house", "flat", "shop")
TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=20_000)
SLOT = 900
NOON, ONE, THREE, SEVEN = (TODAY * 96 + 4 * hour for hour in (12, 13, 15, 19))
NETS = {
    NOON: (2000, -1500, -1000),
    ONE: (500, -200, -300),
    THREE: (1500, -500, -250),
    SEVEN: (-900, -600, -600),
}
DEAR = 15_000


@pytest.fixture(scope="module")
def market() -> Market:
    """The day is over and closed."""
    rules = Rules(slot_seconds=SLOT, grace=3600)
    market = Market(rules, TARIFF, credit_value=80_000)
    eve = (TODAY - 1) * DAY
    market.fund_grid(10 * COIN)
    market.found("street")
    for name in NAMES:
        market.open(name, eve)
        market.deposit(name, 60 * COIN)
        market.attach(name, 10_000, (0, 0), 10 * COIN, eve)
        market.join(name, "street", eve)
    market.set_keeps("house", True, eve)
    for name in NAMES:
        market.read(name, TODAY * 96, (0, 0), TODAY * DAY)
    market.trade("shop", "house", range(ONE, ONE + 1), 400, 200_000, TODAY * DAY)
    assert market.accounts["house"].locked[ONE] == coins("0.288")
    assert market.accounts["house"].income[ONE] == coins("0.072")
    _live(market)
    market.close(NAMES, TODAY, (TODAY + 1) * DAY + rules.grace)
    market.check()
    return market


def _live(market: Market) -> None:
    shown = dict.fromkeys(NAMES, (0, 0))
    for slot in market.rules.slots(TODAY):
        now = (slot + 1) * SLOT
        if slot == SEVEN - 4:
            market.write_prices("home", DEAR, (SEVEN + 1) * SLOT, now)
        for name, net in zip(NAMES, NETS.get(slot, (0, 0, 0)), strict=True):
            imported, exported = shown[name]
            shown[name] = imported + max(-net, 0), exported + max(net, 0)
            market.read(name, slot + 1, shown[name], now)


def coins(text: str) -> int:
    """Exact money."""
    whole, _, digits = text.replace("\u2212", "-").partition(".")
    return int(whole + digits.ljust(9, "0"))


def rows(heading: str) -> list[list[str]]:
    """The table below a heading, without its head."""
    section = re.split(r"\n#+ ", PAGE.partition(f"## {heading}\n")[2])[0]
    lines = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
    return [line.split(" | ") for line in lines[1:]]


def flows(balance: Balance) -> list[int]:
    """Rule 17: what comes in, then what goes out."""
    return [
        *(balance.net, balance.position, balance.taken, balance.drawn, balance.from_grid),
        *(balance.given, balance.kept, balance.fed_in),
    ]


@pytest.mark.parametrize(
    ("heading", "slot"),
    [
        ("12:00: sharing", NOON),
        ("13:00: a trade", ONE),
        ("15:00: energy credits", THREE),
        ("19:00: a dear quarter of an hour", SEVEN),
    ],
)
def test_example__slot__is_balanced_and_paid_as_the_model_says(
    market: Market, heading: str, slot: int
) -> None:
    table = rows(heading)
    assert [row[0] for row in table] == list(NAMES)
    for name, *energy, money in table:
        balance = market.accounts[name].balances[slot]
        assert [int(wh.replace(",", "")) for wh in energy] == flows(balance), name
        assert coins(money) == balance.money, name


def test_example__prices__are_those_of_the_tariff(market: Market) -> None:
    shared = TARIFF.shared(5000)
    house = market.accounts["house"]
    assert [coins(row[1]) for row in rows("The prices")] == [
        1000 * each
        for each in (
            *(TARIFF.buy, TARIFF.feed_in, TARIFF.network_fee),
            *(shared, shared + TARIFF.network_fee, market.deficit_price(house, SEVEN)),
        )
    ]


def test_example__bills__are_what_the_day_cost(market: Market) -> None:
    *households, last = rows("The bills")
    assert [row[0] for row in households] == list(NAMES)
    trades = {"house": market.accounts["house"].worth, "flat": 0, "shop": 0}
    sums = [0] * 5
    for index, (name, *figures) in enumerate(households):
        account = market.accounts[name]
        closed = sum(balance.money for balance in account.balances.values())
        whole = account.worth - 60 * COIN
        trades[name] = whole - closed
        alone = sum(
            min(nets[index], 0) * market.deficit_price(account, slot)
            + max(nets[index], 0) * TARIFF.feed_in
            for slot, nets in NETS.items()
        )
        found = [trades[name], closed, whole, alone, whole - alone]
        assert [coins(figure) for figure in figures] == found, name
        sums = [a + b for a, b in zip(sums, found, strict=True)]
    assert [coins(figure) for figure in last[1:]] == sums
    # What the households have paid, the grid account has.
    assert market.cash - 10 * COIN == -sums[2]
    taken = sum(each.taken for name in NAMES for each in market.accounts[name].balances.values())
    fees = taken * TARIFF.network_fee, -sums[0]
    for figure in (-sums[2], *fees):
        assert f" {figure / COIN:.3f} " in PAGE
