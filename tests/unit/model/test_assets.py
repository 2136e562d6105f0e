"""Assets: the book value to the last unit, and each day of a meter in one place only."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.errors import DomainError
from tests.model.assets import (
    MAX_LIFETIME,
    MAX_LINKS,
    MAX_METERS,
    MIN_LIFETIME,
    LifetimeError,
    Link,
    MeterNotLinkedError,
    MeterTakenError,
    TooManyMetersError,
    asset_of,
    book_value,
    linked,
    meters_of,
    production,
    unlinked,
)

DAY = 86_400
# Asset, meter, and how many days later.
MOVES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2)), max_size=60)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, 1000), (1, 1000), (DAY, 900), (DAY + 1, 900), (9 * DAY - 1, 101), (9 * DAY, 100)],
)
def test_book_value__over_ten_days__falls_by_a_tenth_a_day(age: int, expected: int) -> None:
    assert book_value(1000, commissioned_at=DAY, lifetime=10 * DAY, time=DAY + age) == expected


@pytest.mark.parametrize("age", [10 * DAY - 1, 10 * DAY, 10 * DAY + 1, 1000 * DAY])
def test_book_value__past_its_lifetime__is_a_tenth(age: int) -> None:
    assert book_value(1000, commissioned_at=0, lifetime=10 * DAY, time=age) == 100


@pytest.mark.parametrize(("value", "tenth"), [(0, 0), (1, 1), (10, 1), (11, 2), (19, 2), (20, 2)])
def test_book_value__of_a_small_value__is_rounded_up(value: int, tenth: int) -> None:
    assert book_value(value, commissioned_at=0, lifetime=DAY, time=DAY) == tenth


@given(
    st.integers(0, 2**96 - 1),
    st.integers(0, 2**32),
    st.integers(MIN_LIFETIME, MAX_LIFETIME),
    st.integers(0, 2**33),
)
def test_book_value__of_anything__is_the_exact_one_rounded_up(
    value: int, commissioned_at: int, lifetime: int, time: int
) -> None:
    found = book_value(value, commissioned_at=commissioned_at, lifetime=lifetime, time=time)

    age = min(max(time - commissioned_at, 0), lifetime)
    exact = max(value * (1 - Fraction(age, lifetime)), Fraction(value, 10))
    assert exact <= found < exact + 1


@pytest.mark.parametrize("lifetime", [0, MIN_LIFETIME - 1, MAX_LIFETIME + 1])
def test_book_value__over_no_lifetime__refused(lifetime: int) -> None:
    with pytest.raises(LifetimeError, match=f"not {lifetime}"):
        book_value(1, commissioned_at=0, lifetime=lifetime, time=0)


@pytest.mark.parametrize("name", ["value", "commissioned_at", "time"])
def test_book_value__of_negative_numbers__refused(name: str) -> None:
    numbers = {"value": 1, "commissioned_at": 1, "lifetime": DAY, "time": 1, name: -1}
    with pytest.raises(DomainError, match="negative"):
        book_value(numbers.pop("value"), **numbers)


def test_links__handed_over_within_a_day__the_day_stays_with_the_first() -> None:
    links = linked((), asset=1, meter=5, today=100)
    links = unlinked(links, asset=1, meter=5, today=103)
    links = linked(links, asset=2, meter=5, today=103)

    assert links == (
        Link(asset=1, meter=5, first_day=100, last_day=103),
        Link(asset=2, meter=5, first_day=104),
    )
    metered = {(5, day): 1 << day - 99 for day in range(99, 106)}
    days = range(99, 106)
    assert production(links, asset=1, days=days, metered=metered) == (0, 2, 4, 8, 16, 0, 0)
    assert production(links, asset=2, days=days, metered=metered) == (0, 0, 0, 0, 0, 32, 64)


def test_links__back_on_the_same_day__counts_it_once() -> None:
    links = linked((), asset=1, meter=5, today=100)
    links = linked(unlinked(links, asset=1, meter=5, today=100), asset=1, meter=5, today=100)

    assert [link.first_day for link in links] == [100, 101]


def test_links__ended_before_they_began__leave_no_trace() -> None:
    links = unlinked(linked((), asset=1, meter=5, today=100), asset=1, meter=5, today=100)

    again = unlinked(linked(links, asset=2, meter=5, today=100), asset=2, meter=5, today=100)
    assert again == links
    assert linked(again, asset=3, meter=5, today=100)[-1].first_day == 101


def test_linked__a_meter_that_is__refused() -> None:
    links = linked((), asset=1, meter=5, today=100)
    for asset in (1, 2):
        with pytest.raises(MeterTakenError, match="meter 5 counts for asset 1"):
            linked(links, asset=asset, meter=5, today=100)


def test_unlinked__a_meter_that_is_not__refused() -> None:
    links = linked((), asset=1, meter=5, today=100)
    for asset, meter in ((2, 5), (1, 6)):
        with pytest.raises(MeterNotLinkedError, match=f"meter {meter} .* asset {asset}"):
            unlinked(links, asset=asset, meter=meter, today=100)


def test_linked__as_many_as_may_be_at_a_time__one_more_refused() -> None:
    links: tuple[Link, ...] = ()
    for meter in range(MAX_METERS):
        links = linked(links, asset=1, meter=meter, today=100)

    with pytest.raises(TooManyMetersError, match="has 8 meters"):
        linked(links, asset=1, meter=99, today=100)
    linked(links, asset=2, meter=99, today=100)
    linked(unlinked(links, asset=1, meter=0, today=100), asset=1, meter=99, today=100)


def test_linked__as_many_as_may_be_in_all__one_more_refused() -> None:
    links: tuple[Link, ...] = ()
    for meter in range(MAX_LINKS):
        links = linked(links, asset=1, meter=meter, today=100)
        links = unlinked(links, asset=1, meter=meter, today=100)

    with pytest.raises(TooManyMetersError, match="has had 32 meters"):
        linked(links, asset=1, meter=99, today=100)
    linked(links, asset=2, meter=99, today=100)


@given(MOVES)
def test_links__after_any_moves__no_day_of_a_meter_counts_twice(
    moves: Sequence[tuple[int, int, int]],
) -> None:
    """A meter that is linked is unlinked, one that is not is linked."""
    links: tuple[Link, ...] = ()
    today = first = 100
    for asset, meter, later in moves:
        today += later
        holder = asset_of(links, meter)
        if holder is None:
            links = linked(links, asset=asset, meter=meter, today=today)
            assert asset_of(links, meter) == asset
            assert meter in meters_of(links, asset)
        else:
            links = unlinked(links, asset=holder, meter=meter, today=today)
            assert asset_of(links, meter) is None
            assert meter not in meters_of(links, holder)

    for meter in (1, 2, 3):
        for day in range(first, today + 3):
            assert sum(link.covers(day) for link in links if link.meter == meter) <= 1
