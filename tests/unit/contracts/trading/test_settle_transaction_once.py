"""EnergyTrading.settleTransaction: no kWh is sold twice."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from tests.model.costs import Fees
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, actor
from tests.unit.contracts.trading.model_comparison import ModelComparison, comparison_of
from tests.unit.contracts.trading.traders import (
    DAY,
    FOREVER,
    HOUR,
    PRICE,
    RATED_POWER,
    Energy,
    Traders,
    refuses,
)

MATCHED, SETTLED = TransactionStatus
DAILY, WEEKLY = PeriodKind.DAILY, PeriodKind.WEEKLY


def progress(traders: Traders, number: int) -> tuple[int, int, TransactionStatus]:
    """Delivered, slots done with, status."""
    found = traders.transaction(number)
    return found.delivered, found.settled_slots, found.status


# No kWh twice


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_settle_transaction__competing_for_the_same_kwh__sell_it_once(
    traders: Traders, order: tuple[int, ...]
) -> None:
    numbers = [
        traders.agree(800),
        traders.agree(800, buyer=traders.rival),
        traders.agree(800, price=2 * PRICE),
    ]
    traders.produce(1000, at=traders.start + 600)
    first, second, third = (numbers[place] for place in order)
    traders.settle(first)
    traders.settle(second)
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=third):
        traders.settle(third)

    assert progress(traders, first) == (800, 0, SETTLED)
    assert progress(traders, second) == (200, 0, MATCHED)
    assert traders.energy(traders.seller) == Energy(produced=1000, sold=1000)
    bought = traders.energy(traders.buyer).bought + traders.energy(traders.rival).bought
    assert bought == 1000

    # What comes later is sold on where it was left.
    traders.produce(950, at=traders.start + 700)
    traders.settle(third)
    traders.settle(second)
    assert progress(traders, third) == (800, 0, SETTLED)
    assert progress(traders, second) == (350, 0, MATCHED)
    assert traders.energy(traders.seller) == Energy(produced=1950, sold=1950)


def test_settle_transaction__overlapping_periods__sell_it_once(traders: Traders) -> None:
    hour = traders.agree(800)
    day = traders.agree(800, kind=DAILY, start=MONDAY, buyer=traders.rival)
    week = traders.agree(800, kind=WEEKLY, start=MONDAY)
    traders.produce(1000, at=traders.start + 600)
    for number in (week, day):
        traders.settle(number)
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=hour):
        traders.settle(hour)
    assert [progress(traders, number)[0] for number in (hour, day, week)] == [0, 200, 800]
    assert traders.energy(traders.seller) == Energy(produced=1000, sold=1000)

    # The day has other hours to draw from, the hour has none.
    traders.produce(900, at=traders.end + 600)
    traders.settle(day)
    traders.market.go_to(traders.market.final_at(traders.slot))
    traders.settle(hour)
    assert [progress(traders, number)[0] for number in (hour, day)] == [0, 800]


def test_settle_transaction__sent_and_signed_readings__are_sold_once(traders: Traders) -> None:
    market, time = traders.market, traders.start + 600
    second = market.register_meter(traders.seller, actor("second meter"), rated_power=RATED_POWER)
    numbers = [traders.agree(700), traders.agree(700, buyer=traders.rival)]
    traders.produce(500, at=time)
    signed = [
        market.signed_reading(meter, market.reading(timestamp=time + 100, produced=produced))
        for meter, produced in ((traders.meter, 300), (second, 400))
    ]
    market.at(time + 100).do(traders.stranger, market.meters, "submitSignedReadings", signed)
    assert traders.energy(traders.seller) == Energy(produced=1200)
    for number in numbers:
        traders.settle(number)
    assert [progress(traders, number)[0] for number in numbers] == [700, 500]
    assert traders.energy(traders.seller) == Energy(produced=1200, sold=1200)


def test_settle_transaction__bought_energy__cannot_be_sold_on(traders: Traders) -> None:
    first = traders.agree(1000)
    onward = traders.agree(1000, buyer=traders.rival, seller=traders.buyer)
    traders.produce(1000, at=traders.start + 600)
    traders.settle(first)
    with refuses(traders.market, errors.EnergyTrading_NothingToSettle, transaction_id=onward):
        traders.settle(onward)
    assert traders.energy(traders.buyer) == Energy(bought=1000)


# At random


def close_once(comparison: ModelComparison, trader: LocalAccount, slot: int) -> None:
    if not comparison.settlement_model.energy_of(trader.address, slot).closed:
        comparison.close(trader, slot)


steps = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 2), st.integers(0, 3000)),
    st.tuples(st.just("settle"), st.integers(1, 7), st.sampled_from([0, 1, 2, 24, FOREVER])),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from([900, HOUR, 3 * HOUR])),
    st.tuples(st.just("close"), st.integers(0, 2), st.integers(2, 9)),
    st.tuples(st.just("agree"), st.integers(0, 2), st.integers(1, 2000)),
)


@settings(on_chain, max_examples=12)
@given(
    fees=st.sampled_from([Fees(), Fees(protocol_bps=93, grid_per_kwh=41_003)]),
    agreed=st.lists(
        st.tuples(
            st.permutations([0, 1, 2]),
            st.integers(1, 4000),
            st.integers(1_000, 400_000),
            st.sampled_from([(PeriodKind.HOURLY, 1), (PeriodKind.HOURLY, 3), (DAILY, 0)]),
        ),
        min_size=2,
        max_size=6,
    ),
    script=st.lists(steps, min_size=8, max_size=25),
)
def test_settle_transaction__a_random_day__leaves_the_state_of_the_model(
    traders: Traders,
    fees: Fees,
    agreed: list[tuple[list[int], int, int, tuple[PeriodKind, int]]],
    script: list[tuple[str, int, int]],
) -> None:
    market = traders.market
    with rewound(market):
        comparison = comparison_of(traders, fees=fees, meters=True)
        for sides, amount, price, (kind, hour) in agreed:
            period = Period(kind=kind, start=MONDAY + hour * HOUR)
            seller, buyer, _ = (comparison.accounts[name] for name in sides)
            assert comparison.agree(seller, buyer, amount, price, period) is not None
        market.go_to(MONDAY + HOUR)
        for what, which, much in script:
            if what == "read":
                comparison.read(
                    comparison.accounts[which], market.now + 61, produced=much, consumed=much // 3
                )
            elif what == "settle":
                comparison.settle(which, much)
            elif what == "wait":
                market.go_to(market.now + much)
            elif what == "agree":
                others = comparison.accounts[which - 1], comparison.accounts[which]
                comparison.agree(*others, much, PRICE, Period(kind=DAILY, start=MONDAY))
            else:
                close_once(comparison, comparison.accounts[which], market.slot(market.now) - much)
        comparison.assert_same()
        market.go_to(MONDAY + 2 * DAY)
        for number in comparison.settlement_model.transactions:
            comparison.settle(number, FOREVER)
        comparison.assert_same()
        assert all(
            transaction.status is SETTLED
            for transaction in comparison.settlement_model.transactions.values()
        )
        assert sum(market.locked(trader) for trader in comparison.accounts) == 0
