"""Rules 19 and 20: missing readings, and what open days may cost."""

from __future__ import annotations

from itertools import count

from tests.model.market.grid_account import GridAccount
from tests.model.market.terms import Account, cost, plus, refuse_if

__all__ = ["Missing"]


class Missing(GridAccount):
    """Late and lost boundaries, deemed import, gaps."""

    def _charge_late(self, account: Account, slot: int, net: int) -> None:
        """A slot that was final without it: the difference, without sharing and credits."""
        position = account.position[slot]
        fed_in = self.tariff(account, slot).feed_in
        price = self.deficit_price(account, slot)
        charge = cost(-net - position, price, fed_in) - cost(-position, price, fed_in)
        if account.keeps.at(self.rules.day_of(slot)):
            kept = min(plus(net + position), plus(net))
            charge += kept * (fed_in - self.credit_value.at(self.rules.day_of(slot)))
        account.pending += charge
        account.late_net += net
        account.late_to = slot + 1

    def _charge_span(self, account: Account, span: range, imported: int, exported: int) -> None:
        """Slots whose boundaries never come: the dearest import, the lowest export."""
        days = {self.rules.day_of(slot) for slot in span}
        lowest = min(self.tariffs[account.region].at(day).feed_in for day in days)
        if any(account.keeps.at(day) for day in days):
            lowest = min(lowest, *(self.credit_value.at(day) for day in days))
        dearest = max(self.deficit_price(account, slot) for slot in span)
        account.pending += imported * dearest - exported * lowest
        account.late_net += exported - imported
        account.late_to = span.stop

    def _first_deemed(self, account: Account) -> int:
        """An eighth of what the meter could take in a day."""
        return account.rated * self.rules.day_seconds // (8 * 3600)

    def _deem(self, account: Account, day: int) -> int:
        """The mean import follows days read in time. In the end unread days are charged at it, but
        not below what a meter that has never spoken pays."""
        slots = self.rules.slots(day)
        if not account.is_metered(slots.start):
            return 0
        if account.read_to >= slots.stop:
            if account.late_to <= slots.start and all(slot in account.read for slot in slots):
                imported = sum(plus(-account.net[slot]) for slot in slots)
                account.deemed = (7 * account.deemed + imported) // 8
            return 0
        is_last = slots.stop == account.metered[1]
        if any(slot in account.read for slot in slots) and not is_last:
            return 0
        deemed = max(account.deemed, self._first_deemed(account))
        account.gap += deemed * max(self.deficit_price(account, slot) for slot in slots)
        account.unread_days += 1
        if account.unread_days * self.rules.day_seconds < self.rules.gap and not is_last:
            return 0
        charge, account.gap, account.unread_days = account.gap, 0, 0
        account.deemed_money += charge
        return charge

    def gap_of(self, name: str, now: int) -> int | None:
        """The last final slot that the meter spoke for, if no register has reached it."""
        account, newest = self.accounts[name], now // self.rules.slot_seconds
        slot = next(slot for slot in count(newest, -1) if self.is_final(slot, now))
        if end := account.metered[1]:
            slot = min(slot, end - 1)
        if not account.is_metered(slot) or slot in account.read:
            return None
        day = self.rules.day_of(slot)
        if self.is_by_gateway(account, day) and not self._is_missed(account, day, now):
            return None
        return slot

    def _is_missed(self, account: Account, through: int, now: int) -> bool:
        """Of an account that a gateway should have read: whether an open day can be closed without
        it, or the newest closed one was, and no register has reached it."""
        closed_to = account.day * self.rules.day_slots
        community = account.community.at(account.day)
        is_gateways = account.day <= through and self.is_by_gateway(account, account.day)
        if is_gateways and self.is_open(str(community), account.day, now):
            return True
        return closed_to > account.metered[0] and closed_to - 1 not in account.read

    def _require_no_gap(self, name: str, now: int) -> None:
        slot = self.gap_of(name, now)
        refuse_if(slot is not None, "GapOpen", name, slot)

    def _require_free(self, name: str, amount: int, now: int) -> None:
        """Debts, and what the open days may cost, come first."""
        account = self.accounts[name]
        today = now // self.rules.day_seconds
        dearest = self.tariffs[account.region].at(today).max_buy
        first, end = (slot // self.rules.day_slots for slot in account.metered)
        open_days = plus(min(today + 1, end) - max(account.day, first))
        kept = open_days * account.deemed * dearest + plus(account.pending)
        free = account.free - account.debt - kept
        refuse_if(amount > free, "InsufficientBalance", name, amount, free)
