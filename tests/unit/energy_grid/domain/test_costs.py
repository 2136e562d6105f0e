"""Costs and their rounding."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import cost_down, cost_up, deficit_price, grid_alone, locked_rate
from energy_grid.errors import DomainError

wh = st.integers(0, 2**64 - 1)
prices = st.integers(0, 2**64 - 1)


@given(wh, prices)
def test_cost__is_the_exact_product_rounded_in_the_named_direction(energy: int, price: int) -> None:
    exact = Fraction(energy * price, 1000)
    assert cost_up(energy, price) == ceil(exact)
    assert cost_down(energy, price) == floor(exact)


@pytest.mark.parametrize(
    ("energy", "price", "down", "up"),
    [(1, 1, 0, 1), (999, 1, 0, 1), (1000, 1, 1, 1), (1001, 1, 1, 2), (0, 5, 0, 0), (5, 0, 0, 0)],
)
def test_cost__around_the_edges(energy: int, price: int, down: int, up: int) -> None:
    assert (cost_down(energy, price), cost_up(energy, price)) == (down, up)


def test_cost__of_machine_integers__does_not_overflow() -> None:
    most = np.uint64(2**64 - 1)
    assert cost_up(most, most) == -(-((2**64 - 1) ** 2) // 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize("cost", [cost_up, cost_down])
def test_cost__negative_or_fractional__is_refused(cost: object) -> None:
    for arguments in ((-1, 1), (1, -1), (1.5, 1)):
        with pytest.raises(DomainError):
            cost(*arguments)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("price", "rate"),
    [
        # Income 0 and fees of 30 beyond the price of 10.
        (10, 900 + 20),
        (30, 900),
        (130, 800),
        (930, 0),
        (5000, 0),
    ],
)
def test_locked_rate__seller__what_its_energy_may_cost_beyond_its_income(
    price: int, rate: int
) -> None:
    assert locked_rate(price, selling=True, fees=30, dearest=900) == rate
    assert locked_rate(price, selling=False, fees=30, dearest=900) == price


def test_grid_alone__is_deficits_at_their_prices_less_surpluses_at_feed_in() -> None:
    slots = [(-2400, 300_000, 80_000), (1000, 310_000, 80_000), (0, 1, 1), (-1, 310_000, 80_000)]
    assert grid_alone(slots) == 2400 * 300_000 - 1000 * 80_000 + 310_000
    assert grid_alone([]) == 0


@given(st.integers(0, 2**32 - 1), st.integers(10_000, 65_535))
def test_deficit_price__is_the_exact_product_rounded_up(buy: int, factor: int) -> None:
    assert deficit_price(buy, factor) == ceil(Fraction(buy * factor, 10_000))
    assert deficit_price(buy, 10_000) == buy
