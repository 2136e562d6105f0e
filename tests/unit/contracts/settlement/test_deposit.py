"""deposit: what arrives is credited to the caller."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    number_of,
    treasury,
)

LARGEST = 2**104 - 1
PROSUMER = actor("prosumer")


@pytest.mark.parametrize(
    ("holder", "function", "level"),
    [(Role.GUARDIAN, "pause", 1), (Role.ADMIN, "shutdown", 2)],
    ids=["paused", "shut down"],
)
def test_deposit__stopped__is_refused(
    market: Market, holder: Role, function: str, level: int
) -> None:
    market.give_money(PROSUMER, 1_000_000)
    market.do(market.roles[holder], market.settlement, function)
    with refused(errors.EmergencyStop_Stopped, level=level):
        market.do(PROSUMER, market.settlement, "deposit", 1_000_000)


def test_deposit__zero__is_refused(market: Market) -> None:
    with refused(errors.Settlement_ZeroAmount):
        market.do(PROSUMER, market.settlement, "deposit", 0)


def test_deposit__above_allowance__is_refused_by_the_token(market: Market) -> None:
    market.do(PROSUMER, market.dollar, "faucet", 1_000_000)
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, 999_999)
    values = {"spender": market.settlement.address, "allowance": 999_999, "needed": 1_000_000}
    with refused(errors.ERC20InsufficientAllowance, **values):
        market.do(PROSUMER, market.settlement, "deposit", 1_000_000)


def test_deposit__above_holdings__is_refused_by_the_token(market: Market) -> None:
    market.give_money(PROSUMER, 1_000_000)
    values = {"sender": PROSUMER.address, "balance": 1_000_000, "needed": 1_000_001}
    with refused(errors.ERC20InsufficientBalance, **values):
        market.do(PROSUMER, market.settlement, "deposit", 1_000_001)


def test_deposit__balance_of_104_bits__is_the_largest(market: Market) -> None:
    market.node.rpc("anvil_dealERC20", PROSUMER.address, market.dollar.address, hex(LARGEST + 1))
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, LARGEST + 1)
    market.do(PROSUMER, market.settlement, "deposit", LARGEST)
    assert market.balance(PROSUMER) == LARGEST
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=LARGEST + 1):
        market.do(PROSUMER, market.settlement, "deposit", 1)
    market.do(PROSUMER, market.settlement, "withdraw", 1, PROSUMER.address)
    assert market.balance(PROSUMER) == LARGEST - 1


def test_deposit__first__opens_the_account(market: Market) -> None:
    market.give_money(PROSUMER, 1_000_000)
    receipt = market.do(PROSUMER, market.settlement, "deposit", 400_000)

    (opened,) = market.events(receipt, market.settlement, "AccountOpened")
    assert opened.arguments == {"account": PROSUMER.address, "number": 1}
    (deposited,) = market.events(receipt, market.settlement, "Deposited")
    assert deposited.arguments == {
        "payer": PROSUMER.address,
        "account": PROSUMER.address,
        "amount": 400_000,
    }
    assert number_of(market, PROSUMER) == 1
    assert market.settlement.call("accountAt", 1) == PROSUMER.address
    assert market.balance(PROSUMER) == 400_000 == holdings(market) == liabilities(market)
    assert market.dollar.call("balanceOf", PROSUMER.address) == 600_000


def test_deposit__second__adds_to_the_same_account(market: Market) -> None:
    market.deposit(PROSUMER, 400_000)
    market.give_money(PROSUMER, 1)
    receipt = market.do(PROSUMER, market.settlement, "deposit", 1)
    assert market.events(receipt, market.settlement, "AccountOpened") == []
    assert market.settlement.call("accountCount") == 1
    assert market.balance(PROSUMER) == 400_001 == holdings(market)


def test_deposit__money_is_locked__the_lock_stays(market: Market) -> None:
    market.deposit(PROSUMER, 400_000)
    lock(market, PROSUMER, 400_000)
    market.deposit(PROSUMER, 7)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (7, 400_000)


@pytest.mark.parametrize("rest", [-1, 0, 1], ids=["less than it", "all of it", "more than it"])
def test_deposit__in_debt__pays_the_debt_first(market: Market, rest: int) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, PROSUMER)
    paid = min(debt, debt + rest)
    market.give_money(PROSUMER, debt + rest)
    receipt = market.do(PROSUMER, market.settlement, "deposit", debt + rest)

    (repaid,) = market.events(receipt, market.settlement, "DebtRepaid")
    assert repaid.arguments == {
        "account": PROSUMER.address,
        "amount": paid,
        "debt": debt - paid,
    }
    (deposited,) = market.events(receipt, market.settlement, "Deposited")
    assert deposited["amount"] == debt + rest
    assert market.settlement.call("debtOf", PROSUMER.address) == debt - paid
    assert market.balance(PROSUMER) == max(0, rest)
    assert treasury(market) == (0, paid)
    assert holdings(market) == liabilities(market) == debt + rest


def test_deposit__returns_what_arrived(market: Market) -> None:
    market.give_money(PROSUMER, 1_000_000)
    deposit = market.settlement.prepare("deposit", 1_000_000)
    assert market.settlement.simulate(deposit, PROSUMER.address) == 1_000_000


def test_deposit__plain_transfer_instead__credits_nobody(market: Market) -> None:
    market.deposit(PROSUMER, 1_000_000)
    market.give_money(PROSUMER, 3)
    market.do(PROSUMER, market.dollar, "transfer", market.settlement.address, 3)
    assert market.balance(PROSUMER) == 1_000_000 == liabilities(market)
    assert holdings(market) == 1_000_003
    market.deposit(PROSUMER, 2)
    assert market.balance(PROSUMER) == 1_000_002
