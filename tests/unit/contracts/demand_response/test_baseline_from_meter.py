"""DemandResponse.baselineFromMeter: what a consumer usually draws at the time of an event."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import DAY
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    NUMBER,
    SLOT,
    SLOTS,
    STRANGER,
    DemandWorld,
)

DAY_SLOTS = 96


@pytest.fixture
def world() -> DemandWorld:
    """The three highest of the last five similar days, all of 1,000 Wh in a slot."""
    return DemandWorld(days=5)


def go_to_day(world: DemandWorld, weekday: int) -> None:
    """The event is to be on such a day (0: Monday), ten minutes from now."""
    today = world.now // DAY
    later = (weekday - today - 3) % 7
    world.chain.set_time(world.now + later * DAY)
    world.start = world.running + 1


# The slots


@pytest.mark.parametrize(
    ("first", "slots"), [(0, 0), (0, -1), (0, 97), (2, 2**200), (-5, 110), (2**255, 1)]
)
def test_baseline_from_meter__no_slots_or_more_than_a_day__refused(
    world: DemandWorld, first: int, slots: int
) -> None:
    first += world.start
    with refused("DemandResponse_BadSlots", first, first + slots):
        world.demand.baselineFromMeter(CONSUMER, first, first + slots)


def test_baseline_from_meter__slots_of_the_day_before__must_be_final(world: DemandWorld) -> None:
    end = world.start + SLOTS
    final = end * SLOT + 900 - DAY
    world.chain.set_time(final)
    assert world.baseline() == 4_000
    world.chain.set_time(final - 1)
    with refused("DemandResponse_BadSlots", world.start, end):
        world.baseline()


def test_baseline_from_meter__a_whole_day__is_asked_for(world: DemandWorld) -> None:
    today = world.start // DAY_SLOTS * DAY_SLOTS
    world.chain.set_time((today + DAY_SLOTS) * SLOT)
    for back in range(1, 12):
        for slot in range(today - back * DAY_SLOTS, today - (back - 1) * DAY_SLOTS):
            world.read(slot, -25)
    assert world.demand.baselineFromMeter(CONSUMER, today, today + DAY_SLOTS) == 100


# Which days compare


@pytest.mark.parametrize("days", [0, 2])
def test_baseline_from_meter__fewer_days_than_averaged__refused(days: int) -> None:
    with refused("DemandResponse_TooFewDays", CONSUMER, days, 3):
        DemandWorld(days=days).baseline()


@pytest.mark.parametrize("weekday", range(7))
def test_baseline_from_meter__every_day_read__weekdays_or_weekends_count(weekday: int) -> None:
    """Each day drew something else, so the mean says which ones counted."""
    world = DemandWorld()
    go_to_day(world, weekday)
    for back in range(1, 38):
        world.draw(-(2**back) // 8, back)
    weekend = weekday > 4
    similar = [back for back in range(1, 38) if ((weekday - back) % 7 > 4) == weekend][:5]
    drawn = [SLOTS * (2**back // 8) for back in similar[2:]]
    assert (world.baseline(), 5) == (sum(drawn) // 6, 5) == world.expected()


def test_baseline_from_meter__days_not_read__take_their_places() -> None:
    """Leaving out a reading brings no older day in."""
    world = DemandWorld(similar_days=3, highest=1)
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for place, back in enumerate(similar[:4]):
        world.draw(-700, back)
        if place < 3:
            assert world.baseline() == 2_800
        else:
            with refused("DemandResponse_TooFewDays", CONSUMER, 0, 1):
                world.baseline()
        world.read(world.window(back)[3], None)


def test_baseline_from_meter__beginning_of_time__ends_with_day_1(world: DemandWorld) -> None:
    """Nothing comes before day 0, a Thursday."""
    for day in (0, 1, 2):
        first = day * DAY_SLOTS
        with refused("DemandResponse_TooFewDays", CONSUMER, 0, 3):
            world.demand.baselineFromMeter(CONSUMER, first, first + 1)


def test_baseline_from_meter__days_without_a_use__count(world: DemandWorld) -> None:
    """Nothing drawn, or all of it fed in; what was read late is shown as nothing, too."""
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for back, net in zip(similar, (0, 500, -100, -200, 0), strict=False):
        world.draw(net, back)
    assert world.baseline() == 4 * (100 + 200) // 3


def test_baseline_from_meter__export_in_one_slot__makes_up_for_no_import_in_another(
    world: DemandWorld,
) -> None:
    for back in range(1, 12):
        world.read(world.window(back)[0], 9_000)
    assert world.baseline() == 3_500


def test_baseline_from_meter__crosses_midnight__so_do_the_days(world: DemandWorld) -> None:
    """A Friday's event goes on into Saturday, and is compared with weekdays."""
    go_to_day(world, 4)
    world.start = (world.start // DAY_SLOTS + 1) * DAY_SLOTS - 3
    world.chain.set_time(world.start * SLOT)
    for back in range(1, 15):
        world.draw(-250 if world.is_similar(back) else -9_999, back)
    assert world.baseline() == 1_000


def test_baseline_from_meter__without_a_meter_or_a_number__refused(world: DemandWorld) -> None:
    """What an account without a meter has declared is no use."""
    with refused("DemandResponse_TooFewDays", STRANGER, 0, 3):
        world.demand.baselineFromMeter(STRANGER, world.start, world.start + 1)
    world.speak(0, 0, 0)
    with refused("DemandResponse_TooFewDays", CONSUMER, 0, 3):
        world.baseline()
    world.speak(world.window(3)[0] - 1)
    known = sum(world.is_similar(back) for back in range(1, 4))
    if known < 3:
        with refused("DemandResponse_TooFewDays", CONSUMER, known, 3):
            world.baseline()
    world.double.setAccount(CONSUMER, 0, 0, 0, 0)
    with refused("DemandResponse_TooFewDays", CONSUMER, 0, 3):
        world.baseline()
    world.double.setAccount(CONSUMER, NUMBER, 0, 0, 0)
    world.speak(world.first)
    assert world.baseline() == 4_000


# The average


@pytest.mark.parametrize(("more", "watts"), [(0, 0), (5, 0), (6, 1), (11, 1), (12, 2)])
def test_baseline_from_meter__of_a_fraction__is_rounded_down(
    world: DemandWorld, more: int, watts: int
) -> None:
    """Three days of two hours: 6 Wh together are 1 W."""
    first = next(back for back in range(1, 9) if world.is_similar(back))
    world.read(world.window(first)[0], -1_000 - more)
    assert world.baseline() == 4_000 + watts


@pytest.mark.parametrize(("similar_days", "highest"), [(10, 5), (5, 4), (3, 1), (10, 10)])
def test_baseline_from_meter__highest_of_the_last__are_averaged(
    similar_days: int, highest: int
) -> None:
    world = DemandWorld(similar_days=similar_days, highest=highest)
    energies = (300, 900, 100, 500, 700, 200, 1_100, 600, 800, 400, 99_999)
    similar = [back for back in range(1, 40) if world.is_similar(back)]
    for back, energy in zip(similar, energies, strict=False):
        world.draw(-energy, back)
    average = 4 * sum(sorted(energies[:similar_days])[-highest:]) // highest
    assert (world.baseline(), similar_days) == (average, similar_days) == world.expected()


@pytest.mark.parametrize("seed", range(15))
def test_baseline_from_meter__random_weeks__agree_with_the_rule(seed: int) -> None:
    draws = Random(seed)
    highest = draws.randint(1, 6)
    world = DemandWorld(similar_days=draws.randint(highest, 8), highest=highest)
    world.first = draws.choice((world.first, world.start - draws.randint(1, 9) * DAY_SLOTS))
    world.speak(world.first)
    for back in range(1, 16):
        for slot in world.window(back):
            world.read(slot, None if draws.random() < 0.02 else draws.randint(-2_000, 500))
    watts, found = world.expected()
    if found < highest:
        with refused("DemandResponse_TooFewDays", CONSUMER, found, highest):
            world.baseline()
    else:
        assert world.baseline() == watts
