"""buyFromGrid: energy of the running slot, paid at once."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    energy_of,
    holdings,
    liabilities,
    lock,
    record,
    treasury,
)

CONSUMER, STRANGER = actor("consumer"), actor("stranger")
SLOT = MONDAY // 3600
MONEY = 1_000_000
LARGEST = 2**56 - 1


@pytest.fixture
def market(market: Market) -> Market:
    """The consumer has money."""
    market.deposit(CONSUMER, MONEY)
    return market


def buy(market: Market, amount: int, cost: int, *, account: str = CONSUMER.address) -> Receipt:
    grid = market.grid.address
    return market.do(grid, market.settlement, "buyFromGrid", account, SLOT, amount, cost)


@pytest.mark.parametrize(
    ("holder", "function", "level"),
    [(Role.GUARDIAN, "pause", 1), (Role.ADMIN, "shutdown", 2)],
    ids=["paused", "shut down"],
)
def test_buy_from_grid__stopped__is_refused(
    market: Market, holder: Role, function: str, level: int
) -> None:
    market.do(market.roles[holder], market.settlement, function)
    with refused(errors.EmergencyStop_Stopped, level=level):
        buy(market, 1, 1)


def test_buy_from_grid__unknown_account__is_refused(market: Market) -> None:
    with refused(errors.Settlement_UnknownAccount, account=STRANGER.address):
        buy(market, 1, 0, account=STRANGER.address)


@pytest.mark.parametrize("locked", [0, MONEY])
def test_buy_from_grid__above_the_balance__is_refused(market: Market, locked: int) -> None:
    lock(market, CONSUMER, locked)
    left = MONEY - locked
    values = {"account": CONSUMER.address, "available": left, "needed": left + 1}
    with refused(errors.Settlement_InsufficientBalance, **values):
        buy(market, 1, left + 1)


@pytest.mark.parametrize("cost", [0, 1, MONEY])
def test_buy_from_grid__within_the_balance__is_paid(market: Market, cost: int) -> None:
    receipt = buy(market, 70, cost)
    (bought,) = market.events(receipt, market.settlement, "GridEnergyBought")
    assert bought.arguments == {
        "account": CONSUMER.address,
        "slot": SLOT,
        "amount": 70,
        "cost": cost,
    }
    assert energy_of(market, CONSUMER, SLOT) == SlotEnergy(bought=70)
    assert market.balance(CONSUMER) == MONEY - cost
    assert treasury(market) == (0, cost)
    assert holdings(market) == liabilities(market) == MONEY


def test_buy_from_grid__56_bits__is_the_most(market: Market) -> None:
    buy(market, 1, 1)
    buy(market, LARGEST - 1, 1)
    assert energy_of(market, CONSUMER, SLOT) == SlotEnergy(bought=LARGEST)
    with refused(errors.SafeCastOverflowedUintDowncast, bits=56, value=LARGEST + 1):
        buy(market, 1, 1)
    record(market, CONSUMER, SLOT, consumed=1)
    assert energy_of(market, CONSUMER, SLOT) == SlotEnergy(bought=LARGEST, consumed=1)


def test_buy_from_grid__at_the_close__counts_as_supply(market: Market) -> None:
    buy(market, 70, 1000)
    record(market, CONSUMER, SLOT, consumed=60)
    market.go_to(market.closable_at(SLOT))
    closed = close(market, CONSUMER, SLOT)
    assert (closed["minted"], closed["cost"]) == (10, 0)
    assert treasury(market) == (0, 1000)
