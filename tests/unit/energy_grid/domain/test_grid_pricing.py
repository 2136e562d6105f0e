"""The grid's own price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.grid_pricing import dynamic_price
from energy_grid.errors import DomainError


@pytest.mark.parametrize(
    ("load", "capacity", "price"),
    [
        (0, 1000, 300_001),
        (1000, 1000, 450_001),
        (500, 1000, 375_001),
        (1, 3, 350_001),
        (999, 1000, 449_851),
        (1001, 1000, 450_001),
        (10**9, 1000, 450_001),
        (0, 0, 300_001),
        (500, 0, 300_001),
    ],
)
def test_dynamic_price__normal__rises_with_the_load(load: int, capacity: int, price: int) -> None:
    assert dynamic_price(300_001, load, capacity, emergency=False) == price


@pytest.mark.parametrize("capacity", [0, 1000])
def test_dynamic_price__emergency__is_three_times_the_base(capacity: int) -> None:
    assert dynamic_price(300_001, 500, capacity, emergency=True) == 900_003


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.data())
def test_dynamic_price__within_capacity__stays_below_one_and_a_half(
    base: int, capacity: int, data: st.DataObject
) -> None:
    load = data.draw(st.integers(0, capacity))
    price = dynamic_price(base, load, capacity, emergency=False)
    assert base <= price <= base + base // 2
    assert price <= dynamic_price(base, load + 1, capacity, emergency=False)


@pytest.mark.parametrize("values", [(-1, 0, 1), (1, -1, 1), (1, 0, -1)])
def test_dynamic_price__negative__is_refused(values: tuple[int, int, int]) -> None:
    with pytest.raises(DomainError):
        dynamic_price(*values, emergency=False)
