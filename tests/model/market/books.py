"""The market's books: accounts, communities, regions, the grid account, and time."""

from __future__ import annotations

from collections import defaultdict, deque

from tests.model.market.terms import Account, Community, Dated, Rules, Tariff, refuse_if

__all__ = ["Books"]


class Books:
    """All accounts, communities and regions, and the grid account."""

    def __init__(self, rules: Rules, credit_value: int):
        self.rules = rules
        self.accounts: dict[str, Account] = {}
        self.communities: dict[str, Community] = {}
        self.tariffs: dict[str, Dated[Tariff]] = {}
        self.credit_value = Dated(credit_value)
        self.factors: dict[tuple[str, int], int] = {}
        self.outage = (0, 0, 0)
        self.cash = 0
        """Of the grid account."""
        self.protocol_fees = 0
        self.queue: deque[tuple[str, int]] = deque()
        self.turns = 0
        """Entries of the queue that the running call can still serve."""
        self.tokens: dict[str, int] = defaultdict(int)
        """Credits outside the accounts, as ERC-20."""
        self.credits_paid = 0
        """Wh of credit that were turned into money, or paid a debt."""
        self.came_in = 0
        self.paid_out: dict[int, int] = defaultdict(int)

    def is_final(self, slot: int, now: int) -> bool:
        """Whether a slot takes part in sharing only as it is known now."""
        first, end, extra = self.outage
        late = extra if first <= slot < end else 0
        return now >= (slot + 1) * self.rules.slot_seconds + self.rules.grace + late

    def _require_beyond_horizon(self, day: int, now: int) -> None:
        first = self.rules.beyond_horizon(now)
        refuse_if(day < first, "WithinHorizon", day, first)

    @property
    def credits(self) -> int:
        """All Wh of credit, in accounts and as tokens."""
        held = sum(account.credits for account in self.accounts.values())
        return held + sum(self.tokens.values())
