"""CommunityDays.proveHistory."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.core.chain import refused
from tests.support.core.gateway_street import GatewayStreet
from tests.unit.contracts.community_days.suite import DAY_SLOTS, curves, events, proven


def test_prove_history__slots__bring_whole_pages(street: GatewayStreet) -> None:
    days, day, number = street.days, street.first_day, street.numbers[0]
    draws = Random(15)
    # No slots of a whole page are 0, and none is above the rated power.
    nets = [draws.choice((-1, 1)) * draws.randint(1, 10_000) for _ in range(DAY_SLOTS)]
    leaves = days.run(day, {**curves(street), number: nets})
    first = day * DAY_SLOTS
    days.contract.proveHistory(days.community, day, proven(leaves, 0), first + 9, first + 17)
    values = {"number": number, "day": day, "from_slot": first + 8, "to_slot": first + 24}
    assert events(street) == [("HistoryProven", values)]
    shown = [street.energy.netOf(number, first + slot)[1] for slot in range(DAY_SLOTS)]
    assert shown == [0] * 8 + nets[8:]
    days.contract.proveHistory(days.community, day, proven(leaves, 0), first, first + 1)
    shown = [street.energy.netOf(number, first + slot)[1] for slot in range(DAY_SLOTS)]
    assert shown == nets
    meter, device = street.market["SmartMeter"], street.devices[0].address
    for kind, sign in ("Consumption", -1), ("Production", 1):
        energy = meter.call(f"getDaily{kind}(address,uint256)", device, day)
        assert energy == sum(abs(net) for net in nets if net * sign > 0)


@pytest.mark.parametrize("span", [(-1, 8), (8, 8), (9, 8), (0, DAY_SLOTS + 1)])
def test_prove_history__slots_of_another_day_or_none__are_refused(
    street: GatewayStreet, span: tuple[int, int]
) -> None:
    days, day = street.days, street.first_day
    leaves = days.run(day, curves(street))
    bounds = tuple(day * DAY_SLOTS + each for each in span)
    with refused("CommunityDays_BadRange", *bounds):
        days.contract.proveHistory(days.community, day, proven(leaves, 0), *bounds)


def test_prove_history__a_leaf_that_closed_nothing__is_refused(street: GatewayStreet) -> None:
    days, day, first = street.days, street.first_day, street.numbers[0]
    span = day * DAY_SLOTS, day * DAY_SLOTS + 1
    leaves = days.leaves(curves(street))
    with refused("CommunityDays_NotAnchored", days.community, day):
        days.contract.proveHistory(days.community, day, proven(leaves, 0), *span)
    days.anchor(day, leaves)
    with refused("CommunityDays_NotClosedTogether", first, day):
        days.contract.proveHistory(days.community, day, proven(leaves, 0), *span)
