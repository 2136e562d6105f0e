"""EnergyTrading.settleBatch and the settling of what it makes, beside the reference model."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.orders import OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from tests.model.costs import Fees
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY
from tests.unit.contracts.trading.auction import ASK, BID, Auction, Named
from tests.unit.contracts.trading.model_comparison import ModelComparison, comparison_of
from tests.unit.contracts.trading.traders import DAY, FOREVER, HOUR, Traders

SIDES = list(OrderType)
SIZE = 100_000
PERIODS = [
    Period(kind=PeriodKind.HOURLY, start=MONDAY + HOUR),
    Period(kind=PeriodKind.DAILY, start=MONDAY),
]
# Buyer and seller, by their places among three.
pairs = st.sampled_from([(buy, sell) for buy in range(3) for sell in range(3) if buy != sell])
packs = st.tuples(
    st.sampled_from([0, 0, 1]),
    st.integers(ASK, BID),
    st.lists(st.tuples(pairs, st.integers(4, 900)), min_size=1, max_size=5),
)
steps = st.one_of(
    st.tuples(st.just("settle"), st.integers(0, 30), st.integers(1, 3)),
    st.tuples(st.just("read"), st.integers(0, 2), st.integers(1, 1500)),
)


def place_all(
    comparison: ModelComparison, auction: Auction, *, signed: bool
) -> dict[tuple[int, int, int], Named]:
    """An order of each trader on each side for each period: signed or stored."""
    orders: dict[tuple[int, int, int], Named] = {}
    for when, period in enumerate(PERIODS):
        for who, trader in enumerate(comparison.accounts):
            for side in SIDES:
                limit = BID if side is OrderType.BUY else ASK
                if signed:
                    nonce = 2 * when + side
                    order: Named | None = auction.order(
                        trader, side, SIZE, limit, nonce=nonce, period=period
                    )
                else:
                    order = comparison.place(trader, side, SIZE, limit, period)
                assert order is not None
                orders[when, who, side] = order
    return orders


@settings(on_chain, max_examples=10)
@given(
    signed=st.booleans(),
    fees=st.builds(Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 9_999)),
    batches=st.lists(packs, min_size=1, max_size=4),
    script=st.lists(steps, min_size=6, max_size=20),
    last=st.randoms(use_true_random=False),
)
def test_settle_batch__random_pairs_settled_in_any_order__leave_the_state_of_the_model(
    traders: Traders,
    signed: bool,
    fees: Fees,
    batches: list[tuple[int, int, list[tuple[tuple[int, int], int]]]],
    script: list[tuple[str, int, int]],
    last: Random,
) -> None:
    market, auction = traders.market, Auction(traders=traders)
    with rewound(market):
        comparison = comparison_of(traders, fees=fees, meters=True)
        orders = place_all(comparison, auction, signed=signed)
        numbers: list[int] = []
        for when, price, fills in batches:
            spoken = [
                (orders[when, buy, OrderType.BUY], orders[when, sell, OrderType.SELL], amount)
                for (buy, sell), amount in fills
            ]
            batch = auction.batch(*spoken, price=price, period=PERIODS[when])
            made = comparison.batch(batch)
            assert [one.amount for one in made] == [amount for _, amount in fills]
            numbers += [one.id for one in made]
        comparison.assert_same()
        market.go_to(traders.start)
        for what, which, much in script:
            if what == "read":
                trader = comparison.accounts[which]
                comparison.read(trader, market.now + 61, produced=much, consumed=0)
            else:
                # One after the last of them is none, in the model as well.
                known = [*numbers, max(numbers) + 1]
                comparison.settle(known[which % len(known)], much)
        comparison.assert_same()

        market.go_to(MONDAY + 2 * DAY)
        last.shuffle(numbers)
        for number in numbers:
            comparison.settle(number, FOREVER)
        comparison.assert_same()
        ended = comparison.settlement_model.transactions.values()
        assert {one.status for one in ended} == {TransactionStatus.SETTLED}
