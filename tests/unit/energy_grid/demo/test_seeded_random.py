"""Numbers drawn from a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from energy_grid.demo.seeded_random import draw_below, draw_bytes
from energy_grid.errors import DomainError


def test_draw__same_seed_and_labels__gives_the_same_everywhere() -> None:
    assert draw_below(1000, 1, "reservation", 7) == draw_below(1000, 1, "reservation", 7)
    # A change here changes every key and price of the demo.
    assert draw_bytes(1, "wallet", 7).hex().startswith("90042cfd")


def test_draw__other_seed_or_label__gives_another() -> None:
    drawn = {draw_bytes(*labels) for labels in ((1, "a", 1), (2, "a", 1), (1, "b", 1), (1, "a", 2))}
    assert len(drawn) == 4


def test_draw_below__many__reach_every_number_about_equally_often() -> None:
    counts = Counter(draw_below(5, 1, index) for index in range(5000))
    assert set(counts) == set(range(5))
    assert all(800 < count < 1200 for count in counts.values())


def test_draw__no_number_to_draw__is_refused() -> None:
    with pytest.raises(DomainError):
        draw_below(0, 1)
    with pytest.raises(DomainError):
        draw_bytes(-1)
