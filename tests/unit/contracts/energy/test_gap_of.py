"""EnergyAccounts.gapOf and stateOf of accounts whose gateway should have read the newest slot."""

from __future__ import annotations

import pytest

from energy_grid.domain.day_leaves import seal_leaves
from energy_grid.domain.merkle import leaf_tree
from energy_grid.domain.trading_words import trading_state
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain
from tests.support.core.full_market import DEADLINE
from tests.support.core.gateway_street import GatewayStreet

SLOT, SLOTS, GRACE = 3600, 24, 900
START = 20_000 * DAY + 5_000
TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)


@pytest.fixture
def street() -> GatewayStreet:
    """Two homes on their gateway's first day."""
    return GatewayStreet(Chain(START), TARIFF, homes=2, slot=SLOT)


def gaps(street: GatewayStreet) -> list[bool]:
    """Of each home, as both views say it."""
    found = [bool(street.energy.gapOf(number)[0]) for number in street.numbers]
    states = [trading_state(street.energy.stateOf(number)) for number in street.numbers]
    assert [each.gap_open for each in states] == found
    return found


def curves(street: GatewayStreet, *homes: int) -> dict[int, list[int]]:
    """A day of some homes, by account number."""
    return {street.numbers[home]: [-500] * SLOTS for home in homes}


def test_gap_of__days_that_the_gateway_can_still_read__are_none(street: GatewayStreet) -> None:
    day, chain = street.first_day, street.chain
    chain.set_time(day * DAY + 10 * SLOT + GRACE)
    assert street.energy.gapOf(street.numbers[0]) == (False, day * SLOTS + 9)
    # Day after day, until the first of them can be closed alone.
    chain.set_time((day + 1) * DAY + DEADLINE - 1)
    assert gaps(street) == [False, False]
    chain.set_time((day + 1) * DAY + DEADLINE)
    assert gaps(street) == [True, True]


def test_gap_of__a_day_that_was_settled__is_one_of_who_was_passed_over(
    street: GatewayStreet,
) -> None:
    street.days.run(street.first_day, curves(street, 0))
    assert gaps(street) == [False, True]


def test_gap_of__a_day_that_was_closed_alone__is_one_until_its_leaf_is_read(
    street: GatewayStreet,
) -> None:
    days, day, member = street.days, street.first_day, street.numbers[1]
    leaves, openings = seal_leaves(days.leaves(curves(street, 0, 1)), {member: bytes(32)})
    days.anchor(day, leaves)
    days.settle(day, leaves)
    street.settlement.closeThrough([street.holders[1].address], day)
    assert gaps(street) == [False, True]
    records = leaves.records()
    leaf = records[1], openings[member], list(leaf_tree(records).proof(1))
    days.contract.readLate(days.community, day, leaf)
    assert gaps(street) == [False, False]


def test_gap_of__own_readings_of_that_day__end_it(street: GatewayStreet) -> None:
    day, meters = street.first_day, street.market.meters
    street.days.run(day, curves(street, 0))
    street.settlement.closeThrough([street.holders[1].address], day)
    device = street.devices[1]
    for slot in range(1, SLOTS + 1):
        assert gaps(street) == [False, True]
        reading = meters.reading(day * DAY + slot * SLOT, (slot, 0))
        meters.read_many(meters.sign_reading(device, reading))
    assert gaps(street) == [False, False]


def test_gap_of__after_leaving__is_one_as_of_everybody(street: GatewayStreet) -> None:
    """From the day on that a member has left, its own readings are due again."""
    days, meters, (_, member) = street.days, street.market.meters, street.numbers
    street.market["Communities"].leave(by=street.holders[1].address)
    left = int(street.energy.membershipOf(member)[2])
    for day in range(street.first_day, left - 1):
        days.run(day, curves(street, 0, 1))
    assert gaps(street) == [False, False]
    leaves = days.run(left - 1, curves(street, 0, 1))
    street.chain.set_time(left * DAY + 7 * SLOT + GRACE)
    assert gaps(street) == [False, True]
    records = leaves.records()
    leaf = records[1], b"", list(leaf_tree(records).proof(1))
    days.contract.handOver(days.community, left - 1, leaf)
    last = days.registers[member]
    for slot in range(1, 8):
        assert gaps(street) == [False, True]
        reading = meters.reading(left * DAY + slot * SLOT, (last.imported + slot, 0))
        meters.read_many(meters.sign_reading(street.devices[1], reading))
    assert gaps(street) == [False, False]
