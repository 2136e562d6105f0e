"""What readings add to a slot, and what a transaction can draw of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.periods import SLOT_LENGTHS, slot_of
from energy_grid.domain.slots import SlotEnergy
from energy_grid.errors import DomainError
from tests.model.slots import (
    day_of_reading,
    deliverable,
    metered,
    slot_of_reading,
)

MONDAY = 1_767_571_200  # 5 January 2026
HOUR = 3600


@given(st.integers(1, 10**10), st.sampled_from(SLOT_LENGTHS))
def test_slot_of_reading__is_the_slot_it_completes(timestamp: int, length: int) -> None:
    slot = slot_of_reading(timestamp, length)
    assert slot * length < timestamp <= (slot + 1) * length
    assert slot_of(slot * length, length) == slot == slot_of((slot + 1) * length - 1, length)


def test_slot_of_reading__at_the_full_hour__completes_the_hour_before() -> None:
    eleven = MONDAY + 11 * HOUR
    assert slot_of_reading(eleven, HOUR) == eleven // HOUR - 1
    assert slot_of_reading(eleven + 1, HOUR) == eleven // HOUR
    assert slot_of(eleven, HOUR) == eleven // HOUR


def test_day_of_reading__at_midnight__completes_the_day_before() -> None:
    assert day_of_reading(MONDAY) == MONDAY // 86_400 - 1
    assert day_of_reading(MONDAY + 1) == MONDAY // 86_400


def test_readings__at_time_zero__are_refused() -> None:
    with pytest.raises(DomainError):
        slot_of_reading(0, HOUR)
    with pytest.raises(DomainError):
        day_of_reading(0)


def test_deliverable__is_what_the_seller_kept() -> None:
    seller = SlotEnergy(produced=1000, sold=400, consumed=5000)
    assert deliverable(seller, SlotEnergy(), 700) == 600
    assert deliverable(seller, SlotEnergy(), 500) == 500


def test_deliverable__either_side_closed__is_nothing() -> None:
    seller = SlotEnergy(produced=1000)
    assert deliverable(seller, SlotEnergy(closed=True), 1) == 0
    assert deliverable(SlotEnergy(produced=1000, closed=True), SlotEnergy(), 1) == 0


def test_metered__adds_up_and_refuses_negative_energy() -> None:
    energy = metered(SlotEnergy(produced=1, consumed=2, sold=1), 10, 20)
    assert energy == SlotEnergy(produced=11, consumed=22, sold=1)
    with pytest.raises(DomainError, match="production"):
        metered(energy, -1, 0)
    with pytest.raises(DomainError, match="consumption"):
        metered(energy, 0, -1)
