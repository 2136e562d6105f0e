"""What a community's day costs in one call, of each of 100 members; alone, and when all trade.

Every second home exports all day, and half of the members are on the side that is shared out in
proportion, which costs divisions. The day before is settled as well, so every word is a used one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from energy_grid.domain.day_leaves import Registers
from tests.gas.street import HOUR, START, Street
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import REGISTRAR

__all__ = ["MEMBERS", "community_days", "measure_community_suite"]

MEMBERS = 100


def measure_community_suite(chain: GasChain, slot: int) -> dict[str, int]:
    """Gas of a member by what is settled, and of an anchor, on a fresh chain at `START`."""
    figures: dict[str, int] = {}
    for name in community_days(chain, slot):
        if name.startswith("settleDay"):
            figures[f"{name}, each of {MEMBERS}"] = chain.gas // MEMBERS
        else:
            figures[name] = chain.gas
    return figures


def community_days(chain: GasChain, slot: int) -> Iterator[str]:
    """What each transaction is that is measured, once it is the newest of the chain."""
    street = Street(chain, homes=MEMBERS, slot=slot, members=MEMBERS, gateway=True)
    first, days = START // DAY + 1, street.days
    street.read(range(MEMBERS), [first * DAY])
    street.go_to(first * DAY + HOUR)
    street.settlement.closeThrough(street.addresses(range(MEMBERS)), first - 1, by=REGISTRAR)
    numbers = [street.settlement.numberOf(each.address) for each in street.holders]
    days.begin(numbers)
    days.registers = {
        number: Registers(*found) for number, found in zip(numbers, street.registers, strict=True)
    }
    slots = DAY // slot
    for day in range(first, first + 5):
        leaves = days.leaves(_curves(numbers, slots))
        days.anchor(day, leaves)
        if day == first + 1:
            yield "anchor, a community's day"
        days.settle(day, leaves)
        if day == first + 1:
            yield f"settleDay, {slots} slots"
            for hour in range(24):
                street.batch("HOURLY", (first + 4) * DAY + hour * HOUR, range(MEMBERS))
    yield f"settleDay, {slots} slots, all traded"


def _curves(numbers: Sequence[int], slots: int) -> dict[int, list[int]]:
    """Nets by account number."""
    return {
        number: [(-1) ** place * (70 + (7 * slot + place) % 90) for slot in range(slots)]
        for place, number in enumerate(numbers)
    }
