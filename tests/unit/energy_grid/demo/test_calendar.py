"""When what happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.demo.calendar import Phase, Step, steps_of
from energy_grid.domain.periods import SlotLengthError, closable, is_final


def test_steps_of__one_slot__are_its_four_phases() -> None:
    assert steps_of(range(10, 11), slot_seconds=3600, grace=900, lead=300) == (
        Step(at=35_700, slot=10, phase=Phase.TRADE),
        Step(at=39_600, slot=10, phase=Phase.METER),
        Step(at=40_500, slot=10, phase=Phase.FINAL),
        Step(at=41_400, slot=10, phase=Phase.CLOSE),
    )


@given(
    count=st.integers(0, 40),
    slot_seconds=st.sampled_from([900, 3600]),
    grace=st.integers(1, 4000),
    lead=st.integers(0, 900),
)
def test_steps_of__any_day__are_in_order_and_within_the_rules(
    count: int, slot_seconds: int, grace: int, lead: int
) -> None:
    steps = steps_of(range(7, 7 + count), slot_seconds=slot_seconds, grace=grace, lead=lead)
    assert len(steps) == 4 * count
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    for slot in range(7, 7 + count):
        assert [step.phase for step in steps if step.slot == slot] == list(Phase)
    for step in steps:
        final = is_final(step.slot, step.at, slot_seconds, grace)
        assert final == (step.phase >= Phase.FINAL)
        assert closable(step.slot, step.at, slot_seconds, grace) == (step.phase is Phase.CLOSE)


def test_steps_of__same_second__earlier_slot_first() -> None:
    steps = steps_of(range(2), slot_seconds=900, grace=900, lead=0)
    at_once = [(step.slot, step.phase) for step in steps if step.at == 1800]
    assert at_once == [(0, Phase.FINAL), (1, Phase.METER)]


def test_steps_of__unknown_slot_length__is_refused() -> None:
    with pytest.raises(SlotLengthError):
        steps_of(range(1), slot_seconds=60, grace=1, lead=0)
