"""The market's rules, said once: what the contracts are compared with, to the unit.

Energy is in Wh, prices in money units per kWh, money in thousandths of a unit, in which every
product of the two is exact. Days and slots are numbered from 1970. `terms` is what the rules are
about; each module builds on those that it needs. To be read in the order of the rules:

    1  registers       accounts, metering points, registers
    2  prices
    3  trades
    4  sharing         energy sharing
    5  closing         days; grid_account: what it pays and is paid
    6  missing         missing readings, and what open days may cost
    8  community_days  a community's day in one call

    what came in - what went out == free money + covers + deposits + pot + grid account + fees

`Market.check` says this and the other identities; tests call it after every step.
"""

from __future__ import annotations

from tests.model.market.community_days import CommunityDays
from tests.model.market.terms import (
    BPS,
    DAY,
    FOREVER,
    REGISTER_END,
    Account,
    Balance,
    Community,
    Leaf,
    Refused,
    Rules,
    Tariff,
    cost,
    moved,
    plus,
    refuse_if,
    shareable,
    up,
)

__all__ = [
    "BPS",
    "DAY",
    "FOREVER",
    "REGISTER_END",
    "Account",
    "Balance",
    "Community",
    "Leaf",
    "Market",
    "Refused",
    "Rules",
    "Tariff",
    "cost",
    "moved",
    "plus",
    "refuse_if",
    "shareable",
    "up",
]


class Market(CommunityDays):
    """The rules together, and what always holds."""

    def check(self) -> None:
        """The identities, in Wh and in thousandths, whatever has happened."""
        accounts = self.accounts.values()
        pot = sum(sum(each.income.values()) for each in accounts)
        locked = sum(sum(each.locked.values()) + each.security for each in accounts)
        free = sum(each.free for each in accounts)
        assert self.came_in == free + locked + pot + self.cash + self.protocol_fees
        assert self.cash >= 0
        assert not (self.cash and any(each.receivable for each in accounts)), "served first"
        for each in accounts:
            assert min(each.free, each.debt, each.receivable, each.credits) >= 0
            assert not (each.debt and (each.free or each.receivable)), "what comes in repays first"
            owes = each.debt >= self.credit_value.at(0) and self.credit_value.last > 0
            assert not (owes and each.credits), "credits too"
            closed = each.day * self.rules.day_slots
            assert all(slot >= closed for slot in (*each.income, *each.locked))
            assert [*each.balances] == sorted(each.balances)
            assert all(balance.difference == 0 for balance in each.balances.values())
            imported, exported = moved(each.registers, each.registered, (0, 0))
            metered = sum(wh for slot, wh in each.net.items() if each.is_metered(slot))
            assert exported - imported == metered + each.late_net
        balances = [balance for each in accounts for balance in each.balances.values()]
        kept = sum(balance.kept - balance.drawn for balance in balances)
        assert kept == self.credits + self.credits_paid
        self._check_slots()

    def _check_slots(self) -> None:
        """Over all accounts, and what rounding leaves to the grid account."""
        accounts = self.accounts.values()
        for slot in {slot for each in accounts for slot in each.position}:
            assert not sum(each.position.get(slot, 0) for each in accounts)
        for community in self.communities.values():
            for slot, supply in community.surplus.items():
                inside = [each for each in accounts if self.community_of(each, slot) is community]
                balances = [each.balances.get(slot) for each in inside]
                pairs = [
                    (closed.taken, closed.given) if closed else self.shared(each, slot)
                    for each, closed in zip(inside, balances, strict=True)
                ]
                amount = self.amount(community, slot)
                assert amount <= min(supply, community.deficit[slot])
                for shared in map(sum, zip(*pairs, strict=True)):
                    assert amount - len(inside) < shared <= amount
