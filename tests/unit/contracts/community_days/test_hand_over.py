"""CommunityDays.handOver."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.gateway_street import GatewayStreet
from tests.unit.contracts.community_days.suite import DAY_SLOTS, STRANGER, curves, events, proven


def test_hand_over__the_newest_leaf__moves_the_meters_registers(street: GatewayStreet) -> None:
    days, day, first = street.days, street.first_day, street.numbers[0]
    leaves = days.run(day, curves(street))
    reads = street.market["SmartMeter"].registersOf
    assert reads(first) == (day * DAY_SLOTS, 0, 0)
    days.contract.handOver(days.community, day, proven(leaves, 0), by=STRANGER)
    values = {"number": first, "day": day, "imported": 0, "exported": 24_000}
    assert events(street) == [("HandedOver", values)]
    assert reads(first) == ((day + 1) * DAY_SLOTS, 0, 24_000)
    device, end = street.devices[0].address, (day + 1) * 86_400
    with refused("SmartMeter_NotNewer", device, end, end):
        days.contract.handOver(days.community, day, proven(leaves, 0))


def test_hand_over__an_earlier_leaf__is_refused(street: GatewayStreet) -> None:
    days, day, first = street.days, street.first_day, street.numbers[0]
    leaves = days.run(day, curves(street))
    days.run(day + 1, curves(street))
    with refused("CommunityDays_NotNewest", first, day + 2):
        days.contract.handOver(days.community, day, proven(leaves, 0))


def test_hand_over__a_leaf_that_closed_nothing__is_refused(street: GatewayStreet) -> None:
    days, day, third = street.days, street.first_day, street.numbers[2]
    leaves = days.leaves(curves(street, third))
    with refused("CommunityDays_NotAnchored", days.community, day):
        days.contract.handOver(days.community, day, proven(leaves, 0))
    days.anchor(day, leaves)
    with refused("CommunityDays_NotClosedTogether", street.numbers[0], day):
        days.contract.handOver(days.community, day, proven(leaves, 0))
    days.settle(day, leaves)
    with refused("CommunityDays_NotMeasured", third):
        days.contract.handOver(days.community, day, proven(leaves, 2))
