"""Whose sums views tell: never those of a few, neither by themselves nor by a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from energy_grid.backend.store.analytics import DAY_SUMS, FEWEST, SUMMED, SUMS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.kpi_views import KPI_VIEWS

_WANTED: list[tuple[str, str, bool]] = [
    (*group, traders)
    for group in (
        *(("all", ""), ("community", "1"), ("community", "2")),
        *(("region", "a"), ("region", "b")),
    )
    for traders in (False, True)
]
_Sizes = dict[tuple[int, str, bool], int]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db")
    with opened.writing() as connection:
        connection.execute(insert(SUMMED).values(block=0, day=0, slot_seconds=3600))
    yield opened
    opened.close()


def _told(
    database: Database, sizes: _Sizes, *wanted: tuple[str, str, bool]
) -> list[dict[str, Any] | None]:
    """What is told of a day whose cells can be told apart in every sum: each has a bit of its
    own."""
    with database.engine.connect() as connection:
        connection.execute(insert(DAY_SUMS), _cells(sizes))
        return [_row(connection, *each) for each in wanted]


def _row(connection: Connection, scope: str, whose: str, traders: bool) -> dict[str, Any] | None:
    told = KPI_VIEWS["told_days"].c
    row = connection.execute(
        select(told.day.table).where(
            told.scope == scope, told.whose == whose, told.traders == traders
        )
    ).mappings()
    found = row.one_or_none()
    return None if found is None else dict(found)


def _cells(sizes: _Sizes) -> list[dict[str, Any]]:
    return [
        {
            "day": 1,
            "community": community,
            "region": region,
            "trades": trades,
            "accounts": size,
            **dict.fromkeys(SUMS, 1 << place),
        }
        for place, ((community, region, trades), size) in enumerate(sorted(sizes.items()))
    ]


@given(
    sizes=st.dictionaries(
        st.tuples(st.sampled_from((0, 1, 2)), st.sampled_from("ab"), st.booleans()),
        st.integers(1, 12),
        min_size=1,
    )
)
def test_told__whatever_is_asked__nobody_finds_fewer_than_five(
    database: Database, sizes: _Sizes
) -> None:
    """What is in the same told sums cannot be told apart: that must be enough accounts."""
    answers = _told(database, sizes, *_WANTED)
    sums = [each["money"] for each in answers if each is not None]
    together: dict[tuple[bool, ...], int] = defaultdict(int)
    for place, cell in enumerate(sorted(sizes)):
        together[tuple(bool(found >> place & 1) for found in sums)] += sizes[cell]
    assert all(count >= FEWEST for which, count in together.items() if any(which))
    assert (answers[0] is not None) == (sum(sizes.values()) >= FEWEST)


@pytest.mark.parametrize(
    ("sizes", "wanted", "accounts"),
    [
        ({(0, "a", False): 6, (1, "a", True): 5}, ("all", "", True), 5),
        ({(0, "a", False): 6, (1, "a", True): 5}, ("community", "1", False), 5),
        # Of the first, those without trades would be found.
        ({(0, "a", False): 4, (0, "a", True): 3, (1, "a", True): 5}, ("all", "", True), None),
        (
            {(0, "a", False): 4, (0, "a", True): 3, (1, "a", True): 5},
            ("community", "1", False),
            5,
        ),
        ({(0, "a", False): 5, (0, "a", True): 3, (1, "a", True): 2}, ("all", "", True), 5),
        (
            {(0, "a", False): 5, (0, "a", True): 3, (1, "a", True): 2},
            ("community", "1", False),
            None,
        ),
        ({(0, "a", False): 5}, ("community", "1", False), None),
        ({(0, "", False): 5, (1, "", False): 5}, ("region", "", False), None),
    ],
)
def test_told__by_the_finest_division_that_has_no_small_group(
    database: Database, sizes: _Sizes, wanted: tuple[str, str, bool], accounts: int | None
) -> None:
    (found,) = _told(database, sizes, wanted)
    assert (found and found["accounts"]) == accounts
