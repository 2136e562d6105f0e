"""Carbon credits; the same rules on a chain are tested in tests/invariant/test_carbon.py."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.errors import DomainError
from tests.model.carbon import (
    MAX_EMISSION_FACTOR,
    MAX_REASON_BYTES,
    AlreadyRegisteredError,
    BadReasonError,
    CarbonRegister,
    DayNotCleanError,
    EmissionFactors,
    FactorTooHighError,
    InsufficientBalanceError,
    Issue,
    NothingToIssueError,
    NotRegisteredError,
    NotTheirsError,
    ZeroAmountError,
    milligrams,
)

START, FACTOR = 100, 380


@pytest.fixture
def credits() -> CarbonRegister:
    """A solar roof is registered on day 100."""
    register = CarbonRegister(EmissionFactors(START, FACTOR))
    register.register("roof", START)
    return register


def issued(credits: CarbonRegister, used: dict[int, int], *days: int) -> Issue:
    """For certificates of these days that the roof itself has used."""
    numbers = {
        day: credits.retire_certificates("roof", "roof", day, wh) for day, wh in used.items()
    }
    return credits.issue("roof", [numbers[day] for day in days or used])


def test_milligrams__wh_times_grams_per_kwh__exact() -> None:
    assert milligrams(1, 1) == 1
    assert milligrams(1000, 380) == 380_000
    with pytest.raises(DomainError):
        milligrams(-1, 380)


def test_factors__changed__from_the_next_day_on() -> None:
    factors = EmissionFactors(START, FACTOR)
    factors.change(START, 5)
    factors.change(START + 3, 6)
    factors.change(START + 3, 7)

    found = [factors.of(day) for day in range(START - 1, START + 7)]
    assert found == [0, FACTOR, 5, 5, 5, 7, 7, 7]
    assert factors.history == [(START, FACTOR), (START + 1, 5), (START + 4, 7)]


def test_factors__at_their_bounds__no_higher() -> None:
    factors = EmissionFactors(START, MAX_EMISSION_FACTOR)
    factors.change(START, 0)
    assert factors.of(START + 1) == 0
    for refused in (MAX_EMISSION_FACTOR + 1, 2**256):
        with pytest.raises(FactorTooHighError):
            factors.change(START, refused)
        with pytest.raises(FactorTooHighError):
            EmissionFactors(START, refused)
    assert factors.of(START + 1) == 0


def test_issue__retired_certificates__whole_grams_and_the_rest_is_kept(
    credits: CarbonRegister,
) -> None:
    assert issued(credits, {101: 1000, 103: 2501}) == Issue(retirements=2, energy=3501, grams=1330)
    assert credits.balances["roof"] == 1330
    assert credits.left["roof"] == 380
    assert credits.credited == {1, 2}


def test_issue__less_than_a_gram__nothing_now_but_later(credits: CarbonRegister) -> None:
    found = [issued(credits, {day: 1}).grams for day in range(101, 107)]

    assert found == [0, 0, 1, 0, 0, 1]
    assert credits.left["roof"] == 6 * 380 % 1000


def test_issue__again_or_repeated__each_once(credits: CarbonRegister) -> None:
    first, second = (credits.retire_certificates("roof", "roof", day, 1000) for day in (101, 102))
    assert credits.issue("roof", [first, first]).grams == 380
    assert credits.issue("roof", [second, first, second]).grams == 380
    for again in ([first, second], []):
        with pytest.raises(NothingToIssueError):
            credits.issue("roof", again)


def test_issue__of_another_account__refused(credits: CarbonRegister) -> None:
    number = credits.retire_certificates("bakery", "roof", 101, 1000)
    with pytest.raises(NotTheirsError):
        credits.issue("roof", [number])
    assert credits.issue("bakery", [number]).grams == 380


def test_issue__outside_the_times_as_a_clean_producer__refused(credits: CarbonRegister) -> None:
    credits.deregister("roof", 105)
    credits.register("roof", 110)
    for day in (99, 100, 105, 106, 110):
        with pytest.raises(DayNotCleanError):
            issued(credits, {day: 1000})
    assert issued(credits, {101: 1000, 104: 1000, 111: 1000}).grams == 1140


def test_issue__factor_changed_midway__each_day_at_its_own(credits: CarbonRegister) -> None:
    credits.factors.change(102, 100)
    credits.factors.change(103, 2000)

    assert issued(credits, dict.fromkeys(range(101, 105), 1000)).grams == 380 + 380 + 100 + 2000


def test_register__twice__refused(credits: CarbonRegister) -> None:
    with pytest.raises(AlreadyRegisteredError):
        credits.register("roof", 101)


def test_deregister__not_registered__refused(credits: CarbonRegister) -> None:
    credits.deregister("roof", 101)
    for name in ("roof", "stranger"):
        with pytest.raises(NotRegisteredError):
            credits.deregister(name, 102)


def test_deregister__before_it_began__no_day_is_clean(credits: CarbonRegister) -> None:
    credits.deregister("roof", START)
    assert not any(credits.is_clean("roof", day) for day in range(START, START + 9))


def test_retire__credits__used_up_in_a_record(credits: CarbonRegister) -> None:
    issued(credits, {101: 10_000})
    credits.transfer("roof", "bakery", 1000)

    assert credits.retire("bakery", 999, "guests", "bread of 2024") == 1
    assert credits.retire("roof", 2800, "guests", "é" * 128) == 2
    assert (credits.balances["bakery"], credits.balances["roof"]) == (1, 0)
    assert (credits.total_supply, credits.total_retired, credits.total_issued) == (1, 3799, 3800)
    assert credits.retired_for("guests") == 3799
    assert credits.retired_for("bakery") == 0


def test_retire__impossible__refused(credits: CarbonRegister) -> None:
    issued(credits, {101: 10})
    with pytest.raises(ZeroAmountError):
        credits.retire("roof", 0, "roof", "why")
    with pytest.raises(InsufficientBalanceError):
        credits.retire("roof", 4, "roof", "why")
    for reason in ("", "x" * (MAX_REASON_BYTES + 1), "é" * 128 + "x"):
        with pytest.raises(BadReasonError):
            credits.retire("roof", 1, "roof", reason)
    assert credits.total_retired == 0


def test_transfer__more_than_there_is__refused(credits: CarbonRegister) -> None:
    issued(credits, {101: 10})
    with pytest.raises(InsufficientBalanceError):
        credits.transfer("roof", "bakery", 4)
    with pytest.raises(InsufficientBalanceError):
        credits.transfer("bakery", "roof", 1)
    with pytest.raises(DomainError):
        credits.transfer("roof", "bakery", -1)
    credits.transfer("roof", "bakery", 3)
    assert credits.balances == {"roof": 0, "bakery": 3}


@given(
    energy=st.lists(st.integers(0, 2**56 - 1), min_size=1, max_size=12),
    factor=st.integers(0, MAX_EMISSION_FACTOR),
    cuts=st.sets(st.integers(1, 11)),
    data=st.data(),
)
def test_issue__cut_into_any_calls_in_any_order__the_same_grams(
    energy: list[int], factor: int, cuts: set[int], data: st.DataObject
) -> None:
    register = CarbonRegister(EmissionFactors(START, factor))
    register.register("roof", START)
    numbers = [
        register.retire_certificates("roof", "roof", day, wh)
        for day, wh in enumerate(energy, START + 1)
    ]
    order = data.draw(st.permutations(numbers))
    edges = [0, *sorted(cuts), len(order)]
    for begin, end in pairwise(edges):
        if order[begin:end]:
            register.issue("roof", order[begin:end])

    assert 0 <= register.left["roof"] < 1000
    assert register.balances["roof"] * 1000 + register.left["roof"] == sum(energy) * factor
