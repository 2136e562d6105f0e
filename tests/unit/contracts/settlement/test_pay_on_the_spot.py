"""payOnTheSpot: what the buyer pays for energy credits, the fees, and what reaches the seller."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from tests.model.costs import Fees, spot_payout
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    number_of,
    open_account,
    treasury,
)

BUYER, SELLER = actor("buyer"), actor("seller")
MONEY = 10**12
MOST = 2**64 - 1
NO_MONEY_TO_THE_SELLER = Fees(protocol_bps=100, grid_per_kwh=100_000)


def fund(market: Market, amount: int = MONEY) -> None:
    """The buyer has this much money."""
    address, token = BUYER.address, market.dollar.address
    market.node.rpc("anvil_dealERC20", address, token, hex(amount))
    market.do(BUYER, market.dollar, "approve", market.settlement.address, amount)
    market.do(BUYER, market.settlement, "deposit", amount)


def set_fees(market: Market, fees: Fees) -> None:
    authority = market.roles[Role.GRID_AUTHORITY]
    arguments = (fees.protocol_bps, fees.grid_per_kwh)
    market.do(authority, market.settlement, "setFees", *arguments)


def pay(market: Market, amount: int, price: int, *, seller: str = SELLER.address) -> Receipt:
    arguments = (BUYER.address, seller, amount, price)
    return market.do(market.spot.address, market.settlement, "payOnTheSpot", *arguments)


@pytest.mark.parametrize(
    ("fees", "price", "amount", "paid", "protocol", "grid"),
    [
        (Fees(), 250_000, 1500, 375_000, 0, 0),
        (Fees(protocol_bps=100), 250_000, 1500, 375_000, 3_750, 0),
        (Fees(grid_per_kwh=10_000), 250_000, 1500, 375_000, 0, 15_000),
        # 150,098.499 are rounded up, 375.2 and 15,011.5 down.
        (Fees(protocol_bps=25, grid_per_kwh=10_001), 99_999, 1501, 150_099, 375, 15_011),
        # The network charge takes what the share leaves, and no more.
        (NO_MONEY_TO_THE_SELLER, 100_000, 1000, 100_000, 1_000, 99_000),
        (NO_MONEY_TO_THE_SELLER, 101_010, 1000, 101_010, 1_010, 100_000),
        (NO_MONEY_TO_THE_SELLER, 101_011, 1000, 101_011, 1_010, 100_000),
        (NO_MONEY_TO_THE_SELLER, 101_012, 1000, 101_012, 1_010, 100_000),
        # Never nothing, and too little for a fee.
        (Fees(), 1, 1, 1, 0, 0),
        (NO_MONEY_TO_THE_SELLER, 1, 1, 1, 0, 1),
        (Fees(protocol_bps=100, grid_per_kwh=999), 1, 1, 1, 0, 0),
        (Fees(protocol_bps=100), 99, 1000, 99, 0, 0),
        (Fees(protocol_bps=100), 100, 1000, 100, 1, 0),
    ],
)
def test_pay_on_the_spot__a_price_and_fees__are_taken_apart(
    market: Market, fees: Fees, price: int, amount: int, paid: int, protocol: int, grid: int
) -> None:
    fund(market)
    set_fees(market, fees)
    receipt = pay(market, amount, price)

    (event,) = market.events(receipt, market.settlement, "SpotPaid")
    assert event.arguments == {
        "seller": SELLER.address,
        "buyer": BUYER.address,
        "paid": paid,
        "protocol_fee": protocol,
        "grid_fee": grid,
    }
    assert (market.balance(BUYER), market.locked(BUYER)) == (MONEY - paid, 0)
    assert (market.balance(SELLER), market.locked(SELLER)) == (paid - protocol - grid, 0)
    assert treasury(market) == (protocol + grid, 0)
    assert holdings(market) == liabilities(market) == MONEY


@on_chain
@given(
    st.lists(st.integers(1, 50) | st.integers(1, 10**6), min_size=1, max_size=6),
    st.integers(1, 3_000) | st.integers(1, 10**6),
    st.builds(Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 100_000)),
)
def test_pay_on_the_spot__random_purchases__equal_the_model(
    market: Market, amounts: list[int], price: int, fees: Fees
) -> None:
    with rewound(market):
        fund(market)
        set_fees(market, fees)
        parts = [spot_payout(amount, price, fees) for amount in amounts]
        for amount, expected in zip(amounts, parts, strict=True):
            (event,) = market.events(pay(market, amount, price), market.settlement, "SpotPaid")
            assert (event["paid"], event["protocol_fee"], event["grid_fee"]) == (
                expected.pay,
                expected.protocol_fee,
                expected.grid_fee,
            )
        assert market.balance(BUYER) == MONEY - sum(part.pay for part in parts)
        assert market.balance(SELLER) == sum(part.to_seller for part in parts)
        assert holdings(market) == liabilities(market) == MONEY


def test_pay_on_the_spot__answer__is_what_left_the_buyers_balance(market: Market) -> None:
    fund(market)
    set_fees(market, Fees(protocol_bps=100, grid_per_kwh=1000))
    arguments = (BUYER.address, SELLER.address, 1501, 99_999)
    spot = market.spot.address
    assert market.settlement.call("payOnTheSpot", *arguments, sender=spot) == 150_099


def test_pay_on_the_spot__seller_without_a_number__gets_one(market: Market) -> None:
    fund(market)
    receipt = pay(market, 1000, 5)
    (opened,) = market.events(receipt, market.settlement, "AccountOpened")
    assert opened.arguments == {"account": SELLER.address, "number": 2}
    assert number_of(market, SELLER) == 2
    assert market.settlement.call("accountAt", 2) == SELLER.address
    assert market.events(pay(market, 1000, 5), market.settlement, "AccountOpened") == []
    market.do(SELLER, market.settlement, "withdraw", 10, SELLER.address)
    assert market.dollar.call("balanceOf", SELLER.address) == 10


def test_pay_on_the_spot__seller_who_cannot_have_an_account__is_refused(market: Market) -> None:
    fund(market)
    for nobody in ("0x" + "00" * 20, market.settlement.address):
        with refused(errors.Settlement_BadRecipient, to=nobody):
            pay(market, 1, 1, seller=nobody)


def test_pay_on_the_spot__buyer_without_a_number__is_refused(market: Market) -> None:
    with refused(errors.Settlement_UnknownAccount, account=BUYER.address):
        pay(market, 1, 1)


def test_pay_on_the_spot__available_money__is_all_that_counts(market: Market) -> None:
    fund(market)
    lock(market, BUYER, 1)
    with refused(
        errors.Settlement_InsufficientBalance,
        account=BUYER.address,
        available=MONEY - 1,
        needed=MONEY,
    ):
        pay(market, 1000, MONEY)
    pay(market, 1000, MONEY - 1)
    assert (market.balance(BUYER), market.locked(BUYER)) == (0, 1)
    assert market.balance(SELLER) == MONEY - 1


def test_pay_on_the_spot__buyer_in_debt__is_refused(market: Market) -> None:
    open_account(market, BUYER)
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, BUYER)
    with refused(errors.Settlement_InDebt, account=BUYER.address, debt=debt):
        pay(market, 1, 1)
    # To the last unit of it.
    fund(market, debt - 1)
    with refused(errors.Settlement_InDebt, account=BUYER.address, debt=1):
        pay(market, 1, 1)
    fund(market, 2)
    pay(market, 1, 1)
    assert (market.balance(BUYER), market.balance(SELLER)) == (0, 1)


def test_pay_on_the_spot__seller_in_debt__pays_the_debt_first(market: Market) -> None:
    fund(market)
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, SELLER, consumed=100)
    set_fees(market, Fees(protocol_bps=100))
    receipt = pay(market, 1000, debt + 1)
    (repaid,) = market.events(receipt, market.settlement, "DebtRepaid")
    fee = (debt + 1) // 100
    assert repaid.arguments == {
        "account": SELLER.address,
        "amount": debt + 1 - fee,
        "debt": fee - 1,
    }
    assert treasury(market) == (fee, debt + 1 - fee)
    pay(market, 1000, 1000)
    assert market.settlement.call("debtOf", SELLER.address) == 0
    assert market.balance(SELLER) == 990 - (fee - 1)
    assert holdings(market) == liabilities(market)


def test_pay_on_the_spot__to_oneself__costs_the_fees_alone(market: Market) -> None:
    """The spot market refuses it; the books add up all the same."""
    fund(market)
    set_fees(market, Fees(protocol_bps=100))
    pay(market, 1000, 10_000, seller=BUYER.address)
    assert market.balance(BUYER) == MONEY - 100
    assert treasury(market) == (100, 0)
    assert holdings(market) == liabilities(market)


@pytest.mark.parametrize(("amount", "price"), [(MOST, 1), (1, MOST), (MOST, 2**40)])
def test_pay_on_the_spot__the_largest_amounts__lose_no_unit(
    market: Market, amount: int, price: int
) -> None:
    money = 2**104 - 1
    fund(market, money)
    fees = Fees(protocol_bps=100, grid_per_kwh=100_000)
    set_fees(market, fees)
    paid = spot_payout(amount, price, fees)
    assert paid.pay == cost_up(amount, price)
    pay(market, amount, price)
    assert market.balance(BUYER) == money - paid.pay
    assert market.balance(SELLER) == paid.to_seller
    assert treasury(market) == (paid.protocol_fee + paid.grid_fee, 0)


def test_pay_on_the_spot__more_than_an_account_can_hold__is_refused(market: Market) -> None:
    """The seller's 104 bits are full: neither side loses anything."""
    full = 2**104 - 1
    fund(market, full)
    pay(market, 1000, MOST)
    market.do(SELLER, market.dollar, "approve", market.settlement.address, full)
    market.node.rpc("anvil_dealERC20", SELLER.address, market.dollar.address, hex(full - MOST))
    market.do(SELLER, market.settlement, "deposit", full - MOST)
    assert market.balance(SELLER) == full
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=full + 1):
        pay(market, 1000, 1)


def test_pay_on_the_spot__stopped__has_more(market: Market) -> None:
    """Whether anything new is taken on is the spot market's to say."""
    fund(market)
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    pay(market, 1000, 5)
    assert market.balance(SELLER) == 5
