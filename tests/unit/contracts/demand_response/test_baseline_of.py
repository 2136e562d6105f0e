"""DemandBaselines.baselineOf: what a consumer is expected to take at the time of an event."""

from __future__ import annotations

from random import Random

import pytest

from energy_grid.domain.baselines import Baseline
from tests.support.core.chain import refused
from tests.support.core.grid_suite import DAY
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    MORNING,
    NUMBER,
    SLOT,
    SLOTS,
    STRANGER,
    DemandWorld,
)

DAY_SLOTS = 96
USUAL = Baseline(4_000, 100)


@pytest.fixture
def world() -> DemandWorld:
    """The last five similar days, all of 1,000 Wh in a slot."""
    return DemandWorld(days=5)


def announce_on(world: DemandWorld, weekday: int) -> None:
    """The event is on such a day (0: Monday)."""
    later = (weekday - world.now // DAY - 3) % 7
    world.chain.set_time(world.now + later * DAY)
    world.event = world.announce(start=(world.running + SLOTS + 1) * SLOT)


def fill(world: DemandWorld, net: int, days: int = 20) -> None:
    """The same on all days before, and on the morning."""
    for back in range(1, days):
        world.draw(net, back)
        world.spend_morning(net, back)
    world.spend_morning(net)


# The slots


@pytest.mark.parametrize(
    ("first", "slots"), [(0, 0), (0, -1), (0, 97), (2, 2**200), (-5, 110), (2**255, 1)]
)
def test_baseline_of__no_slots_or_more_than_a_day__refused(
    world: DemandWorld, first: int, slots: int
) -> None:
    first += world.start
    name = "DemandBaselines_BadSlots" if slots != 1 else "DemandBaselines_NotMetered"
    values = (first, first + slots) if slots != 1 else (CONSUMER,)
    with refused(name, *values):
        world.baselines.baselineOf(CONSUMER, world.now, first, first + slots)


def test_baseline_of__a_whole_day__is_asked_for(world: DemandWorld) -> None:
    today = world.start // DAY_SLOTS * DAY_SLOTS
    for back in range(1, 12):
        for slot in range(today - back * DAY_SLOTS, today - (back - 1) * DAY_SLOTS):
            world.read(slot, -25)
    found = world.baselines.baselineOf(CONSUMER, 0, today, today + DAY_SLOTS)
    assert found == (100, 100)


# Which days compare


@pytest.mark.parametrize("days", [0, 2])
def test_baseline_of__fewer_days_than_needed__refused(days: int) -> None:
    with refused("DemandBaselines_TooFewDays", CONSUMER, days, 3):
        DemandWorld(days=days).baseline()


@pytest.mark.parametrize("weekday", range(7))
def test_baseline_of__every_day_read__weekdays_or_weekends_count(weekday: int) -> None:
    """Each day drew something else, so the mean says which ones counted."""
    world = DemandWorld()
    announce_on(world, weekday)
    for back in range(1, 38):
        world.draw(-max(2**back // 8, 1), back)
        world.spend_morning(-100, back)
    world.spend_morning(-100)
    weekend = weekday > 4
    similar = [back for back in range(1, 38) if ((weekday - back) % 7 > 4) == weekend][:5]
    mean = 4 * sum(max(2**back // 8, 1) for back in similar) // 5
    assert world.baseline() == world.expected()
    assert world.baseline().watts == mean


@pytest.mark.parametrize("net", [None, 0])
def test_baseline_of__days_not_read__take_their_places(net: int | None) -> None:
    """Leaving out a reading brings no older day in. What was read late shows 0."""
    world = DemandWorld(similar_days=4)
    fill(world, -700, 40)
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    world.read(world.window(similar[0])[3], net)
    assert world.baseline().watts == 2_800
    world.read(world.morning(similar[2])[3], net)
    with refused("DemandBaselines_TooFewDays", CONSUMER, 2, 3):
        world.baseline()


def test_baseline_of__beginning_of_time__ends_with_day_1(world: DemandWorld) -> None:
    """Nothing comes before day 0, a Thursday."""
    world.speak(1)
    for day in (0, 1, 2):
        first = day * DAY_SLOTS + 1
        with refused("DemandBaselines_TooFewDays", CONSUMER, 0, 3):
            world.baselines.baselineOf(CONSUMER, 0, first, first + 1)


def test_baseline_of__export__counts_as_import_avoided(world: DemandWorld) -> None:
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for back, net in zip(similar, (1, 500, -100, -200, -1), strict=False):
        world.draw(net, back)
    world.spend_morning(-1_000)
    assert world.baseline().watts == 4 * (100 + 200 - 500) // 5


def test_baseline_of__crosses_midnight__so_do_the_days(world: DemandWorld) -> None:
    """A Friday's event goes on into Saturday, and is compared with weekdays."""
    announce_on(world, 4)
    start = (world.start // DAY_SLOTS + 1) * DAY_SLOTS - 3
    world.event = world.announce(start=start * SLOT)
    for back in range(1, 15):
        world.draw(-250 if world.is_similar(back) else -9_999, back)
        world.spend_morning(-100, back)
    world.spend_morning(-100)
    assert world.baseline() == Baseline(1_000, 100)


def test_baseline_of__without_a_meter_or_a_number__refused(world: DemandWorld) -> None:
    """What an account without a meter has declared is no use."""
    slots = world.start, world.start + SLOTS
    with refused("DemandBaselines_NotMetered", STRANGER):
        world.baselines.baselineOf(STRANGER, world.now, *slots)
    world.speak(0, 0, 0)
    with refused("DemandBaselines_NotMetered", CONSUMER):
        world.baseline()
    world.speak(world.window(3)[0] - 1)
    known = sum(
        world.is_similar(back) and world.morning(back).start >= world.window(3)[0] - 1
        for back in range(1, 4)
    )
    with refused("DemandBaselines_TooFewDays", CONSUMER, known, 3):
        world.baseline()
    world.double.setAccount(CONSUMER, 0, 0, 0, 0)
    with refused("DemandBaselines_NotMetered", CONSUMER):
        world.baseline()
    world.double.setAccount(CONSUMER, NUMBER, 0, 0, 0)
    world.speak(world.first)
    world.spend_morning(-1_000)
    assert world.baseline() == USUAL


# The same day


@pytest.mark.parametrize(("more", "moved"), [(100, 400), (10_000, 708), (-10_000, -708)])
def test_baseline_of__another_morning__moves_it_by_half_of_the_spread_at_most(
    world: DemandWorld, more: int, moved: int
) -> None:
    """The days' means are 2,000 to 6,000 W: their standard deviation is 1,414.2 W."""
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for back, net in zip(similar, (-500, -1_000, -1_000, -1_000, -1_500), strict=False):
        world.draw(net, back)
    world.spend_morning(-1_000 - more)
    assert world.baseline() == Baseline(4_000 + moved, 2_829) == world.expected()


@pytest.mark.parametrize("read", [None, 0])
def test_baseline_of__morning_not_read__moves_it_down(world: DemandWorld, read: int | None) -> None:
    """Whoever used less and hides it gains nothing."""
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for back, net in zip(similar, (-500, -1_000, -1_000, -1_000, -1_500), strict=False):
        world.draw(net, back)
    world.spend_morning(-1_000)
    world.read(world.morning()[MORNING - 1], read)
    assert world.baseline().watts == 4_000 - 708


def test_baseline_of__after_the_announcement__nothing_moves_it(world: DemandWorld) -> None:
    """Knowing of the event does not help."""
    start = world.running + 12
    world.event = world.announce(start=start * SLOT)
    fill(world, -1_000)
    for back in range(1, 20):
        world.draw(-1_100 + back, back)
    before = world.baseline()
    for slot in range(world.announced, world.start):
        world.read(slot, -9_000)
    assert world.baseline() == before == world.expected()


@pytest.mark.parametrize("hours", [0, 2, 3])
def test_baseline_of__announced_early_on_the_day_or_before__nothing_moves_it(hours: int) -> None:
    world = DemandWorld()
    midnight = (world.now // DAY + 1) * DAY
    world.chain.set_time(midnight + hours * 3_600 - (hours == 0))
    world.event = world.announce(start=midnight + 15 * 3_600)
    for back in range(1, 40):
        world.draw(-1_000 - back, back)
        world.spend_morning(-100, back)
    world.spend_morning(-9_000)
    assert len(world.morning()) == (MORNING if hours == 3 else 0)
    assert world.baseline() == world.expected()
    similar = [back for back in range(1, 40) if world.is_similar(back)][:5]
    mean = 4 * sum(1_000 + back for back in similar) // 5
    assert (world.baseline().watts > mean) == (hours == 3)
    assert hours == 3 or world.baseline().watts == mean


# The average


@pytest.mark.parametrize(("more", "watts"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (-1, -1)])
def test_baseline_of__of_a_fraction__is_rounded_down(
    world: DemandWorld, more: int, watts: int
) -> None:
    """Five days of two hours: 10 Wh together are 1 W."""
    first = next(back for back in range(1, 9) if world.is_similar(back))
    world.read(world.window(first)[0], -1_000 - more)
    world.spend_morning(-1_000)
    assert world.baseline().watts == 4_000 + watts


@pytest.mark.parametrize("seed", range(15))
def test_baseline_of__random_weeks__agree_with_the_rule(seed: int) -> None:
    draws = Random(seed)
    known = draws.randint(3, 6)
    noise = draws.randint(1, 400)
    world = DemandWorld(similar_days=draws.randint(known, 10), known=known, noise=noise)
    start = world.running + SLOTS + draws.randint(1, 50)
    duration = draws.randint(1, 30)
    ramp = draws.randint(0, duration - 1)
    world.event = world.announce(start=start * SLOT, duration=duration * SLOT, ramp=ramp * SLOT)
    world.first = draws.choice((world.first, world.start - draws.randint(5, 9) * DAY_SLOTS))
    world.speak(world.first)
    usual = draws.choice((-400, 0, 300))
    for back in range(40):
        for slot in (*world.morning(back), *world.window(back)):
            missing = draws.random() < 0.003
            world.read(slot, None if missing else usual + draws.randint(-2_000, 1_500))
    found = world.known_days()
    if found < known:
        with refused("DemandBaselines_TooFewDays", CONSUMER, found, known):
            world.baseline()
    else:
        assert world.baseline() == world.expected()
