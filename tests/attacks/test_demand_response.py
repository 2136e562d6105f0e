"""Demand response: who would be paid for nothing. Each test fails without its rule."""

from __future__ import annotations

from random import Random

import pytest

from energy_grid.chain.abi import checksum
from tests.support.core.chain import refused
from tests.unit.contracts.demand_response.test_portfolios import Street
from tests.unit.contracts.demand_response.world import (
    CONSUMER,
    OPERATOR,
    RATE,
    RATED,
    SLOT,
    SLOTS,
    STRANGER,
    DemandWorld,
)

HOUR = 3_600


def hold(world: DemandWorld, consumer: str = CONSUMER) -> int:
    """The event is over, verified and completed; what the consumer earned."""
    world.chain.set_time(max(world.now, world.final_at))
    world.verify(consumer)
    world.complete()
    world.demand.distributeRewards(world.event, 100, by=STRANGER)
    return world.wallet(consumer)


def test_battery__cycles_5_kwh_an_hour__has_a_baseline_of_nothing() -> None:
    """Net power: what it charges it discharges. It stops cycling when the event comes."""
    world = DemandWorld()
    for back in range(1, 12):
        for at, slot in enumerate((*world.morning(back), *world.window(back))):
            world.read(slot, -2_500 if at % 2 else 2_500)
    for slot in (*world.morning(), *world.window()):
        world.read(slot, -1)
    found = world.baseline()
    assert (found.watts, found.minimum) == (0, 100)
    assert hold(world) == 0


def test_circle__through_two_meters_of_one_owner__takes_the_budget_up_to_its_rated_power() -> None:
    """The documented bound: net power is of one meter. What one takes on the days before, the
    other gives in the same slots, and both stop when the event comes: the grid gets nothing."""
    world = DemandWorld()
    other = "0x" + 39 * "0" + "E"
    world.add_meter(other, 30)
    for back in range(12):
        for slot in (*world.morning(back), *world.window(back)):
            circle = 1 if back == 0 and slot in world.window() else RATED // 4
            world.read(slot, -circle)
            world.read(slot, circle, 30)
    assert hold(world) == world.known.budget == 5 * RATE
    found = world.participation()
    assert (found.reduction_w, found.actual_usage_w) == (RATED // 4 * 4 - 4, 4)


def test_enrolling__once_the_event_is_known__is_too_late() -> None:
    """Eligibility: whoever happened to use less would claim, whoever did not would not."""
    world = DemandWorld()
    late = "0x" + 39 * "0" + "E"
    world.add_meter(late, 30)
    for back in range(1, 12):
        world.draw(-1_000, back, 30)
        world.spend_morning(-1_000, back, 30)
    world.register(late)
    world.hold(-100, 30)
    with refused("DemandResponse_NotParticipating", 0, late):
        world.verify(late)


@pytest.mark.parametrize("seed", range(6))
def test_noise__households_that_change_nothing__are_hardly_ever_paid(seed: int) -> None:
    """Minimum: the days differ by chance, and so does the event's. By the highest 5 of 10, and
    without a minimum, most of them would be paid."""
    draws, paid, many = Random(seed), 0, 20
    world = DemandWorld(similar_days=10, known=8)
    for number in range(100, 100 + many):
        house = f"0x{number:040x}"
        world.add_meter(house, number)
        world.register(house)
    world.chain.set_time(world.now + 1)
    world.event = world.announce(start=(world.running + SLOTS + 1) * SLOT)
    for number in range(100, 100 + many):
        for back in range(40):
            level = draws.gauss(0, 60)
            for slot in (*world.morning(back), *world.window(back)):
                world.read(slot, round(-150 + level + draws.gauss(0, 40)) or -1, number)
    world.chain.set_time(world.final_at)
    for number in range(100, 100 + many):
        house = f"0x{number:040x}"
        world.verify(house)
        one = world.participation(house)
        paid += one.reduction_w >= one.minimum_w
    assert paid <= 3
    assert world.known.total_reduction_w <= 3 * 1_500


def test_overlap__three_events_for_one_reduction__two_are_refused() -> None:
    """Overlap: no event of the region outside programs, and no second enrolment."""
    world = DemandWorld(days=5)
    until = world.end * SLOT
    for start in (world.start, world.start + 4):
        with refused("DemandEnrolments_Overlapping", start * SLOT, until):
            world.announce(start=start * SLOT)
    first, second = world.program(), world.program()
    world.demand.joinProgram(first, 1_000, by=CONSUMER)
    with refused("AlreadyParticipating", first, CONSUMER):
        world.demand.joinProgram(second, 1_000, by=CONSUMER)
    # It went into a program, and out of what is announced outside of it.
    world.hold(-100)
    with refused("DemandResponse_NotParticipating", 0, CONSUMER):
        world.verify()


def test_operator__takes_the_budget_back__not_while_somebody_is_committed() -> None:
    """Lock: neither by closing, nor through an event that nobody can deliver."""
    world = DemandWorld()
    held = world.wallet(OPERATOR)
    program = world.program(target=5)
    world.demand.joinProgram(program, 1_000, by=CONSUMER)
    end = world.demand.getProgram(program)[7]
    with refused("DemandResponse_Committed", program, 1, end):
        world.demand.closeProgram(program, OPERATOR, by=OPERATOR)
    event = world.announce(program, target=5, start=(world.running + SLOTS + 1) * SLOT)
    world.demand.cancelEvent(event, by=OPERATOR)
    world.demand.reclaimBudget(event, OPERATOR, by=OPERATOR)
    assert world.wallet(OPERATOR) == held - 5 * RATE
    assert world.demand.getProgram(program)[11] == 0


def test_operator__ends_enrolments_by_events_at_night__needs_a_fair_notice() -> None:
    world = DemandWorld()
    program = world.program(target=50)
    world.demand.joinProgram(program, 1_000, by=CONSUMER)
    for _ in range(4):
        world.chain.set_time((world.running + 2) * SLOT + 1)
        world.event = world.announce(program, target=1, duration=SLOT)
        for back in range(1, 12):
            world.draw(-100, back)
            world.spend_morning(-100, back)
        world.hold(-100)
        world.verify()
    assert world.enrolment().left_at == world.enrolment().missed == 0


def test_exporter__hands_in_late_on_days_before__is_paid_for_nothing_it_always_exports() -> None:
    """Unknown: a late slot shows a net of 0, beside which its export would be a reduction."""
    world = DemandWorld()
    for back in range(1, 12):
        world.draw(0, back)
        world.spend_morning(0, back)
    world.spend_morning(750)
    world.draw(750)
    world.chain.set_time(world.final_at)
    with refused("DemandBaselines_TooFewDays", CONSUMER, 0, 3):
        world.verify()


def test_stranger__verifies_before_a_gateways_day_has_come__fixes_no_loss() -> None:
    """Unread: the readings of a reduction are on their way."""
    world = DemandWorld(days=5)
    world.hold(None)
    slot = world.window()[-1]
    with refused("DemandResponse_Unread", CONSUMER, slot, world.unread_from):
        world.verify(by=STRANGER)
    world.draw(-100)
    assert hold(world) == 3_600 * RATE // 1_000


def test_stranger__joins_a_portfolio_with_a_large_commitment__must_be_accepted() -> None:
    """Acceptance: half of all commitments are to be reached, and it would not reach its own."""
    world = DemandWorld()
    aggregator, stranger = "0x" + 39 * "0" + "A", "0x" + 39 * "0" + "E"
    program = world.program(target=50)
    world.enrolments.acceptMember(program, CONSUMER, 1_000, 1_000, by=aggregator)
    world.demand.joinThrough(program, 1_000, aggregator, 1_000, by=CONSUMER)
    world.add_meter(stranger, 30)
    with refused("DemandEnrolments_NotAccepted", 50_000, 0, 0, 0):
        world.demand.joinThrough(program, 50_000, aggregator, 0, by=stranger)


def test_member__used_more_than_it_would_hide__gains_nothing_by_hiding() -> None:
    """Worst: hidden readings count as all that the meter can show, never as less than used."""
    for used in (-1_900, -4_000, None):
        street = Street(*[-100] * 9, used)
        street.verify()
        assert street.counted == 9 * 3_600 + (
            4_000 - 4 * -used if used is not None else 4_000 - RATED - 2
        )


def test_morning__used_more_before_a_likely_announcement__moves_by_half_of_the_spread() -> None:
    """Bound: a battery that charges in the hours before would else lift its baseline at will."""
    world = DemandWorld()
    similar = [back for back in range(1, 20) if world.is_similar(back)]
    for place, back in enumerate(similar):
        world.draw(-1_000 - 50 * (-1) ** place, back)
        world.spend_morning(-100, back)
    world.spend_morning(-5_000)
    world.draw(-1_000)
    assert hold(world) == 0


def test_aggregator__shows_days_of_those_alone_who_happened_to_use_less__is_not_paid() -> None:
    """Days before: who shows fewer than needed is not left out of the portfolio's sum."""
    street = Street(*(-1_000 + 50 * (-1) ** place for place in range(20)), spread=60)
    world = street.world
    first = world.known.start_time // SLOT
    for place, house in enumerate(street.houses):
        if place % 2:
            for back in range(1, 12):
                world.draw(None, back, 20 + place)
            # Others' readings may still come.
            with refused("DemandResponse_Unread", checksum(house), first, world.unread_from):
                world.verify(house)
    world.chain.set_time(world.unread_from)
    for house in street.houses:
        world.verify(house)
    assert street.counted == 0


def test_fee_on_top__of_a_token_that_begins_to_charge__the_last_to_claim_goes_short() -> None:
    """The documented limit: a deployment refuses such a token, DemandResponse does not notice."""
    world = DemandWorld(days=5, token=("SurchargeToken", 100))
    world.hold(-100)
    earned = hold(world)
    left, fee = 5 * RATE - earned, earned // 100
    with refused("RewardDistributionFailed", OPERATOR, left):
        world.demand.reclaimBudget(world.event, OPERATOR, by=OPERATOR)
    assert world.demand.escrowed() == left == world.wallet(world.demand.address) + fee
