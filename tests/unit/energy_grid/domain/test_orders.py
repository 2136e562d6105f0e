"""Amounts of orders: the same whole Wh in every slot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.orders import (
    MAX_PER_SLOT,
    MAX_WH,
    InvalidAmountError,
    check_amount,
    is_valid_amount,
)

SLOTS = st.sampled_from([1, 4, 24, 96, 168, 672])


@given(st.integers(1, MAX_PER_SLOT), SLOTS)
def test_check_amount__the_same_in_every_slot__passes(per_slot: int, slots: int) -> None:
    assert is_valid_amount(per_slot * slots, slots)
    check_amount(per_slot * slots, slots)


@given(st.integers(0, 2 * MAX_WH), SLOTS)
def test_check_amount__any_other__names_the_next_valid_ones(amount: int, slots: int) -> None:
    if is_valid_amount(amount, slots):
        return
    with pytest.raises(InvalidAmountError) as caught:
        check_amount(amount, slots)
    lower, higher = caught.value.lower, caught.value.higher
    assert lower == 0 or (is_valid_amount(lower, slots) and lower < amount)
    assert higher == 0 or (is_valid_amount(higher, slots) and higher > amount)
    assert higher - lower == slots or (lower, higher) == (MAX_PER_SLOT * slots, 0)


@pytest.mark.parametrize(
    ("amount", "slots", "message"),
    [
        (1001, 4, "the same whole Wh in each of 4 slots: the nearest valid is 1 kWh or 1.004 kWh"),
        (3, 4, "the same whole Wh in each of 4 slots: the nearest valid is 0.004 kWh"),
        (2**31, 1, "whole Wh of a slot: the nearest valid is 2147483.647 kWh"),
        (0, 1, "whole Wh of a slot: the nearest valid is 0.001 kWh"),
    ],
)
def test_check_amount__message__is_in_kwh(amount: int, slots: int, message: str) -> None:
    with pytest.raises(InvalidAmountError, match=f"kWh is not {message}$"):
        check_amount(amount, slots)
