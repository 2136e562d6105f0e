"""finish: what is left of both sides' locks when a transaction ends."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

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

BUYER, SELLER = actor("buyer"), actor("seller")
LOCKED = 1_000_000


@pytest.fixture
def market(market: Market) -> Market:
    """All that both have is locked."""
    for account in (BUYER, SELLER):
        market.deposit(account, LOCKED)
        lock(market, account, LOCKED)
    return market


def finish(
    market: Market,
    *,
    refund: int = 0,
    compensation: int = 0,
    collateral: int = 0,
    failed: bool = False,
) -> Receipt:
    ending = (
        number_of(market, SELLER),
        number_of(market, BUYER),
        *(refund, compensation, collateral, failed),
    )
    return market.do(market.trading.address, market.settlement, "finish", ending)


def money(market: Market, account: LocalAccount) -> tuple[int, int]:
    """Available and locked."""
    return market.balance(account), market.locked(account)


def reputation(market: Market) -> int:
    return int(market.grid.call("getProducerInfo", SELLER.address)[5])


def test_finish__all_delivered__frees_the_collateral(market: Market) -> None:
    market.do(SELLER, market.grid, "registerProducer", 1000, 0)
    finish(market, collateral=LOCKED)
    assert money(market, SELLER) == (LOCKED, 0)
    assert money(market, BUYER) == (0, LOCKED)
    assert reputation(market) == 100


def test_finish__failed_in_part__compensates_the_buyer(market: Market) -> None:
    finish(market, refund=70, compensation=20, collateral=10, failed=True)
    assert money(market, BUYER) == (90, LOCKED - 70)
    assert money(market, SELLER) == (10, LOCKED - 30)
    assert holdings(market) == liabilities(market) == 2 * LOCKED


def test_finish__failed__lowers_the_producers_reputation(market: Market) -> None:
    market.do(SELLER, market.grid, "registerProducer", 1000, 0)
    receipt = finish(market, failed=True)
    (event,) = market.events(receipt, market.grid, "ReputationSet")
    assert event.arguments == {"producer": SELLER.address, "reputation": 99}
    finish(market, failed=True)
    assert reputation(market) == 98


def test_finish__no_reputation_left__stays_at_zero(market: Market) -> None:
    market.do(SELLER, market.grid, "registerProducer", 1000, 0)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "updateProducerReputation", SELLER.address, 0)
    assert finish(market, collateral=1, failed=True).logs == []
    assert reputation(market) == 0
    assert money(market, SELLER) == (1, LOCKED - 1)


def test_finish__no_producer__loses_nothing_but_money(market: Market) -> None:
    assert finish(market, compensation=1, failed=True).logs == []
    assert money(market, BUYER) == (1, LOCKED)
    assert money(market, SELLER) == (0, LOCKED - 1)


def test_finish__buyer_in_debt__pays_the_debt_first(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, BUYER)
    finish(market, refund=debt - 5, compensation=8, failed=True)
    assert market.settlement.call("debtOf", BUYER.address) == 0
    assert money(market, BUYER) == (3, LOCKED - debt + 5)
    assert treasury(market) == (0, debt)
    assert holdings(market) == liabilities(market) == 2 * LOCKED


def test_finish__seller_in_debt__pays_the_debt_first(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, SELLER)
    finish(market, collateral=debt - 1)
    assert market.settlement.call("debtOf", SELLER.address) == 1
    assert money(market, SELLER) == (0, LOCKED - debt + 1)
    assert treasury(market) == (0, debt - 1)


def test_finish__more_than_the_buyers_lock__is_refused(market: Market) -> None:
    with refused(Panic, code=0x11):
        finish(market, refund=LOCKED + 1)


@pytest.mark.parametrize(("compensation", "collateral"), [(LOCKED + 1, 0), (1, LOCKED)])
def test_finish__more_than_the_sellers_lock__is_refused(
    market: Market, compensation: int, collateral: int
) -> None:
    with refused(Panic, code=0x11):
        finish(market, compensation=compensation, collateral=collateral)


def test_finish__shut_down__is_open(market: Market) -> None:
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    finish(market, refund=LOCKED, collateral=LOCKED)
    assert money(market, BUYER) == money(market, SELLER) == (LOCKED, 0)
