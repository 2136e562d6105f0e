"""Forecasts become orders."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Offer, Tariff, keepers, limit_price, offers, traders
from energy_grid.demo.calendar import TRADED_HOUR
from energy_grid.demo.profiles import DayProfile, Household
from energy_grid.domain.orders import OrderType
from energy_grid.errors import DomainError

TARIFF = Tariff(grid_price=300_000, feed_in=80_000, shared=190_000)


def profile(number: int, nets: tuple[int, ...], *, slot: int = 900, peak: int = 0) -> DayProfile:
    return DayProfile(
        household=Household(
            number=number, name=f"H {number}", bus="B", connected_w=1000, pv_peak_w=peak
        ),
        day=date(2016, 7, 5),
        slot_seconds=slot,
        generated_wh=nets,
        produced_wh=tuple(max(net, 0) for net in nets),
        consumed_wh=tuple(max(-net, 0) for net in nets),
    )


def expecting(*nets: int) -> tuple[int, ...]:
    """A day of quarters with these in the traded hour."""
    return (*[0] * (4 * TRADED_HOUR), *nets)


def test_offers__quarters_of_an_hour__are_for_what_is_expected_in_each_of_them() -> None:
    days = [
        profile(1, expecting(300, 100, 200, 400)),
        profile(2, expecting(-60, -50, -70, -90)),
        profile(3, expecting(50, -50, 50, 50)),
        profile(4, expecting(0, 50, 50, 50)),
    ]
    assert offers(days, TARIFF, seed=1) == (
        Offer(household=1, order_type=OrderType.SELL, wh=400, price=limit_price(TARIFF, 1, 1)),
        Offer(household=2, order_type=OrderType.BUY, wh=200, price=limit_price(TARIFF, 1, 2)),
    )


def test_offers__slots_of_an_hour__are_for_all_that_is_expected() -> None:
    (sell,) = offers([profile(1, (*[0] * TRADED_HOUR, 700, 0), slot=3600)], TARIFF, seed=1)
    assert (sell.order_type, sell.wh) == (OrderType.SELL, 700)


@pytest.mark.parametrize(("wh", "orders"), [(24, 0), (25, 1), (-24, 0), (-25, 1)])
def test_offers__little_energy__is_not_worth_the_gas(wh: int, orders: int) -> None:
    assert len(offers([profile(1, expecting(wh, wh, wh, wh))], TARIFF, seed=1)) == orders


def test_traders__village__are_a_fifth_by_the_seed() -> None:
    homes = simbench.all_households()
    chosen = traders(homes, 1)
    assert len(chosen) == 19
    assert chosen == traders(homes, 1) == tuple(sorted(set(chosen)))
    assert chosen != traders(homes, 2)
    assert len(traders(homes[:1], 1)) == 1


@pytest.mark.parametrize(
    ("nets", "peak", "keeps"),
    [((9_999, -5), 1, True), ((10_000, -5), 1, False), ((-3, -5), 1, True), ((9, 9), 0, False)],
    ids=["small surplus", "large surplus", "no surplus", "no panels"],
)
def test_keepers__day_before__decides(nets: tuple[int, int], peak: int, keeps: bool) -> None:
    assert keepers([profile(7, nets, peak=peak)]) == ((7,) if keeps else ())


def test_limit_price__many_households__lie_between_the_tariffs() -> None:
    prices = [limit_price(TARIFF, 1, number) for number in range(2000)]
    assert min(prices) == TARIFF.feed_in
    assert max(prices) == TARIFF.grid_price
    assert all(price % 1000 == 0 for price in prices)


def test_limit_price__one_price_for_all__is_that_price() -> None:
    assert limit_price(Tariff(grid_price=7, feed_in=7, shared=7), 1, 1) == 7


@pytest.mark.parametrize(("feed_in", "shared"), [(81, 80), (50, 49), (50, 81)])
def test_tariff__prices_out_of_order__are_refused(feed_in: int, shared: int) -> None:
    with pytest.raises(DomainError) as refusal:
        Tariff(grid_price=80, feed_in=feed_in, shared=shared)
    assert str(refusal.value) == (
        f"a price of shared energy of {shared} is not between a feed-in tariff of {feed_in} and a"
        " grid price of 80"
    )
