"""What closing a day costs: of one account, and of each of 50 in a call; alone, and in a community.

Every slot of the day is read in time, and half of the accounts export. With trades, each account
has one in every slot.
"""

from __future__ import annotations

from tests.gas.street import HOUR, START, Street
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import REGISTRAR

__all__ = ["measure_closing_suite"]

HOMES = 50
"""Of a call."""


def measure_closing_suite(chain: GasChain, slot: int) -> dict[str, int]:
    """Gas of an account by what is closed, on a fresh chain at `START`."""
    # One closes by itself, 50 together, and pairs trade: 52 alone, 52 in a community.
    half = HOMES + 2
    street = Street(chain, homes=2 * half, slot=slot, members=half)
    first, figures = START // DAY + 1, dict[str, int]()
    for day in range(first, first + 4):
        _read_day(street, day)
        traded = ", all traded" if day == first + 3 else ""
        for start, where in (0, ""), (half, " in a community"):
            name = f"closeThrough, {DAY // slot} slots{where}{traded}"
            for places, who in (
                (range(start, start + 1), "one account"),
                (range(start + 1, start + 1 + HOMES), f"each of {HOMES}"),
            ):
                street.settlement.closeThrough(street.addresses(places), day, by=REGISTRAR)
                # The first day is an account's first, the third is known to be before a traded one.
                if day in (first + 1, first + 3):
                    figures[f"{name}, {who}"] = chain.gas // len(places)
        if day == first + 1:
            _trade_day(street, first + 3)
    return figures


def _read_day(street: Street, day: int) -> None:
    """Hour by hour, until the day is final."""
    begin = day * DAY
    if not any(map(any, street.registers)):
        street.read(range(len(street.holders)), [begin])
    for hour in range(begin, begin + DAY, HOUR):
        ends = range(hour + street.slot, hour + HOUR + 1, street.slot)
        street.read(range(len(street.holders)), [*ends])
    street.go_to(begin + DAY + HOUR)


def _trade_day(street: Street, day: int) -> None:
    """Everybody trades every hour of a day."""
    for hour in range(24):
        street.batch("HOURLY", day * DAY + hour * HOUR, range(len(street.holders)))
