"""DemandResponse.baselineFromMeter: what a consumer usually draws, as on the chain so in Python."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.baselines import (
    BaselineRule,
    EventSlots,
    MeteredSlot,
    MeterSet,
    highest_average,
)
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
    hold_event,
    take_part,
    verify,
    weekdays_before,
)

HOUR, DAY = 3600, 86_400
# The Monday of the first day of a test, and the Friday eleven days later.
FIRST = MONDAY // DAY
FRIDAY = FIRST + 11
# What is deployed.
RULE = BaselineRule(name="5 of 10", highest=5, similar_days=10)


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


@pytest.mark.parametrize("days", [0, 1, 4])
def test_baseline_from_meter__fewer_days_than_averaged__refused(later: Market, days: int) -> None:
    event = event_on(later, FRIDAY)
    Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, days), 800)).record(later)
    with refused(errors.DemandResponse_TooFewDays, consumer=CONSUMER.address, found=days, needed=5):
        baseline(later, event)


def test_baseline_from_meter__nobody_s_meter__refused(later: Market) -> None:
    stranger = actor("stranger").address
    with refused(errors.DemandResponse_TooFewDays, consumer=stranger, found=0, needed=5):
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
    assert baseline(market, event) == sum(2**back for back in similar[5:]) // 5
    assert baseline(market, event) == highest_average(past.slots, event, RULE, MeterSet()).watts


@pytest.mark.parametrize(("place", "counts"), [(1, True), (3, True), (4, False)])
def test_baseline_from_meter__days_not_read__take_their_places(
    later: Market, place: int, counts: bool
) -> None:
    """Of the last three, whatever is known of them: leaving out readings brings no older day in."""
    rule = another_rule(later, 3, 1)
    event = event_on(later, FRIDAY)
    Past.of(event, {weekdays_before(FRIDAY, place)[-1]: 700}).record(later)
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
    assert baseline(later, event) == (9 + 8 + 6 + 5 + 3) * 1000 // 10
    assert baseline(later, event) == highest_average(past.slots, event, RULE, MeterSet()).watts


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


def test_baseline_from_meter__days_of_events__count_like_any_other(market: Market) -> None:
    """Left out where a reduction was found, they would raise the baseline of the next event."""
    contract = market.demand_response
    operator = take_part(market, contract)
    held, event = event_on(market, FRIDAY - 1), event_on(market, FRIDAY)
    past = Past.of(event, dict.fromkeys(weekdays_before(FRIDAY, 12), 800) | {FRIDAY - 1: 200})
    past.with_end_read(held).record(market)
    before = highest_average(past.slots, event, RULE, MeterSet())
    verify(market, contract, hold_event(market, contract, operator, held))
    market.go_to(FRIDAY * DAY + 12 * HOUR)

    assert baseline(market, event) == before.watts == 400
    rule = another_rule(market, 3, 3)
    assert baseline(market, event, rule) == (200 + 800 + 800) // 6


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


@pytest.mark.parametrize("meters", [0, 1, 2, 3])
def test_baseline_from_meter__not_all_meters_read__not_known(later: Market, meters: int) -> None:
    rule = another_rule(later, 1, 1)
    event = event_on(later, FRIDAY)
    Past.of(event, {FRIDAY - 1: 800}, meters=meters).record(later, meters=2)
    if meters >= 2:
        assert baseline(later, event, rule) == 400
    else:
        values = {"consumer": CONSUMER.address, "found": 0, "needed": 1}
        with refused(errors.DemandResponse_TooFewDays, **values):
            baseline(later, event, rule)


@pytest.mark.parametrize(("second", "known"), [(0, True), (1, False)])
def test_baseline_from_meter__another_set_of_meters_before__not_known(
    market: Market, second: int, known: bool
) -> None:
    """A meter that is never read at a slot's end could add its energy to these days and leave."""
    rule = another_rule(market, 1, 1)
    event = event_on(market, FIRST + 1)
    Past.of(event, {FIRST: 800}).record(market)
    helper = actor("meter that comes and goes")
    market.register_meter(CONSUMER, helper)
    market.at(FIRST * DAY + 18 * HOUR + second)
    market.do(market.roles[Role.METER_REGISTRAR], market.meters, "deactivateMeter", helper.address)
    market.go_to((FIRST + 1) * DAY)
    if known:
        assert baseline(market, event, rule) == 400
    else:
        values = {"consumer": CONSUMER.address, "found": 0, "needed": 1}
        with refused(errors.DemandResponse_TooFewDays, **values):
            baseline(market, event, rule)


# The average


@pytest.mark.parametrize(("energy", "watts"), [(1, 0), (14, 0), (15, 1), (29, 1), (30, 2)])
def test_baseline_from_meter__of_a_fraction__is_rounded_down(
    later: Market, energy: int, watts: int
) -> None:
    """Five days of three hours: 15 Wh together are 1 W."""
    event = event_on(later, FRIDAY, slots=3)
    first, *days = weekdays_before(FRIDAY, 5)
    energies = dict.fromkeys(days, 300) | {first: energy + 300}
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
def pasts(draw: st.DrawFn) -> tuple[EventSlots, Past]:
    """An event on some day of a week, and what was metered before."""
    day = LATER + draw(st.integers(0, 6))
    first = day * 24 + draw(st.integers(0, 23))
    event = EventSlots(first=first, end=first + draw(st.integers(1, 3)))
    slots: dict[int, MeteredSlot] = {}
    for back in draw(st.lists(st.integers(1, 40), min_size=8, max_size=30, unique=True)):
        shift = back * 24
        slots[event.first - shift - 1] = MeteredSlot(consumed=draw(wh), read_at_end=draw(readings))
        for slot in range(event.first - shift, event.end - shift):
            slots[slot] = MeteredSlot(consumed=draw(wh), read_at_end=draw(readings))
    return event, Past(slots=slots)


@settings(on_chain, max_examples=12)
@given(pasts(), st.sampled_from([(10, 10), (10, 5), (5, 4), (3, 1), (6, 2)]), st.integers(1, 2))
def test_baseline_from_meter__random_pasts__equal_the_model(
    market: Market, drawn: tuple[EventSlots, Past], choice: tuple[int, int], meters: int
) -> None:
    event, past = drawn
    similar_days, highest = choice
    rule = BaselineRule(name="drawn", highest=highest, similar_days=similar_days)
    with rewound(market):
        contract = another_rule(market, similar_days, highest)
        past.record(market, meters)
        market.go_to(event.end * HOUR)
        expected = highest_average(past.slots, event, rule, MeterSet(count=meters))
        if expected.found < highest:
            found = {"consumer": CONSUMER.address, "found": expected.found, "needed": highest}
            with refused(errors.DemandResponse_TooFewDays, **found):
                baseline(market, event, contract)
        else:
            assert baseline(market, event, contract) == expected.watts
