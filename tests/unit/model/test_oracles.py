"""Feeds of several reporters."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.enums import RoundStatus
from energy_grid.errors import DomainError
from tests.model.oracles import (
    GRID,
    WEATHER,
    BadParameterError,
    Feed,
    HeldError,
    NoAnswerError,
    NoSuchRoundError,
    NotHeldError,
    OutOfBoundsError,
    StaleError,
    WrongRoundError,
    median,
    price_quantity,
    smoothed,
    smoothed_price,
)

MAX_AGE = 100


def price_feed(quorum: int = 1) -> Feed:
    return Feed([price_quantity(2000)], quorum, MAX_AGE)


def after(*prices: int) -> Feed:
    """A feed with a round for each price, at second 0."""
    feed = price_feed()
    for number, price in enumerate(prices, 1):
        feed.submit("reporter", number, (price,), 0)
    return feed


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5], 5),
        ([3, 1, 2], 2),
        ([4, 1], 2),
        ([-3, 0], -2),
        ([-1, -4, 100, -100], -3),
        ([7, 7, 7, 7], 7),
    ],
)
def test_median__odd_and_even__middle_rounded_down(values: list[int], expected: int) -> None:
    assert median(values) == expected


def test_median__no_values__refused() -> None:
    with pytest.raises(DomainError, match="no values"):
        median([])


@pytest.mark.parametrize("f", [1, 2])
@given(data=st.data())
def test_median__every_subset_of_liars_and_submitters__within_the_honest_range(
    f: int, data: st.DataObject
) -> None:
    """f of 3f + 1 reporters lie, and 2f + 1 submit."""
    everybody = range(3 * f + 1)
    values = st.integers(-(2**96), 2**96)
    honest = data.draw(st.lists(values, min_size=3 * f + 1, max_size=3 * f + 1))
    lies = data.draw(st.lists(values, min_size=f, max_size=f))
    for count in range(f + 1):
        for liars in combinations(everybody, count):
            output = dict(enumerate(honest)) | dict(zip(liars, lies, strict=False))
            for submitters in combinations(everybody, 2 * f + 1):
                truths = [output[one] for one in submitters if one not in liars]
                answer = median([output[one] for one in submitters])
                assert min(truths) <= answer <= max(truths)


@pytest.mark.parametrize(("quorum", "max_age"), [(0, 60), (32, 60), (1, 59), (1, 86_401)])
def test_feed__parameters_out_of_range__refused(quorum: int, max_age: int) -> None:
    with pytest.raises(BadParameterError, match="out of range"):
        Feed(GRID, quorum, max_age)


def test_feed__quorum_reached__answered() -> None:
    feed = Feed(WEATHER, 3, MAX_AGE)
    for reporter, temperature in (("first", -500), ("second", 100), ("third", -450)):
        found = feed.submit(reporter, 1, (0, temperature, 0, 0), 10)

    assert (found.status, found.values) == (RoundStatus.ANSWERED, (0, -450, 0, 0))
    assert feed.answer(10 + MAX_AGE) == found.values
    assert feed.is_fresh(10 + MAX_AGE)
    assert not feed.is_fresh(11 + MAX_AGE)
    with pytest.raises(StaleError, match="oldest value of round 1 is 101 s old"):
        feed.answer(11 + MAX_AGE)


def test_feed__no_answer__refused() -> None:
    feed = price_feed(quorum=2)
    feed.submit("first", 1, (5,), 0)

    with pytest.raises(NoAnswerError):
        feed.answer(0)
    with pytest.raises(NoAnswerError):
        feed.latest()
    assert not feed.is_fresh(1)


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_feed__wrong_round__refused_with_the_open_one(number: int) -> None:
    with pytest.raises(WrongRoundError) as refusal:
        price_feed().submit("first", number, (5,), 0)
    assert refusal.value.open_round == 1


def test_feed__second_submission__replaces_the_first() -> None:
    feed = price_feed(quorum=2)
    feed.submit("first", 1, (5,), 0)
    assert feed.submit("first", 1, (7,), 1).submissions == 1
    assert feed.submission_of("first") == (1, (7,))
    assert feed.submit("second", 1, (9,), 2).values == (8,)
    assert feed.submission_of("first") == (0, ())


@pytest.mark.parametrize("price", [-1, 0, 2**96])
def test_feed__out_of_bounds__refused_and_no_round_opened(price: int) -> None:
    feed = price_feed()
    with pytest.raises(OutOfBoundsError):
        feed.submit("first", 1, (price,), 0)
    assert feed.rounds == []


def test_feed__submission_too_old__does_not_count() -> None:
    feed = price_feed(quorum=2)
    feed.submit("first", 1, (5,), 0)
    assert feed.round(1, MAX_AGE // 2).submissions == 1
    assert feed.submit("second", 1, (9,), MAX_AGE // 2 + 1).status is RoundStatus.OPEN
    found = feed.submit("third", 1, (7,), MAX_AGE)
    assert (found.values, found.started_at, found.updated_at) == ((8,), 0, MAX_AGE // 2 + 1)
    assert feed.is_fresh(found.updated_at + MAX_AGE)
    assert not feed.is_fresh(found.updated_at + MAX_AGE + 1)


def test_feed__jump__held_until_confirmed() -> None:
    feed = after(100, 200)

    assert feed.round(2, 0).status is RoundStatus.HELD
    with pytest.raises(HeldError):
        feed.answer(0)
    assert not feed.is_fresh(1)
    feed.confirm(2, 0)
    assert feed.answer(0) == (200,)
    with pytest.raises(NotHeldError):
        feed.confirm(2, 0)


@pytest.mark.parametrize(
    ("price", "status"),
    [
        *((80, RoundStatus.ANSWERED), (120, RoundStatus.ANSWERED), (121, RoundStatus.HELD)),
        *((160, RoundStatus.ANSWERED), (240, RoundStatus.ANSWERED), (159, RoundStatus.HELD)),
    ],
)
def test_feed__after_a_held_round__compared_with_both(price: int, status: RoundStatus) -> None:
    feed = after(100, 200, price)

    assert feed.round(3, 0).status is status
    with pytest.raises(NotHeldError):
        feed.confirm(2, 0)


def test_feed__rounds_for_chainlink__held_ones_show_the_answer_before() -> None:
    feed = after(100, 200, 110)
    assert [feed.round_data(number) for number in (1, 2, 3)] == [
        *((1, 100, 0, 0, 1), (2, 100, 0, 0, 1), (3, 110, 0, 0, 3)),
    ]
    with pytest.raises(NoSuchRoundError):
        feed.round_data(4)


@pytest.mark.parametrize("number", [0, 2])
def test_feed__no_such_round__refused(number: int) -> None:
    with pytest.raises(NoSuchRoundError):
        after(100).confirm(number, 0)


@pytest.mark.parametrize(
    ("before", "price", "expected"),
    [(100, 180, 110), (100, 20, 90), (100, 107, 100), (100, 93, 100), (100, 115, 101)],
)
def test_smoothed__an_eighth_of_the_way__towards_the_old_price(
    before: int, price: int, expected: int
) -> None:
    assert smoothed(before, price) == expected


def test_smoothed_price__of_the_answers__first_sets_it() -> None:
    assert smoothed_price([]) == 0
    assert smoothed_price([100]) == 100
    assert smoothed_price(price for (price,) in after(100, 200, 208).answers) == 113
