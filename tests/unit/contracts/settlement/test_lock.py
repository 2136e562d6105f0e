"""lock: money that an order needs is set aside."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    open_account,
)

PROSUMER = actor("prosumer")
NOBODY = "0x" + "00" * 20
AMOUNT = 1_000_000
LARGEST = 2**104 - 1


def block(market: Market, *, buying: bool) -> None:
    grid = market.grid.address
    market.do(grid, market.settlement, "setSideBlocked", PROSUMER.address, buying, True)


@pytest.mark.parametrize("buying", [True, False])
@pytest.mark.parametrize("amount", [0, 1, AMOUNT])
def test_lock__up_to_the_balance__is_set_aside(market: Market, amount: int, buying: bool) -> None:
    market.deposit(PROSUMER, AMOUNT)
    lock(market, PROSUMER, amount, buying=buying)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (AMOUNT - amount, amount)
    assert holdings(market) == liabilities(market) == AMOUNT


def test_lock__again__adds_up(market: Market) -> None:
    market.deposit(PROSUMER, AMOUNT)
    for amount in (1, 2, 3):
        lock(market, PROSUMER, amount)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (AMOUNT - 6, 6)


@pytest.mark.parametrize("buying", [True, False])
@pytest.mark.parametrize("amount", [AMOUNT + 1, 2**256 - 1])
def test_lock__above_the_balance__is_refused(market: Market, amount: int, buying: bool) -> None:
    market.deposit(PROSUMER, AMOUNT)
    values = {"account": PROSUMER.address, "available": AMOUNT, "needed": amount}
    with refused(errors.Settlement_InsufficientBalance, **values):
        lock(market, PROSUMER, amount, buying=buying)


@pytest.mark.parametrize("number", [0, 2, 2**32])
def test_lock__nobodys_number__is_refused(market: Market, number: int) -> None:
    open_account(market, PROSUMER)
    with refused(errors.Settlement_InsufficientBalance, account=NOBODY, available=0, needed=1):
        market.do(market.trading.address, market.settlement, "lock", number, 1, True)


def test_lock__104_bits__is_the_most(market: Market) -> None:
    market.node.rpc("anvil_dealERC20", PROSUMER.address, market.dollar.address, hex(LARGEST + 1))
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, LARGEST + 1)
    market.do(PROSUMER, market.settlement, "deposit", LARGEST)
    lock(market, PROSUMER, LARGEST)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (0, LARGEST)

    market.do(PROSUMER, market.settlement, "deposit", 1)
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=LARGEST + 1):
        lock(market, PROSUMER, 1)
    assert not market.settlement.call("isSideBlocked", PROSUMER.address, True)


@pytest.mark.parametrize("amount", [0, 1])
def test_lock__buying_in_debt__is_refused(market: Market, amount: int) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, PROSUMER)
    with refused(errors.Settlement_InDebt, account=PROSUMER.address, debt=debt):
        lock(market, PROSUMER, amount, buying=True)


def test_lock__selling_in_debt__needs_a_balance_only(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    incur_debt(market, PROSUMER)
    lock(market, PROSUMER, 0, buying=False)
    values = {"account": PROSUMER.address, "available": 0, "needed": 1}
    with refused(errors.Settlement_InsufficientBalance, **values):
        lock(market, PROSUMER, 1, buying=False)


@pytest.mark.parametrize("buying", [True, False])
def test_lock__side_is_blocked__is_refused(market: Market, buying: bool) -> None:
    market.deposit(PROSUMER, AMOUNT)
    block(market, buying=buying)
    with refused(errors.Settlement_SideBlocked, account=PROSUMER.address, buying=buying):
        lock(market, PROSUMER, 1, buying=buying)
    lock(market, PROSUMER, 1, buying=not buying)
    assert market.locked(PROSUMER) == 1
    # Money that moves does not lift the block.
    with refused(errors.Settlement_SideBlocked, account=PROSUMER.address, buying=buying):
        lock(market, PROSUMER, 1, buying=buying)


def test_lock__blocked_and_in_debt__names_the_block(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    incur_debt(market, PROSUMER)
    block(market, buying=True)
    with refused(errors.Settlement_SideBlocked, account=PROSUMER.address, buying=True):
        lock(market, PROSUMER, 1, buying=True)
