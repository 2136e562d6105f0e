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
from tests.unit.contracts.trading.desk import (
    DAY,
    FOREVER,
    HOUR,
    PRICE,
    RATED_POWER,
    Desk,
    Energy,
    refuses,
)
from tests.unit.contracts.trading.mirror import Mirror, mirror_of

MATCHED, SETTLED = TransactionStatus
DAILY, WEEKLY = PeriodKind.DAILY, PeriodKind.WEEKLY


def progress(desk: Desk, number: int) -> tuple[int, int, TransactionStatus]:
    """Delivered, slots done with, status."""
    found = desk.transaction(number)
    return found.delivered, found.settled_slots, found.status


# No kWh twice


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_settle_transaction__competing_for_the_same_kwh__sell_it_once(
    desk: Desk, order: tuple[int, ...]
) -> None:
    numbers = [
        desk.agree(800),
        desk.agree(800, buyer=desk.rival),
        desk.agree(800, price=2 * PRICE),
    ]
    desk.produce(1000, at=desk.start + 600)
    first, second, third = (numbers[place] for place in order)
    desk.settle(first)
    desk.settle(second)
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=third):
        desk.settle(third)

    assert progress(desk, first) == (800, 0, SETTLED)
    assert progress(desk, second) == (200, 0, MATCHED)
    assert desk.energy(desk.seller) == Energy(produced=1000, sold=1000)
    bought = desk.energy(desk.buyer).bought + desk.energy(desk.rival).bought
    assert bought == 1000

    # What comes later is sold on where it was left.
    desk.produce(950, at=desk.start + 700)
    desk.settle(third)
    desk.settle(second)
    assert progress(desk, third) == (800, 0, SETTLED)
    assert progress(desk, second) == (350, 0, MATCHED)
    assert desk.energy(desk.seller) == Energy(produced=1950, sold=1950)


def test_settle_transaction__overlapping_periods__sell_it_once(desk: Desk) -> None:
    hour = desk.agree(800)
    day = desk.agree(800, kind=DAILY, start=MONDAY, buyer=desk.rival)
    week = desk.agree(800, kind=WEEKLY, start=MONDAY)
    desk.produce(1000, at=desk.start + 600)
    for number in (week, day):
        desk.settle(number)
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=hour):
        desk.settle(hour)
    assert [progress(desk, number)[0] for number in (hour, day, week)] == [0, 200, 800]
    assert desk.energy(desk.seller) == Energy(produced=1000, sold=1000)

    # The day has other hours to draw from, the hour has none.
    desk.produce(900, at=desk.end + 600)
    desk.settle(day)
    desk.market.go_to(desk.market.final_at(desk.slot))
    desk.settle(hour)
    assert [progress(desk, number)[0] for number in (hour, day)] == [0, 800]


def test_settle_transaction__sent_and_signed_readings__are_sold_once(desk: Desk) -> None:
    market, time = desk.market, desk.start + 600
    second = market.register_meter(desk.seller, actor("second meter"), rated_power=RATED_POWER)
    numbers = [desk.agree(700), desk.agree(700, buyer=desk.rival)]
    desk.produce(500, at=time)
    signed = [
        market.signed_reading(meter, market.reading(timestamp=time + 100, produced=produced))
        for meter, produced in ((desk.meter, 300), (second, 400))
    ]
    market.at(time + 100).do(desk.stranger, market.meters, "submitSignedReadings", signed)
    assert desk.energy(desk.seller) == Energy(produced=1200)
    for number in numbers:
        desk.settle(number)
    assert [progress(desk, number)[0] for number in numbers] == [700, 500]
    assert desk.energy(desk.seller) == Energy(produced=1200, sold=1200)


def test_settle_transaction__bought_energy__cannot_be_sold_on(desk: Desk) -> None:
    first = desk.agree(1000)
    onward = desk.agree(1000, buyer=desk.rival, seller=desk.buyer)
    desk.produce(1000, at=desk.start + 600)
    desk.settle(first)
    with refuses(desk.market, errors.EnergyTrading_NothingToSettle, transaction_id=onward):
        desk.settle(onward)
    assert desk.energy(desk.buyer) == Energy(bought=1000)


# At random


def close_once(mirror: Mirror, trader: LocalAccount, slot: int) -> None:
    if not mirror.ledger.energy_of(trader.address, slot).closed:
        mirror.close(trader, slot)


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
def test_settle_transaction__a_random_day__leaves_the_books_of_the_model(
    desk: Desk,
    fees: Fees,
    agreed: list[tuple[list[int], int, int, tuple[PeriodKind, int]]],
    script: list[tuple[str, int, int]],
) -> None:
    market = desk.market
    with rewound(market):
        mirror = mirror_of(desk, fees=fees, meters=True)
        for parties, amount, price, (kind, hour) in agreed:
            period = Period(kind=kind, start=MONDAY + hour * HOUR)
            seller, buyer, _ = (mirror.traders[party] for party in parties)
            assert mirror.agree(seller, buyer, amount, price, period) is not None
        market.go_to(MONDAY + HOUR)
        for what, which, much in script:
            if what == "read":
                mirror.read(
                    mirror.traders[which], market.now + 61, produced=much, consumed=much // 3
                )
            elif what == "settle":
                mirror.settle(which, much)
            elif what == "wait":
                market.go_to(market.now + much)
            elif what == "agree":
                others = mirror.traders[which - 1], mirror.traders[which]
                mirror.agree(*others, much, PRICE, Period(kind=DAILY, start=MONDAY))
            else:
                close_once(mirror, mirror.traders[which], market.slot(market.now) - much)
        mirror.assert_same()
        market.go_to(MONDAY + 2 * DAY)
        for number in mirror.ledger.transactions:
            mirror.settle(number, FOREVER)
        mirror.assert_same()
        assert all(
            transaction.status is SETTLED for transaction in mirror.ledger.transactions.values()
        )
        assert sum(market.locked(trader) for trader in mirror.traders) == 0
