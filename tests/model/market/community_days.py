"""Rules 21 and 22: a community's day in one call.

    anchor -> contradict, until CHALLENGE has passed -> settle_day, once
                                                     -> read_late: whom it passed over, later

Who is settled is closed by rules 13 to 17 like everybody. Until then, or until DEADLINE has passed,
only the gateway's word closes the accounts' day; after it they close alone, without sharing.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.model.market.closing import Closing
from tests.model.market.terms import (
    REGISTER_END,
    Account,
    Community,
    GatewayDay,
    Leaf,
    moved,
    refuse_if,
    same,
)

__all__ = ["CommunityDays"]


class CommunityDays(Closing):
    """Days that gateways anchor, and that anybody settles."""

    def anchor(self, community: str, day: int, leaves: Mapping[str, Leaf], now: int) -> None:
        """The gateway's word for a day that has ended. Anchored again, it is challenged anew."""
        section, end = self.communities[community], (day + 1) * self.rules.day_seconds
        refuse_if(not section.by_gateway, "NoGateway", community)
        refuse_if(now < end, "DayNotOver", day, end)
        known = section.days.get(day)
        refuse_if(known is not None and known.is_settled, "DaySettled", community, day)
        # In the order of the accounts' numbers.
        ordered = {name: leaves[name] for name in self.accounts if name in leaves}
        section.days[day] = GatewayDay(leaves=ordered, anchored=now)

    def contradict(
        self, community: str, day: int, name: str, end: int, registers: tuple[int, int]
    ) -> None:
        """A boundary reading of the account's device that the leaf does not agree with."""
        anchored, account = self._anchored(community, day), self.accounts[name]
        slots, leaf = self.rules.slots(day), self._measured(anchored, name)
        refuse_if(anchored.is_settled, "DaySettled", community, day)
        refuse_if(not slots.start <= end <= slots.stop, "OtherDay", name, end)
        shown = moved(registers, account.exchanged, (0, 0))
        if end in (slots.start, slots.stop):
            agrees = same(shown, leaf.first if end == slots.start else leaf.last)
        else:
            imported, exported = moved(shown, leaf.first, (0, 0))
            net = sum(leaf.nets[: end - slots.start])
            agrees = (exported - imported - net) % REGISTER_END == 0
        refuse_if(agrees, "NotContradicted", name, end)
        anchored.contradicted.add(name)

    def settle_day(self, community: str, day: int, now: int) -> dict[str, str]:
        """Close the day of all whom the leaves allow it; gives who is passed over, and why."""
        section, anchored = self.communities[community], self._anchored(community, day)
        refuse_if(anchored.is_settled, "DaySettled", community, day)
        self._require_challenged(anchored, now)
        is_final = all(self.is_final(slot, now) for slot in self.rules.slots(day))
        refuse_if(not is_final, "DayNotFinal", day)
        self._require_chain(section, day)
        reasons = {name: self._reason(community, day, name) for name in anchored.leaves}
        anchored.passed_over = {name: reason for name, reason in reasons.items() if reason}
        anchored.is_settled = True
        settled = {
            name: self.accounts[name] for name in reasons if name not in anchored.passed_over
        }
        for name, account in settled.items():
            self._take_leaf(account, day, anchored.leaves[name])
        if section.is_static:
            for slot in self.rules.slots(day):
                taken = [self.shared(account, slot)[0] for account in settled.values()]
                section.allotted[slot] = sum(taken)
        for name, account in settled.items():
            self._close_day(name, account, day)
        self._serve()
        return anchored.passed_over

    def read_late(self, community: str, day: int, name: str, now: int) -> None:
        """Registers of an anchored leaf that did not close the day. Of a closed day they true up
        every slot, as late readings do; of the first open day they only say where it begins."""
        anchored, account = self._anchored(community, day), self.accounts[name]
        leaf, slots = self._measured(anchored, name), self.rules.slots(day)
        self._require_challenged(anchored, now)
        refuse_if(self._reason_of_leaf(community, day, name) != "", "LeafRefused", name, day)
        refuse_if(day > account.day, "DayTooNew", name, day, account.day)
        is_handed_over = account.own_to >= account.settled_to * self.rules.day_slots
        refuse_if(not is_handed_over, "NotHandedOver", name, account.settled_to)
        has_newer = account.read_to > slots.start or (
            account.read_to == slots.start and day == account.day
        )
        refuse_if(has_newer, "NotNewer", slots.start, account.read_to)
        if account.read_to < slots.start:
            self._follow(account, slots.start, self._of_device(account, leaf.first), now)
        refuse_if(not account.shows(leaf.first), "OtherRegisters", name, leaf.first)
        if day < account.day:
            for slot, net in zip(slots, leaf.nets, strict=True):
                self._charge_late(account, slot, net)
            self._end_with(account, day, leaf)
            self._catch_up(account, slots.stop)
        account.own_to = account.read_to

    def hand_over(self, community: str, day: int, name: str) -> None:
        """The meter's own readings go on where the newest settled leaf ends."""
        account = self.accounts[name]
        is_newest = account.settled_to == day + 1 and account.community.at(day) == community
        refuse_if(not is_newest, "NotNewestSettled", name, day, account.settled_to)
        refuse_if(account.own_to >= account.read_to, "NotNewer", account.read_to, account.own_to)
        account.own_to = account.read_to

    def _anchored(self, community: str, day: int) -> GatewayDay:
        days = self.communities[community].days
        refuse_if(day not in days, "NotAnchored", community, day)
        return days[day]

    def _measured(self, anchored: GatewayDay, name: str) -> Leaf:
        leaf = anchored.leaves.get(name, Leaf(status="absent"))
        refuse_if(leaf.status == "absent", "NotMeasured", name)
        return leaf

    def _require_challenged(self, anchored: GatewayDay, now: int) -> None:
        open_from = anchored.anchored + self.rules.challenge
        refuse_if(now < open_from, "ChallengeOpen", open_from)

    def _require_chain(self, section: Community, day: int) -> None:
        """Who goes on are those, with those registers, that the day before has ended with."""
        before, leaves = section.days.get(day - 1), section.days[day].leaves
        if before is None or not before.is_settled:
            before = GatewayDay(leaves={}, anchored=0)
        measured = [each for each in before.leaves.items() if each[1].status == "measured"]
        ends = {name: leaf.last for name, leaf in measured}
        goes_on = {name: leaf.first for name, leaf in leaves.items() if leaf.continues}
        refuse_if(goes_on != ends, "ChainBroken", day)

    def _reason(self, community: str, day: int, name: str) -> str:
        """Why the account cannot be settled, if it cannot."""
        account, leaf = self.accounts[name], self._leaf(community, day, name)
        first = self.rules.slots(day).start
        if leaf.status != "measured":
            return "NotMeasured"
        if reason := self._reason_of_leaf(community, day, name):
            return reason
        if account.day != day:
            return "OtherCursor"
        # In another community the gateway before could have said anything.
        was_settled = day - 1 in account.settled and account.community.at(day - 1) == community
        goes_on = leaf.continues and was_settled
        is_read = account.own_to == first and account.shows(leaf.first)
        return "" if goes_on or is_read else "OtherRegisters"

    def _reason_of_leaf(self, community: str, day: int, name: str) -> str:
        account, leaf = self.accounts[name], self._leaf(community, day, name)
        is_member = account.community.at(day) == community
        if not (is_member and account.is_metered(self.rules.slots(day).start)):
            return "NotMember"
        if name in self.communities[community].days[day].contradicted:
            return "Contradicted"
        return "" if self._is_valid(account, leaf) else "Invalid"

    def _leaf(self, community: str, day: int, name: str) -> Leaf:
        return self.communities[community].days[day].leaves[name]

    def _is_valid(self, account: Account, leaf: Leaf) -> bool:
        """What a meter of this power can show in a day, and whether nets and registers agree."""
        imported, exported = leaf.rise
        highest = account.rated * self.rules.slot_seconds // 3600
        most = account.rated * self.rules.day_seconds // 3600
        return (
            all(abs(net) <= highest for net in leaf.nets)
            and imported + exported <= most
            and exported - imported == sum(leaf.nets)
        )

    def _take_leaf(self, account: Account, day: int, leaf: Leaf) -> None:
        """The nets, as if each slot had been read in time."""
        account.settled.add(day)
        for slot, net in zip(self.rules.slots(day), leaf.nets, strict=True):
            self._meter(account, slot, net)
        self._end_with(account, day, leaf)

    def _end_with(self, account: Account, day: int, leaf: Leaf) -> None:
        slots = self.rules.slots(day)
        account.read.update(slots)
        account.read_to, account.registers = slots.stop, moved(leaf.rise, (0, 0), account.registers)

    def _of_device(self, account: Account, registers: tuple[int, int]) -> tuple[int, int]:
        """The account's registers as its device shows them, from the newest ones on."""
        now = moved(account.registers, account.exchanged, (0, 0))
        rise = Leaf(first=now, last=registers).rise
        return moved(rise, (0, 0), account.registers)
