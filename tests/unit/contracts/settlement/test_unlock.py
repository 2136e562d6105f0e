"""unlock: what an order no longer needs goes back."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts.errors import Panic
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    number_of,
    treasury,
)

PROSUMER = actor("prosumer")
LOCKED = 1_000_000


@pytest.fixture
def market(market: Market) -> Market:
    """All the prosumer has is locked."""
    market.deposit(PROSUMER, LOCKED)
    lock(market, PROSUMER, LOCKED)
    return market


def unlock(market: Market, amount: int) -> Receipt:
    number = number_of(market, PROSUMER)
    return market.do(market.trading.address, market.settlement, "unlock", number, amount)


@pytest.mark.parametrize("amount", [0, 1, LOCKED])
def test_unlock__up_to_the_lock__is_available(market: Market, amount: int) -> None:
    unlock(market, amount)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (amount, LOCKED - amount)
    assert holdings(market) == liabilities(market) == LOCKED


@pytest.mark.parametrize("amount", [LOCKED + 1, 2**104, 2**255])
def test_unlock__more_than_the_lock__is_refused(market: Market, amount: int) -> None:
    with refused(Panic, code=0x11):
        unlock(market, amount)


@pytest.mark.parametrize("rest", [-1, 0, 1], ids=["less than it", "all of it", "more than it"])
def test_unlock__in_debt__pays_the_debt_first(market: Market, rest: int) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, PROSUMER, consumed=1000)
    amount, paid = debt + rest, min(debt, debt + rest)
    receipt = unlock(market, amount)

    (repaid,) = market.events(receipt, market.settlement, "DebtRepaid")
    assert repaid.arguments == {
        "account": PROSUMER.address,
        "amount": paid,
        "debt": debt - paid,
    }
    assert market.settlement.call("debtOf", PROSUMER.address) == debt - paid
    assert market.balance(PROSUMER) == amount - paid
    assert market.locked(PROSUMER) == LOCKED - amount
    assert treasury(market) == (0, paid)
    assert holdings(market) == liabilities(market) == LOCKED


def test_unlock__blocked_and_shut_down__is_open(market: Market) -> None:
    for buying in (True, False):
        market.do(
            market.grid.address,
            *(market.settlement, "setSideBlocked", PROSUMER.address, buying, True),
        )
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    unlock(market, LOCKED)
    assert market.balance(PROSUMER) == LOCKED
