"""CommunityDays.settleDay: what it closes, and what it refuses as a whole."""

from __future__ import annotations

import pytest

from energy_grid.domain.day_leaves import Registers, register_hash
from energy_grid.domain.enums import Reason
from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.energy_suite import closed_day
from tests.support.core.full_market import CHALLENGE
from tests.support.core.gateway_street import GatewayStreet
from tests.support.core.meter_suite import REGISTRAR
from tests.unit.contracts.community_days.suite import (
    DAY_SLOTS,
    STRANGER,
    changed,
    curves,
    events,
    passed_over,
)


def test_settle_day__all_measured__closes_them_in_one_event(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    anchored = street.chain.now
    street.chain.set_time(anchored + CHALLENGE)
    contract.settleDay(days.community, day, leaves.encode(), by=STRANGER)
    ((name, values),) = events(street)
    words = values.pop("words")
    assert (name, values) == ("DaySettled", {"community": days.community, "day": day})
    assert [word >> 224 for word in words[::2]] == [*street.numbers]
    nets = [closed_day(*words[at : at + 2])["net"] for at in range(0, 6, 2)]
    assert nets == [1_000 * DAY_SLOTS, -400 * DAY_SLOTS, -300 * DAY_SLOTS]
    root = leaf_tree(leaves.records()).root
    assert contract.dayOf(days.community, day) == (root, anchored, True, 0b111, 0)
    assert contract.registersOf(days.community) == register_hash(day, leaves.last_registers())
    assert [street.settlement.cursorAt(number) for number in street.numbers] == [day + 1] * 3


def test_settle_day__nobody_counts__is_settled_all_the_same(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    days.run(day, {})
    assert events(street)[-1] == (
        *("DaySettled", {"community": days.community, "day": day, "words": ()}),
    )
    assert len(passed_over(street)) == 3
    assert days.contract.dayOf(days.community, day)[2:] == (True, 0, 0)
    assert days.contract.registersOf(days.community) == register_hash(day, {})


def test_settle_day__too_early__is_refused(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    leaves = days.leaves(curves(street))
    data = leaves.encode()
    with refused("CommunityDays_NotAnchored", days.community, day):
        contract.settleDay(days.community, day, data)
    last = (day + 1) * DAY_SLOTS - 1
    street.chain.set_time((day + 1) * DAY - 1)
    street.energy.prolong(last, last + 1, DAY, by=REGISTRAR)
    days.anchor(day, leaves)
    from_time = street.chain.now + CHALLENGE
    street.chain.set_time(from_time - 1)
    with refused("CommunityDays_Challengeable", days.community, day, from_time):
        contract.settleDay(days.community, day, data)
    street.chain.set_time(from_time)
    with refused("CommunityDays_DayNotFinal", day):
        contract.settleDay(days.community, day, data)
    street.chain.set_time((day + 2) * DAY + 900)
    contract.settleDay(days.community, day, data)
    with refused("CommunityDays_Settled", days.community, day):
        contract.settleDay(days.community, day, data)


def test_settle_day__other_leaves_than_anchored__are_refused(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    street.chain.set_time(street.chain.now + CHALLENGE)
    other = changed(leaves, 1, {5: -401})
    roots = [leaf_tree(each.records()).root for each in (other, leaves)]
    with refused("CommunityDays_WrongLeaves", *roots):
        contract.settleDay(days.community, day, other.encode())
    data = leaves.encode()
    first = data[: len(data) // 3]
    with refused("CommunityDays_WrongLeaves", leaf_tree([first]).root, roots[1]):
        contract.settleDay(days.community, day, first)
    with refused("CommunityDays_BadLeaf", 2):
        contract.settleDay(days.community, day, data[:-1])
    with refused("CommunityDays_NoLeaves"):
        contract.settleDay(days.community, day, b"")
    assert not contract.dayOf(days.community, day)[2]


@pytest.mark.parametrize("fault", ["registers", "member left out", "day left out"])
def test_settle_day__registers_that_jump__are_refused(street: GatewayStreet, fault: str) -> None:
    days, day = street.days, street.first_day
    days.run(day, curves(street))
    following = day + 1
    if fault == "registers":
        days.registers[street.numbers[0]] = Registers(7, 7)
    elif fault == "member left out":
        days.numbers = street.numbers[:2]
    else:
        following = day + 2
    leaves = days.leaves(curves(street, *set(street.numbers) - set(days.numbers)))
    days.anchor(following, leaves)
    with refused("CommunityDays_RegistersNotContinued", days.community, following):
        days.settle(following, leaves)
    assert days.contract.dayOf(days.community, following)[2:] == (False, 0, 0)


def test_settle_day__a_day_after_another__goes_on(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    for following in range(day, day + 3):
        leaves = days.run(following, curves(street))
        assert passed_over(street) == {}
        registers = register_hash(following, leaves.last_registers())
        assert days.contract.registersOf(days.community) == registers
    assert {street.energy.settledTo(number) for number in street.numbers} == {day + 3}


def test_settle_day__after_a_later_one__the_later_registers_stay(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    later, first = days.leaves({}), days.leaves(curves(street))
    days.anchor(day, first)
    days.anchor(day + 1, later)
    days.settle(day + 1, later)
    assert {*passed_over(street).values()} == {Reason.ABSENT}
    days.settle(day, first)
    assert passed_over(street) == {}
    assert contract.registersOf(days.community) == register_hash(day + 1, {})


def test_settle_day__of_the_first_of_all_days__closes_nobody(street: GatewayStreet) -> None:
    days = street.days
    leaves = days.leaves(curves(street))
    days.anchor(0, leaves)
    days.settle(0, leaves)
    assert {*passed_over(street).values()} == {Reason.NOT_A_MEMBER}
    again = days.leaves(curves(street))
    days.anchor(1, again)
    with refused("CommunityDays_RegistersNotContinued", days.community, 1):
        days.settle(1, again)


def test_settle_day__a_chain_that_begins_anew__needs_own_boundaries(
    street: GatewayStreet,
) -> None:
    days, day = street.days, street.first_day
    days.run(day, curves(street))
    days.measured = set()
    days.run(day + 1, curves(street))
    assert set(passed_over(street).values()) == {Reason.OTHER_REGISTERS}
