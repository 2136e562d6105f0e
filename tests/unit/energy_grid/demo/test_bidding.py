"""Forecasts become orders."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo.bidding import Offer, Tariff, forecast, limit_price, offers
from energy_grid.demo.profiles import DayProfile, Household
from energy_grid.domain.orders import OrderType
from energy_grid.errors import DomainError

TARIFF = Tariff(grid_price=300_000, feed_in=80_000)


def profile(number: int, produced: tuple[int, ...], consumed: tuple[int, ...]) -> DayProfile:
    return DayProfile(
        household=Household(number=number, name=f"H {number}", bus="B", connected_w=1000),
        day=date(2016, 7, 5),
        slot_seconds=3600,
        produced_wh=produced,
        consumed_wh=consumed,
    )


def test_forecast__day_before__is_its_net_energy() -> None:
    assert forecast(profile(1, (0, 500, 300), (200, 100, 300))) == (-200, 400, 0)


def test_offers__surplus_deficit_and_balance__sell_buy_and_nothing() -> None:
    days = [profile(1, (400,), (100,)), profile(2, (0,), (250,)), profile(3, (70,), (70,))]
    made = sorted(offers(days, 0, TARIFF, seed=1), key=lambda offer: offer.household)
    assert made == [
        Offer(
            household=1,
            order_type=OrderType.SELL,
            wh=300,
            price=limit_price(TARIFF, 1, 1),
        ),
        Offer(
            household=2,
            order_type=OrderType.BUY,
            wh=250,
            price=limit_price(TARIFF, 1, 2),
        ),
    ]


def test_offers__arrival__is_drawn_anew_for_each_slot() -> None:
    days = [profile(number, (0,) * 9, (100,) * 9) for number in range(1, 30)]
    arrivals = {
        tuple(offer.household for offer in offers(days, slot, TARIFF, seed=1)) for slot in range(9)
    }
    assert len(arrivals) == 9
    assert all(sorted(arrival) == list(range(1, 30)) for arrival in arrivals)


def test_reservation_price__many_households__lie_between_the_tariffs() -> None:
    prices = [limit_price(TARIFF, 1, number) for number in range(2000)]
    assert min(prices) == TARIFF.feed_in
    assert max(prices) == TARIFF.grid_price
    assert all(price % 1000 == 0 for price in prices)


def test_reservation_price__one_price_for_all__is_that_price() -> None:
    assert limit_price(Tariff(grid_price=7, feed_in=7), 1, 1) == 7


def test_tariff__feed_in_above_grid_price__is_refused() -> None:
    with pytest.raises(DomainError, match="81 is above the grid price of 80"):
        Tariff(grid_price=80, feed_in=81)
