"""The money of demand response, in the model alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.demand_response import EventStatus, Reduction, average_up
from energy_grid.errors import DomainError
from tests.model.demand_response import (
    AlreadyParticipatingError,
    BudgetExceededError,
    CommitmentError,
    DemandEvent,
    DemandProgram,
    NothingToClaimError,
    NotParticipatingError,
    WrongStateError,
)

ALL = 10**6
reductions = st.lists(
    st.builds(Reduction, st.integers(1, 2**64 - 1), st.booleans()), max_size=8
).map(lambda found: {f"saver {number}": one for number, one in enumerate(found)})
rates = st.integers(1, 2**88 - 1)
targets = st.integers(1, 2**40 - 1)


def completed(target: int, rate: int, *watts: int, metered: bool = False) -> DemandEvent:
    event = DemandEvent(target, rate)
    for number, one in enumerate(watts):
        event.verify(f"saver {number}", Reduction(one, metered=metered))
    event.complete()
    return event


@pytest.mark.parametrize(
    ("wh", "seconds", "watts"),
    [(0, 3600, 0), (1, 3600, 1), (1, 900, 4), (3, 7200, 2), (4, 7200, 2)],
)
def test_average_up__energy_over_a_time__rounded_up(wh: int, seconds: int, watts: int) -> None:
    assert average_up(wh, seconds) == watts


def test_average_up__negative__refused() -> None:
    with pytest.raises(DomainError):
        average_up(-1, 3600)


@given(targets, rates, reductions)
def test_event__any_reductions__never_above_the_budget_and_nothing_left_behind(
    target: int, rate: int, known: dict[str, Reduction]
) -> None:
    event = DemandEvent(target, rate, reductions=known)
    assert all(event.reward_of(name) == 0 for name in known)
    event.complete()
    assert event.rewards <= event.budget
    paid = event.distribute(len(known))
    assert 0 <= event.rewards - sum(paid.values()) <= len(known)
    assert event.paid + event.owed == event.budget
    if event.owed:
        event.reclaim()
    assert event.owed == 0


@given(targets, rates, reductions, st.integers(1, 2**64 - 1))
def test_event__more_by_word__takes_nothing_from_the_metered(
    target: int, rate: int, known: dict[str, Reduction], more: int
) -> None:
    event = DemandEvent(target, rate, EventStatus.COMPLETED, known)
    with_more = DemandEvent(
        target, rate, EventStatus.COMPLETED, {**known, "friend": Reduction(more, metered=False)}
    )
    for name, one in known.items():
        if one.metered:
            assert with_more.reward_of(name) == event.reward_of(name)


@given(targets, rates, reductions)
def test_event__order_of_verification__changes_no_reward(
    target: int, rate: int, known: dict[str, Reduction]
) -> None:
    first = DemandEvent(target, rate, EventStatus.COMPLETED, known)
    last = DemandEvent(target, rate, EventStatus.COMPLETED, dict(reversed(known.items())))
    assert [first.reward_of(name) for name in known] == [last.reward_of(name) for name in known]


def test_event__below_and_above_the_target__full_rate_and_shares() -> None:
    assert completed(10, 1000, 3000, 2000).distribute(ALL) == {"saver 0": 3000, "saver 1": 2000}
    assert completed(10, 1000, 15_000, 5000).distribute(ALL) == {"saver 0": 7500, "saver 1": 2500}
    metered = completed(10, 1000, 15_000, 5000, metered=True)
    assert metered.distribute(ALL) == {"saver 0": 7500, "saver 1": 2500}


def test_event__verified_twice__refused() -> None:
    event = DemandEvent(10, 1000)
    event.verify("saver", Reduction(200, metered=True))
    for metered in (True, False):
        with pytest.raises(AlreadyParticipatingError):
            event.verify("saver", Reduction(600, metered=metered))
    assert (event.total(metered=True), event.total(metered=False)) == (200, 0)


def test_event__in_the_wrong_state__refused() -> None:
    event = DemandEvent(10, 1000)
    for step in (lambda: event.distribute(1), lambda: event.claim("saver"), event.reclaim):
        with pytest.raises(WrongStateError):
            step()
    event.cancel()
    for step in (event.cancel, event.complete, lambda: event.claim("saver")):
        with pytest.raises(WrongStateError):
            step()
    with pytest.raises(WrongStateError):
        event.verify("saver", Reduction(500, metered=True))
    assert event.reclaim() == event.budget
    with pytest.raises(NothingToClaimError):
        event.reclaim()


def test_event__claimed_and_refused__each_paid_once() -> None:
    event = completed(10, 1000, 1000, 2000, 3000)
    assert event.claim("saver 0") == 1000
    paid = event.distribute(ALL, refusing=frozenset({"saver 1"}))
    assert paid == {"saver 2": 3000}
    assert event.distribute(ALL) == {}
    assert event.claim("saver 1") == 2000
    for name in ("saver 0", "saver 1", "saver 2", "stranger"):
        with pytest.raises(NothingToClaimError):
            event.claim(name)
    assert (event.paid, event.owed) == (6000, 4000)


def test_program__commitments__each_within_the_target() -> None:
    program = DemandProgram(2, 1000)
    program.join("saver", 1500)
    with pytest.raises(AlreadyParticipatingError):
        program.join("saver", 100)
    with pytest.raises(CommitmentError):
        program.join("other", 2001)
    program.join("other", 2000)
    assert sum(program.committed.values()) == 3500
    program.leave("saver")
    for step in (lambda: program.leave("saver"), lambda: program.report("saver", 1)):
        with pytest.raises(NotParticipatingError):
            step()
    with pytest.raises(CommitmentError):
        program.report("other", 2001)


def test_program__budget__spent_once() -> None:
    program = DemandProgram(2, 1001)
    program.join("saver", 999)
    assert program.report("saver", 999) == 999
    event = program.start_event(1)
    assert (event.budget, program.left, program.owed) == (1001, 2, 1001)
    with pytest.raises(BudgetExceededError):
        program.report("saver", 3)
    with pytest.raises(BudgetExceededError):
        program.start_event(1)
    assert program.claim("saver") == 999
    with pytest.raises(NothingToClaimError):
        program.claim("saver")
    with pytest.raises(WrongStateError):
        program.close()
    program.leave("saver")
    assert program.close() == 2
    assert program.owed == 0
    for step in (program.close, lambda: program.start_event(1), lambda: program.join("x", 1)):
        with pytest.raises(WrongStateError):
            step()
