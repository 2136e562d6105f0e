"""collect: fees and grid revenue go to the treasury."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    holdings,
    liabilities,
    limit_outflow,
    lock,
    open_account,
    record,
    treasury,
)

BUYER, SELLER, RECIPIENT = actor("buyer"), actor("seller"), actor("recipient")
SLOT = MONDAY // 3600
MONEY = 2_000_000
FEES, REVENUE = 2_500, 30_000


def earn_fees(market: Market) -> None:
    """A delivery of 1 kWh for 250,000, of which 1 % is the protocol's."""
    market.do(market.roles[Role.GRID_AUTHORITY], market.settlement, "setFees", 100, 0)
    market.deposit(BUYER, MONEY)
    lock(market, BUYER, MONEY // 2)
    record(market, SELLER, SLOT, produced=1000)
    delivery = (
        open_account(market, SELLER),
        open_account(market, BUYER),
        *(SLOT, SLOT + 1, 1000, 0, 250_000),
    )
    market.do(market.trading.address, market.settlement, "deliver", delivery)


def earn_revenue(market: Market) -> None:
    """100 Wh of grid energy for 30,000."""
    market.deposit(SELLER, REVENUE)
    record(market, SELLER, SLOT + 1, consumed=100)
    market.go_to(market.closable_at(SLOT + 1))
    close(market, SELLER, SLOT + 1)


def collect(market: Market, to: str = RECIPIENT.address) -> Receipt:
    return market.do(market.roles[Role.TREASURY], market.settlement, "collect", to)


def test_collect__nobody_and_settlement__are_refused(market: Market) -> None:
    earn_fees(market)
    for address in ("0x" + "00" * 20, market.settlement.address):
        with refused(errors.Settlement_BadRecipient, to=address):
            collect(market, address)


def test_collect__nothing_owed__is_refused(market: Market) -> None:
    market.deposit(BUYER, MONEY)
    with refused(errors.Settlement_NothingToCollect):
        collect(market)


@pytest.mark.parametrize(
    ("with_fees", "with_revenue"), [(True, False), (False, True), (True, True)]
)
def test_collect__something_owed__is_paid_once(
    market: Market, with_fees: bool, with_revenue: bool
) -> None:
    if with_fees:
        earn_fees(market)
    if with_revenue:
        earn_revenue(market)
    fees, revenue = FEES * with_fees, REVENUE * with_revenue
    assert treasury(market) == (fees, revenue)
    accounts = (BUYER, SELLER)
    before = [(market.balance(account), market.locked(account)) for account in accounts]

    receipt = collect(market)
    (event,) = market.events(receipt, market.settlement, "TreasuryCollected")
    assert event.arguments == {"to": RECIPIENT.address, "fees": fees, "grid_revenue": revenue}
    assert market.dollar.call("balanceOf", RECIPIENT.address) == fees + revenue
    assert treasury(market) == (0, 0)
    after = [(market.balance(account), market.locked(account)) for account in accounts]
    assert after == before
    assert holdings(market) == liabilities(market)
    with refused(errors.Settlement_NothingToCollect):
        collect(market)


def test_collect__sent_in_from_outside__stays(market: Market) -> None:
    earn_fees(market)
    market.give_money(BUYER, 77)
    market.do(BUYER, market.dollar, "transfer", market.settlement.address, 77)
    collect(market)
    assert market.dollar.call("balanceOf", RECIPIENT.address) == FEES
    assert holdings(market) == liabilities(market) + 77


def test_collect__outflow_limit__is_not_for_the_treasury(market: Market) -> None:
    earn_fees(market)
    limit_outflow(market, 0)
    collect(market)
    limit_outflow(market, FEES)
    assert market.settlement.call("availableOutflow") == FEES
    assert market.dollar.call("balanceOf", RECIPIENT.address) == FEES


@pytest.mark.parametrize(
    ("holder", "function"),
    [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
    ids=["paused", "shut down"],
)
def test_collect__stopped__is_open(market: Market, holder: Role, function: str) -> None:
    earn_fees(market)
    market.do(market.roles[holder], market.settlement, function)
    collect(market)
    assert treasury(market) == (0, 0)
