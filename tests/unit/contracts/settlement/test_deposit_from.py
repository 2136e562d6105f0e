"""depositFrom: the grid module takes a payer's money for a consumer."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import holdings, incur_debt, liabilities, number_of

PAYER, CONSUMER = actor("payer"), actor("consumer")
AMOUNT = 1_000_000


def deposit_from(market: Market, amount: int = AMOUNT) -> Receipt:
    return market.do(
        market.grid.address,
        *(market.settlement, "depositFrom", PAYER.address, CONSUMER.address, amount),
    )


def test_deposit_from__stopped__is_refused(market: Market) -> None:
    market.give_money(PAYER, AMOUNT)
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    with refused(errors.EmergencyStop_Stopped, level=1):
        deposit_from(market)


def test_deposit_from__not_allowed__is_refused_by_the_token(market: Market) -> None:
    market.do(PAYER, market.dollar, "faucet", AMOUNT)
    values = {"spender": market.settlement.address, "allowance": 0, "needed": AMOUNT}
    with refused(errors.ERC20InsufficientAllowance, **values):
        deposit_from(market)


def test_deposit_from__zero__is_refused(market: Market) -> None:
    with refused(errors.Settlement_ZeroAmount):
        deposit_from(market, 0)


def test_deposit_from__allowed__credits_the_consumer(market: Market) -> None:
    market.give_money(PAYER, AMOUNT)
    grid = market.grid.address
    arguments = ("depositFrom", PAYER.address, CONSUMER.address, AMOUNT)
    assert market.settlement.call(*arguments, sender=grid) == AMOUNT
    receipt = deposit_from(market)

    (opened,) = market.events(receipt, market.settlement, "AccountOpened")
    assert opened.arguments == {"account": CONSUMER.address, "number": 1}
    (deposited,) = market.events(receipt, market.settlement, "Deposited")
    assert deposited.arguments == {
        "payer": PAYER.address,
        "account": CONSUMER.address,
        "amount": AMOUNT,
    }
    assert market.balance(CONSUMER) == AMOUNT == holdings(market) == liabilities(market)
    assert number_of(market, PAYER) == 0
    assert market.dollar.call("balanceOf", PAYER.address) == 0


def test_deposit_from__in_debt__pays_the_debt_first(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, CONSUMER)
    market.give_money(PAYER, debt + 1)
    deposit_from(market, debt + 1)
    assert market.settlement.call("debtOf", CONSUMER.address) == 0
    assert market.balance(CONSUMER) == 1
