"""depositFor: somebody pays, somebody else is credited."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import holdings, incur_debt, liabilities, number_of

PAYER, PROSUMER = actor("payer"), actor("prosumer")
NOBODY = "0x" + "00" * 20


def test_deposit_for__stopped__is_refused(market: Market) -> None:
    market.give_money(PAYER, 1_000_000)
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    with refused(errors.EmergencyStop_Stopped, level=1):
        market.do(PAYER, market.settlement, "depositFor", PROSUMER.address, 1_000_000)


def test_deposit_for__nobody__is_refused(market: Market) -> None:
    market.give_money(PAYER, 1_000_000)
    with refused(errors.Settlement_BadRecipient, to=NOBODY):
        market.do(PAYER, market.settlement, "depositFor", NOBODY, 1_000_000)


def test_deposit_for__settlement_itself__is_refused(market: Market) -> None:
    market.give_money(PAYER, 1_000_000)
    settlement = market.settlement.address
    with refused(errors.Settlement_BadRecipient, to=settlement):
        market.do(PAYER, market.settlement, "depositFor", settlement, 1_000_000)


def test_deposit_for__zero__is_refused(market: Market) -> None:
    with refused(errors.Settlement_ZeroAmount):
        market.do(PAYER, market.settlement, "depositFor", PROSUMER.address, 0)


def test_deposit_for__somebody_new__opens_the_account(market: Market) -> None:
    market.give_money(PAYER, 1_000_000)
    receipt = market.do(PAYER, market.settlement, "depositFor", PROSUMER.address, 400_000)

    (opened,) = market.events(receipt, market.settlement, "AccountOpened")
    assert opened.arguments == {"account": PROSUMER.address, "number": 1}
    (deposited,) = market.events(receipt, market.settlement, "Deposited")
    assert deposited.arguments == {
        "payer": PAYER.address,
        "account": PROSUMER.address,
        "amount": 400_000,
    }
    assert market.balance(PROSUMER) == 400_000 == holdings(market) == liabilities(market)
    assert market.dollar.call("balanceOf", PAYER.address) == 600_000


def test_deposit_for__payer__needs_no_account_and_gets_none(market: Market) -> None:
    market.give_money(PAYER, 5)
    market.do(PAYER, market.settlement, "depositFor", PROSUMER.address, 5)
    assert number_of(market, PAYER) == 0
    assert market.balance(PAYER) == 0
    deposit = market.settlement.prepare("depositFor", PROSUMER.address, 3)
    market.give_money(PAYER, 3)
    assert market.settlement.simulate(deposit, PAYER.address) == 3


def test_deposit_for__in_debt__pays_the_debt_first(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, PROSUMER)
    market.give_money(PAYER, debt + 1)
    market.do(PAYER, market.settlement, "depositFor", PROSUMER.address, debt + 1)
    assert market.settlement.call("debtOf", PROSUMER.address) == 0
    assert market.balance(PROSUMER) == 1
    assert holdings(market) == liabilities(market)
