"""What a forecast of the day was off, and what that would cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.foresight import foresight

TARIFF = Tariff(grid_price=300_000, feed_in=80_000, shared=190_000)
VILLAGE = simbench.load("summer")


@pytest.mark.parametrize("slot_seconds", [900, 3600])
@pytest.mark.parametrize(("day", "known"), [(date(2016, 7, 4), 1), (date(2016, 7, 10), 7)])
def test_foresight__prices_as_far_from_the_shared_one__costs_their_distance_a_kwh(
    day: date, known: int, slot_seconds: int
) -> None:
    found = foresight(VILLAGE, VILLAGE.slots(day, slot_seconds), TARIFF)
    assert found.days == known
    # 0.11 below and above it.
    assert found.cost == -(-found.missed * 110_000 // 1000)
    assert 0 < found.missed < found.net


def test_foresight__dear_grid__too_little_costs_more() -> None:
    days = VILLAGE.slots(date(2016, 7, 8), 3600)
    cheap, dear = (
        foresight(VILLAGE, days, Tariff(grid_price=price, feed_in=80_000, shared=190_000)).cost
        for price in (300_000, 400_000)
    )
    assert cheap < dear


def test_foresight__days_alike__is_perfect() -> None:
    lead_in = VILLAGE.slots(VILLAGE.week.lead_in, 3600)
    monday = [replace(each, day=VILLAGE.week.days[0]) for each in lead_in]
    found = foresight(VILLAGE, monday, TARIFF)
    assert (found.days, found.missed, found.cost) == (1, 0, 0)
