"""What anybody can do with the leaves of other people, which are public.

Each attack was possible once: it is played beside the honest way, and earns and costs nothing now.
"""

from __future__ import annotations

import pytest

from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY, Leaf, Tariff
from tests.support.core.chain import Chain, refused
from tests.support.core.community_world import CommunityWorld
from tests.support.core.full_market import CHALLENGE, DEADLINE
from tests.support.core.gateway_street import GatewayStreet
from tests.support.core.trading_world import DAILY

TARIFF = Tariff(buy=300, feed_in=80, network_fee=20, protocol_fee=0, max_factor=30_000)
START = 20_000 * DAY + 5_000
HOUR, HOURS, KWH = 3600, 24, 1_000
STRANGER = "0x" + 40 * "5"


class _Sold:
    """A kWh an hour, sold, exported, and read by a gateway that was silent for two days."""

    def __init__(self) -> None:
        self.world = world = CommunityWorld(TARIFF, 0, slot=HOUR, start=START)
        world.fund(10**7)
        world.found_with_gateway("section", 5000, is_static=False)
        self.first = first = START // DAY + 1
        for name in ("seller", "buyer"):
            world.open(name, 10**7)
            world.attach(name, 16_000, (0, 0))
            world.join(name, "section")
        assert world.trade("buyer", "seller", DAILY, first * DAY, KWH, 200)
        world.chain.set_time(first * DAY)
        for slot in range(START // HOUR + 1, first * HOURS + 1):
            world.read([(name, slot, (0, 0)) for name in ("seller", "buyer")])
        world.chain.set_time((first + 2) * DAY + DEADLINE)
        world.close(["seller", "buyer"], first - 1)
        assert world.close(["seller", "buyer"], first + 1) == 4
        for day in (first, first + 1):
            world.anchor("section", day, {"seller": self.leaf(day, 1), "buyer": self.leaf(day, -1)})
        world.chain.set_time(world.now + CHALLENGE)

    def leaf(self, day: int, sign: int) -> Leaf:
        """Without anything before `first`."""
        ends = [(day + each - self.first) * HOURS * KWH for each in (0, 1)]
        first, last = [(0, end) if sign > 0 else (end, 0) for end in ends]
        nets = (sign * KWH,) * HOURS
        return Leaf(status="measured", continues=False, first=first, last=last, nets=nets)

    def read(self, day: int, name: str) -> None:
        """By a stranger."""
        world = self.world
        world.days.readLate(1, day, world.leaf("section", day, name), by=STRANGER)


def test_later_leaf_first__of_somebody_else__skips_nothing() -> None:
    """What was sold and delivered on the day between would have counted as never delivered: 24 kWh
    at (buy - feed-in), or 5,280,000, from each of both to the grid account."""
    sold = _Sold()
    world, day = sold.world, sold.first
    number = world.numbers["seller"]
    open_from = (day * HOURS + 1) * HOUR + 30 * DAY
    for name in ("seller", "buyer"):
        with refused("CommunityDays_Skipped", world.numbers[name], day * HOURS, open_from):
            sold.read(day + 1, name)
    assert world.energy.pendingOf(number) == 0
    sold.read(day, "seller")
    # What the sold energy cost when it had not been delivered comes back.
    back = HOURS * KWH * TARIFF.buy
    assert world.energy.pendingOf(number) == -back
    sold.read(day + 1, "seller")
    assert world.energy.pendingOf(number) == -back - HOURS * KWH * TARIFF.feed_in


@pytest.fixture
def street() -> GatewayStreet:
    return GatewayStreet(Chain(START), TARIFF, homes=2, rated=10_000)


def test_older_day__settled_late_by_a_stranger__stops_no_newer_one(street: GatewayStreet) -> None:
    """It would have set back the registers that the next day's leaves continue, so that nobody of
    the community could share until all were handed over."""
    days, first, (giver, taker) = street.days, street.first_day, street.numbers
    curves = {giver: [KWH] * HOURS, taker: [-KWH] * HOURS}
    older = days.leaves(curves)
    days.anchor(first, older)
    street.chain.set_time((first + 1) * DAY + DEADLINE)
    street.settlement.closeThrough([each.address for each in street.holders], first)
    records = older.records()
    for place, record in enumerate(records):
        leaf = record, b"", list(leaf_tree(records).proof(place))
        days.contract.readLate(days.community, first, leaf)
    days.measured = set()
    days.run(first + 1, curves)
    known = days.contract.registersOf(days.community)
    days.contract.settleDay(days.community, first, older.encode(), by=STRANGER)
    assert days.contract.registersOf(days.community) == known
    days.run(first + 2, curves)
    assert days.contract.dayOf(days.community, first + 2)[3] == 0b11
