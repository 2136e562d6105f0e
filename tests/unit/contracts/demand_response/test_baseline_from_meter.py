"""DemandResponse.baselineFromMeter: what a consumer usually draws, as on the chain so in Python."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.adapters.chain import errors
from energy_grid.domain.baselines import (
    BaselineRule,
    EventSlots,
    MeteredSlot,
    highest_average,
)
from energy_grid.domain.demand_response import average_up
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close
from tests.unit.contracts.demand_response.metered_days import (
    CONSUMER,
    Past,
    another_rule,
    baseline,
    event_on,
    excluded_by,
    hold_event,
    take_part,
    verify,
    weekdays_before,
)

HOUR, DAY = 3600, 86_400
# The Monday of the first day of a test, and the Friday eleven days later.
FIRST = MONDAY // DAY
FRIDAY = FIRST + 11
TEN = BaselineRule(name="10 of 10", highest=10, similar_days=10)


@pytest.fixture
def later(market: Market) -> Market:
    """The market on that Friday at noon: its evening can be asked for."""
    market.go_to(FRIDAY * DAY + 12 * HOUR)
    return market


# The slots


@pytest.mark.parametrize(
    ("first", "slots"), [(0, 0), (0, -1), (0, 25), (2, 2**200), (-5, 30), (2**255, 1)]
)
def test_baseline_from_meter__no_slots_or_more_than_a_day__refused(
    later: Market, first: int, slots: int
) -> None:
    first += FRIDAY * 24
    values = {"from_slot": first, "to_slot": first + slots}
    with refused(errors.DemandResponse_BadSlots, **values):
        later.demand_response.call("baselineFromMeter", CONSUMER.address, first, first + slots)


def test_baseline_from_meter__a_whole_day__is_asked_for(market: Market) -> None:
    market.go_to(FRIDAY * DAY + market.grace)
    event = event_on(market, FRIDAY, 0, slots=24)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, 10), 2400)).record(market)
    assert baseline(market, event) == 100


@pytest.mark.parametrize("second", [-1, 0])
def test_baseline_from_meter__last_slot_of_the_day_before__must_be_final(
    market: Market, second: int
) -> None:
    event = event_on(market, FRIDAY)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, 10), 800)).record(market)
    final = market.final_at(event.end - 1) - DAY

    market.go_to(final + second)

    if second < 0:
        values = {"from_slot": event.first, "to_slot": event.end}
        with refused(errors.DemandResponse_BadSlots, **values):
            baseline(market, event)
    else:
        assert baseline(market, event) == 400


# Which days compare


@pytest.mark.parametrize("days", [0, 1, 9])
def test_baseline_from_meter__fewer_days_than_averaged__refused(later: Market, days: int) -> None:
    event = event_on(later, FRIDAY)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, days), 800)).record(later)
    with refused(
        errors.DemandResponse_TooFewDays, consumer=CONSUMER.address, found=days, needed=10
    ):
        baseline(later, event)


def test_baseline_from_meter__nobody_s_meter__refused(later: Market) -> None:
    stranger = actor("stranger").address
    with refused(errors.DemandResponse_TooFewDays, consumer=stranger, found=0, needed=10):
        slot = FRIDAY * 24
        later.demand_response.call("baselineFromMeter", stranger, slot, slot + 1)


@pytest.mark.parametrize("day", range(7))
def test_baseline_from_meter__every_day_metered__weekdays_or_weekends_count(
    market: Market, day: int
) -> None:
    """Each day drew something else, so the mean says which ones counted."""
    today = FIRST + 14 + day
    market.go_to(today * DAY + 12 * HOUR)
    event = event_on(market, today, slots=1)
    past = Past.of(event, {today - back: 2**back for back in range(1, 38)})
    past.record(market)

    weekend = day > 4
    similar = [back for back in range(1, 38) if ((day - back) % 7 > 4) == weekend][:10]
    assert baseline(market, event) == sum(2**back for back in similar) // 10
    assert baseline(market, event) == highest_average(past.slots, event, TEN).watts


@pytest.mark.parametrize(("back", "counts"), [(44, True), (45, True), (46, False), (0, False)])
def test_baseline_from_meter__long_ago__counts_45_days_back(
    later: Market, back: int, counts: bool
) -> None:
    """44 to 46 days before a Friday are a Wednesday, a Tuesday and a Monday."""
    rule = another_rule(later, 1, 1)
    event = event_on(later, FRIDAY)
    Past.of(event, {FRIDAY - back: 700}).record(later)
    if counts:
        assert baseline(later, event, rule) == 350
    else:
        values = {"consumer": CONSUMER.address, "found": 0, "needed": 1}
        with refused(errors.DemandResponse_TooFewDays, **values):
            baseline(later, event, rule)


def test_baseline_from_meter__beginning_of_time__ends_with_day_1(later: Market) -> None:
    """Nothing comes before day 0, a Thursday. Of the next Monday's days, Friday is one."""
    rule = another_rule(later, 1, 1)
    for day, found in ((0, 0), (1, 0), (4, 1)):
        slots = {slot: MeteredSlot(consumed=100, read_at_end=1) for slot in (23, 24)}
        with rewound(later):
            Past(slots=slots).record(later)
            event = EventSlots(first=day * 24, end=day * 24 + 1)
            if found:
                assert baseline(later, event, rule) == 100
            else:
                values = {"consumer": CONSUMER.address, "found": 0, "needed": 1}
                with refused(errors.DemandResponse_TooFewDays, **values):
                    baseline(later, event, rule)


def test_baseline_from_meter__days_without_a_use__count(later: Market) -> None:
    event = event_on(later, FRIDAY)
    days = weekdays_before(FRIDAY, 13)
    past = Past.of(event, {day: 0 if n in (0, 4, 7) else 1000 * n for n, day in enumerate(days)})
    past.record(later)
    assert baseline(later, event) == sum(set(range(10)) - {0, 4, 7}) * 1000 // 20
    assert baseline(later, event) == highest_average(past.slots, event, TEN).watts


def test_baseline_from_meter__crosses_midnight__so_do_the_days(market: Market) -> None:
    """A Friday's event goes on into Saturday, and is compared with weekdays."""
    market.go_to((FRIDAY + 1) * DAY)
    event = event_on(market, FRIDAY, 23, slots=2)
    slots = {}
    for day in weekdays_before(FRIDAY, 10):
        slots[day * 24 + 22] = MeteredSlot(consumed=9999, read_at_end=1)
        slots[day * 24 + 23] = MeteredSlot(consumed=300)
        slots[day * 24 + 24] = MeteredSlot(consumed=500)
        slots[day * 24 + 25] = MeteredSlot(consumed=9999)
    Past(slots=slots).record(market)
    assert baseline(market, event) == 400


# Events


@pytest.mark.parametrize(("hour", "slots", "excluded"), [(10, 2, 1), (23, 1, 1), (23, 2, 2)])
def test_baseline_from_meter__verified_event__its_days_are_left_out(
    market: Market, hour: int, slots: int, excluded: int
) -> None:
    """At whatever hour it was; one that crosses midnight touches two days."""
    contract = market.demand_response
    operator = take_part(market, contract)
    held = event_on(market, FRIDAY - 3, hour, slots=slots)
    event = event_on(market, FRIDAY)
    energies = {day: 100 * n for n, day in enumerate(weekdays_before(FRIDAY, 12), 1)}
    usual = Past.of(held, dict.fromkeys(weekdays_before(FRIDAY - 3, 10), 800))
    Past.of(event, energies).joined(usual.with_end_read(held)).record(market)
    market.go_to(held.first * HOUR - HOUR)

    verify(market, contract, hold_event(market, contract, operator, held))
    market.go_to(FRIDAY * DAY + 12 * HOUR)

    days = excluded_by([held])
    assert len(days) == excluded
    left = [energy for day, energy in energies.items() if day not in days]
    assert baseline(market, event) == sum(left[:10]) // 20


def test_baseline_from_meter__event_of_others_or_by_word__leaves_the_day(
    market: Market,
) -> None:
    """Any operator could move anybody's baseline by its word, for an event that costs nothing."""
    contract = market.demand_response
    operator = take_part(market, contract)
    event = event_on(market, FRIDAY)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, 10), 800)).record(market)
    neighbor = actor("neighbor")
    market.do(neighbor, contract, "registerConsumer", neighbor.address)
    market.go_to((FRIDAY - 1) * DAY)
    market.do(operator, contract, "startEvent", 1, 1, HOUR)
    market.go_to((FRIDAY - 1) * DAY + 2 * HOUR)
    for account in (neighbor, CONSUMER):
        market.do(operator, contract, "verifyReduction", 1, account.address, 1000, 0, 5, 5)
    market.go_to(FRIDAY * DAY + 12 * HOUR)
    assert baseline(market, event) == 400


# What the readings must say


@pytest.fixture
def meter(market: Market) -> LocalAccount:
    return market.register_meter(CONSUMER, rated_power=10_000)


def read(market: Market, meter: LocalAccount, timestamp: int, consumed: int = 0) -> None:
    market.at(timestamp).read_meter(meter, timestamp=timestamp, consumed=consumed)


@pytest.mark.parametrize(("late", "counts"), [(0, True), (-1, False), (1, False)])
def test_baseline_from_meter__read_at_the_start_to_the_second__counts(
    market: Market, meter: LocalAccount, late: int, counts: bool
) -> None:
    """By a real meter: whoever reads once a day could bring all of it into these slots."""
    rule = another_rule(market, 3, 3)
    event = event_on(market, FIRST + 4)
    for day in range(FIRST + 1, FIRST + 4):
        start = day * DAY + 18 * HOUR
        read(market, meter, start + late, 20_000)
        read(market, meter, start + HOUR, 700)
        read(market, meter, start + 2 * HOUR, 900)
    market.go_to((FIRST + 4) * DAY)

    if counts:
        assert baseline(market, event, rule) == 800
    else:
        values = {"consumer": CONSUMER.address, "found": 0, "needed": 3}
        with refused(errors.DemandResponse_TooFewDays, **values):
            baseline(market, event, rule)


def test_baseline_from_meter__once_read__stays_when_slots_are_closed(
    market: Market, meter: LocalAccount
) -> None:
    rule = another_rule(market, 1, 1)
    event = event_on(market, FIRST + 1, slots=1)
    read(market, meter, FIRST * DAY + 18 * HOUR)
    read(market, meter, FIRST * DAY + 19 * HOUR, 700)
    market.go_to((FIRST + 1) * DAY)
    assert baseline(market, event, rule) == 700
    for slot in (17, 18):
        close(market, CONSUMER, FIRST * 24 + slot)
    assert baseline(market, event, rule) == 700


@pytest.mark.parametrize("meters", [1, 2, 3])
def test_baseline_from_meter__other_meters_than_at_the_event_s_end__do_not_compare(
    later: Market, meters: int
) -> None:
    """One that came since would lower what is compared, one that went would raise it."""
    rule = another_rule(later, 1, 1)
    event = event_on(later, FRIDAY)
    older, newer = FRIDAY - 2, FRIDAY - 1
    past = Past.of(event, {older: 600}, meters=2)
    slots = {**past.slots, **Past.of(event, {newer: 800}, meters=meters).slots}
    Past(slots=slots).record(later)
    assert baseline(later, event, rule) == 400
    # Now the event's end is read.
    Past(slots={event.end - 1: MeteredSlot(read_at_end=2)}).record(later)
    assert baseline(later, event, rule) == (400 if meters == 2 else 300)


# The average


@pytest.mark.parametrize(("energy", "watts"), [(1, 0), (29, 0), (30, 1), (59, 1), (60, 2)])
def test_baseline_from_meter__of_a_fraction__is_rounded_down(
    later: Market, energy: int, watts: int
) -> None:
    """Ten days of three hours: 30 Wh together are 1 W."""
    event = event_on(later, FRIDAY, slots=3)
    first, *days = weekdays_before(FRIDAY, 10)
    energies = dict.fromkeys(days, 100) | {first: energy + 2100}
    Past.of(event, energies).record(later)
    assert baseline(later, event) == 100 + watts


def test_baseline_from_meter__slots_of_a_quarter_hour__is_power(quarter_hours: Market) -> None:
    market = quarter_hours
    market.go_to(FRIDAY * DAY + 12 * HOUR)
    event = event_on(market, FRIDAY, slots=1)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, 10), 250)).record(market)
    assert baseline(market, event) == 1000


@pytest.mark.parametrize(("similar_days", "highest"), [(10, 5), (5, 4), (3, 1)])
def test_baseline_from_meter__highest_of_the_last__are_averaged(
    later: Market, similar_days: int, highest: int
) -> None:
    rule = another_rule(later, similar_days, highest)
    event = event_on(later, FRIDAY, slots=1)
    energies = (300, 900, 100, 500, 700, 200, 1100, 600, 800, 400, 99_999)
    days = weekdays_before(FRIDAY, len(energies))
    Past.of(event, dict(zip(days, energies, strict=True))).record(later)
    expected = sum(sorted(energies[:similar_days])[-highest:]) // highest
    assert baseline(later, event, rule) == expected


# All of it at random

LATER = FIRST + 60
wh = st.sampled_from([0, 0, 1, 999, 2**40]) | st.integers(1, 5000)
readings = st.sampled_from([0, 1, 1, 1, 1, 2])


@st.composite
def pasts(draw: st.DrawFn) -> tuple[EventSlots, Past, list[EventSlots]]:
    """An event on some day of a week, what was metered before, and events held before."""
    day = LATER + draw(st.integers(0, 6))
    first = day * 24 + draw(st.integers(0, 23))
    event = EventSlots(first=first, end=first + draw(st.integers(1, 3)))
    slots: dict[int, MeteredSlot] = {}
    for back in draw(st.lists(st.integers(1, 46), min_size=4, max_size=24, unique=True)):
        shift = back * 24
        slots[event.first - shift - 1] = MeteredSlot(consumed=draw(wh), read_at_end=draw(readings))
        for slot in range(event.first - shift, event.end - shift):
            slots[slot] = MeteredSlot(consumed=draw(wh), read_at_end=draw(readings))
    past = Past(slots=slots)
    if draw(st.booleans()):
        past = past.with_end_read(event)
    held = draw(st.lists(st.integers(2, 45), max_size=2, unique=True))
    hour = draw(st.sampled_from([first % 24, 5, 23]))
    starts = [(day - back) * 24 + hour for back in sorted(held, reverse=True)]
    events = [EventSlots(first=start, end=start + 2) for start in starts]
    for each in events:
        past = past.with_end_read(each)
    return event, past, events


@settings(on_chain, max_examples=12)
@given(pasts(), st.sampled_from([(10, 10), (10, 5), (5, 4), (3, 1), (6, 2)]))
def test_baseline_from_meter__random_pasts__equal_the_model(
    market: Market, drawn: tuple[EventSlots, Past, list[EventSlots]], choice: tuple[int, int]
) -> None:
    event, past, held = drawn
    similar_days, highest = choice
    rule = BaselineRule(name="drawn", highest=highest, similar_days=similar_days)
    with rewound(market):
        contract = another_rule(market, similar_days, highest)
        past.record(market)
        if held:
            operator = take_part(market, contract)
        excluded: set[int] = set()
        for each in held:
            number = hold_event(market, contract, operator, each)
            usual = highest_average(past.slots, each, rule, excluded_days=excluded)
            if usual.watts > average_up(past.drawn(each), each.seconds):
                verify(market, contract, number)
                excluded |= excluded_by([each])
        market.go_to(event.end * HOUR)
        expected = highest_average(past.slots, event, rule, excluded_days=excluded)
        if expected.found < highest:
            found = {"consumer": CONSUMER.address, "found": expected.found, "needed": highest}
            with refused(errors.DemandResponse_TooFewDays, **found):
                baseline(market, event, contract)
        else:
            assert baseline(market, event, contract) == expected.watts
