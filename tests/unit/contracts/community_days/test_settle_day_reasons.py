"""CommunityDays.settleDay: who is passed over, each Reason, and what that leaves of the others."""

from __future__ import annotations

import pytest

from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers, seal_leaves
from energy_grid.domain.enums import Reason
from tests.model.market import DAY
from tests.support.core.chain import Chain
from tests.support.core.full_market import CHALLENGE
from tests.support.core.gateway_street import GatewayStreet
from tests.support.core.trading_world import BUY, CREATE_FOR, DAILY, HOURLY, SELL
from tests.unit.contracts.community_days.conftest import START, TARIFF
from tests.unit.contracts.community_days.suite import (
    DAY_SLOTS,
    RATED,
    changed,
    close_alone,
    curves,
    events,
    passed_over,
    proven,
    signed,
)

_TOO_LARGE, _LANE = 2**24, 2**31 - 1


def settle(street: GatewayStreet, day: int, leaves: DayLeaves) -> dict[int, Reason]:
    """Anchored and settled; whom it passed over."""
    street.days.anchor(day, leaves)
    street.days.settle(day, leaves)
    return passed_over(street)


def words(street: GatewayStreet) -> dict[int, tuple[int, int]]:
    """What the last call closed, by account number."""
    ((_, values),) = [each for each in events(street) if each[0] == "DaySettled"]
    found = values["words"]
    return {found[at] >> 224: (found[at], found[at + 1]) for at in range(0, len(found), 2)}


def test_reasons__absent_and_sealed__stay_open(street: GatewayStreet) -> None:
    days, (first, second, third) = street.days, street.numbers
    leaves, _ = seal_leaves(days.leaves(curves(street, second)), {third: b"s" * 32})
    found = settle(street, street.first_day, leaves)
    assert found == {second: Reason.ABSENT, third: Reason.SEALED}
    assert list(words(street)) == [first]
    name, values = events(street)[0]
    expected = {"community": days.community, "day": street.first_day, "number": second}
    assert (name, values) == ("MemberPassedOver", {**expected, "reason": Reason.ABSENT})
    assert street.settlement.cursorAt(second) == street.first_day


def test_reasons__contradicted__stays_open(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    reading = signed(street, 2, (day + 1) * DAY_SLOTS, (1, 1))
    days.contract.contradict(days.community, day, proven(leaves, 2), reading)
    days.settle(day, leaves)
    assert passed_over(street) == {street.numbers[2]: Reason.CONTRADICTED}
    assert days.contract.dayOf(days.community, day)[3:] == (0b011, 0b100)


def test_reasons__an_account_of_nobody_or_elsewhere__is_not_a_member(
    street: GatewayStreet,
) -> None:
    days, stranger = street.days, 99
    days.numbers.append(stranger)
    days.registers[stranger] = Registers(0, 0)
    found = settle(street, street.first_day, days.leaves({**curves(street), stranger: [0] * 24}))
    assert found == {stranger: Reason.NOT_A_MEMBER}


def test_reasons__a_day_before_is_open__is_another_day(street: GatewayStreet) -> None:
    found = settle(street, street.first_day + 1, street.days.leaves(curves(street)))
    assert found == dict.fromkeys(street.numbers, Reason.OTHER_DAY)


def test_reasons__days_without_readings__are_a_gap(street: GatewayStreet) -> None:
    days, day, silent = street.days, street.first_day, street.numbers[1]
    days.run(day, curves(street, silent))
    street.settlement.closeThrough([street.holders[1].address], day)
    found = settle(street, day + 1, days.leaves(curves(street)))
    assert found == {silent: Reason.GAP}


def test_reasons__registers_from_nowhere__are_other_registers(street: GatewayStreet) -> None:
    days, second = street.days, street.numbers[1]
    days.registers[second] = Registers(1, 1)
    found = settle(street, street.first_day, days.leaves(curves(street)))
    assert found == {second: Reason.OTHER_REGISTERS}


@pytest.mark.parametrize(
    ("net", "rise", "fits"),
    [
        ({}, (0, 1), False),
        ({}, (1, 0), False),
        # Both registers may run in a slot, as phases do.
        ({}, (5, 5), True),
        ({0: -RATED}, (RATED - 400, 0), True),
        ({0: -RATED - 1}, (RATED - 399, 0), False),
        ({0: RATED}, (-400, RATED), True),
        ({0: RATED + 1}, (-400, RATED + 1), False),
        # 9,600 Wh is what the leaf has imported.
        ({}, ((24 * RATED - 9_600) // 2,) * 2, True),
        ({}, ((24 * RATED - 9_600) // 2 + 1,) * 2, False),
    ],
)
def test_reasons__nets_and_registers__must_fit_each_other_and_the_meter(
    street: GatewayStreet, net: dict[int, int], rise: tuple[int, int], fits: bool
) -> None:
    leaves = street.days.leaves(curves(street))
    leaf = leaves.leaves[1]
    assert isinstance(leaf, Measured)
    last = Registers(leaf.last.imported + rise[0], leaf.last.exported + rise[1])
    found = settle(street, street.first_day, changed(leaves, 1, net, last=last))
    assert found == ({} if fits else {street.numbers[1]: Reason.NETS_NOT_BELIEVABLE})


@pytest.mark.parametrize(
    ("daily", "hourly", "fits"),
    [
        (_TOO_LARGE - 2, 1, True),
        (_TOO_LARGE - 1, 1, False),
        (0, _TOO_LARGE, False),
        # The sum does not fit a lane at all.
        (_LANE, 1, False),
    ],
)
def test_reasons__a_position_that_lanes_do_not_hold__is_too_large(
    daily: int, hourly: int, *, fits: bool
) -> None:
    street = GatewayStreet(Chain(START), TARIFF, homes=3, money=10**12)
    days, day = street.days, street.first_day + 2
    for kind, wh in (DAILY, daily * DAY_SLOTS), (HOURLY, hourly):
        if wh:
            _trade(street, kind, day * DAY, wh)
    for before in (street.first_day, street.first_day + 1):
        days.run(before, curves(street))
    found = settle(street, day, days.leaves(curves(street)))
    traders = street.numbers[:2]
    assert found == ({} if fits else dict.fromkeys(traders, Reason.POSITION_TOO_LARGE))


def _trade(street: GatewayStreet, kind: int, start: int, wh: int) -> None:
    """The first home sells to the second one."""
    trading, expiry = street.market["EnergyTrading"], start - 1
    for home, side in (0, SELL), (1, BUY):
        trading.call(
            CREATE_FOR, wh, 100, expiry, side, kind, start, by=street.holders[home].address
        )
    newest = trading.orderCount()
    trading.matchOrders(newest, newest - 1)


def test_reasons__one_leaf_is_altered__others_change_by_what_it_shares_alone(
    street: GatewayStreet,
) -> None:
    day, chain = street.first_day, street.chain
    honest = street.days.leaves(curves(street))
    last = honest.leaves[1]
    assert isinstance(last, Measured)
    # It draws as much in all, and every slot has more than enough: nothing else changes.
    moved = changed(honest, 1, {3: -401, 4: -399})
    false = changed(honest, 1, {3: -401})
    found = []
    for leaves in (honest, moved, false):
        mark = chain.snapshot()
        settle(street, day, leaves)
        found.append(words(street))
        chain.revert(mark)
    first, _, third = street.numbers
    assert found[0] == found[1]
    assert set(found[2]) == {first, third}
    # The third one's need is met before and after, the first one gives the second nothing.
    assert found[2][third] == found[0][third]
    assert found[2][first] != found[0][first]


def test_reasons__who_was_passed_over__closes_alone_without_sharing(
    street: GatewayStreet,
) -> None:
    days, day, silent = street.days, street.first_day, street.numbers[1]
    days.run(day, curves(street, silent))
    assert days.contract.isOpen(days.community, day)
    street.settlement.closeThrough([street.holders[1].address], day)
    assert street.settlement.cursorAt(silent) == day + 1


def test_reasons__nobody_was_settled__closes_alone_from_the_deadline_on(
    street: GatewayStreet,
) -> None:
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    close_alone(street, 0, day)
    assert street.settlement.cursorAt(street.numbers[0]) == day + 1
    days.settle(day, leaves)
    assert passed_over(street) == {street.numbers[0]: Reason.OTHER_DAY}
    assert street.chain.now > (day + 1) * DAY + CHALLENGE
