"""What a gateway can cost with its word, and what without it."""

from __future__ import annotations

import pytest

from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain, refused
from tests.support.core.full_market import CHALLENGE, DEADLINE
from tests.support.core.gateway_street import GATEWAY, GatewayStreet
from tests.support.core.meter_suite import REGISTRAR

TARIFF = Tariff(buy=300, feed_in=80, network_fee=20)
HOUR = 3600
RATED = 8000
_START = 20_000 * DAY + 43_217
OTHER_REGISTERS, NOT_BELIEVABLE = 7, 8


@pytest.fixture
def street() -> GatewayStreet:
    return GatewayStreet(Chain(_START), TARIFF, homes=3, slot=HOUR, rated=RATED)


def _passed_over(street: GatewayStreet) -> dict[int, int]:
    """Reasons by account number, of the last call."""
    told = [values for _, event, values in street.chain.logs if event == "MemberPassedOver"]
    return {each["number"]: each["reason"] for each in told}


def _free(street: GatewayStreet) -> list[int]:
    return [street.market.free(each.address) for each in street.holders]


def _cash(street: GatewayStreet) -> int:
    return int(street.settlement.gridAccount()[0])


def test_gateway__invents_export__is_bounded_by_rated_power_and_the_grid_accounts_cash(
    street: GatewayStreet,
) -> None:
    before, cash = _free(street), _cash(street)
    accomplice, *others = street.numbers
    curves = {accomplice: [RATED + 1] * 24} | {each: [0] * 24 for each in others}
    street.days.run(street.first_day, curves)
    # More than the meter's power: nothing.
    assert _passed_over(street) == {accomplice: NOT_BELIEVABLE}
    assert (_free(street), _cash(street)) == (before, cash)

    later = GatewayStreet(Chain(_START), TARIFF, homes=3, slot=HOUR, rated=RATED)
    curves[accomplice] = [RATED] * 24
    later.days.run(later.first_day, curves)
    gained = [now - then for now, then in zip(_free(later), before, strict=True)]
    most = RATED * 24 * TARIFF.feed_in
    assert gained == [most, 0, 0]
    assert _cash(later) == cash - most


def test_gateway__jumps_with_registers__closes_nothing(street: GatewayStreet) -> None:
    days, first = street.days, street.first_day
    home, *others = street.numbers
    days.run(first, {number: [-500] * 24 for number in street.numbers})
    registers = days.registers[home]
    # It lets 10 kWh disappear between two days: neither as if the leaf went on ...
    days.registers[home] = registers._replace(imported=registers.imported + 10_000)
    leaves = days.leaves({number: [-500] * 24 for number in street.numbers})
    days.anchor(first + 1, leaves)
    with refused("CommunityDays_RegistersNotContinued", days.community, first + 1):
        days.settle(first + 1, leaves)
    # ... nor as if it began anew: then the meter's own registers count.
    days.measured = set()
    for number in others:
        days.registers[number] = registers
    days.registers[home] = registers._replace(imported=registers.imported + 10_000)
    before = _free(street)
    leaves = days.leaves({number: [-500] * 24 for number in street.numbers})
    days.anchor(first + 1, leaves)
    days.settle(first + 1, leaves)
    assert _passed_over(street) == dict.fromkeys(street.numbers, OTHER_REGISTERS)
    assert _free(street) == before


def test_gateway__says_nothing__costs_the_sharing_alone(street: GatewayStreet) -> None:
    """Closed alone and read late, each pays what the grid alone would have cost."""
    giver, taker, third = street.numbers
    curves = {giver: [400] * 24, taker: [-400] * 24, third: [0] * 24}
    day, honest = (
        street.first_day,
        GatewayStreet(Chain(_START), TARIFF, homes=3, slot=HOUR, rated=RATED),
    )
    before = _free(street)
    honest.days.run(day, curves)
    addresses = [each.address for each in street.holders]
    leaves = street.days.leaves(curves)
    street.chain.set_time((day + 1) * DAY + DEADLINE - 1)
    with refused("Settlement_NothingToClose", day):
        street.settlement.closeThrough(addresses, day, by=REGISTRAR)
    street.chain.set_time((day + 1) * DAY + DEADLINE)
    street.settlement.closeThrough(addresses, day, by=REGISTRAR)
    assert _free(street) == before
    # The gateway's word comes too late for sharing, and not for the bill.
    street.days.anchor(day, leaves)
    street.chain.set_time(street.chain.now + CHALLENGE)
    records = leaves.records()
    tree = leaf_tree(records)
    for place, record in enumerate(records):
        leaf = record, b"", list(tree.proof(place))
        street.days.contract.readLate(street.days.community, day, leaf, by=GATEWAY)
    street.chain.set_time((day + 5) * DAY)
    street.settlement.closeThrough(addresses, day + 1, by=REGISTRAR)
    bills = [now - then for now, then in zip(_free(street), before, strict=True)]
    wh = 24 * 400
    assert bills == [wh * TARIFF.feed_in, -wh * TARIFF.buy, 0]
    shared = [now - then for now, then in zip(_free(honest), before, strict=True)]
    price = TARIFF.shared(5000)
    assert shared == [wh * price, -wh * (price + TARIFF.network_fee), 0]
