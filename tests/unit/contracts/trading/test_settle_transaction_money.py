"""EnergyTrading.settleTransaction: what is paid, to whom, to the last unit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from tests.model.costs import Fees, payout
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt
from tests.support.settlement import incur_debt, record
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.model_comparison import comparison_of
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    Traders,
    endow,
    open_traders,
)

MATCHED, SETTLED = TransactionStatus
EXAMPLES = settings(on_chain, max_examples=15)
MAX_GRID_FEE = 100_000


def paid(traders: Traders, receipt: Receipt) -> tuple[int, int, int]:
    """Payment, protocol fee and grid fee of the one delivery in a receipt."""
    (event,) = traders.logged(receipt, traders.market.settlement, "DeliveryPaid")
    assert event["seller"] == traders.number(traders.seller)
    assert event["buyer"] == traders.number(traders.buyer)
    return event["paid"], event["protocol_fee"], event["grid_fee"]


def ended(traders: Traders, receipt: Receipt) -> tuple[int, int, int]:
    """Delivered, refund and compensation of the one transaction that ended."""
    (event,) = traders.logged(receipt, traders.market.trading, "TransactionSettled")
    return event["delivered"], event["refund"], event["compensation"]


def steps_of(traders: Traders, number: int, steps: list[int]) -> list[tuple[int, int, int]]:
    """Produce and settle step by step; the payments."""
    payments = []
    time = max(traders.market.now, traders.start) + 120
    for step in steps:
        traders.produce(step, at=time)
        payments.append(paid(traders, traders.settle(number)))
        time += 120
    return payments


# Delivered in full, in part, not at all


@pytest.mark.parametrize(
    ("amount", "price"), [(AMOUNT, PRICE), (1, 1000), (1999, 250_001), (333, 333_333)]
)
def test_settle_transaction__delivered_in_full__pays_the_seller(
    traders: Traders, amount: int, price: int
) -> None:
    number = traders.agree(amount, price)
    traders.produce(amount, at=traders.start + 600)
    receipt = traders.settle(number)
    cost = cost_down(amount, price)
    assert paid(traders, receipt) == (cost, 0, 0)
    assert ended(traders, receipt) == (amount, 0, 0)
    assert traders.money(traders.buyer) == (FUNDS - cost, 0)
    assert traders.money(traders.seller) == (FUNDS + cost, 0)


@pytest.mark.parametrize(
    ("bps", "per_kwh"), [(100, 0), (0, 37_501), (37, 12_345), (100, MAX_GRID_FEE), (1, 1)]
)
@pytest.mark.parametrize(("amount", "price"), [(AMOUNT, PRICE), (1999, 250_001), (7, 1_001)])
def test_settle_transaction__with_fees__takes_them_from_the_seller(
    traders: Traders, bps: int, per_kwh: int, amount: int, price: int
) -> None:
    traders.set_fees(bps, per_kwh)
    number = traders.agree(amount, price)
    traders.produce(amount, at=traders.start + 600)
    receipt = traders.settle(number)

    cost = cost_down(amount, price)
    protocol = cost * bps // 10_000
    grid = min(amount * per_kwh // 1000, cost - protocol)
    assert paid(traders, receipt) == (cost, protocol, grid)
    assert traders.money(traders.buyer) == (FUNDS - cost, 0)
    assert traders.money(traders.seller) == (FUNDS + cost - protocol - grid, 0)
    assert traders.fees_owed() == protocol + grid


@pytest.mark.parametrize("part", [1, 700, 1998])
def test_settle_transaction__delivered_in_part__refunds_and_compensates(
    traders: Traders, part: int
) -> None:
    amount, price = 1999, 250_001
    number = traders.agree(amount, price)
    held = collateral(amount, traders.collateral)
    traders.produce(part, at=traders.start + 600)
    traders.settle(number)
    cost = cost_down(part, price)
    locked = cost_down(amount, price)
    assert traders.money(traders.buyer) == (FUNDS - locked, locked - cost)
    assert traders.money(traders.seller) == (FUNDS + cost - held, held)

    traders.market.at(traders.market.final_at(traders.slot))
    receipt = traders.settle(number)

    refund, compensation = locked - cost, collateral(amount - part, traders.collateral)
    assert ended(traders, receipt) == (part, refund, compensation)
    assert traders.money(traders.buyer) == (FUNDS - cost + compensation, 0)
    assert traders.money(traders.seller) == (FUNDS + cost - compensation, 0)


def test_settle_transaction__not_delivered__gives_all_back_and_the_collateral(
    traders: Traders,
) -> None:
    amount, price = 1999, 250_001
    number = traders.agree(amount, price)
    held = collateral(amount, traders.collateral)
    traders.market.at(MONDAY + 1000 * HOUR)
    receipt = traders.settle(number)
    assert ended(traders, receipt) == (0, cost_down(amount, price), held)
    assert traders.money(traders.buyer) == (FUNDS + held, 0)
    assert traders.money(traders.seller) == (FUNDS - held, 0)


# Fees


@pytest.mark.parametrize("bps", [0, 100])
def test_settle_transaction__grid_fee_above_the_payment__takes_all_of_it(
    traders: Traders, bps: int
) -> None:
    traders.set_fees(bps, MAX_GRID_FEE)
    price = MAX_GRID_FEE // 100
    number = traders.agree(AMOUNT, price)
    traders.produce(AMOUNT, at=traders.start + 600)
    cost = cost_down(AMOUNT, price)
    fee = cost * bps // 10_000
    assert paid(traders, traders.settle(number)) == (cost, fee, cost - fee)
    assert traders.money(traders.seller) == (FUNDS, 0)
    assert traders.fees_owed() == cost


def test_settle_transaction__fees_changed_in_between__each_delivery_pays_those_in_force(
    traders: Traders,
) -> None:
    amount, price = 3000, 250_001
    number = traders.agree(amount, price)
    fees = [Fees(), Fees(protocol_bps=99, grid_per_kwh=77_777), Fees(protocol_bps=1)]
    time, delivered, owed = traders.start, 0, 0
    for step, current in zip((701, 1301, 998), fees, strict=True):
        time += 600
        traders.set_fees(current.protocol_bps, current.grid_per_kwh)
        traders.produce(step, at=time)
        expected = payout(delivered, delivered + step, price, current)
        assert paid(traders, traders.settle(number)) == (
            *(expected.pay, expected.protocol_fee, expected.grid_fee),
        )
        delivered += step
        owed += expected.protocol_fee + expected.grid_fee
        assert traders.fees_owed() == owed
    cost = cost_down(amount, price)
    assert owed > 0
    assert traders.money(traders.seller) == (FUNDS + cost - owed, 0)
    assert traders.money(traders.buyer) == (FUNDS - cost, 0)


# Steps


@EXAMPLES
@given(
    steps=st.lists(st.one_of(st.integers(1, 9), st.integers(1, 2000)), min_size=2, max_size=7),
    price=st.integers(1_000, 500_000),
    grid_per_kwh=st.sampled_from([0, 1, 333]),
    bps=st.sampled_from([0, 0, 100]),
)
def test_settle_transaction__in_many_steps__pays_what_it_pays_in_one(
    traders: Traders, steps: list[int], price: int, grid_per_kwh: int, bps: int
) -> None:
    def paid_for(parts: list[int]) -> list[tuple[int, int, int]]:
        with rewound(traders.market):
            traders.set_fees(bps, grid_per_kwh)
            number = traders.agree(sum(steps), price)
            payments = steps_of(traders, number, parts)
            assert traders.transaction(number).status is SETTLED
            cost = cost_down(sum(steps), price)
            assert traders.money(traders.buyer) == (FUNDS - cost, 0)
            fees = traders.fees_owed()
            assert traders.money(traders.seller) == (FUNDS + cost - fees, 0)
            return payments

    ((pay, protocol, grid),) = paid_for([sum(steps)])
    pays, protocols, grids = zip(*paid_for(steps), strict=True)
    assert sum(pays) == pay
    if bps == 0:
        # Each step can leave no room for its grid fee only where it pays next to nothing.
        assert grid - len(steps) < sum(grids) <= grid
        assert sum(protocols) == protocol == 0
    assert protocol - len(steps) < sum(protocols) <= protocol


# Debts and reputation


def test_settle_transaction__seller_in_debt__the_payment_pays_it_first(traders: Traders) -> None:
    market, start = traders.market, MONDAY + 20 * HOUR
    market.deposit(traders.stranger, collateral(AMOUNT, traders.collateral))
    meter = market.register_meter(traders.stranger, rated_power=RATED_POWER)
    number = traders.agree(seller=traders.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, traders.stranger, consumed=1000)
    assert debt == 300_000
    revenue = market.settlement.call("treasuryOwed")[1]

    traders.produce(1000, at=start + 600, meter=meter)
    receipt = traders.settle(number)

    assert traders.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": traders.stranger.address, "amount": 250_000, "debt": 50_000}
    ]
    assert traders.money(traders.stranger) == (0, 60_000)
    traders.produce(1000, at=start + 700, meter=meter)
    traders.settle(number)
    # The second payment, and what came back of the collateral.
    assert traders.debt(traders.stranger) == 0
    assert traders.money(traders.stranger) == (250_000 - 50_000 + 60_000, 0)
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


def test_settle_transaction__buyer_in_debt__refund_and_compensation_pay_it_first(
    traders: Traders,
) -> None:
    market, start = traders.market, MONDAY + 20 * HOUR
    cost, held = cost_down(AMOUNT, PRICE), collateral(AMOUNT, traders.collateral)
    market.deposit(traders.stranger, cost)
    number = traders.agree(buyer=traders.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, traders.stranger, consumed=1000)

    market.go_to(start + 50 * HOUR)
    receipt = traders.settle(number)

    assert traders.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": traders.stranger.address, "amount": debt, "debt": 0}
    ]
    assert traders.money(traders.stranger) == (cost + held - debt, 0)


def reputation(traders: Traders) -> int:
    return int(traders.market.grid.call("getProducerInfo", traders.seller.address)[5])


@pytest.mark.parametrize(("part", "after"), [(0, 99), (AMOUNT - 1, 99), (AMOUNT, 100)])
def test_settle_transaction__of_a_registered_producer__notes_what_was_not_delivered(
    traders: Traders, part: int, after: int
) -> None:
    market = traders.market
    market.do(traders.seller, market.grid, "registerProducer", 10_000, 0)
    number = traders.agree()
    if part:
        traders.produce(part, at=traders.start + 600)
    market.at(market.final_at(traders.slot))
    receipt = traders.settle(number)
    assert reputation(traders) == after
    noted = [{"producer": traders.seller.address, "reputation": after}] if after < 100 else []
    assert traders.logged(receipt, market.grid, "ReputationSet") == noted


def test_settle_transaction__each_one_not_delivered__costs_a_point_down_to_zero(
    traders: Traders,
) -> None:
    market = traders.market
    market.do(traders.seller, market.grid, "registerProducer", 10_000, 0)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "updateProducerReputation", traders.seller.address, 2)
    numbers = [traders.agree() for _ in range(3)]
    market.go_to(market.final_at(traders.slot))
    scores = []
    for number in numbers:
        traders.settle(number)
        scores.append(reputation(traders))
    assert scores == [1, 0, 0]


def test_settle_transaction__of_a_seller_who_is_no_producer__notes_nothing(
    traders: Traders,
) -> None:
    number = traders.agree()
    traders.market.go_to(traders.market.final_at(traders.slot))
    assert traders.emitted(traders.settle(number)) == ["TransactionSettled"]


def test_settle_transaction__of_blocked_traders__is_settled_like_others(traders: Traders) -> None:
    market = traders.market
    market.do(traders.seller, market.grid, "registerProducer", 10_000, 0)
    market.do(traders.buyer, market.grid, "registerConsumer", 10_000)
    number = traders.agree()
    authority = market.roles[Role.GRID_AUTHORITY]
    for trader, is_producer in ((traders.seller, True), (traders.buyer, False)):
        market.do(authority, market.grid, "deactivateParticipant", trader.address, is_producer)
    traders.produce(AMOUNT, at=traders.start + 600)
    traders.settle(number)
    assert traders.money(traders.seller) == (FUNDS + cost_down(AMOUNT, PRICE), 0)


# Matched late


@pytest.mark.parametrize("part", [0, 700, AMOUNT])
def test_settle_transaction__matched_late__refunds_and_owes_nothing_more(
    traders: Traders, part: int
) -> None:
    market = traders.market
    market.do(traders.seller, market.grid, "registerProducer", 10_000, 0)
    market.go_to(MONDAY + 5 * HOUR)
    number = traders.agree(kind=PeriodKind.DAILY, start=MONDAY)
    assert traders.transaction(number).late
    if part:
        traders.produce(part, at=MONDAY + 6 * HOUR)
        traders.settle(number)
    cost = cost_down(part, PRICE)
    if part < AMOUNT:
        market.go_to(MONDAY + 50 * HOUR)
        receipt = traders.settle(number)
        assert ended(traders, receipt) == (part, cost_down(AMOUNT, PRICE) - cost, 0)
    assert traders.transaction(number).status is SETTLED
    assert traders.money(traders.buyer) == (FUNDS - cost, 0)
    assert traders.money(traders.seller) == (FUNDS + cost, 0)
    assert reputation(traders) == 100


# Circles, and the largest


def test_settle_transaction__two_own_wallets_in_a_circle__gain_nothing(traders: Traders) -> None:
    market = traders.market
    traders.set_fees(100, 0)
    there = traders.agree(1000, PRICE)
    back = traders.agree(1000, PRICE, buyer=traders.seller, seller=traders.buyer)
    traders.produce(1000, at=traders.start + 600)
    traders.settle(there)
    # What was bought cannot be sold on: only own production is.
    market.go_to(market.final_at(traders.slot))
    traders.settle(back)
    assert traders.transaction(back).delivered == 0
    market.go_to(market.closable_at(traders.slot))
    for wallet in (traders.buyer, traders.seller):
        market.do(traders.keeper, market.settlement, "closeSlot", wallet.address, traders.slot)

    wallets = (traders.buyer, traders.seller)
    assert sum(sum(traders.money(wallet)) for wallet in wallets) == 2 * FUNDS - traders.fees_owed()
    assert traders.fees_owed() == cost_down(1000, PRICE) // 100
    energy_credits = [market.energy_token.call("balanceOf", wallet.address) for wallet in wallets]
    assert energy_credits == [1000, 0]


def test_settle_transaction__largest__is_paid_to_the_last_unit(traders: Traders) -> None:
    amount, price = 2**40 - 1, 2**64 - 1
    for trader in (traders.buyer, traders.seller):
        endow(traders.market, trader, 2**103)
    before = FUNDS + 2**103
    traders.set_fees(100, MAX_GRID_FEE)
    number = traders.agree(amount, price)
    traders.market.go_to(traders.start)
    part = amount // 3
    # No meter counts so much in an hour: the meter module itself records it.
    for step in (part, part, amount - 2 * part):
        record(traders.market, traders.seller, traders.slot, produced=step)
        traders.settle(number)
    cost = cost_down(amount, price)
    assert traders.transaction(number).status is SETTLED
    assert traders.money(traders.buyer) == (before - cost, 0)
    assert traders.money(traders.seller) == (before + cost - traders.fees_owed(), 0)
    fees = cost // 100 + amount * MAX_GRID_FEE // 1000
    assert fees - 3 < traders.fees_owed() <= fees


# At random


@EXAMPLES
@given(
    collateral_per_kwh=st.sampled_from([0, 1, 30_000, 99_991]),
    fees=st.builds(
        Fees,
        protocol_bps=st.one_of(st.just(0), st.integers(0, 100)),
        grid_per_kwh=st.one_of(st.just(0), st.integers(0, MAX_GRID_FEE)),
    ),
    fills=st.lists(
        st.tuples(
            st.one_of(st.integers(1, 30), st.integers(1, 20_000)),
            st.one_of(st.integers(1, 2_000), st.integers(1, 500_000)),
            st.integers(0, 2_000),
        ),
        min_size=1,
        max_size=5,
    ),
    readings=st.lists(st.integers(0, 25_000), min_size=1, max_size=4),
)
def test_settle_transaction__random_fills_and_prices__pay_every_unit_once(
    market: Market,
    collateral_per_kwh: int,
    fees: Fees,
    fills: list[tuple[int, int, int]],
    readings: list[int],
) -> None:
    with rewound(market):
        parameters = StackParameters(collateral_per_kwh=collateral_per_kwh)
        traders = open_traders(deploy_stack(market, market.dollar, parameters))
        comparison = comparison_of(traders, fees=fees)
        period = Period(kind=PeriodKind.HOURLY, start=traders.start)
        for amount, price, above in fills:
            if amount * price < 1000:
                continue
            sell = comparison.place(traders.seller, OrderType.SELL, amount, price, period)
            buy = comparison.place(
                traders.buyer, OrderType.BUY, amount + above, price + above, period
            )
            assert buy is not None
            assert sell is not None
            comparison.match(buy, sell)
        numbers = list(comparison.settlement_model.transactions)
        locked = {
            number: cost_down(traders.transaction(number).amount, traders.transaction(number).price)
            for number in numbers
        }
        spent = dict.fromkeys(numbers, 0)

        def settle_all() -> None:
            for number in numbers:
                receipt = comparison.settle(number, 1)
                if receipt is None:
                    continue
                for event in traders.logged(receipt, traders.market.settlement, "DeliveryPaid"):
                    fee = event["protocol_fee"] + event["grid_fee"]
                    assert 0 <= fee <= event["paid"]
                    spent[number] += event["paid"]
                for event in traders.logged(receipt, traders.market.trading, "TransactionSettled"):
                    assert locked[number] == spent[number] + event["refund"]
                comparison.assert_same()

        for index, produced in enumerate(readings, start=1):
            comparison.read(
                traders.seller, traders.start + index * 120, produced=produced, consumed=0
            )
            settle_all()
        traders.market.go_to(traders.market.final_at(traders.slot))
        settle_all()

        # Everything has ended: what is not anyone's balance is the treasury's or an order's.
        assert all(traders.transaction(number).status is SETTLED for number in numbers)
        orders = sum(order.lock(collateral_per_kwh) for order in comparison.settlement_model.book)
        assert (
            traders.market.locked(traders.buyer) + traders.market.locked(traders.seller) == orders
        )
        money = sum(sum(traders.money(trader)) for trader in comparison.accounts)
        assert money + traders.fees_owed() == len(comparison.accounts) * FUNDS
