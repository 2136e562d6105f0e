"""When what happens."""

from __future__ import annotations

import pytest

from energy_grid.demo.calendar import TRADED_HOUR, Phase, Step, steps_of
from energy_grid.domain.periods import SlotLengthError

START = 86_400


@pytest.mark.parametrize(("slot_seconds", "slots"), [(900, 96), (3600, 24)])
def test_steps_of__a_day__trades_an_hour_and_reads_at_every_bound_of_a_slot(
    slot_seconds: int, slots: int
) -> None:
    steps = steps_of(START, slot_seconds=slot_seconds, lead=300)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    trades = [step for step in steps if step.phase is Phase.TRADE]
    assert [(step.at, step.start) for step in trades] == [
        (START + TRADED_HOUR * 3600 - 300, START + TRADED_HOUR * 3600)
    ]
    reads = [step for step in steps if step.phase is Phase.METER]
    assert [step.at for step in reads] == [START + slot * slot_seconds for slot in range(slots + 1)]
    assert all(step.at - step.start == slot_seconds for step in reads)


def test_steps_of__same_second__reads_first() -> None:
    hour = START + TRADED_HOUR * 3600
    at_once = [step for step in steps_of(START, slot_seconds=900, lead=0) if step.at == hour]
    assert at_once == [
        Step(at=hour, phase=Phase.METER, start=hour - 900),
        Step(at=hour, phase=Phase.TRADE, start=hour),
    ]


def test_steps_of__unknown_slot_length__is_refused() -> None:
    with pytest.raises(SlotLengthError, match="a slot lasts 900 or 3600 s, not 60"):
        steps_of(START, slot_seconds=60, lead=0)
