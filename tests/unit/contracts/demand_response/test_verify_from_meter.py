"""DemandResponse.verifyFromMeter: what the settlement meter has seen of a reduction."""

from __future__ import annotations

import pytest

from energy_grid.contracts.demand_response import ParticipationRecord
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import ParticipationStatus, ProgramType
from tests.support.core.chain import refused
from tests.support.core.grid_suite import DAY, name
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.demand_response.scheme import HOUR, NORTH, open_stack
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    OPERATOR,
    RATE,
    SLOTS,
    STRANGER,
    TARGET,
    DemandWorld,
)

# 1,000 Wh in each quarter of an hour.
BASELINE = 4_000


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
    world.event = world.announce()
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


def test_verify_from_meter__consumer_not_registered__refused(world: DemandWorld) -> None:
    world.hold(-400)
    with refused("ConsumerNotRegistered", STRANGER):
        world.demand.verifyFromMeter(world.event, STRANGER, BASELINE, by=STRANGER)


@pytest.mark.parametrize("joins", ["never", "before", "at the start"])
def test_verify_from_meter__within_a_program__joined_before_the_event_starts(
    world: DemandWorld, joins: str
) -> None:
    """Later, it would know already what it is paid for, and have promised nothing."""
    terms = ("Evening peak", ProgramType.PEAK_SHAVING, name("home"), TARGET, RATE, 30 * DAY)
    program = world.demand.createDemandProgram(*terms, by=OPERATOR)
    world.event = world.announce(program)
    if joins != "never":
        world.chain.set_time(world.start * 900 - (joins == "before"))
        world.demand.joinProgram(program, 1_000, by=CONSUMER)
    world.hold(-900)
    if joins == "before":
        assert world.verify()["metered"] is True
        return
    with refused("DemandResponse_NotParticipating", program, CONSUMER):
        world.verify()
    with refused("DemandResponse_NotParticipating", program, CONSUMER):
        world.say(CONSUMER, 500)


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
def test_verify_from_meter__slot_not_read_in_time__refused(
    world: DemandWorld, net: int | None, place: int
) -> None:
    """What was read late is shown without any use, which would be a reduction."""
    world.hold(-400)
    world.read(world.start + place, net)
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start + place):
        world.verify()


@pytest.mark.parametrize(("since", "until"), [(1, SLOTS), (0, SLOTS - 1), (-1, 0)])
def test_verify_from_meter__outside_the_meters_time__refused(
    world: DemandWorld, since: int, until: int
) -> None:
    world.hold(-400)
    world.speak(world.start + since, world.start + until)
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start):
        world.verify()
    world.speak(world.start, world.start + SLOTS)
    with refused("DemandResponse_TooFewDays", CONSUMER, 0, 3):
        world.verify()


def test_verify_from_meter__without_an_account__refused(world: DemandWorld) -> None:
    world.hold(-400)
    world.double.setAccount(CONSUMER, 0, 0, 0, 0)
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start):
        world.verify()


def test_verify_from_meter__of_another_region__refused(world: DemandWorld) -> None:
    """What is not drawn elsewhere does not help the region that pays."""
    world.hold(-400)
    world.speak(world.first, region=2)
    with refused("DemandResponse_OtherRegion", CONSUMER, name("home")):
        world.verify()


# What it earns


@pytest.mark.parametrize("stated", [BASELINE, BASELINE + 1, 2**256 - 1])
@pytest.mark.parametrize("sender", [CONSUMER, STRANGER])
def test_verify_from_meter__inflated_baseline__earns_nothing_more(
    world: DemandWorld, stated: int, sender: str
) -> None:
    world.hold(-400)
    logged = world.verify(stated, by=sender)
    assert (logged["baseline_w"], logged["reduction_w"]) == (BASELINE, 2_400)
    world.complete()
    world.demand.claimReward(world.event, CONSUMER, by=CONSUMER)
    assert world.wallet(CONSUMER) == 2_400 * RATE // 1_000


def test_verify_from_meter__lower_baseline__by_the_consumer_only(world: DemandWorld) -> None:
    world.hold(-400)
    for sender in (STRANGER, OPERATOR):
        with refused("DemandResponse_BaselineTooLow", BASELINE - 1, BASELINE):
            world.verify(BASELINE - 1, by=sender)
    assert world.verify(BASELINE - 1, by=CONSUMER)["baseline_w"] == BASELINE - 1


@pytest.mark.parametrize(("net", "reduction"), [(-976, 96), (-1_000, 0), (-5_000, 0)])
def test_verify_from_meter__too_little__refused(
    world: DemandWorld, net: int, reduction: int
) -> None:
    world.hold(net)
    with refused("InsufficientReduction", reduction, 100):
        world.verify()


def test_verify_from_meter__least_that_counts__recorded(world: DemandWorld) -> None:
    world.hold(-975)
    assert world.verify() == {
        "event_id": world.event,
        "consumer": CONSUMER,
        "participation_id": 1,
        "baseline_w": BASELINE,
        "actual_w": BASELINE - 100,
        "reduction_w": 100,
        "metered": True,
    }
    assert world.participation() == ParticipationRecord(
        participation_id=1,
        event_id=world.event,
        consumer=CONSUMER,
        baseline_usage_w=BASELINE,
        actual_usage_w=BASELINE - 100,
        reduction_w=100,
        reward_amount=0,
        meter_reading_start=0,
        meter_reading_end=0,
        verified_at=world.now,
        status=ParticipationStatus.VERIFIED,
    )
    assert (world.known.total_reduction_w, world.known.metered_reduction_w) == (100, 100)


def test_verify_from_meter__export_and_fractions__use_of_each_slot_and_rounded_up(
    world: DemandWorld,
) -> None:
    """Export in one slot makes up for no import in another; 2,801 Wh in two hours."""
    world.hold(-400)
    world.read(world.start, 900)
    world.read(world.start + 1, -401)
    logged = world.verify()
    assert (logged["actual_w"], logged["reduction_w"]) == (1_401, BASELINE - 1_401)


# Beside the operator's word


@pytest.mark.parametrize("word", [100, 5_000])
def test_verify_from_meter__after_the_operators_word__replaces_it(
    world: DemandWorld, word: int
) -> None:
    world.register(STRANGER)
    world.hold(-400)
    world.say(CONSUMER, word)
    world.say(STRANGER, 333)
    assert world.known.metered_reduction_w == 0

    logged = world.verify()

    assert (logged["participation_id"], logged["metered"]) == (1, True)
    known, record = world.known, world.participation()
    assert (known.total_participants, known.metered_reduction_w) == (2, 2_400)
    assert known.total_reduction_w == 2_400 + 333
    assert (record.reduction_w, record.meter_reading_end) == (2_400, 0)
    for found in (
        world.demand.getConsumerParticipations(CONSUMER, 0, 100),
        world.demand.getEventParticipations(world.event, 0, 100),
    ):
        assert [one[0] for one in found][:1] == [1]


def test_verify_from_meter__operator_favours_itself__takes_nothing_from_the_metered(
    world: DemandWorld,
) -> None:
    """An immense reduction by its own word is paid out of what the meters leave."""
    world.register(OPERATOR)
    world.hold(-400)
    finding = OPERATOR, 2**64 - 1, 0, 0, 0
    world.demand.verifyReduction(world.event, *finding, by=OPERATOR)
    world.verify()
    world.complete()
    assert world.demand.distributeRewards(world.event, 100, by=STRANGER)

    earned = 2_400 * RATE // 1_000
    assert world.wallet(CONSUMER) == earned
    own = world.participation(OPERATOR).reward_amount
    assert own == (1_000 * TARGET - 2_400) * RATE // 1_000
    left = TARGET * RATE - earned - own
    assert world.demand.escrowed() == world.wallet(world.demand.address) == left


def test_verify_from_meter__meters_find_all_of_the_target__nothing_is_left_by_word() -> None:
    world = DemandWorld()
    for back in range(1, 12):
        world.draw(-3_000, back)
    world.register(STRANGER)
    world.hold(-1)
    world.verify()
    world.say(STRANGER, 5_000)
    world.complete()
    with refused("DemandResponse_NothingToClaim", STRANGER):
        world.demand.claimReward(world.event, STRANGER, by=STRANGER)
    assert world.participation(STRANGER).status is ParticipationStatus.REJECTED
    world.demand.claimReward(world.event, CONSUMER, by=CONSUMER)
    assert world.wallet(CONSUMER) == TARGET * RATE
    assert world.demand.escrowed() == world.wallet(world.demand.address) == 0


def test_verify_from_meter__with_the_real_meter__its_boundaries_count(market: Market) -> None:
    """Two of the last four weekdays; the meter is billed from Tuesday on, the event is at noon on
    the next Monday."""
    scheme = open_stack(market, "TestDollar", "0x" + 40 * "0", baselineDays=4, baselineHighest=2)
    market, consumer = scheme.market, scheme.consumer("consumer")
    meter = market.register_meter(consumer, region=NORTH)
    before = 12
    for day, usage in enumerate((900, 1_001, 1_200, 800, 5_000, 5_000), start=1):
        # What is published later than an hour after its slot is no reduction, and no use.
        market.go_to(MONDAY + day * DAY + 13 * HOUR + 1_000)
        market.measure(meter, *[(300, 0)] * before, (usage, 0))
        before = 23
    market.go_to(MONDAY + 7 * DAY + 11 * HOUR)
    event = scheme.start()
    market.go_to(MONDAY + 7 * DAY + 13 * HOUR + 1_000)
    market.measure(meter, *[(300, 0)] * before, (200, 0))
    market.go_to(MONDAY + 7 * DAY + 14 * HOUR)

    finding = event, consumer.address, 2**256 - 1
    receipt = scheme.do(actor("keeper"), "verifyFromMeter", *finding)

    (logged,) = scheme.logged(receipt, "ReductionVerified")
    found = logged["baseline_w"], logged["actual_w"], logged["metered"]
    assert found == (1_100, 200, True)
