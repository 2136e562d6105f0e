"""Carbon credits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.contracts import events
from energy_grid.domain.periods import is_final
from energy_grid.domain.slots import SlotEnergy
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["Carbon", "IssuedCredits"]

# Slots of carbon credits in one transaction: well within the gas that any chain gives to one.
_SLOTS_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCredits:
    """What a producer got, and for what.

    Attributes:
        grams: of CO2e.
        energy: the energy of the slots, in Wh.
        slots: how many slots were credited.
    """

    grams: int
    energy: int
    slots: int


class Carbon(Market):
    """Credits are grams of CO2e."""

    def creditable_slots(self, producer: str, slots: Iterable[int]) -> list[int]:
        """Those of the slots that a producer can have credits for now, and has none yet, nor is
        about to get with a transaction that waits."""
        clean = self.carbon.clean_producer(producer)
        grace, now = self.settlement.grace(), self.node.time
        counting = [
            slot
            for slot in slots
            if 0 < clean.from_slot <= slot
            and not 0 < clean.until_slot <= slot
            and is_final(slot, now, self._slot_length, grace)
        ]
        pairs = [(producer, slot) for slot in counting]
        energies = self.settlement.call_many("energyOf", pairs, kind=SlotEnergy)
        credited = self.carbon.call_many("isCredited", pairs, kind=bool, block_identifier="pending")
        known = zip(counting, energies, credited, strict=True)
        return [slot for slot, energy, is_done in known if energy.produced and not is_done]

    def issue_carbon(
        self, who: Actor | str, slots: Sequence[int], *, producer: str | None = None
    ) -> Plan[IssuedCredits]:
        """Issue carbon credits of slots to a producer, by default the account."""
        owner = producer or address_of(who)
        calls = [
            self.carbon.issue_carbon_credits(owner, slots[first : first + _SLOTS_AT_ONCE])
            for first in range(0, max(len(slots), 1), _SLOTS_AT_ONCE)
        ]
        kind = events.CarbonCredits_CarbonCreditsIssued
        return self._all_emitted(who, self.carbon, kind, *calls).then(
            lambda found: IssuedCredits(
                grams=sum(each.grams for each in found),
                energy=sum(each.energy for each in found),
                slots=sum(each.slots for each in found),
            )
        )
