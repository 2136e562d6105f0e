"""What a community's day costs in one call, of each of 100 members; alone, and when all trade.

Every second home exports all day, and half of the members are on the side that is shared out in
proportion, which costs divisions. The day before is settled as well, so every word is a used one.
"""

from __future__ import annotations

from tests.gas.street import HOUR, START, Street
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import REGISTRAR

__all__ = ["MEMBERS", "measure_community_suite"]

MEMBERS = 100


def measure_community_suite(chain: GasChain, slot: int) -> dict[str, int]:
    """Gas of a member by what is settled, on a fresh chain at `START`."""
    street = Street(chain, homes=MEMBERS, slot=slot, members=MEMBERS, gateway=True)
    first, days = START // DAY + 1, street.days
    street.read(range(MEMBERS), [first * DAY])
    street.go_to(first * DAY + HOUR)
    street.settlement.closeThrough(street.addresses(range(MEMBERS)), first - 1, by=REGISTRAR)
    numbers = [street.settlement.numberOf(each.address) for each in street.holders]
    days.begin(numbers)
    days.registers = {
        number: (*found,)
        for number, found in zip(numbers, street.registers, strict=True)
    }
    for hour in range(24):
        street.batch("HOURLY", (first + 2) * DAY + hour * HOUR, range(MEMBERS))
    figures: dict[str, int] = {}
    for day, name in (
        (first, None),
        (first + 1, f"settleDay, {DAY // slot} slots, each of {MEMBERS}"),
        (first + 2, f"settleDay, {DAY // slot} slots, all traded, each of {MEMBERS}"),
    ):
        curves = {
            number: [(1 if place % 2 else -1) * (70 + (slot_ * 7 + place) % 90) for slot_ in range(DAY // slot)]
            for place, number in enumerate(numbers)
        }
        days.run(day, curves)
        if name:
            figures[name] = chain.gas // MEMBERS
    return figures
