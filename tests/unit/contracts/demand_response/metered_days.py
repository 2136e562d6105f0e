"""Days of a consumer as its meters saw them, on the chain and in the model, and baselines of them.

Energies in Wh; days are days since 1970, events begin at an hour of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.baselines import EventSlots, MeteredSlot
from energy_grid.domain.periods import DAY_SECONDS
from tests.support.market import Market, actor
from tests.support.settlement import record
from tests.unit.contracts.operators.operators import verified_operator

__all__ = [
    "CONSUMER",
    "Past",
    "another_rule",
    "baseline",
    "event_on",
    "have_meters",
    "hold_event",
    "take_part",
    "verify",
    "weekdays_before",
]

CONSUMER = actor("consumer")
_HOUR = 3600
# The slot of SmartMeter's `_changedAt`.
_CHANGED_AT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The readings of CONSUMER's meters."""

    slots: Mapping[int, MeteredSlot]

    @classmethod
    def of(cls, event: EventSlots, energies: Mapping[int, int], *, meters: int = 1) -> Past:
        """So much in the first slot of each day's window, which begins with a reading."""
        slots: dict[int, MeteredSlot] = {}
        for day, energy in energies.items():
            first = event.first - (event.day - day) * event.per_day
            before = slots.get(first - 1, MeteredSlot())
            slots[first - 1] = replace(before, read_at_end=meters)
            slots[first] = MeteredSlot(consumed=energy)
        return cls(slots=slots)

    def with_end_read(self, event: EventSlots, meters: int = 1) -> Past:
        """The same, and so many meters read at the event's end."""
        last = event.end - 1
        found = self.slots.get(last, MeteredSlot())
        return replace(self, slots={**self.slots, last: replace(found, read_at_end=meters)})

    def joined(self, other: Past) -> Past:
        """Both; in what slots they share, the other one counts."""
        return replace(self, slots={**self.slots, **other.slots})

    def drawn(self, event: EventSlots) -> int:
        """Wh in its slots."""
        slots = range(event.first, event.end)
        return sum(self.slots[slot].consumed for slot in slots if slot in self.slots)

    def record(self, market: Market, meters: int = 1) -> None:
        """Put it on the chain, from the meter module; CONSUMER always had so many meters."""
        have_meters(market, CONSUMER, meters)
        for slot, found in self.slots.items():
            for _ in range(found.read_at_end):
                record(market, CONSUMER, slot, at_end=True)
            if found.consumed:
                record(market, CONSUMER, slot, consumed=found.consumed)


def event_on(market: Market, day: int, hour: int = 18, *, slots: int = 2) -> EventSlots:
    """The slots of an event."""
    first = (day * DAY_SECONDS + hour * _HOUR) // market.slot_length
    return EventSlots(first=first, end=first + slots, slot_seconds=market.slot_length)


def weekdays_before(day: int, count: int) -> list[int]:
    """The last Mondays to Fridays, the latest first."""
    return [each for each in range(day - 1, 0, -1) if (each + 3) % 7 < 5][:count]


def baseline(market: Market, event: EventSlots, contract: Contract | None = None) -> int:
    """What the contract takes for CONSUMER's baseline, in W."""
    asked = contract or market.demand_response
    return int(asked.call("baselineFromMeter", CONSUMER.address, event.first, event.end))


def another_rule(market: Market, similar_days: int, highest: int) -> Contract:
    """A DemandResponse beside the market's own, that picks other days."""
    modules = (market.operators.address, market.meters.address, market.settlement.address)
    return market.deploy(
        "DemandResponse",
        *(market.access.address, market.dollar.address, modules),
        (2 * DAY_SECONDS, 1, similar_days, highest),
    )


def take_part(market: Market, contract: Contract) -> LocalAccount:
    """CONSUMER registered, and an operator that can hold events; who that is."""
    operator = verified_operator(market)
    # Functions of a contract that no role was given are the administrator's.
    own = contract.address == market.demand_response.address
    authority = market.roles[Role.GRID_AUTHORITY if own else Role.ADMIN]
    market.do(authority, contract, "registerGridOperator", operator.address)
    market.do(CONSUMER, contract, "registerConsumer", CONSUMER.address)
    market.give_money(operator, 10**9)
    market.do(operator, market.dollar, "approve", contract.address, 2**256 - 1)
    return operator


def hold_event(
    market: Market, contract: Contract, operator: LocalAccount, event: EventSlots
) -> int:
    """An event whose readings are final; its number."""
    start = event.first * event.slot_seconds
    market.go_to(start - event.slot_seconds)
    receipt = market.do(operator, contract, "startEvent", 1, 1, event.seconds)
    (started,) = market.events(receipt, contract, "EventStarted")
    assert started["start_time"] == start
    market.go_to(start + event.seconds + market.grace)
    return int(started["event_id"])


def verify(market: Market, contract: Contract, number: int) -> None:
    """What CONSUMER's meters found in an event."""
    market.do(CONSUMER, contract, "verifyFromMeter", number, CONSUMER.address, 2**256 - 1)


def have_meters(market: Market, consumer: LocalAccount, count: int = 1) -> None:
    """Meters of an account as if it had had them for ever."""
    for number in range(len(market.meters.call("getMeters", consumer.address)), count):
        market.register_meter(consumer, actor(f"meter {number} of {consumer.address}"))
    account = market.settlement.call("numberOf", consumer.address)
    place = keccak(account.to_bytes(32) + _CHANGED_AT.to_bytes(32))
    market.node.rpc(
        "anvil_setStorageAt", market.meters.address, "0x" + place.hex(), "0x" + 64 * "0"
    )
    assert tuple(market.meters.call("meterSetOf", consumer.address)) == (count, 0)
