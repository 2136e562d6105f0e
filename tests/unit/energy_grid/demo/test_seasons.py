"""A winter and a summer day side by side."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.seasons import seasons
from energy_grid.domain.costs import grid_alone

TARIFF = Tariff(grid_price=300_000, feed_in=80_000, shared=190_000)
SUNDAY = date(2016, 7, 10)


@pytest.mark.parametrize("slot_seconds", [900, 3600])
def test_seasons__are_of_the_reports_weekday_the_dearest_first(slot_seconds: int) -> None:
    winter, summer = seasons(SUNDAY, simbench.choose(), TARIFF, slot_seconds)
    assert (winter.day, summer.day) == (date(2016, 12, 4), SUNDAY)
    for season in (winter, summer):
        assert season.bill < season.bill_alone
        assert season.grid == season.grid_alone - season.shared
    days = simbench.load("summer").slots(SUNDAY, slot_seconds)
    alone = [grid_alone([(net, 300_000, 80_000) for net in day.nets_wh]) for day in days]
    assert summer.bill_alone == sum(-(-each // 1000) for each in alone)
    # What is given is rounded as well: a few Wh a slot.
    surplus = sum(max(net, 0) for day in days for net in day.nets_wh)
    assert summer.fed_in == pytest.approx(surplus - summer.shared, rel=1e-3)


def test_seasons__of_one_household__is_nothing_to_share() -> None:
    for season in seasons(SUNDAY, simbench.choose([34]), TARIFF, 3600):
        assert (season.shared, season.bill) == (0, season.bill_alone)
