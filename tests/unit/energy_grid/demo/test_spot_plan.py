"""What is offered and bought on the spot."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.demo.spot_plan import (
    BUYERS,
    Purchase,
    SpotOffer,
    SpotPosition,
    SpotTrade,
    plan_spot,
)


def position(
    household: int, energy_credits: int, from_grid: int = 0, burned: int = 0
) -> SpotPosition:
    return SpotPosition(
        household=household, energy_credits=energy_credits, burned=burned, from_grid=from_grid
    )


@pytest.mark.parametrize(
    ("energy_credits", "burned", "from_grid", "surplus", "deficit"),
    [(10, 3, 4, 3, 0), (7, 3, 4, 0, 0), (6, 3, 4, 0, 1), (0, 0, 0, 0, 0)],
)
def test_position__energy_used__is_surplus_or_deficit(
    energy_credits: int, burned: int, from_grid: int, surplus: int, deficit: int
) -> None:
    one = position(1, energy_credits, from_grid, burned)
    assert (one.surplus, one.deficit) == (surplus, deficit)


def test_plan_spot__largest_seller_and_buyer__trade_halfway_and_the_rest_is_offered() -> None:
    plan = plan_spot(
        [position(1, 900), position(2, 500), position(3, 0, 300), position(4, 0, 200)],
        {1: 100, 2: 90, 3: 151, 4: 120},
    )
    assert plan.trade == SpotTrade(seller=1, buyer=3, wh=300, price=125)
    assert plan.offers == (
        SpotOffer(seller=1, wh=600, price=100),
        SpotOffer(seller=2, wh=500, price=90),
    )
    # The cheapest first, and only a part of it.
    assert plan.purchases == (Purchase(buyer=4, seller=2, wh=200),)
    assert plan.cancelled == (1,)


def test_plan_spot__first_buyer_values_it_less__the_next_one_trades() -> None:
    plan = plan_spot(
        [position(1, 900), position(2, 0, 300), position(3, 0, 200)], {1: 100, 2: 99, 3: 100}
    )
    assert plan.trade == SpotTrade(seller=1, buyer=3, wh=200, price=100)
    assert plan.purchases == ()
    assert plan.cancelled == (1,)


def test_plan_spot__one_offer_is_too_small__the_next_one_makes_up_for_it() -> None:
    plan = plan_spot(
        [
            position(1, 900),
            position(2, 50),
            position(3, 60),
            position(4, 0, 100),
            position(5, 0, 90),
        ],
        {1: 200, 2: 100, 3: 110, 4: 150, 5: 150},
    )
    assert plan.trade is None
    assert plan.purchases == (
        Purchase(buyer=4, seller=2, wh=50),
        Purchase(buyer=4, seller=3, wh=50),
        Purchase(buyer=5, seller=3, wh=10),
    )
    assert plan.cancelled == (1,)


def test_plan_spot__trade_takes_everything__nothing_is_offered() -> None:
    plan = plan_spot([position(1, 50), position(2, 0, 300)], {1: 100, 2: 200})
    assert plan.trade == SpotTrade(seller=1, buyer=2, wh=50, price=150)
    assert (plan.offers, plan.purchases, plan.cancelled) == ((), (), ())


def test_plan_spot__no_surplus__nothing_happens() -> None:
    plan = plan_spot([position(1, 5, 5), position(2, 0, 300)], {1: 100, 2: 200})
    assert (plan.trade, plan.offers, plan.purchases) == (None, (), ())


def test_plan_spot__nobody_lacks_anything__all_offers_are_taken_back() -> None:
    plan = plan_spot([position(1, 5), position(2, 7)], {1: 100, 2: 200})
    assert (plan.trade, plan.purchases, plan.cancelled) == (None, (), (1, 2))


def test_plan_spot__many_lack__those_who_bought_most_from_the_grid_buy() -> None:
    lacking = [position(number, 0, number) for number in range(1, BUYERS + 6)]
    limits = dict.fromkeys(range(BUYERS + 6), 100) | {0: 100}
    plan = plan_spot([position(0, 10**6), *lacking], limits)
    assert plan.trade is not None
    buyers = [plan.trade.buyer, *(purchase.buyer for purchase in plan.purchases)]
    assert buyers == list(range(BUYERS + 5, 5, -1))


@settings(max_examples=100)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(0, 50), st.integers(1, 9)),
        max_size=30,
    )
)
def test_plan_spot__any_village__nobody_sells_or_buys_too_much_or_at_a_loss(
    rows: list[tuple[int, int, int, int]],
) -> None:
    positions = [
        position(number, energy_credits, from_grid, burned)
        for number, (energy_credits, burned, from_grid, _) in enumerate(rows)
    ]
    limits = {number: row[3] for number, row in enumerate(rows)}
    plan = plan_spot(positions, limits)
    given_, taken = Counter[int](), Counter[int]()
    sold = Counter[int]()
    for offer in plan.offers:
        given_[offer.seller] += offer.wh
        assert offer.wh > 0
        assert offer.price == limits[offer.seller]
    for purchase in plan.purchases:
        sold[purchase.seller] += purchase.wh
        taken[purchase.buyer] += purchase.wh
        assert purchase.wh > 0
        assert limits[purchase.seller] <= limits[purchase.buyer]
    offered = Counter({offer.seller: offer.wh for offer in plan.offers})
    assert all(sold[seller] <= offered[seller] for seller in sold)
    if plan.trade is not None:
        given_[plan.trade.seller] += plan.trade.wh
        taken[plan.trade.buyer] += plan.trade.wh
        assert limits[plan.trade.seller] <= plan.trade.price <= limits[plan.trade.buyer]
    for one in positions:
        assert given_[one.household] == one.surplus
        assert taken[one.household] <= one.deficit
