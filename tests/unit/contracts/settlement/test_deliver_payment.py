"""deliver: what the buyer pays, the fees, and what reaches the seller."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.domain.costs import cost_down
from tests.model.costs import Fees, payout
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    open_account,
    record,
    treasury,
)

BUYER, SELLER = actor("buyer"), actor("seller")
SLOT = MONDAY // 3600
LOCKED = 10**12
NO_MONEY_TO_THE_SELLER = Fees(protocol_bps=100, grid_per_kwh=100_000)


def prepare(market: Market, *, produced: int, fees: Fees) -> None:
    """A seller with energy, a buyer with locked money."""
    record(market, SELLER, SLOT, produced=produced)
    address, token = BUYER.address, market.dollar.address
    market.node.rpc("anvil_dealERC20", address, token, hex(LOCKED))
    market.do(BUYER, market.dollar, "approve", market.settlement.address, LOCKED)
    market.do(BUYER, market.settlement, "deposit", LOCKED)
    lock(market, BUYER, LOCKED)
    market.do(
        market.roles[Role.GRID_AUTHORITY],
        *(market.settlement, "setFees", fees.protocol_bps, fees.grid_per_kwh),
    )


def deliver(market: Market, *, owed: int, before: int = 0, price: int) -> Receipt:
    delivery = (
        open_account(market, SELLER),
        open_account(market, BUYER),
        *(SLOT, SLOT + 1, owed, before, price),
    )
    return market.do(market.trading.address, market.settlement, "deliver", delivery)


@pytest.mark.parametrize(
    ("fees", "price", "amount", "paid", "protocol", "grid"),
    [
        (Fees(), 250_000, 1500, 375_000, 0, 0),
        (Fees(protocol_bps=100), 250_000, 1500, 375_000, 3_750, 0),
        (Fees(grid_per_kwh=10_000), 250_000, 1500, 375_000, 0, 15_000),
        (Fees(protocol_bps=25, grid_per_kwh=10_001), 99_999, 1501, 150_098, 375, 15_011),
        # The network charge takes what the share leaves, and no more.
        (NO_MONEY_TO_THE_SELLER, 100_000, 1000, 100_000, 1_000, 99_000),
        (NO_MONEY_TO_THE_SELLER, 101_011, 1000, 101_011, 1_010, 100_000),
        # Too little to pay for, and too little for a fee.
        (NO_MONEY_TO_THE_SELLER, 999, 1, 0, 0, 0),
        (Fees(protocol_bps=100), 99, 1000, 99, 0, 0),
    ],
)
def test_deliver__a_price_and_fees__are_taken_apart(
    market: Market, fees: Fees, price: int, amount: int, paid: int, protocol: int, grid: int
) -> None:
    prepare(market, produced=amount, fees=fees)
    receipt = deliver(market, owed=amount, price=price)

    (event,) = market.events(receipt, market.settlement, "DeliveryPaid")
    assert event.arguments == {
        "seller": open_account(market, SELLER),
        "buyer": open_account(market, BUYER),
        "paid": paid,
        "protocol_fee": protocol,
        "grid_fee": grid,
    }
    assert (market.balance(BUYER), market.locked(BUYER)) == (0, LOCKED - paid)
    assert (market.balance(SELLER), market.locked(SELLER)) == (paid - protocol - grid, 0)
    assert treasury(market) == (protocol + grid, 0)
    assert holdings(market) == liabilities(market) == LOCKED


@on_chain
@given(
    st.lists(st.integers(1, 50) | st.integers(1, 10**6), min_size=1, max_size=6),
    st.integers(1, 3_000) | st.integers(1, 10**6),
    st.builds(Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 100_000)),
)
def test_deliver__random_steps__equal_the_model(
    market: Market, steps: list[int], price: int, fees: Fees
) -> None:
    with rewound(market):
        prepare(market, produced=sum(steps), fees=fees)
        before = earned = taken = 0
        for step in steps:
            receipt = deliver(market, owed=step, before=before, price=price)
            expected = payout(before, before + step, price, fees)
            (event,) = market.events(receipt, market.settlement, "DeliveryPaid")
            assert (event["paid"], event["protocol_fee"], event["grid_fee"]) == (
                expected.pay,
                expected.protocol_fee,
                expected.grid_fee,
            )
            before += step
            earned += expected.to_seller
            taken += expected.protocol_fee + expected.grid_fee
        # Cutting a delivery up changes no unit of what is paid for it.
        assert market.locked(BUYER) == LOCKED - cost_down(before, price)
        assert market.balance(SELLER) == earned
        assert treasury(market) == (taken, 0)
        assert holdings(market) == liabilities(market) == LOCKED


def test_deliver__seller_in_debt__pays_the_debt_first(market: Market) -> None:
    prepare(market, produced=1000, fees=Fees())
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, SELLER, consumed=100)
    deliver(market, owed=1000, price=debt + 3)
    assert market.settlement.call("debtOf", SELLER.address) == 0
    assert market.balance(SELLER) == 3
    assert treasury(market) == (0, debt)
    assert holdings(market) == liabilities(market)


def test_deliver__nothing_to_draw__pays_nothing(market: Market) -> None:
    prepare(market, produced=0, fees=Fees())
    assert deliver(market, owed=1000, price=10**6).logs == []
    assert market.locked(BUYER) == LOCKED
