"""lengthenWithdrawal: the guardian postpones a large withdrawal, once."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import queue

PROSUMER, KEEPER = actor("prosumer"), actor("keeper")
AMOUNT = 1_000_000
WEEK = 7 * 86_400


@pytest.fixture
def due(market: Market) -> int:
    """When the prosumer's withdrawal is due."""
    market.deposit(PROSUMER, AMOUNT)
    queue(market, PROSUMER, AMOUNT)
    return int(market.settlement.call("queuedWithdrawal", 1)[3])


def lengthen(market: Market, seconds: int, identifier: int = 1) -> Receipt:
    guardian = market.roles[Role.GUARDIAN]
    return market.do(guardian, market.settlement, "lengthenWithdrawal", identifier, seconds)


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize("identifier", [0, 2])
def test_lengthen_withdrawal__never_queued__is_refused(market: Market, identifier: int) -> None:
    with refused(errors.Settlement_NoSuchWithdrawal, id=identifier):
        lengthen(market, 1, identifier)


@pytest.mark.usefixtures("due")
def test_lengthen_withdrawal__too_long__is_refused(market: Market) -> None:
    with refused(errors.Settlement_LengtheningTooLong, seconds=WEEK + 1, maximum=WEEK):
        lengthen(market, WEEK + 1)


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize("first", [0, 1])
def test_lengthen_withdrawal__twice__is_refused(market: Market, first: int) -> None:
    lengthen(market, first)
    with refused(errors.Settlement_AlreadyLengthened, id=1):
        lengthen(market, 1)


def test_lengthen_withdrawal__a_week__is_due_a_week_later(market: Market, due: int) -> None:
    receipt = lengthen(market, WEEK)
    (lengthened,) = market.events(receipt, market.settlement, "WithdrawalLengthened")
    assert lengthened.arguments == {"id": 1, "executable_at": due + WEEK}
    assert market.settlement.call("queuedWithdrawal", 1) == (
        *(PROSUMER.address, PROSUMER.address, AMOUNT, due + WEEK, True),
    )
    with refused(errors.Settlement_WithdrawalNotDue, id=1, executable_at=due + WEEK):
        market.at(due + WEEK - 1).do(KEEPER, market.settlement, "executeWithdrawal", 1)
    market.at(due + WEEK).do(KEEPER, market.settlement, "executeWithdrawal", 1)
    assert market.dollar.call("balanceOf", PROSUMER.address) == AMOUNT


@pytest.mark.usefixtures("due")
def test_lengthen_withdrawal__lengthened__can_be_cancelled(market: Market) -> None:
    lengthen(market, WEEK)
    market.do(PROSUMER, market.settlement, "cancelWithdrawal", 1)
    assert market.balance(PROSUMER) == AMOUNT


def test_lengthen_withdrawal__due_already__waits_again(market: Market, due: int) -> None:
    lengthen(market.at(due), 10)
    with refused(errors.Settlement_WithdrawalNotDue, id=1, executable_at=due + 10):
        market.at(due + 9).do(KEEPER, market.settlement, "executeWithdrawal", 1)
