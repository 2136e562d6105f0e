"""A stop leaves every exit open: a market in the middle of its trade is wound up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    holdings,
    liabilities,
    limit_outflow,
    queue,
    treasury,
)

BUYER, SELLER, DEBTOR, RECIPIENT = (
    actor("buyer"),
    actor("seller"),
    actor("debtor"),
    actor("recipient"),
)
MONEY = 1_000_000
START = MONDAY + 3600
WEEK = 7 * 86_400
STOPS = {
    "paused": [(Role.GUARDIAN, "pause")],
    "shut down": [(Role.ADMIN, "shutdown")],
    "paused, then shut down": [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What is under way: an open BUY, a transaction, a waiting withdrawal."""

    order: int
    transaction: int
    withdrawal: int


@pytest.fixture
def trade(market: Market) -> Trade:
    for account in (BUYER, SELLER):
        market.deposit(account, MONEY)
    market.do(market.roles[Role.GRID_AUTHORITY], market.settlement, "setFees", 100, 0)
    meters = {account: market.register_meter(account) for account in (BUYER, SELLER, DEBTOR)}
    transaction = market.match(
        market.buy(BUYER, 1000, 200_000, start=START),
        market.sell(SELLER, 1000, 200_000, start=START),
    )
    order = market.buy(BUYER, 1000, 100_000, start=START)
    withdrawal = queue(market, BUYER, 1000)
    market.go_to(START + 600)
    for account, produced, consumed in ((SELLER, 800, 0), (BUYER, 0, 900), (DEBTOR, 0, 1)):
        market.read_meter(
            meters[account], timestamp=START + 600, produced=produced, consumed=consumed
        )
    return Trade(order=order, transaction=transaction, withdrawal=withdrawal)


def stop(market: Market, how: str, contracts: tuple[str, ...]) -> None:
    for name in contracts:
        for role, function in STOPS[how]:
            market.do(market.roles[role], market.contracts[name], function)


def leave(market: Market, account: LocalAccount) -> None:
    """Withdraw the whole balance: first it is queued, then it changes its mind and is paid."""
    settlement, money = market.settlement, market.balance(account)
    market.do(account, settlement, "cancelWithdrawal", queue(market, account, money))
    limit_outflow(market, 2 * MONEY)
    market.do(account, settlement, "withdraw", money, account.address)


@pytest.mark.parametrize(
    "contracts",
    [("Settlement",), ("EnergyTrading",), ("Settlement", "EnergyTrading")],
    ids=["Settlement", "EnergyTrading", "both"],
)
@pytest.mark.parametrize("how", STOPS)
def test_exits__stopped__everybody_gets_everything(
    market: Market, trade: Trade, how: str, contracts: tuple[str, ...]
) -> None:
    stop(market, how, contracts)
    settlement, slot = market.settlement, market.slot(START)
    guardian = market.roles[Role.GUARDIAN]
    market.do(guardian, settlement, "lengthenWithdrawal", trade.withdrawal, WEEK)
    market.do(BUYER, market.trading, "cancelOrder", trade.order)
    market.settle(trade.transaction)
    market.go_to(market.closable_at(slot))
    # Nobody came for what was not delivered in time, so it ends now.
    market.settle(trade.transaction)
    close(market, SELLER, slot)
    market.do(BUYER, market.energy_token, "transfer", SELLER.address, 0)
    market.do(RECIPIENT, settlement, "closeSlots", BUYER.address, [slot - 1, slot])
    debt = close(market, DEBTOR, slot)["cost"]
    market.give_money(DEBTOR, debt)
    market.do(DEBTOR, settlement, "repayDebt", debt)

    assert market.locked(BUYER) == market.locked(SELLER) == 0
    for account in (BUYER, SELLER):
        leave(market, account)
    market.go_to(settlement.call("queuedWithdrawal", trade.withdrawal)[3])
    market.do(RECIPIENT, settlement, "executeWithdrawal", trade.withdrawal)
    fees, revenue = treasury(market)
    market.do(market.roles[Role.TREASURY], settlement, "collect", RECIPIENT.address)

    assert holdings(market) == liabilities(market) == 0
    # 800 Wh at 200,000 per kWh, 1 % of it fees; 200 Wh undelivered at 30,000; 100 Wh and 1 Wh
    # of the grid's at 300,000.
    assert (fees, revenue) == (1_600, 30_300)
    wallets = {
        name: market.dollar.call("balanceOf", account.address)
        for name, account in (("buyer", BUYER), ("seller", SELLER), ("recipient", RECIPIENT))
    }
    assert wallets == {
        "buyer": MONEY - 160_000 + 6_000 - 30_000,
        "seller": MONEY + 160_000 - 1_600 - 6_000,
        "recipient": 31_900,
    }


@pytest.mark.parametrize("how", STOPS)
def test_exits__settlement_is_stopped__nothing_comes_in(market: Market, how: str) -> None:
    market.do(BUYER, market.grid, "registerConsumer", 1)
    market.deposit(BUYER, MONEY)
    market.give_money(BUYER, MONEY)
    market.do(SELLER, market.grid, "registerProducer", 1, 0)
    market.do(SELLER, market.grid, "reportProduction", 1)
    stop(market, how, ("Settlement",))
    settlement = market.settlement
    level = settlement.call("stopLevel")
    for call in (
        settlement.prepare("deposit", MONEY),
        settlement.prepare("depositFor", SELLER.address, MONEY),
        settlement.prepare("depositWithPermit", MONEY, 0, 0, bytes(32), bytes(32)),
        market.grid.prepare("addConsumerBalance", BUYER.address, MONEY),
        market.grid.prepare("consumeEnergy", 1),
    ):
        with refused(errors.EmergencyStop_Stopped, level=level):
            market.send(BUYER, call)
