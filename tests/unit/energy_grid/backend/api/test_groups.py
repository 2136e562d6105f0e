"""Whose sums are told: never those of a few, neither by themselves nor by a difference."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.backend.api.groups import told
from energy_grid.backend.store.analytics import FEWEST, SUMS

_WANTED: list[dict[str, Any]] = [
    {**group, **trades}
    for group in ({}, *({"community": each} for each in (1, 2)), {"region": "a"}, {"region": "b"})
    for trades in ({}, {"trades": True})
]


def _cells(sizes: dict[tuple[int, str, bool], int]) -> list[dict[str, Any]]:
    """Cells that can be told apart in every sum: each has a bit of its own."""
    return [
        {
            "community": community,
            "region": region,
            "trades": trades,
            "accounts": size,
            **dict.fromkeys(SUMS, 1 << place),
        }
        for place, ((community, region, trades), size) in enumerate(sorted(sizes.items()))
    ]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from((0, 1, 2)), st.sampled_from("ab"), st.booleans()),
        st.integers(1, 12),
        min_size=1,
    )
)
def test_told__whatever_is_asked__nobody_finds_fewer_than_five(
    sizes: dict[tuple[int, str, bool], int],
) -> None:
    """What is in the same told sums cannot be told apart: that must be enough accounts."""
    cells = _cells(sizes)
    answers = [told(cells, wanted, False) for wanted in _WANTED]
    sums = [each["money"] for each in answers if each is not None]
    together: dict[tuple[bool, ...], int] = defaultdict(int)
    for place, each in enumerate(cells):
        together[tuple(bool(found >> place & 1) for found in sums)] += each["accounts"]
    assert all(count >= FEWEST for which, count in together.items() if any(which))
    assert (answers[0] is not None) == (sum(sizes.values()) >= FEWEST)


@pytest.mark.parametrize(
    ("sizes", "wanted", "accounts"),
    [
        ({(0, "a", False): 6, (1, "a", True): 5}, {"trades": True}, 5),
        ({(0, "a", False): 6, (1, "a", True): 5}, {"community": 1}, 5),
        # Of the first, those without trades would be found.
        ({(0, "a", False): 4, (0, "a", True): 3, (1, "a", True): 5}, {"trades": True}, None),
        ({(0, "a", False): 4, (0, "a", True): 3, (1, "a", True): 5}, {"community": 1}, 5),
        ({(0, "a", False): 5, (0, "a", True): 3, (1, "a", True): 2}, {"trades": True}, 5),
        ({(0, "a", False): 5, (0, "a", True): 3, (1, "a", True): 2}, {"community": 0}, None),
        ({(0, "a", False): 5}, {"community": 1}, None),
    ],
)
def test_told__by_the_finest_division_that_has_no_small_group(
    sizes: dict[tuple[int, str, bool], int], wanted: dict[str, Any], accounts: int | None
) -> None:
    found = told(_cells(sizes), wanted, False)
    assert (found and found["accounts"]) == accounts


def test_told__of_ones_own__always() -> None:
    found = told(_cells({(1, "a", True): 1}), {"trades": True}, True)
    assert found is not None
    assert found["accounts"] == 1
