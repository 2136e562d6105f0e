"""cancelWithdrawal: a waiting withdrawal goes back to its owner's balance."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import holdings, incur_debt, liabilities, queue, treasury

PROSUMER, HEIR, STRANGER = actor("prosumer"), actor("heir"), actor("stranger")
AMOUNT = 1_000_000
DELAY = 86_400


@pytest.fixture
def market(market: Market) -> Market:
    """The prosumer has one withdrawal waiting, for somebody else."""
    market.deposit(PROSUMER, AMOUNT)
    assert queue(market, PROSUMER, AMOUNT, HEIR) == 1
    return market


@pytest.mark.parametrize("identifier", [0, 2, 2**256 - 1])
def test_cancel_withdrawal__never_queued__is_refused(market: Market, identifier: int) -> None:
    with refused(errors.Settlement_NoSuchWithdrawal, id=identifier):
        market.do(PROSUMER, market.settlement, "cancelWithdrawal", identifier)


def test_cancel_withdrawal__executed__is_refused(market: Market) -> None:
    market.go_to(market.now + DELAY)
    market.do(STRANGER, market.settlement, "executeWithdrawal", 1)
    with refused(errors.Settlement_NoSuchWithdrawal, id=1):
        market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    assert market.balance(PROSUMER) == 0


def test_cancel_withdrawal__cancelled__is_refused(market: Market) -> None:
    market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    with refused(errors.Settlement_NoSuchWithdrawal, id=1):
        market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    assert market.balance(PROSUMER) == AMOUNT


@pytest.mark.parametrize("caller", [STRANGER, HEIR], ids=["stranger", "recipient"])
def test_cancel_withdrawal__somebody_elses__is_refused(
    market: Market, caller: LocalAccount
) -> None:
    with refused(errors.Settlement_NotWithdrawalOwner, id=1, caller=caller.address):
        market.do(caller, market.settlement, "cancelWithdrawal", 1)


@pytest.mark.parametrize("wait", [0, 2 * DELAY], ids=["waiting", "due"])
def test_cancel_withdrawal__own__is_back_in_the_balance(market: Market, wait: int) -> None:
    market.go_to(market.now + wait + 1)
    receipt = market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    (cancelled,) = market.events(receipt, market.settlement, "WithdrawalCancelled")
    assert cancelled.arguments == {"id": 1, "account": PROSUMER.address, "amount": AMOUNT}
    assert market.balance(PROSUMER) == AMOUNT == holdings(market) == liabilities(market)
    with refused(errors.Settlement_NoSuchWithdrawal, id=1):
        market.settlement.call("queuedWithdrawal", 1)


def test_cancel_withdrawal__in_debt__pays_the_debt_first(market: Market) -> None:
    market.go_to(MONDAY + DELAY)
    debt = incur_debt(market, PROSUMER)
    receipt = market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    (repaid,) = market.events(receipt, market.settlement, "DebtRepaid")
    assert repaid.arguments == {"account": PROSUMER.address, "amount": debt, "debt": 0}
    assert market.balance(PROSUMER) == AMOUNT - debt
    assert market.settlement.call("debtOf", PROSUMER.address) == 0
    assert treasury(market) == (0, debt)
    assert holdings(market) == liabilities(market)


def test_cancel_withdrawal__one_of_two__the_other_waits(market: Market) -> None:
    market.deposit(PROSUMER, 5)
    assert queue(market, PROSUMER, 5) == 2
    market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    assert market.settlement.call("queuedWithdrawal", 2)[2] == 5
    assert market.settlement.call("withdrawalCount") == 2
    assert market.balance(PROSUMER) == AMOUNT
