"""CommunityDays.readLate."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers, seal_leaves
from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.full_market import CHALLENGE, DEADLINE
from tests.support.core.gateway_street import GatewayStreet
from tests.unit.contracts.community_days.conftest import TARIFF
from tests.unit.contracts.community_days.suite import (
    DAY_SLOTS,
    SLOT,
    changed,
    close_alone,
    curves,
    events,
    proven,
    signed,
)

_SALT = b"s" * 32


def sealed_day(street: GatewayStreet) -> tuple[DayLeaves, bytes]:
    """A day that is settled without the second home, whose leaf is sealed, and its opening."""
    number = street.numbers[1]
    leaves, openings = seal_leaves(street.days.leaves(curves(street)), {number: _SALT})
    street.days.anchor(street.first_day, leaves)
    street.days.settle(street.first_day, leaves)
    return leaves, openings[number]


def test_read_late__of_a_closed_day__charges_every_slot(street: GatewayStreet) -> None:
    days, day, number = street.days, street.first_day, street.numbers[1]
    leaves, opening = sealed_day(street)
    street.settlement.closeThrough([street.holders[1].address], day)
    days.contract.readLate(days.community, day, proven(leaves, 1, opening))
    values = {"number": number, "day": day, "to_slot": (day + 1) * DAY_SLOTS}
    assert events(street) == [("LeafRead", values)]
    assert street.market["SmartMeter"].registersOf(number) == ((day + 1) * DAY_SLOTS, 9_600, 0)
    # Every slot at the dearest price, which here is the only one.
    late = [values for _, name, values in street.chain.logs if name == "ReadLate"]
    assert [each["from_slot"] for each in late] == list(
        range(day * DAY_SLOTS, (day + 1) * DAY_SLOTS)
    )
    assert {(each["net"], each["money"]) for each in late} == {(-400, 400 * TARIFF.buy)}
    with refused("CommunityDays_NothingToRead", number, (day + 1) * DAY_SLOTS):
        days.contract.readLate(days.community, day, proven(leaves, 1, opening))


def test_read_late__of_the_first_open_day__brings_registers_of_its_begin(
    street: GatewayStreet,
) -> None:
    days, day, number = street.days, street.first_day, street.numbers[1]
    days.run(day, curves(street, number))
    street.settlement.closeThrough([street.holders[1].address], day)
    days.registers[number] = Registers(9_600, 0)
    leaves = days.leaves(curves(street))
    days.anchor(day + 1, leaves)
    with refused(
        "CommunityDays_Challengeable", days.community, day + 1, street.chain.now + CHALLENGE
    ):
        days.contract.readLate(days.community, day + 1, proven(leaves, 1))
    street.chain.set_time(street.chain.now + CHALLENGE)
    assert street.energy.unreadOf(number)[0] == 1
    begin, holder = (day + 1) * DAY_SLOTS, street.holders[1].address
    open_from = (day * DAY_SLOTS + 1) * SLOT + 30 * DAY
    mark, now = street.chain.snapshot(), street.chain.now
    for at in (now, open_from - 1):
        street.chain.set_time(at)
        with refused("CommunityDays_Skipped", number, day * DAY_SLOTS, open_from):
            days.contract.readLate(days.community, day + 1, proven(leaves, 1))
    street.chain.set_time(open_from)
    days.contract.readLate(days.community, day + 1, proven(leaves, 1))
    street.chain.revert(mark)
    days.contract.readLate(days.community, day + 1, proven(leaves, 1), by=holder)
    assert events(street) == [("LeafRead", {"number": number, "day": day + 1, "to_slot": begin})]
    assert street.market["SmartMeter"].registersOf(number) == (begin, 9_600, 0)
    assert street.energy.unreadOf(number)[0] == 0
    with refused("CommunityDays_NothingToRead", number, begin):
        days.contract.readLate(days.community, day + 1, proven(leaves, 1))
    # And the day is closed with the others, as nothing is missing now.
    days.contract.settleDay(days.community, day + 1, leaves.encode())
    assert days.contract.dayOf(days.community, day + 1)[3] == 0b111


def test_read_late__what_does_not_count__is_refused(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    first, second, third = street.numbers
    leaves = days.leaves(curves(street))
    with refused("CommunityDays_NotAnchored", days.community, day):
        contract.readLate(days.community, day, proven(leaves, 1))
    days.anchor(day, leaves)
    reading = signed(street, 1, (day + 1) * DAY_SLOTS, (1, 1))
    contract.contradict(days.community, day, proven(leaves, 1), reading)
    days.settle(day, leaves)
    with refused("CommunityDays_ClosedTogether", third, day):
        contract.readLate(days.community, day, proven(leaves, 2))
    with refused("CommunityDays_Contradicted", second, day):
        contract.readLate(days.community, day, proven(leaves, 1))
    record, opening, proof = proven(leaves, 1)
    with refused("CommunityDays_WrongProof", keccak(record)):
        contract.readLate(days.community, day, (record, opening, proof[:1]))
    following = days.leaves(curves(street, first))
    days.anchor(day + 1, following)
    street.chain.set_time(street.chain.now + CHALLENGE)
    with refused("CommunityDays_NotMeasured", first):
        contract.readLate(days.community, day + 1, proven(following, 0))
    with refused("CommunityDays_DaysOpen", second, day):
        contract.readLate(days.community, day + 1, proven(following, 1))


def test_read_late__of_somebody_else_or_not_believable__is_refused(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    second, stranger = street.numbers[1], 99
    days.numbers.append(stranger)
    days.registers[stranger] = Registers(0, 0)
    leaves = days.leaves({**curves(street), stranger: [0] * DAY_SLOTS})
    leaf = leaves.leaves[1]
    assert isinstance(leaf, Measured)
    false = changed(leaves, 1, last=Registers(leaf.last.imported + 1, leaf.last.exported))
    days.anchor(day, false)
    days.settle(day, false)
    with refused("CommunityDays_NetsNotBelievable", second):
        contract.readLate(days.community, day, proven(false, 1))
    with refused("CommunityDays_NotAMember", days.community, stranger):
        contract.readLate(days.community, day, proven(false, 3))


@pytest.mark.parametrize("first", [(1, 0), (0, 1)])
def test_read_late__that_begins_with_other_registers__is_refused(
    street: GatewayStreet, first: tuple[int, int]
) -> None:
    days, day, number = street.days, street.first_day, street.numbers[1]
    days.registers[number] = Registers(*first)
    leaves = days.run(day, curves(street))
    street.settlement.closeThrough([street.holders[1].address], day)
    with refused("CommunityDays_OtherRegisters", number, 0, 0):
        days.contract.readLate(days.community, day, proven(leaves, 1))


def test_read_late__after_days_of_the_gateway__needs_a_hand_over(street: GatewayStreet) -> None:
    days, day, number = street.days, street.first_day, street.numbers[1]
    settled = days.run(day, curves(street))
    leaves, openings = seal_leaves(days.leaves(curves(street)), {number: _SALT})
    days.anchor(day + 1, leaves)
    days.settle(day + 1, leaves)
    street.settlement.closeThrough([street.holders[1].address], day + 1)
    late = proven(leaves, 1, openings[number])
    with refused("CommunityDays_NotHandedOver", number, day + 1):
        days.contract.readLate(days.community, day + 1, late)
    days.contract.handOver(days.community, day, proven(settled, 1))
    days.contract.readLate(days.community, day + 1, late)
    reads = street.market["SmartMeter"].registersOf(number)
    assert reads == ((day + 2) * DAY_SLOTS, 19_200, 0)


def test_read_late__of_a_day_that_was_never_settled__counts_after_the_deadline(
    street: GatewayStreet,
) -> None:
    days, day, number = street.days, street.first_day, street.numbers[0]
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    street.chain.set_time((day + 1) * DAY + DEADLINE - 1)
    with refused("Settlement_NothingToClose", day):
        street.settlement.closeThrough([street.holders[0].address], day)
    close_alone(street, 0, day)
    days.contract.readLate(days.community, day, proven(leaves, 0))
    reads = street.market["SmartMeter"].registersOf(number)
    assert reads == ((day + 1) * DAY_SLOTS, 0, 24_000)
