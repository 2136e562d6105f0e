"""Days that a community's gateway has read: anchored by it, challenged, settled and proven by all.

    leaves --DayStore.save--> on the disk --anchor--> CHALLENGE --settle--> all members closed
                                             |                       |
                                       contradict              passed over: each closes alone,
                                                               then read_late

A root is sent only once its leaves are in the store, and settled with the leaves of that very root.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.community_days import Leaf
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.domain.enums import Reason
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import EnergyGridError
from energy_grid.market.days import ClosedDay, Days
from energy_grid.market.plan import Plan, Step

if TYPE_CHECKING:
    # Needs numpy, as the leaves do.
    from energy_grid.market.day_store import DayStore, StoredDay

__all__ = ["GatewayDays", "SettledDay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDay:
    """What the settlement of a community's day brought.

    Attributes:
        passed_over: why a member's day stays open, by its account number.
    """

    community: int
    day: int
    closed: tuple[ClosedDay, ...]
    passed_over: Mapping[int, Reason]


class GatewayDays(Days):
    """Days are known by their numbers from 1970, accounts by their numbers in Settlement."""

    def anchor_day(
        self, gateway: Actor | str, store: DayStore, community: int, day: int
    ) -> Plan[events.CommunityDays_DayAnchored]:
        """Anchor the newest leaves of a day in a store, as the community's gateway.

        Raises:
            NoStoredDayError: the store has none.
            CorruptDayError: they are not as they were written.
            EnergyGridError: they are anchored; once more would only lengthen the challenge.
        """
        stored = store.load(community, day)
        if self.community_days.day_of(community, day).root == stored.root:
            raise EnergyGridError(
                f"{format_day(day)} of community {community} is anchored with these leaves"
            )
        step = Step(
            call=self.community_days.anchor(community, day, stored.root),
            not_before=(day + 1) * DAY_SECONDS,
            # Somebody may have cleaned up since.
            before_sending=lambda: store.load(community, day, stored.root),
        )
        kind = events.CommunityDays_DayAnchored
        return self._emitted(gateway, self.community_days, kind, step)

    def stored_day(self, store: DayStore, community: int, day: int) -> StoredDay:
        """The leaves of a day whose root is anchored.

        Raises:
            NoStoredDayError: the store has others, or none.
            CorruptDayError: they are not as they were written.
            EnergyGridError: nothing is anchored.
        """
        return store.load(community, day, self.anchored_root(community, day))

    def anchored_root(self, community: int, day: int) -> bytes:
        """The root of a day that its gateway has anchored.

        Raises:
            EnergyGridError: it has not.
        """
        root = self.community_days.day_of(community, day).root
        if not any(root):
            raise EnergyGridError(f"{format_day(day)} of community {community} is not anchored")
        return root

    def settle_day(self, who: Actor | str, stored: StoredDay) -> Plan[SettledDay]:
        """Close a community's day for all members at once, after its challenge; any account can."""
        contract, community, day = self.community_days, stored.community, stored.day
        step = Step(
            call=contract.settle_day(community, day, stored.leaves.encode()),
            not_before=contract.day_of(community, day).anchored_at + contract.challenge(),
        )

        def read(receipts: list[Receipt]) -> SettledDay:
            logs = [log for each in receipts for log in each.logs]
            settled = contract.events(logs, events.CommunityDays_DaySettled)
            passed = contract.events(logs, events.CommunityDays_MemberPassedOver)
            return SettledDay(
                community=community,
                day=day,
                closed=tuple(self.members_days(settled)),
                passed_over={each.number: Reason(each.reason) for each in passed},
            )

        return self.plan(who, step).then(read)

    def contradict_leaf(
        self, who: Actor | str, stored: StoredDay, number: int, signed: SignedReading
    ) -> Plan[events.CommunityDays_LeafContradicted]:
        """Show that a device has signed other registers than its account's leaf; any account can.

        Raises:
            UnknownMemberError: the day has no leaf of the account.
        """
        call = self.community_days.contradict(
            stored.community, stored.day, _leaf(stored, number), signed
        )
        kind = events.CommunityDays_LeafContradicted
        return self._emitted(who, self.community_days, kind, call)

    def read_late(
        self, who: Actor | str, stored: StoredDay, number: int
    ) -> Plan[events.CommunityDays_LeafRead]:
        """Bring in the registers of an account that was passed over; any account can.

        Raises:
            UnknownMemberError: the day has no leaf of the account.
        """
        call = self.community_days.read_late(stored.community, stored.day, _leaf(stored, number))
        return self._emitted(who, self.community_days, events.CommunityDays_LeafRead, call)

    def hand_over(
        self, who: Actor | str, stored: StoredDay, number: int
    ) -> Plan[events.CommunityDays_HandedOver]:
        """Let an account's own readings go on from its newest settled day; any account can.

        Raises:
            UnknownMemberError: the day has no leaf of the account.
        """
        call = self.community_days.hand_over(stored.community, stored.day, _leaf(stored, number))
        return self._emitted(who, self.community_days, events.CommunityDays_HandedOver, call)

    def prove_history(
        self, who: Actor | str, stored: StoredDay, number: int, slots: range | None = None
    ) -> Plan[events.CommunityDays_HistoryProven]:
        """Write the nets and registers of a settled day where all read history; any account can.

        Args:
            slots: of the day, from 0; by default all.

        Raises:
            UnknownMemberError: the day has no leaf of the account.
        """
        begin = self.slot(stored.day * DAY_SECONDS)
        wanted = range(stored.leaves.nets.shape[1]) if slots is None else slots
        call = self.community_days.prove_history(
            *(stored.community, stored.day, _leaf(stored, number)),
            *(begin + wanted.start, begin + wanted.stop),
        )
        return self._emitted(who, self.community_days, events.CommunityDays_HistoryProven, call)


def _leaf(stored: StoredDay, number: int) -> Leaf:
    proven = stored.prove(number)
    return Leaf(record=proven.record, opening=proven.opening, proof=proven.proof)
