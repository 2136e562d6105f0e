"""DemandEnrolments: what a consumer chooses for an event, groups, misses, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import EventChoice, EventKind
from tests.support.core.chain import refused
from tests.support.core.grid_suite import FORWARDER, name
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    OPERATOR,
    SLOT,
    SLOTS,
    STRANGER,
    VERIFICATION,
    DemandWorld,
)

AGGREGATOR = "0x" + 39 * "0" + "A"
HOUR, DAY = 3_600, 86_400
LIFTS = name("LIFTS")


class Member:
    """A consumer with a meter in a program with 1,000 W, and events of it."""

    def __init__(self) -> None:
        self.world = world = DemandWorld()
        self.program = world.program(target=50, duration=90 * DAY)
        world.demand.joinProgram(self.program, 1_000, by=CONSUMER)
        world.chain.set_time(world.now + 1)

    def announce(self, **terms: Any) -> None:
        """An event in three hours, with days before it that all took 1,000 Wh in each slot."""
        world = self.world
        world.event = world.announce(
            self.program, start=(world.running + 12) * SLOT, target=1, **terms
        )
        for back in range(1, 40):
            world.draw(-1_000, back)
            world.spend_morning(-1_000, back)

    def hold(self, net: int) -> dict[str, Any]:
        """It takes place and is verified."""
        self.world.hold(net)
        return self.world.verify()


@pytest.fixture
def member() -> Member:
    return Member()


# Choices


def test_opt_out__before_it_starts__no_part_and_no_miss(member: Member) -> None:
    member.announce()
    world = member.world
    world.enrolments.optOut(world.event, by=CONSUMER)
    chosen = {"event_id": world.event, "consumer": CONSUMER, "choice": EventChoice.OUT}
    assert world.log("EventChosen") == chosen
    assert world.enrolments.choiceOf(world.event, CONSUMER) == EventChoice.OUT
    with refused("DemandEnrolments_OptedOut", world.event, CONSUMER):
        member.hold(-1_000)
    assert world.enrolment().missed == 0


def test_opt_in__again_after_opting_out__takes_part(member: Member) -> None:
    member.announce()
    world = member.world
    world.enrolments.optOut(world.event, by=CONSUMER)
    world.enrolments.optIn(world.event, by=CONSUMER)
    assert member.hold(-100)["reduction_w"] == 3_600


@pytest.mark.parametrize("chooses", [True, False])
def test_opt_in__where_the_event_asks_for_it__decides(member: Member, *, chooses: bool) -> None:
    member.announce(opt_in=True)
    world = member.world
    if chooses:
        world.enrolments.optIn(world.event, by=CONSUMER)
        assert member.hold(-100)["reduction_w"] == 3_600
        return
    with refused("DemandEnrolments_OptedOut", world.event, CONSUMER):
        member.hold(-100)


@pytest.mark.parametrize("function", ["optIn", "optOut"])
def test_choose__too_late_or_without_a_part__refused(member: Member, function: str) -> None:
    member.announce()
    world = member.world
    choose = getattr(world.enrolments, function)
    with refused("EventNotFound", world.event + 1):
        choose(world.event + 1, by=CONSUMER)
    with refused("ConsumerNotRegistered", STRANGER):
        choose(world.event, by=STRANGER)
    world.demand.joinProgram(member.program, 1_000, by=STRANGER)
    with refused("DemandResponse_NotParticipating", member.program, STRANGER):
        choose(world.event, by=STRANGER)
    start = world.start * SLOT
    world.chain.set_time(start - 1)
    choose(world.event, by=CONSUMER)
    world.chain.set_time(start)
    with refused("DemandResponse_AlreadyStarted", world.event, start):
        choose(world.event, by=CONSUMER)


def test_choose__cancelled__refused(member: Member) -> None:
    member.announce()
    world = member.world
    world.demand.cancelEvent(world.event, by=OPERATOR)
    with refused("EventNotActive", world.event, EventStatus.CANCELLED):
        world.enrolments.optOut(world.event, by=CONSUMER)


@pytest.mark.parametrize("function", ["optOut(uint256)", "leaveProgram(uint256)"])
def test_relayed__in_the_consumers_name__done(member: Member, function: str) -> None:
    """The forwarder appends the account that signed."""
    member.announce()
    world = member.world
    contract = world.enrolments if function.startswith("opt") else world.demand
    given = world.event if function.startswith("opt") else member.program
    data = contract.abi.function(function).encode([given]) + bytes.fromhex(CONSUMER[2:])
    world.chain.send(FORWARDER, contract.address, data)
    if function.startswith("opt"):
        assert world.enrolments.choiceOf(world.event, CONSUMER) == EventChoice.OUT
    else:
        assert world.enrolment().left_at == world.now


# Groups


@pytest.mark.parametrize("late", [-1, 0])
def test_group__in_it_before_the_announcement__takes_part(member: Member, late: int) -> None:
    world = member.world
    at = world.now + 10
    world.chain.set_time(at + late)
    world.enrolments.addToGroup(member.program, LIFTS, [CONSUMER], by=OPERATOR)
    joined = {"program_id": member.program, "group": LIFTS, "participant": CONSUMER}
    assert world.log("GroupJoined") == joined
    assert world.enrolments.groupedSince(member.program, LIFTS, CONSUMER) == at + late
    world.chain.set_time(at)
    member.announce(group="LIFTS")
    if late < 0:
        assert member.hold(-100)["reduction_w"] == 3_600
        return
    with refused("DemandResponse_NotParticipating", member.program, CONSUMER):
        member.hold(-100)


def test_group__for_another_one__no_part(member: Member) -> None:
    world = member.world
    world.enrolments.addToGroup(member.program, LIFTS, [CONSUMER], by=OPERATOR)
    world.chain.set_time(world.now + 1)
    member.announce(group="OTHERS")
    with refused("DemandResponse_NotParticipating", member.program, CONSUMER):
        member.hold(-100)


def test_add_to_group__again__stays_as_long(member: Member) -> None:
    world = member.world
    world.enrolments.addToGroup(member.program, LIFTS, [CONSUMER, CONSUMER], by=OPERATOR)
    since = world.now
    world.chain.set_time(since + 100)
    world.enrolments.addToGroup(member.program, LIFTS, [CONSUMER], by=OPERATOR)
    assert world.enrolments.groupedSince(member.program, LIFTS, CONSUMER) == since


def test_add_to_group__by_another_or_nameless__refused(member: Member) -> None:
    add = member.world.enrolments.addToGroup
    with refused("DemandResponse_NotOperator", STRANGER, OPERATOR):
        add(member.program, LIFTS, [CONSUMER], by=STRANGER)
    with refused("DemandResponse_NoSuchProgram", member.program + 1):
        add(member.program + 1, LIFTS, [CONSUMER], by=OPERATOR)
    with refused("DemandEnrolments_NoGroup"):
        add(member.program, bytes(32), [CONSUMER], by=OPERATOR)


# Misses


def test_missed__three_in_a_row__ends_the_enrolment(member: Member) -> None:
    """An event is judged with the next one that is verified after its deadline."""
    world = member.world
    for missed, net in ((0, -1_000), (1, -100), (0, -1_000), (1, -1_000), (2, -1_000)):
        member.announce()
        member.hold(net)
        assert world.enrolment().missed == missed
        world.chain.set_time(world.known.verifiable_until + 1)
    member.announce()
    member.hold(-100)
    assert world.log("ProgramLeft") == {"program_id": member.program, "participant": CONSUMER}
    assert world.enrolment().left_at == world.now
    assert world.enrolments.membersOf(member.program) == (0, 0)


@pytest.mark.parametrize("late", [0, 1])
def test_missed__judged_after_the_deadline__and_not_at_it(member: Member, late: int) -> None:
    world = member.world
    member.announce()
    member.hold(-1_000)
    until = world.known.verifiable_until
    world.chain.set_time(until - DAY)
    member.announce()
    world.hold(-100)
    world.chain.set_time(until + late)
    world.verify()
    assert world.enrolment().missed == late


def many(member: Member, nets: Sequence[int]) -> list[int]:
    """Events, one after the other and all final, with these nets; and a last one, days later."""
    world = member.world
    first = (world.running + 12) * SLOT
    starts = [first + at * SLOTS * SLOT for at in range(len(nets))]
    events = []
    for start, net in zip((*starts, first + 5 * DAY + 12 * HOUR), (*nets, -100), strict=True):
        events.append(world.announce(member.program, start=start, target=1))
        for back in range(1, 25):
            world.draw(-1_000, back)
            world.spend_morning(-1_000, back)
        world.spend_morning(-1_000)
        world.draw(net)
    world.chain.set_time(world.final_at)
    return events


@pytest.mark.parametrize("kept", [1, None])
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_missed__in_any_order_of_verification__in_a_row_as_events_are(
    member: Member, order: Sequence[int], kept: int | None
) -> None:
    """Who verifies can neither break a row nor make one of misses that are none."""
    world = member.world
    nets = [-100 if at == kept else -1_000 for at in range(4)]
    *events, last = many(member, nets)
    for at in order:
        world.event = events[at]
        world.verify()
    assert world.enrolment().missed == 0
    world.event = last
    world.chain.set_time(max(world.now, world.known.verifiable_until - HOUR))
    world.verify()
    assert world.enrolment().missed == (3 if kept is None else 2)
    assert (world.enrolment().left_at != 0) == (kept is None)


def test_missed__joined_anew__begins_anew(member: Member) -> None:
    world = member.world
    *events, last = many(member, [-1_000, -1_000])
    for world.event in events:
        world.verify()
    world.demand.leaveProgram(member.program, by=CONSUMER)
    world.chain.set_time(world.enrolment().bound_until + 1)
    world.demand.joinProgram(member.program, 1_000, by=CONSUMER)
    world.chain.set_time(world.now + 1)
    member.announce()
    member.hold(-1_000)
    assert last < world.event
    assert world.enrolment().missed == 0


def test_missed__ended_amid_others__the_rest_is_verified_without_a_count(member: Member) -> None:
    """More events were announced while it was enrolled."""
    world = member.world
    *events, last = many(member, [-1_000] * 4)
    for world.event in events:
        world.verify()
    world.event = last
    world.chain.set_time(world.known.verifiable_until - HOUR)
    member.announce()
    ended, world.event = world.event, last
    world.chain.set_time(world.now + 1)
    world.verify()
    left = world.enrolment().left_at
    assert left == world.now
    world.event = ended
    member.hold(-1_000)
    assert (world.enrolment().missed, world.enrolment().left_at) == (3, left)


@pytest.mark.parametrize("case", ["short notice", "test"])
def test_missed__at_short_notice_or_in_a_test__is_not_counted(member: Member, case: str) -> None:
    """Or an operator would end enrolments, and take a program's budget back."""
    world = member.world
    for _ in range(3):
        if case == "test":
            member.announce(is_test=True)
        else:
            world.chain.set_time((world.running + 1) * SLOT + 1)
            world.event = world.announce(member.program, start=(world.running + 4) * SLOT, target=1)
            for back in range(1, 40):
                world.draw(-1_000, back)
                world.spend_morning(-1_000, back)
        member.hold(-1_000)
    assert world.enrolment().missed == 0


# Leaving, and joining again


def test_leave__with_events_announced__bound_until_they_are_verified(member: Member) -> None:
    member.announce()
    world = member.world
    world.chain.set_time(world.now + 1)
    world.demand.leaveProgram(member.program, by=CONSUMER)
    until = world.end * SLOT + 900 + VERIFICATION
    assert world.enrolment().bound_until == until == world.known.verifiable_until
    for program in (0, member.program):
        with refused("DemandEnrolments_Bound", CONSUMER, until):
            world.demand.joinProgram(program, 1_000, by=CONSUMER)
    assert member.hold(-100)["reduction_w"] == 3_600
    world.chain.set_time(until)
    with refused("DemandEnrolments_Bound", CONSUMER, until):
        world.demand.joinProgram(0, 1_000, by=CONSUMER)
    world.chain.set_time(until + 1)
    world.demand.joinProgram(0, 1_000, by=CONSUMER)
    assert world.enrolments.commitmentOf(0, CONSUMER) == 1_000


@pytest.mark.parametrize("later", [0, 1])
def test_leave__before_the_announcement_or_in_its_second__no_part(
    member: Member, later: int
) -> None:
    """Whoever was out when the terms were told is not committed to them, nor paid."""
    world = member.world
    world.demand.leaveProgram(member.program, by=CONSUMER)
    world.chain.set_time(world.now + later)
    member.announce()
    with refused("DemandResponse_NotParticipating", member.program, CONSUMER):
        world.enrolments.optIn(world.event, by=CONSUMER)
    with refused("DemandResponse_NotParticipating", member.program, CONSUMER):
        member.hold(-100)


def test_leave__later_events__do_not_bind(member: Member) -> None:
    world = member.world
    world.demand.leaveProgram(member.program, by=CONSUMER)
    world.chain.set_time(world.now + 1)
    member.announce()
    assert world.enrolment().bound_until == 0
    world.demand.joinProgram(0, 1_000, by=CONSUMER)


def test_leave__events_outside_programs__are_over_at_once() -> None:
    world = DemandWorld()
    program = world.program()
    world.demand.joinProgram(program, 1_000, by=CONSUMER)
    assert world.enrolments.membersOf(0) == (0, 0)
    for back in range(1, 12):
        world.draw(-1_000, back)
        world.spend_morning(-1_000, back)
    world.hold(-100)
    with refused("DemandResponse_NotParticipating", 0, CONSUMER):
        world.verify()


def test_price_signal__binds_nobody(member: Member) -> None:
    world = member.world
    world.announce(member.program, kind=EventKind.PRICE, target=0, reward=5)
    world.demand.leaveProgram(member.program, by=CONSUMER)
    assert world.enrolment().bound_until == 0


# Aggregators


def test_accept_member__bounds_of_joining__kept(member: Member) -> None:
    """A stranger's large commitment would make the portfolio miss, a small fee cost it a part."""
    world, program = member.world, member.program
    join, accept = world.demand.joinThrough, world.enrolments.acceptMember
    with refused("DemandEnrolments_NotAccepted", 700, 0, 500, 0):
        join(program, 700, AGGREGATOR, 500, by=STRANGER)
    accept(program, STRANGER, 700, 500, by=AGGREGATOR)
    accepted = {"program_id": program, "participant": STRANGER, "aggregator": AGGREGATOR}
    assert world.log("MemberAccepted") == {**accepted, "committed": 700, "fee_bps": 500}
    assert world.enrolments.acceptanceOf(program, AGGREGATOR, STRANGER) == (700, 500)
    for committed, fee in ((701, 500), (700, 499)):
        with refused("DemandEnrolments_NotAccepted", committed, 700, fee, 500):
            join(program, committed, AGGREGATOR, fee, by=STRANGER)
    other = world.program()
    with refused("DemandEnrolments_NotAccepted", 700, 0, 500, 0):
        join(other, 700, AGGREGATOR, 500, by=STRANGER)
    with refused("DemandEnrolments_NotAccepted", 700, 0, 500, 0):
        join(program, 700, OPERATOR, 500, by=STRANGER)
    join(program, 700, AGGREGATOR, 500, by=STRANGER)


def test_accept_member__used_once_and_taken_back__no_second_joining(member: Member) -> None:
    """Who was released is not a member again by itself."""
    world, program = member.world, member.program
    join, accept = world.demand.joinThrough, world.enrolments.acceptMember
    accept(program, STRANGER, 700, 500, by=AGGREGATOR)
    join(program, 700, AGGREGATOR, 500, by=STRANGER)
    assert world.enrolments.acceptanceOf(program, AGGREGATOR, STRANGER) == (0, 500)
    world.enrolments.releaseMember(program, STRANGER, by=AGGREGATOR)
    world.chain.set_time(world.now + 1)
    with refused("DemandEnrolments_NotAccepted", 700, 0, 500, 500):
        join(program, 700, AGGREGATOR, 500, by=STRANGER)
    accept(program, STRANGER, 700, 0, by=AGGREGATOR)
    accept(program, STRANGER, 0, 0, by=AGGREGATOR)
    with refused("DemandEnrolments_NotAccepted", 700, 0, 500, 0):
        join(program, 700, AGGREGATOR, 500, by=STRANGER)


def test_accept_member__beyond_the_bounds__refused(member: Member) -> None:
    accept = member.world.enrolments.acceptMember
    with refused("DemandResponse_BadParameter", name("feeBps"), 10_001):
        accept(member.program, STRANGER, 700, 10_001, by=AGGREGATOR)
    with refused("DemandResponse_BadParameter", name("committed"), 2**240):
        accept(member.program, STRANGER, 2**240, 1, by=AGGREGATOR)
    accept(member.program, STRANGER, 2**240 - 1, 10_000, by=AGGREGATOR)
    accepted = member.world.enrolments.acceptanceOf(member.program, AGGREGATOR, STRANGER)
    assert accepted == (2**240 - 1, 10_000)


def test_join_through__all_is_well__named(member: Member) -> None:
    world = member.world
    world.enrolments.acceptMember(member.program, STRANGER, 700, 10_000, by=AGGREGATOR)
    world.demand.joinThrough(member.program, 700, AGGREGATOR, 10_000, by=STRANGER)
    named = {"program_id": member.program, "participant": STRANGER, "fee_bps": 10_000}
    assert world.log("AggregatorNamed") == {**named, "aggregator": AGGREGATOR}
    found = world.enrolment(STRANGER)
    assert (found.committed, found.fee_bps) == (700, 10_000)


def test_join_through__nobody_nowhere_or_for_more_than_all__refused(member: Member) -> None:
    join = member.world.demand.joinThrough
    with refused("DemandResponse_BadParameter", name("programId"), 0):
        join(0, 700, AGGREGATOR, 1, by=STRANGER)
    with refused("DemandResponse_BadParameter", name("aggregator"), 0):
        join(member.program, 700, "0x" + 40 * "0", 1, by=STRANGER)
    with refused("DemandResponse_BadParameter", name("feeBps"), 10_001):
        join(member.program, 700, AGGREGATOR, 10_001, by=STRANGER)


def test_release_member__by_its_aggregator__left(member: Member) -> None:
    world = member.world
    release, nobody = world.enrolments.releaseMember, "0x" + 40 * "0"
    world.enrolments.acceptMember(member.program, STRANGER, 700, 1, by=AGGREGATOR)
    world.demand.joinThrough(member.program, 700, AGGREGATOR, 1, by=STRANGER)
    with refused("DemandEnrolments_NotAggregator", AGGREGATOR, nobody):
        release(member.program, CONSUMER, by=AGGREGATOR)
    with refused("DemandEnrolments_NotAggregator", OPERATOR, AGGREGATOR):
        release(member.program, STRANGER, by=OPERATOR)
    release(member.program, STRANGER, by=AGGREGATOR)
    assert world.enrolment(STRANGER).left_at == world.now
    with refused("DemandResponse_NotParticipating", member.program, STRANGER):
        release(member.program, STRANGER, by=AGGREGATOR)


# Who may call


def test_enrolments__called_by_another_than_the_response__refused(member: Member) -> None:
    enrolments, key = member.world.enrolments, name("home")
    for call in (
        lambda: enrolments.register(STRANGER, STRANGER, 100, by=OPERATOR),
        lambda: enrolments.join(0, STRANGER, 100, STRANGER, 0, by=OPERATOR),
        lambda: enrolments.leave(member.program, CONSUMER, by=OPERATOR),
        lambda: enrolments.occupy(key, 1, 2, 3, by=OPERATOR),
        lambda: enrolments.vacate(key, 1, 2, by=OPERATOR),
        lambda: enrolments.tally(1, CONSUMER, 1, 1, True, by=OPERATOR),
    ):
        with refused("DemandEnrolments_NotDemandResponse", OPERATOR):
            call()
