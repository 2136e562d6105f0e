"""Which days a baseline compares an event with; its arithmetic is tested beside the contract's."""

from __future__ import annotations

import pytest

from energy_grid.domain.baselines import similar_days


@pytest.mark.parametrize(
    ("day", "found"),
    [
        # A Tuesday, a Monday, a Saturday and a Sunday.
        (20_011, [20_010, 20_007, 20_006]),
        (20_010, [20_007, 20_006, 20_005]),
        (20_008, [20_002, 20_001, 19_995]),
        (20_009, [20_008, 20_002, 20_001]),
        (1, [0]),
    ],
)
def test_similar_days__of_weekdays_and_weekends__newest_first(day: int, found: list[int]) -> None:
    assert similar_days(day, 3) == found
