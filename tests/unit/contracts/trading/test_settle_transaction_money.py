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
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    FUNDS,
    HOUR,
    PRICE,
    RATED_POWER,
    Desk,
    endow,
    open_desk,
)
from tests.unit.contracts.trading.mirror import mirror_of

MATCHED, SETTLED = TransactionStatus
EXAMPLES = settings(on_chain, max_examples=15)
MAX_GRID_FEE = 100_000


def paid(desk: Desk, receipt: Receipt) -> tuple[int, int, int]:
    """Payment, protocol fee and grid fee of the one delivery in a receipt."""
    (event,) = desk.logged(receipt, desk.market.settlement, "DeliveryPaid")
    assert event["seller"] == desk.number(desk.seller)
    assert event["buyer"] == desk.number(desk.buyer)
    return event["paid"], event["protocol_fee"], event["grid_fee"]


def ended(desk: Desk, receipt: Receipt) -> tuple[int, int, int]:
    """Delivered, refund and compensation of the one transaction that ended."""
    (event,) = desk.logged(receipt, desk.market.trading, "TransactionSettled")
    return event["delivered"], event["refund"], event["compensation"]


def steps_of(desk: Desk, number: int, steps: list[int]) -> list[tuple[int, int, int]]:
    """Produce and settle step by step; the payments."""
    payments = []
    time = max(desk.market.now, desk.start) + 120
    for step in steps:
        desk.produce(step, at=time)
        payments.append(paid(desk, desk.settle(number)))
        time += 120
    return payments


# Delivered in full, in part, not at all


@pytest.mark.parametrize(
    ("amount", "price"), [(AMOUNT, PRICE), (1, 1000), (1999, 250_001), (333, 333_333)]
)
def test_settle_transaction__delivered_in_full__pays_the_seller(
    desk: Desk, amount: int, price: int
) -> None:
    number = desk.agree(amount, price)
    desk.produce(amount, at=desk.start + 600)
    receipt = desk.settle(number)
    cost = cost_down(amount, price)
    assert paid(desk, receipt) == (cost, 0, 0)
    assert ended(desk, receipt) == (amount, 0, 0)
    assert desk.money(desk.buyer) == (FUNDS - cost, 0)
    assert desk.money(desk.seller) == (FUNDS + cost, 0)


@pytest.mark.parametrize(
    ("bps", "per_kwh"), [(100, 0), (0, 37_501), (37, 12_345), (100, MAX_GRID_FEE), (1, 1)]
)
@pytest.mark.parametrize(("amount", "price"), [(AMOUNT, PRICE), (1999, 250_001), (7, 1_001)])
def test_settle_transaction__with_fees__takes_them_from_the_seller(
    desk: Desk, bps: int, per_kwh: int, amount: int, price: int
) -> None:
    desk.set_fees(bps, per_kwh)
    number = desk.agree(amount, price)
    desk.produce(amount, at=desk.start + 600)
    receipt = desk.settle(number)

    cost = cost_down(amount, price)
    protocol = cost * bps // 10_000
    grid = min(amount * per_kwh // 1000, cost - protocol)
    assert paid(desk, receipt) == (cost, protocol, grid)
    assert desk.money(desk.buyer) == (FUNDS - cost, 0)
    assert desk.money(desk.seller) == (FUNDS + cost - protocol - grid, 0)
    assert desk.fees_owed() == protocol + grid


@pytest.mark.parametrize("part", [1, 700, 1998])
def test_settle_transaction__delivered_in_part__refunds_and_compensates(
    desk: Desk, part: int
) -> None:
    amount, price = 1999, 250_001
    number = desk.agree(amount, price)
    held = collateral(amount, desk.collateral)
    desk.produce(part, at=desk.start + 600)
    desk.settle(number)
    cost = cost_down(part, price)
    locked = cost_down(amount, price)
    assert desk.money(desk.buyer) == (FUNDS - locked, locked - cost)
    assert desk.money(desk.seller) == (FUNDS + cost - held, held)

    desk.market.at(desk.market.final_at(desk.slot))
    receipt = desk.settle(number)

    refund, compensation = locked - cost, collateral(amount - part, desk.collateral)
    assert ended(desk, receipt) == (part, refund, compensation)
    assert desk.money(desk.buyer) == (FUNDS - cost + compensation, 0)
    assert desk.money(desk.seller) == (FUNDS + cost - compensation, 0)


def test_settle_transaction__not_delivered__gives_all_back_and_the_collateral(desk: Desk) -> None:
    amount, price = 1999, 250_001
    number = desk.agree(amount, price)
    held = collateral(amount, desk.collateral)
    desk.market.at(MONDAY + 1000 * HOUR)
    receipt = desk.settle(number)
    assert ended(desk, receipt) == (0, cost_down(amount, price), held)
    assert desk.money(desk.buyer) == (FUNDS + held, 0)
    assert desk.money(desk.seller) == (FUNDS - held, 0)


# Fees


@pytest.mark.parametrize("bps", [0, 100])
def test_settle_transaction__grid_fee_above_the_payment__takes_all_of_it(
    desk: Desk, bps: int
) -> None:
    desk.set_fees(bps, MAX_GRID_FEE)
    price = MAX_GRID_FEE // 100
    number = desk.agree(AMOUNT, price)
    desk.produce(AMOUNT, at=desk.start + 600)
    cost = cost_down(AMOUNT, price)
    fee = cost * bps // 10_000
    assert paid(desk, desk.settle(number)) == (cost, fee, cost - fee)
    assert desk.money(desk.seller) == (FUNDS, 0)
    assert desk.fees_owed() == cost


def test_settle_transaction__fees_changed_in_between__each_delivery_pays_those_in_force(
    desk: Desk,
) -> None:
    amount, price = 3000, 250_001
    number = desk.agree(amount, price)
    fees = [Fees(), Fees(protocol_bps=99, grid_per_kwh=77_777), Fees(protocol_bps=1)]
    time, delivered, owed = desk.start, 0, 0
    for step, current in zip((701, 1301, 998), fees, strict=True):
        time += 600
        desk.set_fees(current.protocol_bps, current.grid_per_kwh)
        desk.produce(step, at=time)
        expected = payout(delivered, delivered + step, price, current)
        assert paid(desk, desk.settle(number)) == (
            *(expected.pay, expected.protocol_fee, expected.grid_fee),
        )
        delivered += step
        owed += expected.protocol_fee + expected.grid_fee
        assert desk.fees_owed() == owed
    cost = cost_down(amount, price)
    assert owed > 0
    assert desk.money(desk.seller) == (FUNDS + cost - owed, 0)
    assert desk.money(desk.buyer) == (FUNDS - cost, 0)


# Steps


@EXAMPLES
@given(
    steps=st.lists(st.one_of(st.integers(1, 9), st.integers(1, 2000)), min_size=2, max_size=7),
    price=st.integers(1_000, 500_000),
    grid_per_kwh=st.sampled_from([0, 1, 333]),
    bps=st.sampled_from([0, 0, 100]),
)
def test_settle_transaction__in_many_steps__pays_what_it_pays_in_one(
    desk: Desk, steps: list[int], price: int, grid_per_kwh: int, bps: int
) -> None:
    def paid_for(parts: list[int]) -> list[tuple[int, int, int]]:
        with rewound(desk.market):
            desk.set_fees(bps, grid_per_kwh)
            number = desk.agree(sum(steps), price)
            payments = steps_of(desk, number, parts)
            assert desk.transaction(number).status is SETTLED
            cost = cost_down(sum(steps), price)
            assert desk.money(desk.buyer) == (FUNDS - cost, 0)
            fees = desk.fees_owed()
            assert desk.money(desk.seller) == (FUNDS + cost - fees, 0)
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


def test_settle_transaction__seller_in_debt__the_payment_pays_it_first(desk: Desk) -> None:
    market, start = desk.market, MONDAY + 20 * HOUR
    market.deposit(desk.stranger, collateral(AMOUNT, desk.collateral))
    meter = market.register_meter(desk.stranger, rated_power=RATED_POWER)
    number = desk.agree(seller=desk.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, desk.stranger, consumed=1000)
    assert debt == 300_000
    revenue = market.settlement.call("treasuryOwed")[1]

    desk.produce(1000, at=start + 600, meter=meter)
    receipt = desk.settle(number)

    assert desk.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": desk.stranger.address, "amount": 250_000, "debt": 50_000}
    ]
    assert desk.money(desk.stranger) == (0, 60_000)
    desk.produce(1000, at=start + 700, meter=meter)
    desk.settle(number)
    # The second payment, and what came back of the collateral.
    assert desk.debt(desk.stranger) == 0
    assert desk.money(desk.stranger) == (250_000 - 50_000 + 60_000, 0)
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


def test_settle_transaction__buyer_in_debt__refund_and_compensation_pay_it_first(
    desk: Desk,
) -> None:
    market, start = desk.market, MONDAY + 20 * HOUR
    cost, held = cost_down(AMOUNT, PRICE), collateral(AMOUNT, desk.collateral)
    market.deposit(desk.stranger, cost)
    number = desk.agree(buyer=desk.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, desk.stranger, consumed=1000)

    market.go_to(start + 50 * HOUR)
    receipt = desk.settle(number)

    assert desk.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": desk.stranger.address, "amount": debt, "debt": 0}
    ]
    assert desk.money(desk.stranger) == (cost + held - debt, 0)


def reputation(desk: Desk) -> int:
    return int(desk.market.grid.call("getProducerInfo", desk.seller.address)[5])


@pytest.mark.parametrize(("part", "after"), [(0, 99), (AMOUNT - 1, 99), (AMOUNT, 100)])
def test_settle_transaction__of_a_registered_producer__notes_what_was_not_delivered(
    desk: Desk, part: int, after: int
) -> None:
    market = desk.market
    market.do(desk.seller, market.grid, "registerProducer", 10_000, 0)
    number = desk.agree()
    if part:
        desk.produce(part, at=desk.start + 600)
    market.at(market.final_at(desk.slot))
    receipt = desk.settle(number)
    assert reputation(desk) == after
    noted = [{"producer": desk.seller.address, "reputation": after}] if after < 100 else []
    assert desk.logged(receipt, market.grid, "ReputationSet") == noted


def test_settle_transaction__each_one_not_delivered__costs_a_point_down_to_zero(
    desk: Desk,
) -> None:
    market = desk.market
    market.do(desk.seller, market.grid, "registerProducer", 10_000, 0)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "updateProducerReputation", desk.seller.address, 2)
    numbers = [desk.agree() for _ in range(3)]
    market.go_to(market.final_at(desk.slot))
    scores = []
    for number in numbers:
        desk.settle(number)
        scores.append(reputation(desk))
    assert scores == [1, 0, 0]


def test_settle_transaction__of_a_seller_who_is_no_producer__notes_nothing(desk: Desk) -> None:
    number = desk.agree()
    desk.market.go_to(desk.market.final_at(desk.slot))
    assert desk.emitted(desk.settle(number)) == ["TransactionSettled"]


def test_settle_transaction__of_blocked_traders__is_settled_like_others(desk: Desk) -> None:
    market = desk.market
    market.do(desk.seller, market.grid, "registerProducer", 10_000, 0)
    market.do(desk.buyer, market.grid, "registerConsumer", 10_000)
    number = desk.agree()
    authority = market.roles[Role.GRID_AUTHORITY]
    for trader, is_producer in ((desk.seller, True), (desk.buyer, False)):
        market.do(authority, market.grid, "deactivateParticipant", trader.address, is_producer)
    desk.produce(AMOUNT, at=desk.start + 600)
    desk.settle(number)
    assert desk.money(desk.seller) == (FUNDS + cost_down(AMOUNT, PRICE), 0)


# Matched late


@pytest.mark.parametrize("part", [0, 700, AMOUNT])
def test_settle_transaction__matched_late__refunds_and_owes_nothing_more(
    desk: Desk, part: int
) -> None:
    market = desk.market
    market.do(desk.seller, market.grid, "registerProducer", 10_000, 0)
    market.go_to(MONDAY + 5 * HOUR)
    number = desk.agree(kind=PeriodKind.DAILY, start=MONDAY)
    assert desk.transaction(number).late
    if part:
        desk.produce(part, at=MONDAY + 6 * HOUR)
        desk.settle(number)
    cost = cost_down(part, PRICE)
    if part < AMOUNT:
        market.go_to(MONDAY + 50 * HOUR)
        receipt = desk.settle(number)
        assert ended(desk, receipt) == (part, cost_down(AMOUNT, PRICE) - cost, 0)
    assert desk.transaction(number).status is SETTLED
    assert desk.money(desk.buyer) == (FUNDS - cost, 0)
    assert desk.money(desk.seller) == (FUNDS + cost, 0)
    assert reputation(desk) == 100


# Circles, and the largest


def test_settle_transaction__two_own_wallets_in_a_circle__gain_nothing(desk: Desk) -> None:
    market = desk.market
    desk.set_fees(100, 0)
    there = desk.agree(1000, PRICE)
    back = desk.agree(1000, PRICE, buyer=desk.seller, seller=desk.buyer)
    desk.produce(1000, at=desk.start + 600)
    desk.settle(there)
    # What was bought cannot be sold on: only own production is.
    market.go_to(market.final_at(desk.slot))
    desk.settle(back)
    assert desk.transaction(back).delivered == 0
    market.go_to(market.closable_at(desk.slot))
    for wallet in (desk.buyer, desk.seller):
        market.do(desk.keeper, market.settlement, "closeSlot", wallet.address, desk.slot)

    wallets = (desk.buyer, desk.seller)
    assert sum(sum(desk.money(wallet)) for wallet in wallets) == 2 * FUNDS - desk.fees_owed()
    assert desk.fees_owed() == cost_down(1000, PRICE) // 100
    banked = [market.energy_token.call("balanceOf", wallet.address) for wallet in wallets]
    assert banked == [1000, 0]


def test_settle_transaction__largest__is_paid_to_the_last_unit(desk: Desk) -> None:
    amount, price = 2**40 - 1, 2**64 - 1
    for trader in (desk.buyer, desk.seller):
        endow(desk.market, trader, 2**103)
    before = FUNDS + 2**103
    desk.set_fees(100, MAX_GRID_FEE)
    number = desk.agree(amount, price)
    desk.market.go_to(desk.start)
    part = amount // 3
    # No meter counts so much in an hour: the meter module itself records it.
    for step in (part, part, amount - 2 * part):
        record(desk.market, desk.seller, desk.slot, produced=step)
        desk.settle(number)
    cost = cost_down(amount, price)
    assert desk.transaction(number).status is SETTLED
    assert desk.money(desk.buyer) == (before - cost, 0)
    assert desk.money(desk.seller) == (before + cost - desk.fees_owed(), 0)
    fees = cost // 100 + amount * MAX_GRID_FEE // 1000
    assert fees - 3 < desk.fees_owed() <= fees


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
        desk = open_desk(deploy_stack(market, market.dollar, parameters))
        mirror = mirror_of(desk, fees=fees)
        period = Period(kind=PeriodKind.HOURLY, start=desk.start)
        for amount, price, above in fills:
            if amount * price < 1000:
                continue
            sell = mirror.place(desk.seller, OrderType.SELL, amount, price, period)
            buy = mirror.place(desk.buyer, OrderType.BUY, amount + above, price + above, period)
            assert buy is not None
            assert sell is not None
            mirror.match(buy, sell)
        numbers = list(mirror.ledger.transactions)
        locked = {
            number: cost_down(desk.transaction(number).amount, desk.transaction(number).price)
            for number in numbers
        }
        spent = dict.fromkeys(numbers, 0)

        def settle_all() -> None:
            for number in numbers:
                receipt = mirror.settle(number, 1)
                if receipt is None:
                    continue
                for event in desk.logged(receipt, desk.market.settlement, "DeliveryPaid"):
                    fee = event["protocol_fee"] + event["grid_fee"]
                    assert 0 <= fee <= event["paid"]
                    spent[number] += event["paid"]
                for event in desk.logged(receipt, desk.market.trading, "TransactionSettled"):
                    assert locked[number] == spent[number] + event["refund"]
                mirror.assert_same()

        for index, produced in enumerate(readings, start=1):
            mirror.read(desk.seller, desk.start + index * 120, produced=produced, consumed=0)
            settle_all()
        desk.market.go_to(desk.market.final_at(desk.slot))
        settle_all()

        # Everything has ended: what is not anyone's balance is the treasury's or an order's.
        assert all(desk.transaction(number).status is SETTLED for number in numbers)
        orders = sum(order.lock(collateral_per_kwh) for order in mirror.ledger.book)
        assert desk.market.locked(desk.buyer) + desk.market.locked(desk.seller) == orders
        money = sum(sum(desk.money(trader)) for trader in mirror.traders)
        assert money + desk.fees_owed() == len(mirror.traders) * FUNDS
