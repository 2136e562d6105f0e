"""repayDebt: money for what the grid delivered and the balance could not pay."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    last_closable,
    liabilities,
    lock,
    open_account,
    treasury,
)
from tests.support.stacks import deploy_stack

DEBTOR, STRANGER = actor("debtor"), actor("stranger")


@pytest.fixture
def debt(market: Market) -> int:
    """What the debtor owes; it has ten times as much in its wallet."""
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, DEBTOR)
    market.give_money(DEBTOR, 10 * debt)
    return debt


def debt_of_debtor(market: Market) -> int:
    return int(market.settlement.call("debtOf", DEBTOR.address))


@pytest.mark.usefixtures("debt")
def test_repay_debt__unknown__is_refused(market: Market) -> None:
    with refused(errors.Settlement_UnknownAccount, account=STRANGER.address):
        market.do(STRANGER, market.settlement, "repayDebt", 1)


def test_repay_debt__no_debt__is_refused(market: Market) -> None:
    open_account(market, STRANGER)
    with refused(errors.Settlement_NoDebt, account=STRANGER.address):
        market.do(STRANGER, market.settlement, "repayDebt", 1)


@pytest.mark.usefixtures("debt")
def test_repay_debt__zero__is_refused(market: Market) -> None:
    with refused(errors.Settlement_ZeroAmount):
        market.do(DEBTOR, market.settlement, "repayDebt", 0)


def test_repay_debt__not_allowed__is_refused_by_the_token(market: Market, debt: int) -> None:
    market.do(DEBTOR, market.dollar, "approve", market.settlement.address, debt - 1)
    values = {"spender": market.settlement.address, "allowance": debt - 1, "needed": debt}
    with refused(errors.ERC20InsufficientAllowance, **values):
        market.do(DEBTOR, market.settlement, "repayDebt", debt)


@pytest.mark.parametrize("rest", [1, 0, -1], ids=["part", "all", "more"])
def test_repay_debt__an_amount__pays_at_most_the_debt(market: Market, debt: int, rest: int) -> None:
    amount, paid = debt - rest, min(debt, debt - rest)
    prepared = market.settlement.prepare("repayDebt", amount)
    assert market.settlement.simulate(prepared, DEBTOR.address) == paid
    receipt = market.send(DEBTOR, prepared)

    (repaid,) = market.events(receipt, market.settlement, "DebtRepaid")
    assert repaid.arguments == {
        "account": DEBTOR.address,
        "amount": paid,
        "debt": debt - paid,
    }
    assert debt_of_debtor(market) == debt - paid
    assert market.balance(DEBTOR) == 0
    assert market.dollar.call("balanceOf", DEBTOR.address) == 10 * debt - paid
    assert treasury(market) == (0, paid)
    assert holdings(market) == liabilities(market) == paid


def test_repay_debt__in_parts__ends_with_the_last(market: Market, debt: int) -> None:
    for part in (1, 2, debt - 4):
        market.do(DEBTOR, market.settlement, "repayDebt", part)
    assert debt_of_debtor(market) == 1
    # All but one unit is paid, and it still is a debt.
    with refused(errors.Settlement_InDebt, account=DEBTOR.address, debt=1):
        market.do(DEBTOR, market.settlement, "withdraw", 1, DEBTOR.address)
    market.do(DEBTOR, market.settlement, "repayDebt", 1)
    with refused(errors.Settlement_NoDebt, account=DEBTOR.address):
        market.do(DEBTOR, market.settlement, "repayDebt", 1)


def test_repay_debt__debt_on_debt__is_repaid_together(market: Market, debt: int) -> None:
    market.go_to(market.now + market.slot_length)
    both = incur_debt(market, DEBTOR, consumed=500)
    assert both > debt
    market.do(DEBTOR, market.settlement, "repayDebt", both)
    assert debt_of_debtor(market) == 0
    assert treasury(market) == (0, both)


def test_repay_debt__repaid__withdraws_and_buys_again(market: Market, debt: int) -> None:
    market.do(DEBTOR, market.settlement, "repayDebt", debt)
    market.do(DEBTOR, market.settlement, "deposit", 2)
    market.do(DEBTOR, market.settlement, "withdraw", 1, DEBTOR.address)
    lock(market, DEBTOR, 1, buying=True)
    assert (market.balance(DEBTOR), market.locked(DEBTOR)) == (0, 1)


def test_repay_debt__fee_on_transfer__pays_what_arrives(market: Market) -> None:
    stack = deploy_stack(market, market.deploy("FeeToken", 1000))
    stack.go_to(MONDAY + 86_400)
    debt = incur_debt(stack, DEBTOR)
    stack.give_money(DEBTOR, 2 * debt)
    stack.do(DEBTOR, stack.settlement, "repayDebt", 2 * debt)
    arrived = debt - debt // 10
    assert debt_of_debtor(stack) == debt - arrived
    assert holdings(stack) == liabilities(stack) == arrived


@pytest.mark.parametrize(
    ("holder", "function"),
    [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
    ids=["paused", "shut down"],
)
def test_repay_debt__stopped__is_open(
    market: Market, debt: int, holder: Role, function: str
) -> None:
    market.do(market.roles[holder], market.settlement, function)
    market.do(DEBTOR, market.settlement, "repayDebt", debt)
    assert debt_of_debtor(market) == 0


@pytest.mark.usefixtures("debt")
def test_repay_debt__slot_closed_in_between__no_debt_is_lost(market: Market) -> None:
    """The token calls closeSlot while the repayment is on its way."""
    stack = deploy_stack(market, market.deploy("HookToken"))
    first = incur_debt(stack, DEBTOR)
    stack.give_money(DEBTOR, first)
    stack.go_to(stack.now + stack.slot_length)
    slot = last_closable(stack)
    number = stack.settlement.call("numberOf", DEBTOR.address)
    stack.do(stack.meters.address, stack.settlement, "recordMetered", number, slot, 0, 1000, False)
    hook = stack.settlement.prepare("closeSlot", DEBTOR.address, slot)
    stack.do(STRANGER, stack.dollar, "setHook", hook.to, hook.data)

    receipt = stack.do(DEBTOR, stack.settlement, "repayDebt", first)
    (closed,) = stack.events(receipt, stack.settlement, "SlotClosed")
    assert stack.dollar.call("successes") == 1
    assert stack.settlement.call("debtOf", DEBTOR.address) == closed["cost"] - closed["paid"]
    assert holdings(stack) == liabilities(stack)
