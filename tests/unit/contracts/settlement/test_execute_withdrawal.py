"""executeWithdrawal: pays what has waited long enough."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import error_data, refused
from tests.support.settlement import holdings, incur_debt, liabilities, limit_outflow, queue
from tests.support.stacks import deploy_stack

PROSUMER, HEIR, KEEPER = actor("prosumer"), actor("heir"), actor("keeper")
AMOUNT = 1_000_000
DELAY = 86_400


@pytest.fixture
def market(market: Market) -> Market:
    """The prosumer has one withdrawal waiting, for somebody else."""
    market.deposit(PROSUMER, AMOUNT)
    queue(market, PROSUMER, AMOUNT, HEIR)
    return market


def due_at(market: Market, identifier: int = 1) -> int:
    return int(market.settlement.call("queuedWithdrawal", identifier)[3])


@pytest.mark.parametrize("identifier", [0, 2, 2**256 - 1])
def test_execute_withdrawal__never_queued__is_refused(market: Market, identifier: int) -> None:
    with refused(errors.Settlement_NoSuchWithdrawal, id=identifier):
        market.do(KEEPER, market.settlement, "executeWithdrawal", identifier)


def test_execute_withdrawal__twice__is_refused(market: Market) -> None:
    market.go_to(due_at(market))
    market.do(KEEPER, market.settlement, "executeWithdrawal", 1)
    with refused(errors.Settlement_NoSuchWithdrawal, id=1):
        market.do(KEEPER, market.settlement, "executeWithdrawal", 1)
    assert market.dollar.call("balanceOf", HEIR.address) == AMOUNT


def test_execute_withdrawal__cancelled__is_refused(market: Market) -> None:
    market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    market.go_to(market.now + DELAY)
    with refused(errors.Settlement_NoSuchWithdrawal, id=1):
        market.do(KEEPER, market.settlement, "executeWithdrawal", 1)


def test_execute_withdrawal__one_second_early__is_refused(market: Market) -> None:
    due = due_at(market)
    with refused(errors.Settlement_WithdrawalNotDue, id=1, executable_at=due):
        market.at(due - 1).do(KEEPER, market.settlement, "executeWithdrawal", 1)


def test_execute_withdrawal__due__pays_the_recipient(market: Market) -> None:
    receipt = market.at(due_at(market)).do(KEEPER, market.settlement, "executeWithdrawal", 1)
    (withdrawn,) = market.events(receipt, market.settlement, "Withdrawn")
    assert withdrawn.arguments == {
        "account": PROSUMER.address,
        "to": HEIR.address,
        "amount": AMOUNT,
    }
    assert market.dollar.call("balanceOf", HEIR.address) == AMOUNT
    assert market.dollar.call("balanceOf", KEEPER.address) == 0
    assert market.balance(PROSUMER) == holdings(market) == liabilities(market) == 0


def test_execute_withdrawal__uses_nothing_of_the_limit(market: Market) -> None:
    market.go_to(due_at(market))
    assert market.settlement.call("outflowLimit") == 0
    market.do(KEEPER, market.settlement, "executeWithdrawal", 1)
    limit_outflow(market, AMOUNT)
    assert market.settlement.call("availableOutflow") == AMOUNT


def test_execute_withdrawal__account_in_debt__is_paid(market: Market) -> None:
    market.go_to(due_at(market))
    debt = incur_debt(market, PROSUMER)
    market.do(KEEPER, market.settlement, "executeWithdrawal", 1)
    assert market.dollar.call("balanceOf", HEIR.address) == AMOUNT
    assert market.settlement.call("debtOf", PROSUMER.address) == debt


def test_execute_withdrawal__recipient_refused_by_the_token__still_waits(
    market: Market,
) -> None:
    stack = deploy_stack(market, market.deploy("BlacklistToken"))
    stack.deposit(PROSUMER, AMOUNT)
    queue(stack, PROSUMER, AMOUNT, HEIR)
    stack.do(KEEPER, stack.dollar, "setListed", HEIR.address, True)
    stack.go_to(due_at(stack))
    listed = error_data(stack.dollar, "BlacklistToken_Listed", HEIR.address)
    with refused(errors.UnknownRevert, data=listed):
        stack.do(KEEPER, stack.settlement, "executeWithdrawal", 1)
    assert liabilities(stack) == holdings(stack) == AMOUNT

    stack.do(KEEPER, stack.dollar, "setListed", HEIR.address, False)
    stack.do(KEEPER, stack.settlement, "executeWithdrawal", 1)
    assert stack.dollar.call("balanceOf", HEIR.address) == AMOUNT
