"""GridManagement.addConsumerBalance."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.unit.contracts.grid.operations import as_authority, consumer_info

DOLLAR = 10**6
MILLION = 10**6 * DOLLAR
PAYER = actor("payer")


def fund(market: Market, amount: int) -> None:
    """The payer has this much, and Settlement may take all of it."""
    market.node.rpc("anvil_dealERC20", PAYER.address, market.dollar.address, hex(amount))
    settlement = market.settlement.address
    market.do(PAYER, market.dollar, "approve", settlement, amount)


def top_up(market: Market, consumer: LocalAccount, amount: int) -> Receipt:
    return market.do(PAYER, market.grid, "addConsumerBalance", consumer.address, amount)


def test_add_consumer_balance__not_registered__refused(
    market: Market, producer: LocalAccount
) -> None:
    fund(market, DOLLAR)

    # With a wrong amount, too: who it is for comes first.
    for amount in (DOLLAR, 0):
        with refused(errors.GridManagement_NotRegistered, participant=producer.address):
            top_up(market, producer, amount)


@pytest.mark.parametrize("amount", [0, 1, DOLLAR - 1, MILLION + 1, 2**256 - 1])
def test_add_consumer_balance__amount_out_of_range__refused(
    market: Market, consumer: LocalAccount, amount: int
) -> None:
    fund(market, 2 * MILLION)

    with refused(errors.GridManagement_BadTopUp, amount=amount, minimum=DOLLAR, maximum=MILLION):
        top_up(market, consumer, amount)


@pytest.mark.parametrize("amount", [DOLLAR, DOLLAR + 1, MILLION])
def test_add_consumer_balance__amount_in_range__becomes_balance(
    market: Market, consumer: LocalAccount, amount: int
) -> None:
    fund(market, 2 * MILLION)
    market.do(PAYER, market.dollar, "approve", market.settlement.address, 2 * MILLION)
    before = consumer_info(market, consumer).balance
    held = holdings(market)

    receipt = top_up(market, consumer, amount)

    deposited = market.events(receipt, market.settlement, "Deposited")
    assert [dict(event.arguments) for event in deposited] == [
        {"payer": PAYER.address, "account": consumer.address, "amount": amount}
    ]
    assert consumer_info(market, consumer).balance == before + amount
    assert market.balance(consumer) == before + amount
    assert market.balance(PAYER) == 0
    assert market.dollar.call("balanceOf", PAYER.address) == 2 * MILLION - amount
    assert holdings(market) == held + amount == liabilities(market)


def test_add_consumer_balance__by_the_consumer_itself__is_fine(
    market: Market, consumer: LocalAccount
) -> None:
    market.give_money(consumer, DOLLAR)
    before = market.balance(consumer)

    market.do(consumer, market.grid, "addConsumerBalance", consumer.address, DOLLAR)

    assert market.balance(consumer) == before + DOLLAR


def test_add_consumer_balance__of_a_deactivated_consumer__paid_in(
    market: Market, consumer: LocalAccount
) -> None:
    as_authority(market, "deactivateParticipant", consumer.address, False)
    fund(market, DOLLAR)
    before = market.balance(consumer)

    top_up(market, consumer, DOLLAR)

    assert market.balance(consumer) == before + DOLLAR


def test_add_consumer_balance__of_a_consumer_without_account__gets_one(market: Market) -> None:
    newcomer = actor("newcomer")
    market.do(newcomer, market.grid, "registerConsumer", 1)
    fund(market, DOLLAR)

    top_up(market, newcomer, DOLLAR)

    assert market.balance(newcomer) == DOLLAR
    assert market.settlement.call("numberOf", newcomer.address) != 0


def test_add_consumer_balance__allowance_too_small__refused(
    market: Market, consumer: LocalAccount
) -> None:
    fund(market, 2 * DOLLAR)
    market.do(PAYER, market.dollar, "approve", market.settlement.address, 2 * DOLLAR - 1)

    with refused(
        errors.ERC20InsufficientAllowance,
        spender=market.settlement.address,
        allowance=2 * DOLLAR - 1,
        needed=2 * DOLLAR,
    ):
        top_up(market, consumer, 2 * DOLLAR)


def test_add_consumer_balance__money_too_little__refused(
    market: Market, consumer: LocalAccount
) -> None:
    fund(market, 2 * DOLLAR)
    market.do(PAYER, market.dollar, "approve", market.settlement.address, 3 * DOLLAR)

    with refused(
        errors.ERC20InsufficientBalance,
        sender=PAYER.address,
        balance=2 * DOLLAR,
        needed=3 * DOLLAR,
    ):
        top_up(market, consumer, 3 * DOLLAR)


def test_add_consumer_balance__in_debt__debt_is_paid_first(market: Market) -> None:
    """1 kWh at the base price of 0.30 is owed."""
    debtor = actor("debtor")
    market.do(debtor, market.grid, "registerConsumer", 1)
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, debtor, consumed=1000)
    assert debt == 300_000
    fund(market, DOLLAR)

    top_up(market, debtor, DOLLAR)

    assert market.settlement.call("debtOf", debtor.address) == 0
    assert consumer_info(market, debtor).balance == DOLLAR - debt


def test_add_consumer_balance__stopped__refused(market: Market, consumer: LocalAccount) -> None:
    fund(market, DOLLAR)
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")

    with refused(errors.EmergencyStop_Stopped, level=1):
        top_up(market, consumer, DOLLAR)


def test_add_consumer_balance__token_of_three_decimals__whole_units_are_its_own(
    market: Market,
) -> None:
    """EnergyToken has three decimals and serves as some token here."""
    token, consumer = market.energy_token.address, actor("consumer")
    nobody = "0x" + "00" * 20
    settlement = market.deploy(
        "Settlement",
        *(market.access.address, token, (nobody,) * 5),
        *((3600, 3600, 3600, 3600, 0), 0),
    )
    modules = (nobody, nobody, nobody, nobody)
    grid = market.deploy(
        "GridManagement", market.access.address, settlement.address, nobody, modules, 1
    )
    market.do(consumer, grid, "registerConsumer", 1)

    for amount in (999, 10**9 + 1):
        with refused(errors.GridManagement_BadTopUp, amount=amount, minimum=1000, maximum=10**9):
            market.do(PAYER, grid, "addConsumerBalance", consumer.address, amount)
