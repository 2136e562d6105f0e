"""Rules 18 and 19: what the grid account pays and is paid."""

from __future__ import annotations

from tests.model.market.sharing import Sharing
from tests.model.market.terms import Account, refuse_if

__all__ = ["GridAccount"]


# Entries of the queue that a call serves, and how many more for each that it adds.
_TURNS, _TURNS_PER_ENTRY = 8, 2


class GridAccount(Sharing):
    """Debts, receivables in their queue, and credits for money."""

    def open_grid(self, turns: int = _TURNS) -> None:
        """What a call of the chain begins with: so many receivables can be served."""
        self.turns = turns

    def serve(self, turns: int) -> None:
        """Receivables for which there is money by now."""
        self.open_grid(turns)
        self._serve()

    def _pay(self, name: str, money: int, day: int) -> None:
        """Money of the grid account; what it lacks is a receivable, behind those before."""
        account = self.accounts[name]
        repaid = min(money, account.debt)
        account.debt -= repaid
        due = money - repaid
        self.paid_out[day] += due
        paid = 0 if self.queue else min(due, self.cash)
        self.cash -= paid
        account.free += paid
        if paid < due:
            account.receivable += due - paid
            self.queue.append((name, due - paid))
            self.turns += _TURNS_PER_ENTRY

    def _charge(self, account: Account, money: int) -> None:
        """Money for the grid account: from receivables and free money; the rest is a debt."""
        offset = min(money, account.receivable)
        account.receivable -= offset
        account.debt += money - offset

    def _repay(self, account: Account, value: int) -> None:
        """Free money pays a debt first, then credits do, whole Wh at their worth."""
        repaid = min(account.free, account.debt)
        account.free -= repaid
        account.debt -= repaid
        self.cash += repaid
        used = min(account.credits, account.debt // value) if value else 0
        account.credits -= used
        self.credits_paid += used
        account.debt -= used * value

    def _receive(self, account: Account, money: int) -> None:
        """Money from outside; who neither owes nor is owed leaves the grid account alone."""
        if account.debt or account.receivable:
            self._credit(account, money)
        else:
            account.free += money

    def _credit(self, account: Account, money: int, value: int = 0) -> None:
        """Money, which pays a debt first, in a call that opens the grid account."""
        self.open_grid()
        account.free += money
        self._repay(account, value)
        self._serve()

    def _serve(self) -> None:
        """Receivables, first in, first out; set off by charges in the meantime, they are less."""
        while self.queue and self.cash > 0 and self.turns > 0:
            name, amount = self.queue.popleft()
            account = self.accounts[name]
            amount = min(amount, account.receivable)
            paid = min(amount, self.cash)
            self.cash -= paid
            account.receivable -= paid
            account.free += paid
            if paid < amount:
                self.queue.appendleft((name, amount - paid))
            else:
                self.turns -= 1

    def fund_grid(self, amount: int) -> None:
        """Money of the supplier."""
        self.came_in += amount
        self.cash += amount
        self.open_grid()
        self._serve()

    def collect(self, amount: int, now: int) -> None:
        """Money of the supplier back: what credits and receivables are worth stays."""
        today = now // self.rules.day_seconds
        value = self.credit_value.at(today)
        stays = value * self.credits
        stays += sum(account.receivable for account in self.accounts.values())
        stays += sum(money for day, money in self.paid_out.items() if day >= today - 7)
        refuse_if(amount > self.cash - stays, "CollectAbove", amount, self.cash - stays)
        self.cash -= amount
        self.came_in -= amount

    def redeem(self, name: str, wh: int, now: int) -> None:
        """Credits for money, as far as the grid account reaches."""
        account = self.accounts[name]
        money = wh * self.credit_value.at(now // self.rules.day_seconds)
        refuse_if(wh > account.credits, "CreditsMissing", wh, account.credits)
        cash = max(self.cash - sum(each.receivable for each in self.accounts.values()), 0)
        refuse_if(money > cash, "GridAccountShort", money, cash)
        account.credits -= wh
        self.credits_paid += wh
        self.cash -= money
        self._credit(account, money)
