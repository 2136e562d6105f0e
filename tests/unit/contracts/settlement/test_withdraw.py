"""withdraw: paid at once within the outflow limit, queued above it."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    limit_outflow,
    lock,
)

PROSUMER, HEIR, NEIGHBOUR = actor("prosumer"), actor("heir"), actor("neighbour")
AMOUNT = 1_000_000
DELAY = 86_400


@pytest.fixture
def market(market: Market) -> Market:
    """The prosumer has something to withdraw."""
    market.deposit(PROSUMER, AMOUNT)
    return market


def test_withdraw__zero__is_refused(market: Market) -> None:
    with refused(errors.Settlement_ZeroAmount):
        market.do(PROSUMER, market.settlement, "withdraw", 0, PROSUMER.address)


def test_withdraw__above_the_balance__is_refused(market: Market) -> None:
    lock(market, PROSUMER, 1)
    values = {"account": PROSUMER.address, "available": AMOUNT - 1, "needed": AMOUNT}
    with refused(errors.Settlement_InsufficientBalance, **values):
        market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, PROSUMER.address)


def test_withdraw__to_nobody__is_refused(market: Market) -> None:
    nobody = "0x" + "00" * 20
    with refused(errors.Settlement_BadRecipient, to=nobody):
        market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, nobody)


def test_withdraw__to_settlement__is_refused(market: Market) -> None:
    settlement = market.settlement.address
    with refused(errors.Settlement_BadRecipient, to=settlement):
        market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, settlement)


def test_withdraw__unknown__is_refused(market: Market) -> None:
    with refused(errors.Settlement_UnknownAccount, account=NEIGHBOUR.address):
        market.do(NEIGHBOUR, market.settlement, "withdraw", 1, NEIGHBOUR.address)


def test_withdraw__in_debt__is_refused(market: Market) -> None:
    market.go_to(MONDAY + DELAY)
    debt = incur_debt(market, PROSUMER, consumed=1_000_000)
    with refused(errors.Settlement_InDebt, account=PROSUMER.address, debt=debt):
        market.do(PROSUMER, market.settlement, "withdraw", 1, PROSUMER.address)


def test_withdraw__whole_balance_to_somebody_else__is_paid(market: Market) -> None:
    receipt = market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, HEIR.address)
    (withdrawn,) = market.events(receipt, market.settlement, "Withdrawn")
    assert withdrawn.arguments == {
        "account": PROSUMER.address,
        "to": HEIR.address,
        "amount": AMOUNT,
    }
    assert market.events(receipt, market.settlement, "WithdrawalQueued") == []
    assert market.balance(PROSUMER) == holdings(market) == liabilities(market) == 0
    assert market.dollar.call("balanceOf", HEIR.address) == AMOUNT


def test_withdraw__part_while_the_rest_is_locked__leaves_the_lock(market: Market) -> None:
    lock(market, PROSUMER, 400_000)
    market.do(PROSUMER, market.settlement, "withdraw", 500_000, PROSUMER.address)
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (100_000, 400_000)
    assert market.dollar.call("balanceOf", PROSUMER.address) == 500_000


def test_withdraw__exactly_what_the_limit_leaves__is_paid_at_once(market: Market) -> None:
    limit_outflow(market, AMOUNT)
    withdrawal = market.settlement.prepare("withdraw", AMOUNT, PROSUMER.address)
    assert market.settlement.simulate(withdrawal, PROSUMER.address) == 0
    market.send(PROSUMER, withdrawal)
    assert market.dollar.call("balanceOf", PROSUMER.address) == AMOUNT
    assert market.settlement.call("availableOutflow") == 0
    assert market.settlement.call("withdrawalCount") == 0


def test_withdraw__one_unit_above_the_limit__is_queued(market: Market) -> None:
    limit_outflow(market, AMOUNT - 1)
    withdrawal = market.settlement.prepare("withdraw", AMOUNT, HEIR.address)
    assert market.settlement.simulate(withdrawal, PROSUMER.address) == 1
    receipt = market.send(PROSUMER, withdrawal)

    (queued,) = market.events(receipt, market.settlement, "WithdrawalQueued")
    assert queued.arguments == {
        "id": 1,
        "account": PROSUMER.address,
        "to": HEIR.address,
        "amount": AMOUNT,
        "executable_at": receipt.time + DELAY,
    }
    assert market.events(receipt, market.settlement, "Withdrawn") == []
    assert market.settlement.call("queuedWithdrawal", 1) == (
        *(PROSUMER.address, HEIR.address, AMOUNT, receipt.time + DELAY, False),
    )
    assert market.balance(PROSUMER) == 0
    assert market.dollar.call("balanceOf", HEIR.address) == 0
    assert holdings(market) == liabilities(market) == AMOUNT
    # A queued withdrawal takes nothing of the limit: others still get theirs at once.
    assert market.settlement.call("availableOutflow") == AMOUNT - 1


def test_withdraw__limit_of_zero__queues_everything(market: Market) -> None:
    limit_outflow(market, 0)
    for expected in (1, 2):
        market.do(PROSUMER, market.settlement, "withdraw", 1, PROSUMER.address)
        assert market.settlement.call("withdrawalCount") == expected
    assert market.balance(PROSUMER) == AMOUNT - 2
    assert holdings(market) == liabilities(market) == AMOUNT
