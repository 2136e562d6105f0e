"""Rules 15 to 17: closing, and credits."""

from __future__ import annotations

from collections.abc import Sequence

from tests.model.market.terms import Account, Balance, plus, refuse_if
from tests.model.market.trades import Trades

__all__ = ["Closing"]


class Closing(Trades):
    """Whole days, each account's in order; those that a gateway reads are open to others late."""

    def set_keeps(self, name: str, keeps: bool, now: int) -> None:
        """Whether credits are kept and used, from the next day on."""
        self.accounts[name].keeps.set(self.rules.tomorrow(now), keeps)

    def close(self, names: Sequence[str], through: int, now: int) -> int:
        """Close days of accounts, each account's in order; gives how many."""
        closed = 0
        day = min(self.accounts[name].day for name in names)
        while day <= through and all(self.is_final(slot, now) for slot in self.rules.slots(day)):
            self.open_grid()
            is_closed = False
            for name in names:
                if self.accounts[name].day == day and self._may_close(name, now):
                    self._close_day(name, self.accounts[name], day)
                    closed += 1
                    is_closed = True
            if is_closed:
                self._serve()
            day += 1
        return closed

    def _may_close(self, name: str, now: int) -> bool:
        account = self.accounts[name]
        community, day = account.community.at(account.day), account.day
        if not account.is_metered(self.rules.slots(day).start):
            return True
        return not self.is_by_gateway(account, day) or self.is_open(str(community), day, now)

    def _close_day(self, name: str, account: Account, day: int) -> None:
        value, keeps = self.credit_value.at(day), account.keeps.at(day)
        money, account.pending = -account.pending, 0
        for slot in self.rules.slots(day):
            # What a trade brings, and what covers it, come before the deficit that it may leave.
            account.free += account.income.pop(slot, 0) + account.locked.pop(slot, 0)
            account.balances[slot] = self._settle_slot(account, slot, keeps, value)
            money += account.balances[slot].money
        account.day = day + 1
        money -= self._deem(account, day)
        if money >= 0:
            self._pay(name, money, day)
        else:
            self._charge(account, -money)
        self._repay(account, value)
        if money > 0:
            self._serve()

    def _settle_slot(self, account: Account, slot: int, keeps: bool, value: int) -> Balance:
        tariff, price = self.tariff(account, slot), self.deficit_price(account, slot)
        net, position = account.net[slot], account.position[slot]
        taken, given = self.shared(account, slot)
        community = self.community_of(account, slot)
        shared = tariff.shared(community.theta.at(self.rules.day_of(slot))) if community else 0
        surplus = plus(net + position) - given
        deficit = plus(-net - position) - taken
        kept = drawn = 0
        if keeps:
            room = self.rules.max_credits - account.credits
            kept = min(surplus, plus(net) - given, room)
            drawn = min(deficit, plus(-net) - taken, account.credits)
        account.credits += kept - drawn
        fed_in, from_grid = surplus - kept, deficit - drawn
        money = (
            given * shared
            - taken * (shared + tariff.network_fee)
            + fed_in * tariff.feed_in
            - drawn * (price - value)
            - from_grid * price
        )
        return Balance(net, position, taken, given, drawn, kept, from_grid, fed_in, money)

    def withdraw_credits(self, name: str, wh: int, now: int) -> None:
        """Credits become tokens, unless the account owes, or could not pay its open days."""
        account = self.accounts[name]
        self._require_no_gap(name, now)
        self._require_free(name, 0, now)
        refuse_if(wh > account.credits, "CreditsMissing", wh, account.credits)
        account.credits -= wh
        self.tokens[name] += wh

    def deposit_credits(self, name: str, holder: str, wh: int, now: int) -> None:
        """Tokens become credits; they pay a debt first."""
        account = self.accounts[name]
        refuse_if(wh > self.tokens[holder], "TokensMissing", wh, self.tokens[holder])
        room = self.rules.max_credits - account.credits
        refuse_if(wh > room, "CreditFieldFull", wh, room)
        self.tokens[holder] -= wh
        account.credits += wh
        self._credit(account, 0, self.credit_value.at(now // self.rules.day_seconds))
