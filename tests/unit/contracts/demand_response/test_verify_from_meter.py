"""DemandResponse.verifyFromMeter: what the settlement meter has seen of a reduction."""

from __future__ import annotations

import pytest

from energy_grid.contracts.demand_response import ParticipationRecord
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import EventKind, ParticipationStatus
from tests.support.core.chain import refused
from tests.support.core.grid_suite import name
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.demand_response.scheme import DAY, HOUR, NORTH, open_stack
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    MORNING,
    NUMBER,
    OPERATOR,
    RATE,
    SLOT,
    SLOTS,
    STRANGER,
    TARGET,
    DemandWorld,
)

# 1,000 Wh in each quarter of an hour.
BASELINE = 4_000
NOBODY = "0x" + 40 * "0"
NUMBER_OF_STRANGER = 9


@pytest.fixture
def world() -> DemandWorld:
    return DemandWorld(days=5)


# When, and who


def test_verify_from_meter__no_event_or_not_active__refused(world: DemandWorld) -> None:
    first = world.event
    for event in (0, first + 1):
        world.event = event
        with refused("EventNotFound", event):
            world.verify()
    world.event = world.announce(start=(world.running + 9) * SLOT)
    world.demand.cancelEvent(world.event, by=OPERATOR)
    with refused("EventNotActive", world.event, EventStatus.CANCELLED):
        world.verify()
    world.event = first
    world.complete()
    with refused("EventNotActive", first, EventStatus.COMPLETED):
        world.verify()


def test_verify_from_meter__from_final_readings_to_the_last_second__verified(
    world: DemandWorld,
) -> None:
    world.hold(-400)
    until = world.known.verifiable_until
    for second in (world.final_at, until):
        mark = world.chain.snapshot()
        world.chain.set_time(second)
        assert world.verify()["reduction_w"] == BASELINE - 1_600
        world.chain.revert(mark)
    world.chain.set_time(world.final_at - 1)
    with refused("DemandResponse_TooEarly", world.event, world.final_at):
        world.verify()
    world.chain.set_time(until + 1)
    with refused("EventExpired", world.event, until):
        world.verify()


def test_verify_from_meter__price_signal__refused(world: DemandWorld) -> None:
    world.event = world.announce(kind=EventKind.PRICE, target=0, reward=250_000)
    world.hold(-400)
    with refused("DemandResponse_PriceSignal", world.event):
        world.verify()


def test_verify_from_meter__consumer_not_registered__refused(world: DemandWorld) -> None:
    world.hold(-400)
    world.add_meter(STRANGER, NUMBER_OF_STRANGER)
    for back in range(1, 12):
        world.draw(-1_000, back, NUMBER_OF_STRANGER)
        world.spend_morning(-1_000, back, NUMBER_OF_STRANGER)
    world.hold(-400, NUMBER_OF_STRANGER)
    with refused("ConsumerNotRegistered", STRANGER):
        world.verify(STRANGER)


@pytest.mark.parametrize("late", [-1, 0, 1])
@pytest.mark.parametrize("within", [True, False])
def test_verify_from_meter__enrolled_before_the_announcement_only__takes_part(
    within: bool, late: int
) -> None:
    """At the same second already, it could know of the event."""
    world = DemandWorld()
    program = world.program() if within else 0
    announced = world.now + 10
    if within or late >= 0:
        world.demand.leaveProgram(0, by=CONSUMER)
    if late < 0 and within:
        world.chain.set_time(announced + late)
        world.demand.joinProgram(program, 1_000, by=CONSUMER)
    world.chain.set_time(announced)
    world.event = world.announce(program, start=(world.running + 10) * SLOT)
    if late >= 0:
        world.chain.set_time(announced + late)
        world.demand.joinProgram(program, 1_000, by=CONSUMER)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(-400)
    if late < 0:
        assert world.verify()["reduction_w"] == BASELINE - 1_600
        return
    with refused("DemandResponse_NotParticipating", program, CONSUMER):
        world.verify()


def test_verify_from_meter__twice__refused(world: DemandWorld) -> None:
    world.hold(-400)
    world.verify()
    for sender in (CONSUMER, STRANGER):
        with refused("AlreadyParticipating", world.event, CONSUMER):
            world.verify(by=sender)
    with refused("AlreadyParticipating", world.event, CONSUMER):
        world.say(CONSUMER, 500)


# What the meter must have seen


@pytest.mark.parametrize("net", [None, 0])
@pytest.mark.parametrize("place", [0, 5, SLOTS - 1])
def test_verify_from_meter__slot_not_read_in_time__counts_as_more(
    world: DemandWorld, net: int | None, place: int
) -> None:
    """What was read late is shown without any use, which would be a reduction. The rated power is
    what it can hide: 4,313 Wh in a quarter of an hour, rounded up."""
    world.hold(-900)
    world.read(world.start + place, net)
    world.chain.set_time(world.unread_from)
    found = world.verify()
    assert (found["baseline_w"], found["actual_w"]) == (BASELINE, (7 * 900 + 4_313 + 1) // 2)
    assert world.known.total_reduction_w == 0


@pytest.mark.parametrize("net", [None, 0])
@pytest.mark.parametrize("place", [-MORNING, -1, 0, SLOTS - 1])
def test_verify_from_meter__a_slot_may_still_be_read__refused_until_the_last_part(
    world: DemandWorld, net: int | None, place: int
) -> None:
    """Anybody could fix a loss before the day of the account's gateway has come."""
    world.hold(-400)
    world.read(world.start + place - (place < 0), net)
    slot = world.start + place - (place < 0)
    assert slot in (*world.morning(), *world.window())
    for second in (world.now, world.unread_from - 1):
        world.chain.set_time(second)
        with refused("DemandResponse_Unread", CONSUMER, slot, world.unread_from):
            world.verify()
    mark = world.chain.snapshot()
    world.read(slot, -1_000 if place < 0 else -400)
    assert world.verify()["reduction_w"] == BASELINE - 1_600
    world.chain.revert(mark)
    world.chain.set_time(world.unread_from)
    world.verify()


def test_verify_from_meter__one_slot_hidden_and_much_exported__is_a_missed_commitment() -> None:
    """Or a meter whose rated power is too low could hide what it cannot show."""
    world = DemandWorld(days=5)
    world.hold(4_000)
    world.read(world.start, None)
    world.chain.set_time(world.unread_from)
    assert world.verify()["reduction_w"] == -100
    assert world.participation().actual_usage_w == world.actual(100)


@pytest.mark.parametrize(("rated", "committed"), [(0, 100), (0, 3_000), (9_000, 3_000)])
def test_verify_from_meter__nothing_was_read__counts_as_the_worst(
    rated: int, committed: int
) -> None:
    """The largest of minimum, commitment, and what the meter can show above the baseline."""
    world = DemandWorld()
    world.double.setRatedPower(NUMBER, rated)
    program = world.program()
    world.demand.joinProgram(program, committed, by=CONSUMER)
    world.chain.set_time(world.now + 1)
    world.event = world.announce(program)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(None)
    world.chain.set_time(world.unread_from)
    assert world.verify()["reduction_w"] == -max(committed, rated - BASELINE)


@pytest.mark.parametrize(("since", "until"), [(1, SLOTS), (0, SLOTS - 1)])
def test_verify_from_meter__for_a_part_of_its_time__counts_as_more(
    world: DemandWorld, since: int, until: int
) -> None:
    world.hold(-400)
    begins = world.start + 1 if since else world.first
    world.speak(begins, world.start + until)
    if since:
        with refused("DemandBaselines_TooFewDays", CONSUMER, 0, 3):
            world.verify()
    else:
        world.chain.set_time(world.unread_from)
        assert world.verify()["reduction_w"] == -100


def test_verify_from_meter__without_a_meter_then__refused(world: DemandWorld) -> None:
    world.hold(-400)
    world.speak(world.first, world.start)
    with refused("DemandBaselines_NotMetered", CONSUMER):
        world.verify()
    world.double.setAccount(CONSUMER, 0, 0, 0, 0)
    with refused("DemandBaselines_NotMetered", CONSUMER):
        world.verify()


def test_verify_from_meter__of_another_region__refused(world: DemandWorld) -> None:
    """What is not drawn elsewhere does not help the region that pays."""
    world.hold(-400)
    world.speak(world.first, region=2)
    with refused("DemandBaselines_OtherRegion", CONSUMER, name("home")):
        world.verify()


# What it comes to


def test_verify_from_meter__export_counts_as_import_avoided__net_and_rounded_up(
    world: DemandWorld,
) -> None:
    """1,901 Wh in two hours: 900 Wh of export in one slot make up for import in others."""
    world.hold(-400)
    world.read(world.start, 900)
    world.read(world.start + 1, -401)
    found = world.verify()
    assert (found["actual_w"], found["reduction_w"]) == (951, BASELINE - 951)
    assert found["minimum_w"] == 100
    world.complete()
    world.demand.claimReward(world.event, CONSUMER, by=CONSUMER)
    assert world.wallet(CONSUMER) == (BASELINE - 951) * RATE // 1_000


def test_verify_from_meter__exporting_all_of_it__below_zero(world: DemandWorld) -> None:
    world.hold(250)
    assert world.verify()["actual_w"] == -1_000
    assert world.participation().actual_usage_w == -1_000
    assert world.known.total_reduction_w == 5_000


@pytest.mark.parametrize(("net", "reduction"), [(-976, 96), (-1_000, 0), (-5_000, -16_000)])
def test_verify_from_meter__too_little__recorded_and_pays_nothing(
    world: DemandWorld, net: int, reduction: int
) -> None:
    world.hold(net)
    assert world.verify()["reduction_w"] == reduction
    assert world.known.total_reduction_w == 0
    world.complete()
    with refused("DemandResponse_NothingToClaim", CONSUMER):
        world.demand.claimReward(world.event, CONSUMER, by=CONSUMER)
    assert world.participation().status is ParticipationStatus.REJECTED


@pytest.mark.parametrize(("net", "counts"), [(-875, True), (-876, False)])
def test_verify_from_meter__half_of_the_commitment__is_the_least(net: int, counts: bool) -> None:
    """1,000 W were committed; 500 W are 125 Wh in each slot."""
    world = DemandWorld()
    program = world.program()
    world.demand.joinProgram(program, 1_000, by=CONSUMER)
    world.chain.set_time(world.now + 1)
    world.event = world.announce(program)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(net)
    world.verify()
    assert bool(world.known.total_reduction_w) == counts


def test_verify_from_meter__least_that_counts__recorded(world: DemandWorld) -> None:
    world.hold(-975)
    assert world.verify() == {
        "event_id": world.event,
        "consumer": CONSUMER,
        "participation_id": 1,
        "baseline_w": BASELINE,
        "actual_w": BASELINE - 100,
        "reduction_w": 100,
        "minimum_w": 100,
        "metered": True,
    }
    assert world.participation() == ParticipationRecord(
        participation_id=1,
        event_id=world.event,
        consumer=CONSUMER,
        baseline_usage_w=BASELINE,
        actual_usage_w=BASELINE - 100,
        reduction_w=100,
        minimum_w=100,
        reward_amount=0,
        meter_reading_start=0,
        meter_reading_end=0,
        verified_at=world.now,
        aggregator=NOBODY,
        status=ParticipationStatus.VERIFIED,
    )
    assert (world.known.total_reduction_w, world.known.metered_reduction_w) == (100, 100)


def test_verify_from_meter__after_the_ramp__its_slots_do_not_count(world: DemandWorld) -> None:
    world.event = world.announce(ramp=2 * SLOT, start=(world.running + 9) * SLOT)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    for slot in range(world.start, world.measured):
        world.read(slot, -9_000)
    world.hold(-400)
    assert world.verify()["reduction_w"] == BASELINE - 1_600


def test_verify_from_meter__test_event__measured_and_not_paid(world: DemandWorld) -> None:
    held = world.wallet(OPERATOR)
    world.event = world.announce(is_test=True, start=(world.running + 9) * SLOT)
    assert world.wallet(OPERATOR) == held
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(-400)
    assert world.verify()["reduction_w"] == BASELINE - 1_600
    world.complete()
    assert world.participation().reward_amount == world.known.budget == 0


# Beside the operator's word


def test_verify_from_meter__operator_favours_itself__takes_nothing_from_the_metered() -> None:
    """An immense reduction by its own word is paid out of what the meters leave."""
    world = DemandWorld(days=5)
    world.register(OPERATOR)
    world.chain.set_time(world.now + 1)
    world.event = world.announce(start=(world.running + 9) * SLOT)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(-400)
    held = world.wallet(OPERATOR)
    finding = OPERATOR, 2**63 - 1, 0, 0, 0
    world.demand.verifyReduction(world.event, *finding, by=OPERATOR)
    world.verify()
    world.complete()
    assert world.demand.distributeRewards(world.event, 100, by=STRANGER)

    earned = 2_400 * RATE // 1_000
    assert world.wallet(CONSUMER) == earned
    own = (1_000 * TARGET - 2_400) * RATE // 1_000
    assert world.wallet(OPERATOR) == held + own
    left = 2 * TARGET * RATE - earned - own
    assert world.demand.escrowed() == world.wallet(world.demand.address) == left


def test_verify_from_meter__meters_find_all_of_the_target__nothing_is_left_by_word() -> None:
    world = DemandWorld()
    world.register(STRANGER)
    world.chain.set_time(world.now + 1)
    world.event = world.announce(start=(world.running + 9) * SLOT)
    for back in range(1, 12):
        world.draw(-3_000, back)
        world.spend_morning(-1_000, back)
    world.hold(-1)
    world.verify()
    world.say(STRANGER, 5_000)
    world.complete()
    with refused("DemandResponse_NothingToClaim", STRANGER):
        world.demand.claimReward(world.event, STRANGER, by=STRANGER)
    assert world.participation(STRANGER).status is ParticipationStatus.REJECTED
    world.demand.claimReward(world.event, CONSUMER, by=CONSUMER)
    assert world.wallet(CONSUMER) == TARGET * RATE


def test_verify_from_meter__with_the_real_meter__its_boundaries_count(market: Market) -> None:
    """The last four weekdays; the meter is billed from Tuesday on, the event is at noon on the next
    Monday."""
    scheme = open_stack(
        market, "TestDollar", "0x" + 40 * "0", baselineDays=4, baselineKnown=3, noiseFactor=50
    )
    market, consumer = scheme.market, scheme.consumer("consumer")
    meter = market.register_meter(consumer, region=NORTH)
    before, event = 8, 0
    for day, usage in enumerate((900, 1_001, 1_200, 800, 5_000, 5_000, 200), start=1):
        # What is published later than an hour after its slot is unknown: before 8:00, all is.
        market.go_to(MONDAY + day * DAY + 8 * HOUR + 1_000)
        market.measure(meter, *[(300, 0)] * before)
        for hour in (9, 10, 11, 12):
            market.go_to(MONDAY + day * DAY + hour * HOUR)
            if (day, hour) == (7, 11):
                event = scheme.start()
            market.measure(meter, (300, 0))
        market.go_to(MONDAY + day * DAY + 13 * HOUR + 1_000)
        market.measure(meter, (usage, 0))
        before = 19
    market.go_to(MONDAY + 7 * DAY + 14 * HOUR)

    receipt = scheme.do(actor("keeper"), "verifyFromMeter", event, consumer.address)

    (logged,) = scheme.logged(receipt, "ReductionVerified")
    found = logged["baseline_w"], logged["actual_w"], logged["metered"]
    assert found == ((900 + 1_001 + 1_200 + 800) // 4, 200, True)
