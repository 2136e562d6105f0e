"""Days that a community's gateway has read: anchored by it, challenged, settled and proven by all.

    leaves --DayStore.save--> on the disk --anchor--> CHALLENGE --settle--> all members closed
                                             |                       |
                                       contradict              passed over: each closes alone,
                                                               then read_late

A root is sent only once its leaves are in the store, and settled with the leaves of that very root.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING

from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.community_days import Leaf
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.domain.account_words import account_terms
from energy_grid.domain.enums import Reason
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import EnergyGridError
from energy_grid.market.communities import EnergySharing
from energy_grid.market.days import ClosedDay, Days
from energy_grid.market.plan import Plan, Step

if TYPE_CHECKING:
    # Needs numpy, as the leaves do.
    from energy_grid.domain.day_leaves import Registers
    from energy_grid.market.day_audit import DayAudit
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


class GatewayDays(EnergySharing, Days):
    """Days are known by their numbers from 1970, accounts by their numbers in Settlement."""

    def build_day(
        self,
        store: DayStore,
        community: int,
        day: int,
        readings: Iterable[SignedReading],
        *,
        sealed: Collection[str] = (),
        continues: bool = True,
        keys: Mapping[str, str] | None = None,
    ) -> tuple[StoredDay, Mapping[int, str]]:
        """Make a day's leaves from signed readings and store them; nothing is sent.

        Args:
            readings: of any meters; those at bounds of the day's slots count.
            sealed: addresses of members whose day stays secret: they do not share.
            continues: whether the leaves go on from the day before, if that is anchored.
            keys: the present key of devices by those that they had before; their readings count,
                if the newest one is of the present key.

        Returns:
            The day, and why members were not measured, by account number.

        Raises:
            EnergyGridError: the day is not over, or has no members.
            LeavesError: a member to be sealed was not measured.
            NoStoredDayError: the store does not have the day before.
            InputError: the files cannot be written.
        """
        from energy_grid.domain.day_leaves import SALT_BYTES, seal_leaves
        from energy_grid.market.day_building import build_leaves

        if self.node.time < (day + 1) * DAY_SECONDS:
            raise EnergyGridError(f"{format_day(day)} is not over: build it on the day after")
        members = self._numbers_of(
            each.account for each in self.memberships(community) if each.includes(day)
        )
        if not members:
            raise EnergyGridError(
                f"community {community} has no members on {format_day(day)}: name another"
                " community, or a day on which it has"
            )
        words = self.energy_accounts.terms_of(members)
        built = build_leaves(
            self._slot_length,
            members,
            self._registers(day, readings, keys or {}),
            {at: account_terms(word).rated_power for at, word in zip(members, words, strict=True)},
            self._ends_of_day_before(store, community, day) if continues else {},
        )
        salts = {each: token_bytes(SALT_BYTES) for each in self._numbers_of(sealed)}
        leaves, openings = seal_leaves(built.leaves, salts)
        return store.save(community, day, leaves, openings), built.absent

    def _ends_of_day_before(
        self, store: DayStore, community: int, day: int
    ) -> Mapping[int, Registers]:
        if not self.community_days.day_of(community, day - 1).anchored_at:
            return {}
        return self.stored_day(store, community, day - 1).leaves.last_registers()

    def _numbers_of(self, accounts: Iterable[str]) -> list[int]:
        names = dict.fromkeys(accounts)
        return sorted(self.settlement.call_many("numberOf", zip(names), kind=int))

    def _registers(
        self, day: int, readings: Iterable[SignedReading], keys: Mapping[str, str]
    ) -> dict[int, dict[int, Registers]]:
        """Registers in the accounts' terms by account number and bound of the day's slots."""
        from energy_grid.domain.day_leaves import REGISTER_END, Registers

        begin, length = day * DAY_SECONDS, self._slot_length
        of_meters: defaultdict[str, dict[int, SignedReading]] = defaultdict(dict)
        for each in readings:
            bound, rest = divmod(each.reading.timestamp - begin, length)
            if rest == 0 and 0 <= bound <= DAY_SECONDS // length:
                of_meters[keys.get(each.meter, each.meter)][bound] = each
        # An account's registers are ahead of its device's by the same, whatever they are.
        queries = [
            ChainQuery(self.meters, "readingOf", (found[max(found)],), otherwise=True)
            for found in of_meters.values()
        ]
        known = read_all(self.node, queries)
        registers: dict[int, dict[int, Registers]] = {}
        for found, known_one in zip(of_meters.values(), known, strict=True):
            if known_one is None:
                continue
            number, _, imported, exported = known_one
            newest = found[max(found)].reading
            ahead = imported - newest.consumption, exported - newest.production
            registers.setdefault(number, {}).update(
                {
                    bound: Registers(
                        (each.reading.consumption + ahead[0]) % REGISTER_END,
                        (each.reading.production + ahead[1]) % REGISTER_END,
                    )
                    for bound, each in found.items()
                }
            )
        return registers

    def anchor_day(
        self,
        gateway: Actor | str,
        store: DayStore,
        community: int,
        day: int,
        root: bytes | None = None,
    ) -> Plan[events.CommunityDays_DayAnchored]:
        """Anchor the newest leaves of a day in a store, or those with a root, as the community's
        gateway.

        Raises:
            NoStoredDayError: the store has none.
            CorruptDayError: they are not as they were written.
            EnergyGridError: they are anchored; once more would only lengthen the challenge.
        """
        stored = store.load(community, day, root)
        if self.community_days.day_of(community, day).root == stored.root:
            raise EnergyGridError(
                f"{format_day(day)} of community {community} is anchored with these leaves: settle"
                " it with them, or save others first"
            )
        step = Step(
            call=self.community_days.anchor(community, day, stored.root),
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
            raise EnergyGridError(
                f"{format_day(day)} of community {community} is not anchored: its gateway does that"
                " once the day is over"
            )
        return root

    def settle_day(self, who: Actor | str, stored: StoredDay) -> Plan[SettledDay]:
        """Close a community's day for all members at once, after its challenge; any account can."""
        contract, community, day = self.community_days, stored.community, stored.day

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

        call = contract.settle_day(community, day, stored.leaves.encode())
        return self.plan(who, call).then(read)

    def audit_day(self, community: int, day: int, leaves: bytes | None = None) -> DayAudit:
        """Compute a settled day anew, from the chain alone; sends nothing.

        Args:
            leaves: that settled it; by default those in the data of its transaction.

        Raises:
            EnergyGridError: the day is not settled.
            NestedCallError: the leaves are not in the data of its transaction: they must be given.
            LeafError, LeavesError: those that were given are none.
        """
        from energy_grid.market.day_audit import audit_day

        return audit_day(self, community, day, leaves)

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
