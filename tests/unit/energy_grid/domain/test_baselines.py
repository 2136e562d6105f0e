"""High X of Y baselines: which days count, the average, and the adjustment on the day itself."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.baselines import (
    CAISO_10_IN_10,
    LOOK_BACK_DAYS,
    NYISO_5_OF_10,
    PJM_4_OF_5,
    RULES,
    Average,
    BaselineRule,
    BaselineRuleError,
    EventSlots,
    MeteredSlot,
    MeterSet,
    SameDayAdjustment,
    TooFewDaysError,
    adjusted_baseline,
    highest_average,
    known_days,
)
from energy_grid.domain.periods import SlotLengthError
from energy_grid.errors import DomainError

# 2024-03-18, a Monday, and the Saturday before it.
MONDAY = 19_800
SATURDAY = MONDAY - 2
EVENING = 18
wh = st.integers(1, 10**9)
ONE = MeterSet()


def evening(day: int = MONDAY, hours: int = 2) -> EventSlots:
    """An event from 18:00 on, in slots of an hour."""
    return EventSlots(first=day * 24 + EVENING, end=day * 24 + EVENING + hours)


def history(event: EventSlots, energies: dict[int, int], *, meters: int = 1) -> dict:
    """Wh in the window of each day, all of it in the first slot, and readings where they begin."""
    slots: dict[int, MeteredSlot] = {}
    for day, energy in energies.items():
        first = event.first - (event.day - day) * event.per_day
        before = slots.get(first - 1, MeteredSlot())
        slots[first - 1] = replace(before, read_at_end=meters)
        slots[first] = MeteredSlot(consumed=energy)
    return slots


def weekdays(count: int, day: int = MONDAY) -> list[int]:
    """The last Mondays to Fridays before a day, the latest first."""
    return [each for each in range(day - 1, 0, -1) if (each + 3) % 7 < 5][:count]


def average(slots: dict, event: EventSlots, y: int, x: int, excluded: tuple = ()) -> Average:
    rule = BaselineRule(name=f"{x} of {y}", highest=x, similar_days=y)
    return highest_average(slots, event, rule, ONE, excluded_days=excluded)


# Which days compare


@pytest.mark.parametrize("day", [MONDAY + n for n in range(7)])
def test_known_days__every_day_metered__are_of_the_same_class(day: int) -> None:
    event = evening(day)
    slots = history(event, {day - back: back for back in range(1, 60)})
    weekend = (day - MONDAY) % 7 > 4
    expected = {
        day - back: back
        for back in range(1, LOOK_BACK_DAYS + 1)
        if ((day - back - MONDAY) % 7 > 4) == weekend
    }
    assert known_days(slots, event, ONE, similar_days=99) == expected
    assert list(known_days(slots, event, ONE, similar_days=3)) == list(expected)[:3]


@pytest.mark.parametrize(("back", "found"), [(44, 1), (45, 1), (46, 0), (0, 0), (-1, 0)])
def test_known_days__back__45_days_and_no_further(back: int, found: int) -> None:
    # A Friday: 44 and 45 days before it is a Wednesday and a Tuesday, 46 a Monday.
    event = evening(MONDAY + 4)
    slots = history(event, {event.day - back: 100})
    assert len(known_days(slots, event, ONE, similar_days=99)) == found


def test_known_days__at_the_beginning_of_time__end_with_day_1() -> None:
    # Day 0 was a Thursday.
    event = EventSlots(first=6 * 24, end=6 * 24 + 1)
    slots = history(event, {0: 5, 1: 6, 4: 7, 5: 8})
    assert known_days(slots, event, ONE, similar_days=10) == {5: 8, 4: 7, 1: 6}


def test_known_days__excluded__left_out_and_nothing_drawn_counted() -> None:
    """A load that rests on most days must not be paid for resting."""
    event = evening()
    friday, thursday, wednesday, tuesday = weekdays(4)
    slots = history(event, {friday: 5, thursday: 0, wednesday: 7, tuesday: 8})
    found = known_days(slots, event, ONE, excluded_days={friday}, similar_days=2)
    assert found == {thursday: 0, wednesday: 7}


@pytest.mark.parametrize("read", [0, 1, 2, 3])
def test_known_days__begin_with_a_reading_of_all_meters(read: int) -> None:
    event = evening()
    friday, thursday, wednesday = weekdays(3)
    slots = history(event, {friday: 5, wednesday: 7}, meters=2)
    slots |= history(event, {thursday: 6}, meters=read)
    found = known_days(slots, event, MeterSet(count=2), similar_days=10)
    assert found == {friday: 5, **({thursday: 6} if read >= 2 else {}), wednesday: 7}


def test_known_days__no_meter__none() -> None:
    slots = history(evening(), dict.fromkeys(weekdays(3), 5))
    assert known_days(slots, evening(), MeterSet(count=0), similar_days=10) == {}


@pytest.mark.parametrize(("later", "found"), [(0, 2), (1, 1)])
def test_known_days__before_the_meters_were_these__not_known(later: int, found: int) -> None:
    event = evening()
    friday, thursday, _ = weekdays(3)
    slots = history(event, dict.fromkeys(weekdays(3), 5))
    since = event.first - (event.day - thursday) * event.per_day + later
    assert len(known_days(slots, event, MeterSet(since=since), similar_days=10)) == found
    assert friday in known_days(slots, event, MeterSet(since=since), similar_days=10)


def test_known_days__not_read__takes_its_place_all_the_same() -> None:
    """Leaving out a reading must not bring in an older day."""
    event = evening()
    friday, thursday, wednesday = weekdays(3)
    slots = history(event, {friday: 5, wednesday: 99}) | history(event, {thursday: 6}, meters=0)
    assert known_days(slots, event, ONE, similar_days=2) == {friday: 5}


@pytest.mark.parametrize("slot_seconds", [900, 3600])
def test_known_days__event_crosses_midnight__the_windows_do_too(slot_seconds: int) -> None:
    """Its day is the one it begins on: a Friday's is a weekday's, a Sunday's a weekend's."""
    per_hour = 3600 // slot_seconds
    for day in (MONDAY - 3, MONDAY - 1):
        first = (day * 24 + 23) * per_hour
        event = EventSlots(first=first, end=first + 2 * per_hour, slot_seconds=slot_seconds)
        shifted = range(first - 24 * per_hour, first - 22 * per_hour)
        slots = {slot: MeteredSlot(consumed=10, read_at_end=1) for slot in shifted}
        slots[first - 24 * per_hour - 1] = MeteredSlot(consumed=999, read_at_end=1)
        slots[first - 22 * per_hour] = MeteredSlot(consumed=999)
        assert event.day == day
        assert known_days(slots, event, ONE, similar_days=10) == {day - 1: 20 * per_hour}
        excluded = known_days(slots, event, ONE, excluded_days={day - 1}, similar_days=10)
        assert excluded == {}
        assert known_days(slots, event, ONE, excluded_days={day}, similar_days=10) == {
            day - 1: 20 * per_hour
        }


# The average


@given(st.lists(wh, min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 12))
def test_highest_average__any_history__is_the_mean_of_the_highest(
    energies: list[int], y: int, x: int
) -> None:
    x, y = min(x, y), max(x, y)
    event = evening(hours=3)
    slots = history(event, dict(zip(weekdays(len(energies)), energies, strict=True)))
    last = energies[:y]
    mean = Fraction(sum(sorted(last)[-x:]), 3 * x) if len(last) >= x else Fraction(0)
    assert average(slots, event, y, x) == Average(watts=floor(mean), found=len(last))


@given(st.permutations(range(10)), st.lists(wh, min_size=10, max_size=10))
def test_highest_average__days_in_another_order__is_the_same(
    order: list[int], energies: list[int]
) -> None:
    event, days = evening(), weekdays(10)
    slots = history(event, dict(zip(days, energies, strict=True)))
    shuffled = history(event, {days[n]: energies[k] for n, k in enumerate(order)})
    assert average(slots, event, 10, 4) == average(shuffled, event, 10, 4)


@given(st.lists(wh, min_size=10, max_size=10, unique=True), st.integers(0, 9), wh)
def test_highest_average__one_day_inflated__is_held_by_the_rest(
    energies: list[int], inflated: int, more: int
) -> None:
    """A day below the highest ones that stays below them changes nothing; whatever one day holds,
    the average rises by no more than its share of the difference."""
    event, days, x = evening(hours=1), weekdays(10), 5
    before = average(history(event, dict(zip(days, energies, strict=True))), event, 10, x).watts
    lowest = sorted(energies)[-x]
    raised = [*energies]
    raised[inflated] += more
    after = average(history(event, dict(zip(days, raised, strict=True))), event, 10, x).watts
    if raised[inflated] <= lowest and energies[inflated] < lowest:
        assert after == before
    else:
        gain = raised[inflated] - max(lowest, energies[inflated])
        assert floor(Fraction(gain, x)) <= after - before <= Fraction(gain, x) + 1


@given(wh, st.integers(0, 400))
def test_highest_average__a_day_further_back_than_y__changes_nothing(more: int, back: int) -> None:
    event = evening()
    slots = history(event, {day: 100 + day for day in weekdays(10)})
    further = history(event, {weekdays(11)[-1] - back: more}) | slots
    assert average(slots, event, 10, 3) == average(further, event, 10, 3)


@pytest.mark.parametrize(("energy", "watts"), [(2, 0), (5, 0), (6, 1), (11, 1), (12, 2)])
def test_highest_average__of_a_fraction__is_rounded_down(energy: int, watts: int) -> None:
    """Two days of three hours: 6 Wh together are 1 W."""
    event = evening(hours=3)
    slots = history(event, dict(zip(weekdays(2), (energy - 1, 1), strict=True)))
    assert average(slots, event, 2, 2).watts == watts


def test_highest_average__quarters_of_an_hour__is_power_not_energy() -> None:
    event = EventSlots(first=MONDAY * 96 + 72, end=MONDAY * 96 + 73, slot_seconds=900)
    slots = history(event, dict.fromkeys(weekdays(10), 250))
    assert average(slots, event, 10, 10) == Average(watts=1000, found=10)


@pytest.mark.parametrize(("days", "watts"), [(4, 0), (5, 500), (6, 500)])
def test_highest_average__as_many_days_as_are_averaged__are_enough(days: int, watts: int) -> None:
    event = evening()
    slots = history(event, dict.fromkeys(weekdays(days), 1000))
    assert average(slots, event, 10, 5) == Average(watts=watts, found=days)


# The event


@pytest.mark.parametrize(("slots", "seconds"), [(0, 3600), (25, 3600), (97, 900), (-1, 900)])
def test_event_slots__none_or_more_than_a_day__refused(slots: int, seconds: int) -> None:
    with pytest.raises(DomainError):
        EventSlots(first=1000, end=1000 + slots, slot_seconds=seconds)


@pytest.mark.parametrize(("slots", "seconds"), [(1, 3600), (24, 3600), (96, 900)])
def test_event_slots__up_to_a_day__accepted(slots: int, seconds: int) -> None:
    event = EventSlots(first=1000, end=1000 + slots, slot_seconds=seconds)
    assert event.seconds == slots * seconds


def test_event_slots__of_another_length__refused() -> None:
    with pytest.raises(SlotLengthError):
        EventSlots(first=1, end=2, slot_seconds=1800)


# Rules


def test_rules__by_name__are_what_they_are_called() -> None:
    assert {name: (rule.highest, rule.similar_days) for name, rule in RULES.items()} == {
        "CAISO_10_IN_10": (10, 10),
        "NYISO_5_OF_10": (5, 10),
        "PJM_4_OF_5": (4, 5),
    }
    assert CAISO_10_IN_10.adjustment == SameDayAdjustment(hours=3, gap_hours=1, cap_percent=20)
    assert NYISO_5_OF_10.adjustment is PJM_4_OF_5.adjustment is None


@pytest.mark.parametrize(("highest", "similar_days"), [(0, 5), (6, 5), (0, 0), (-1, 5)])
def test_rules__no_choice__are_refused(highest: int, similar_days: int) -> None:
    with pytest.raises(DomainError):
        BaselineRule(name="none", highest=highest, similar_days=similar_days)


@pytest.mark.parametrize(("hours", "cap"), [(0, 20), (3, 101)])
def test_rules__adjustment_is_nonsense__are_refused(hours: int, cap: int) -> None:
    with pytest.raises(BaselineRuleError):
        SameDayAdjustment(hours=hours, gap_hours=0, cap_percent=cap)


# The adjustment


def with_mornings(
    event: EventSlots,
    energies: dict[int, int],
    mornings: dict[int, int],
    adjustment: SameDayAdjustment,
) -> dict:
    """A history, and Wh in the hours of the adjustment of each day."""
    slots = history(event, energies)
    for day, energy in mornings.items():
        start = event.first - (event.day - day) * event.per_day
        first = start - (adjustment.gap_hours + adjustment.hours) * 3600 // event.slot_seconds
        slots[first - 1] = MeteredSlot(read_at_end=1)
        slots[first] = MeteredSlot(consumed=energy)
    return slots


def caiso(today: int, before: int = 3000, energy: int = 2000) -> dict:
    """Ten days of 1 kW in the event's hours."""
    days = weekdays(10)
    return with_mornings(
        evening(),
        dict.fromkeys(days, energy),
        {MONDAY: today} | dict.fromkeys(days, before),
        CAISO_10_IN_10.adjustment,
    )


@pytest.mark.parametrize(
    ("today", "watts"),
    [
        (0, 800),
        (2399, 800),
        (2400, 800),
        (2401, 800),
        (2403, 801),
        (2999, 999),
        (3000, 1000),
        (3001, 1000),
        (3003, 1001),
        (3599, 1199),
        (3600, 1200),
        (3601, 1200),
        (9000, 1200),
    ],
)
def test_adjusted_baseline__of_ten_in_ten__follows_the_day_up_to_its_cap(
    today: int, watts: int
) -> None:
    found = adjusted_baseline(caiso(today), evening(), CAISO_10_IN_10, ONE)
    assert (found.watts, found.unadjusted, len(found.days)) == (watts, 1000, 10)


@given(st.integers(0, 10**6), st.integers(1, 10**6), wh, st.integers(0, 100))
def test_adjusted_baseline__any_morning__is_the_exact_product_rounded_down(
    today: int, before: int, energy: int, cap: int
) -> None:
    rule = replace(CAISO_10_IN_10, adjustment=replace(CAISO_10_IN_10.adjustment, cap_percent=cap))
    found = adjusted_baseline(caiso(today, before, energy), evening(), rule, ONE)
    low, high = Fraction(100 - cap, 100), Fraction(100 + cap, 100)
    ratio = min(max(Fraction(today, before), low), high)
    assert found.watts == floor(Fraction(energy, 2) * ratio)
    assert found.unadjusted == energy // 2


def test_adjusted_baseline__of_the_highest__compares_their_own_mornings() -> None:
    adjustment = SameDayAdjustment(hours=4, gap_hours=1, cap_percent=50)
    rule = BaselineRule(name="2 of 4", highest=2, similar_days=4, adjustment=adjustment)
    event, days = evening(), weekdays(4)
    energies = dict(zip(days, (10, 4000, 20, 6000), strict=True))
    mornings = dict(zip(days, (77_777, 900, 88_888, 1100), strict=True)) | {MONDAY: 1100}
    found = adjusted_baseline(
        with_mornings(event, energies, mornings, adjustment), event, rule, ONE
    )
    assert found.days == (days[3], days[1])
    assert (found.unadjusted, found.watts) == (2500, 2750)


def test_adjusted_baseline__equally_high_days__the_later_ones_count() -> None:
    event, days = evening(), weekdays(10)
    slots = history(event, dict.fromkeys(days, 500))
    assert adjusted_baseline(slots, event, NYISO_5_OF_10, ONE).days == tuple(days[:5])


@pytest.mark.parametrize("hour", range(13, 18))
def test_adjusted_baseline__hours_before__are_three_that_end_an_hour_before(hour: int) -> None:
    """What is drawn at 14:00-17:00 counts for an event at 18:00."""
    slots = caiso(0)
    for day in (MONDAY, *weekdays(10)):
        for each in range(14, 17):
            slots[day * 24 + each] = MeteredSlot(consumed=1000)
    assert adjusted_baseline(slots, evening(), CAISO_10_IN_10, ONE).watts == 1000
    changed = slots.get(MONDAY * 24 + hour, MeteredSlot())
    slots[MONDAY * 24 + hour] = replace(changed, consumed=changed.consumed + 300)
    expected = 1100 if hour in (14, 15, 16) else 1000
    assert adjusted_baseline(slots, evening(), CAISO_10_IN_10, ONE).watts == expected


@pytest.mark.parametrize("day", [MONDAY, weekdays(1)[0], weekdays(10)[-1]])
@pytest.mark.parametrize("meters", [0, 1, 2])
def test_adjusted_baseline__hours_before_do_not_begin_with_a_reading__is_not_adjusted(
    day: int, meters: int
) -> None:
    slots = caiso(3600)
    slots[day * 24 + 13] = MeteredSlot(read_at_end=meters)
    expected = 1200 if meters else 1000
    assert adjusted_baseline(slots, evening(), CAISO_10_IN_10, ONE).watts == expected


def test_adjusted_baseline__nothing_drawn_before_on_other_days__is_not_adjusted() -> None:
    assert adjusted_baseline(caiso(500, before=0), evening(), CAISO_10_IN_10, ONE).watts == 1000


def test_adjusted_baseline__early_in_the_day__looks_at_the_evening_before() -> None:
    """From 01:00 on: the three hours end at midnight."""
    event = EventSlots(first=MONDAY * 24 + 1, end=MONDAY * 24 + 2)
    days = weekdays(10)
    slots = with_mornings(
        event,
        dict.fromkeys(days, 1000),
        {MONDAY: 330} | dict.fromkeys(days, 300),
        CAISO_10_IN_10.adjustment,
    )
    assert slots[MONDAY * 24 - 3].consumed == 330
    assert adjusted_baseline(slots, event, CAISO_10_IN_10, ONE).watts == 1100


def test_adjusted_baseline__without_an_adjustment__is_the_average() -> None:
    event = evening()
    slots = history(event, {day: 100 * n for n, day in enumerate(weekdays(12), 1)})
    for rule in (NYISO_5_OF_10, PJM_4_OF_5):
        found = adjusted_baseline(slots, event, rule, ONE)
        expected = average(slots, event, rule.similar_days, rule.highest)
        assert found.watts == found.unadjusted == expected.watts


def test_adjusted_baseline__too_few_days__is_refused() -> None:
    event = evening()
    slots = history(event, dict.fromkeys(weekdays(4), 100))
    assert adjusted_baseline(slots, event, PJM_4_OF_5, ONE).watts == 50
    with pytest.raises(TooFewDaysError, match="needs 4 known days, not 3"):
        adjusted_baseline(slots, event, PJM_4_OF_5, ONE, excluded_days=weekdays(1))
