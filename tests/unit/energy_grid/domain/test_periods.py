"""Slots and periods."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.periods import (
    MisalignedPeriodError,
    Period,
    PeriodKind,
    SlotLengthError,
    slot_of,
)
from energy_grid.errors import DomainError

MONDAY = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
HOUR = 3600


@pytest.mark.parametrize(
    ("kind", "start", "seconds"),
    [
        (PeriodKind.HOURLY, MONDAY + HOUR, 3600),
        (PeriodKind.DAILY, MONDAY + 24 * HOUR, 86_400),
        (PeriodKind.WEEKLY, MONDAY, 604_800),
        (PeriodKind.QUARTER_HOURLY, MONDAY + 900, 900),
    ],
)
def test_period__aligned__ends_after_its_length(kind: PeriodKind, start: int, seconds: int) -> None:
    assert Period(kind=kind, start=start).end == start + seconds


@pytest.mark.parametrize(
    ("kind", "start", "says"),
    [
        (PeriodKind.HOURLY, MONDAY + 1, "hourly .* full UTC hour, not at 2026-01-05 00:00:01 UTC"),
        (PeriodKind.HOURLY, MONDAY - 1, "hourly .*, not at 2026-01-04 23:59:59 UTC"),
        (PeriodKind.DAILY, MONDAY + HOUR, "daily .* at 00:00 UTC, not at 2026-01-05 01:00:00 UTC"),
        (PeriodKind.WEEKLY, MONDAY + 86_400, "weekly .* on a Monday .*, not at 2026-01-06 00:00"),
        (PeriodKind.WEEKLY, 0, "weekly .*, not at 1970-01-01 00:00:00 UTC"),
        (PeriodKind.QUARTER_HOURLY, MONDAY + 899, "quarter-hourly .*, not at 2026-01-05 00:14:59"),
        (PeriodKind.HOURLY, 2**256 - 1, f"not at {2**256 - 1}"),
    ],
)
def test_period__misaligned__is_refused_with_its_time(
    kind: PeriodKind, start: int, says: str
) -> None:
    with pytest.raises(MisalignedPeriodError, match=says):
        Period(kind=kind, start=start)


def test_period__before_1970__is_refused() -> None:
    with pytest.raises(DomainError, match="period start"):
        Period(kind=PeriodKind.HOURLY, start=-3600)
    with pytest.raises(DomainError, match="period start"):
        Period(kind=PeriodKind.WEEKLY, start=-3 * 86_400)
    with pytest.raises(DomainError, match="period start"):
        Period.current(PeriodKind.WEEKLY, 4 * 86_400 - 1)


def test_kinds__are_numbered_as_on_the_chain() -> None:
    names = ["HOURLY", "DAILY", "WEEKLY", "QUARTER_HOURLY"]
    assert [kind.name for kind in sorted(PeriodKind)] == names
    assert sorted(PeriodKind) == [0, 1, 2, 3]


@given(st.sampled_from(PeriodKind), st.integers(MONDAY, MONDAY + 10**9))
def test_current__contains_the_moment(kind: PeriodKind, now: int) -> None:
    period = Period.current(kind, now)
    assert period.start <= now < period.end
    start = datetime.fromtimestamp(period.start, UTC)
    assert start.second == 0
    assert start.minute == 0 or (kind is PeriodKind.QUARTER_HOURLY and start.minute % 15 == 0)
    assert kind in (PeriodKind.HOURLY, PeriodKind.QUARTER_HOURLY) or start.hour == 0
    assert kind is not PeriodKind.WEEKLY or start.weekday() == 0


@given(st.sampled_from(PeriodKind), st.integers(MONDAY, MONDAY + 10**9))
def test_next__begins_after_the_moment_and_none_does_before(kind: PeriodKind, now: int) -> None:
    period = Period.next(kind, now)
    assert now <= period.last_order < period.start <= now + kind.seconds
    assert period.start == Period.current(kind, now).end


@pytest.mark.parametrize(
    ("kind", "hours", "quarters"),
    [(PeriodKind.HOURLY, 1, 4), (PeriodKind.DAILY, 24, 96), (PeriodKind.WEEKLY, 168, 672)],
)
def test_slots__cover_the_period(kind: PeriodKind, hours: int, quarters: int) -> None:
    period = Period(kind=kind, start=MONDAY)
    for length, count in ((3600, hours), (900, quarters)):
        slots = period.slots(length)
        assert len(slots) == count
        assert slots.start * length == period.start
        assert slots.stop * length == period.end


def test_slots__quarter_hours__need_quarter_slots() -> None:
    period = Period(kind=PeriodKind.QUARTER_HOURLY, start=MONDAY + 900)
    assert period.slots(900) == range(MONDAY // 900 + 1, MONDAY // 900 + 2)
    with pytest.raises(SlotLengthError, match="QUARTER_HOURLY"):
        period.slots(3600)


@pytest.mark.parametrize("length", [0, 1, 899, 1800, 7200])
def test_slot_of__unknown_length__is_refused(length: int) -> None:
    with pytest.raises(SlotLengthError, match=f"not {length}"):
        slot_of(MONDAY, length)
    with pytest.raises(SlotLengthError):
        Period(kind=PeriodKind.DAILY, start=MONDAY).slots(length)
