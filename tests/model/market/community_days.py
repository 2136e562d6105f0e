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
        refuse_if(known is not None and known.is_settled, "Settled", community, day)
        # In the order of the accounts' numbers.
        ordered = {name: leaves[name] for name in self.accounts if name in leaves}
        section.days[day] = GatewayDay(leaves=ordered, anchored=now)

    def contradict(
        self, community: str, day: int, name: str, end: int, registers: tuple[int, int]
    ) -> None:
        """A boundary reading of the account's device that the leaf does not agree with."""
        anchored, account = self._anchored(community, day), self.accounts[name]
        refuse_if(anchored.is_settled, "Settled", community, day)
        slots, leaf = self.rules.slots(day), self._measured(anchored, name)
        shown = moved(registers, account.exchanged, (0, 0))
        if end in (slots.start, slots.stop):
            agrees = same(shown, leaf.first if end == slots.start else leaf.last)
        else:
            imported, exported = moved(shown, leaf.first, (0, 0))
            net = sum(leaf.nets[: end - slots.start])
            agrees = (exported - imported - net) % REGISTER_END == 0
        is_of_day = slots.start <= end <= slots.stop
        refuse_if(agrees or not is_of_day, "NoContradiction", name, end)
        anchored.contradicted.add(name)

    def settle_day(self, community: str, day: int, now: int) -> dict[str, str]:
        """Close the day of all whom the leaves allow it; gives who is passed over, and why."""
        section, anchored = self.communities[community], self._anchored(community, day)
        refuse_if(anchored.is_settled, "Settled", community, day)
        self._require_challenged(community, day, now)
        is_final = all(self.is_final(slot, now) for slot in self.rules.slots(day))
        refuse_if(not is_final, "DayNotFinal", day)
        refuse_if(not self._goes_on(section, day), "RegistersNotContinued", community, day)
        reasons = {name: self._reason(community, day, name) for name in anchored.leaves}
        anchored.passed_over = {name: reason for name, reason in reasons.items() if reason}
        anchored.is_settled, section.settled = True, max(section.settled, day)
        settled = {
            name: self.accounts[name] for name in reasons if name not in anchored.passed_over
        }
        for name, account in settled.items():
            self._take_leaf(account, day, anchored.leaves[name])
        if section.is_static:
            for slot in self.rules.slots(day):
                taken = [self.shared(account, slot)[0] for account in settled.values()]
                section.allotted[slot] = sum(taken)
        self.open_grid()
        for name, account in settled.items():
            self._close_day(name, account, day)
        self._serve()
        return anchored.passed_over

    def read_late(
        self, community: str, day: int, name: str, now: int, consented: bool = False
    ) -> None:
        """Registers of an anchored leaf that did not close the day. Of a closed day they true up
        every slot, as late readings do; of the first open day they only say where it begins. Slots
        before it are skipped by consent, until the first is 30 days old."""
        anchored, account = self._anchored(community, day), self.accounts[name]
        self._require_challenged(community, day, now)
        leaf, slots = self._measured(anchored, name), self.rules.slots(day)
        is_together = anchored.is_settled and name not in anchored.passed_over
        refuse_if(is_together, "ClosedTogether", name, day)
        refuse_if(name in anchored.contradicted, "Contradicted", name, day)
        refuse_if(not self._is_member(account, community, day), "NotAMember", community, name)
        refuse_if(not self._is_believable(account, leaf), "NetsNotBelievable", name)
        refuse_if(account.day < day, "DaysOpen", name, account.day)
        is_handed_over = account.own_to >= account.settled_to * self.rules.day_slots
        refuse_if(not is_handed_over, "NotHandedOver", name, account.settled_to)
        is_closed = day < account.day
        is_newer = account.own_to < slots.start + is_closed
        refuse_if(not is_newer, "NothingToRead", name, account.own_to)
        if account.own_to < slots.start:
            skipped = max(account.own_to, account.metered[0])
            open_from = (skipped + 1) * self.rules.slot_seconds + self.rules.gap
            is_skip = skipped < slots.start and not consented and now < open_from
            refuse_if(is_skip, "Skipped", name, skipped, open_from)
            registers = self._of_device(account, leaf.first)
            self._follow(account, slots.start, registers, now, spans=True)
        refuse_if(not account.shows(leaf.first), "OtherRegisters", name, leaf.first)
        if is_closed:
            for slot, net in zip(slots, leaf.nets, strict=True):
                self._charge_late(account, slot, net)
            self._end_with(account, day, leaf)
            self._catch_up(account, slots.stop)
        account.own_to = account.read_to

    def hand_over(self, community: str, day: int, name: str) -> None:
        """The meter's own readings go on where the newest settled leaf ends."""
        anchored, account = self._anchored(community, day), self.accounts[name]
        self._measured(anchored, name)
        is_together = anchored.is_settled and name not in anchored.passed_over
        refuse_if(not is_together, "NotClosedTogether", name, day)
        refuse_if(account.settled_to != day + 1, "NotNewest", name, account.settled_to)
        refuse_if(account.own_to >= account.read_to, "NotNewer", account.read_to, account.own_to)
        account.own_to = account.read_to

    def _anchored(self, community: str, day: int) -> GatewayDay:
        days = self.communities[community].days
        refuse_if(day not in days, "NotAnchored", community, day)
        return days[day]

    def _measured(self, anchored: GatewayDay, name: str) -> Leaf:
        """A sealed leaf can be opened."""
        leaf = anchored.leaves.get(name, Leaf(status="absent"))
        refuse_if(leaf.status == "absent", "NotMeasured", name)
        return leaf

    def _require_challenged(self, community: str, day: int, now: int) -> None:
        open_from = self._anchored(community, day).anchored + self.rules.challenge
        refuse_if(now < open_from, "Challengeable", community, day, open_from)

    def _goes_on(self, section: Community, day: int) -> bool:
        """Whether leaves that continue are all that were measured the day before, with the
        registers of its end."""
        leaves = section.days[day].leaves.items()
        continued = {name: leaf.first for name, leaf in leaves if leaf.continues}
        if not continued or section.settled != day - 1:
            return not continued
        before = section.days[day - 1].leaves.items()
        return continued == {name: leaf.last for name, leaf in before if leaf.status == "measured"}

    def _reason(self, community: str, day: int, name: str) -> str:
        """Why the account cannot be settled, if it cannot."""
        account, anchored = self.accounts[name], self._anchored(community, day)
        leaf = anchored.leaves[name]
        # In another community the gateway before could have said anything.
        was_settled = day - 1 in account.settled and account.community.at(day - 1) == community
        is_read = account.own_to == self.rules.slots(day).start and account.shows(leaf.first)
        faults = {
            leaf.status: leaf.status != "measured",
            "contradicted": name in anchored.contradicted,
            "not a member": not self._is_member(account, community, day),
            "other day": account.day != day,
            "gap": account.unread_days > 0,
            "other registers": not (leaf.continues and was_settled) and not is_read,
            "nets not believable": not self._is_believable(account, leaf),
        }
        return next((reason for reason, is_fault in faults.items() if is_fault), "")

    def _is_member(self, account: Account, community: str, day: int) -> bool:
        is_metered = account.is_metered(self.rules.slots(day).start)
        return is_metered and account.community.at(day) == community

    def _is_believable(self, account: Account, leaf: Leaf) -> bool:
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
