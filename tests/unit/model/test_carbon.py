"""Carbon credits; the same rules on a chain are tested in tests/invariant/test_carbon.py."""

from __future__ import annotations

from itertools import pairwise, permutations

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
    ZeroAmountError,
    milligrams,
)

START, FACTOR, LATER = 100, 380, 10**6


@pytest.fixture
def credits() -> CarbonRegister:
    """A solar roof is registered on day 100."""
    register = CarbonRegister(EmissionFactors(START, FACTOR))
    register.register("roof", START)
    return register


def issued(credits: CarbonRegister, produced: dict[int, int], *days: int) -> Issue:
    return credits.issue("roof", days or produced, produced, LATER)


def remainder(credits: CarbonRegister) -> int:
    return credits.producers["roof"].remainder


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


def test_issue__days_with_production__whole_grams_and_the_rest_is_kept(
    credits: CarbonRegister,
) -> None:
    assert issued(credits, {101: 1000, 102: 0, 103: 2501}) == Issue(days=2, energy=3501, grams=1330)
    assert credits.balances["roof"] == 1330
    assert remainder(credits) == 380
    assert credits.producers["roof"].credited == {101, 103}


def test_issue__less_than_a_gram__nothing_now_but_later(credits: CarbonRegister) -> None:
    found = [issued(credits, {day: 1}).grams for day in range(101, 107)]

    assert found == [0, 0, 1, 0, 0, 1]
    assert remainder(credits) == 6 * 380 % 1000


def test_issue__again_or_repeated__each_day_once(credits: CarbonRegister) -> None:
    produced = {101: 1000, 102: 1000}
    assert issued(credits, produced, 101, 101).grams == 380
    assert issued(credits, produced, 102, 101, 102).grams == 380
    with pytest.raises(NothingToIssueError):
        issued(credits, produced, 101, 102)


@pytest.mark.parametrize("days", [(), (102,), (102, 103)])
def test_issue__nothing_produced__refused_and_open(
    credits: CarbonRegister, days: tuple[int, ...]
) -> None:
    with pytest.raises(NothingToIssueError):
        credits.issue("roof", days, {102: 0}, LATER)
    assert not credits.producers["roof"].credited


def test_issue__days_that_are_not_over__refused(credits: CarbonRegister) -> None:
    assert credits.issue("roof", [104], {104: 1000}, 105).grams == 380
    with pytest.raises(DayNotCleanError):
        credits.issue("roof", [103, 105], {103: 1000, 105: 1000}, 105)
    assert credits.producers["roof"].credited == {104}


def test_issue__outside_the_time_as_a_clean_producer__refused(credits: CarbonRegister) -> None:
    produced = dict.fromkeys(range(90, 120), 1000)
    credits.deregister("roof", 105)
    for day in (99, 100, 105, 106):
        with pytest.raises(DayNotCleanError):
            issued(credits, produced, day)
    assert issued(credits, produced, 101, 104).grams == 760


def test_issue__factor_changed_midway__each_day_at_its_own(credits: CarbonRegister) -> None:
    credits.factors.change(102, 100)
    credits.factors.change(103, 2000)

    assert issued(credits, dict.fromkeys(range(101, 105), 1000)).grams == 380 + 380 + 100 + 2000


def test_issue__never_registered__refused(credits: CarbonRegister) -> None:
    with pytest.raises(NotRegisteredError):
        credits.issue("stranger", [101], {101: 1}, LATER)


def test_register__twice__refused(credits: CarbonRegister) -> None:
    with pytest.raises(AlreadyRegisteredError):
        credits.register("roof", 101)


def test_deregister__not_registered__refused(credits: CarbonRegister) -> None:
    credits.deregister("roof", 101)
    for name in ("roof", "stranger"):
        with pytest.raises(NotRegisteredError):
            credits.deregister(name, 102)


def test_register__again__begins_anew_with_its_milligrams(credits: CarbonRegister) -> None:
    produced = dict.fromkeys(range(101, 120), 1)
    issued(credits, produced, 101)
    credits.deregister("roof", 103)
    credits.register("roof", 110)

    with pytest.raises(DayNotCleanError):
        issued(credits, produced, 102)
    assert issued(credits, produced, 111, 112).grams == 1
    assert remainder(credits) == 3 * 380 - 1000


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
    produced = dict(enumerate(energy, START + 1))
    order = data.draw(st.permutations(list(produced)))
    register = CarbonRegister(EmissionFactors(START, factor))
    register.register("roof", START)
    edges = [0, *sorted(cuts), len(order)]
    for begin, end in pairwise(edges):
        if any(produced[day] for day in order[begin:end]):
            register.issue("roof", order[begin:end], produced, LATER)

    assert register.balances["roof"] * 1000 + remainder_of(register) == sum(energy) * factor


def remainder_of(register: CarbonRegister) -> int:
    left = register.producers["roof"].remainder
    assert 0 <= left < 1000
    return left


def test_issue__every_order_of_the_same_days__the_same(credits: CarbonRegister) -> None:
    produced = {101: 1, 102: 999, 103: 1234}
    found = set()
    for order in permutations(produced):
        register = CarbonRegister(EmissionFactors(START, FACTOR))
        register.register("roof", START)
        for day in order:
            issued(register, produced, day)
        found.add((register.balances["roof"], remainder(register)))
    issued(credits, produced)
    assert found == {(credits.balances["roof"], remainder(credits))}
