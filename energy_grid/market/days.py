"""Days: an account closes by whole UTC days, in order, once a day's last slot is final.

Settlement's DayClosed tells of an account that was closed alone, CommunityDays' DaySettled of all
that were closed with their community. A day of an account has one of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from energy_grid.chain.contract import EventLog
from energy_grid.chain.multicall import ChainQuery, next_time, past_events, read_all
from energy_grid.chain.tx.multisig import Actor
from energy_grid.contracts import events
from energy_grid.domain.account_words import DayResult, closed_number, day_result
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import EnergyGridError
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market

__all__ = ["ClosedDay", "Days", "closed_day", "settled_days", "settled_words"]

# Days times accounts of one transaction: within the gas that any chain gives to one.
_DAYS_AT_ONCE = 60
# Nodes take some hundred alternatives of a topic.
_DAYS_OF_QUERY = 366
# The guardian can postpone the finality of slots by a week.
_LONGEST_FINALITY_DAYS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay(DayResult):
    """What the closing of an account's day brought; ``day`` is its number from 1970."""

    account: str
    day: int


class Days(Market):
    """Days are known by their numbers from 1970, in UTC."""

    def close_days(
        self, who: Actor | str, accounts: Sequence[str], through: int | None = None
    ) -> Plan[list[ClosedDay]]:
        """Close all final days of accounts that are open; any account can.

        Accounts with deficits first cost less gas: what the grid account lacks becomes receivables.

        Args:
            through: the last day; by default the last one that is final.

        Raises:
            EnergyGridError: no day of any of the accounts can be closed.
        """
        accounts = list(dict.fromkeys(accounts))
        final = self.last_final_day()
        last = final if through is None else min(final, through)
        found = self._cursors(accounts)
        todo = {each: first for each, first in found.items() if first <= last}
        if not todo:
            raise EnergyGridError(self._reason(found, final, last))
        steps: list[Step] = []
        names = list(todo)
        while names:
            # All days of as many accounts as fit, or a part of the days of one.
            some: list[str] = []
            room = _DAYS_AT_ONCE
            while names and (not some or last - todo[names[0]] < room):
                some.append(names.pop(0))
                room -= last - todo[some[-1]] + 1
            begin = min(todo[each] for each in some)
            ends = [*range(begin + _DAYS_AT_ONCE - 1, last, _DAYS_AT_ONCE), last]
            if len(some) > 1:
                ends = [last]
            steps += [
                Step(call=self.settlement.close_through(some, end), needs_previous=at > 0)
                for at, end in enumerate(ends)
            ]
        return self._closed(who, steps)

    def closings(self) -> list[ClosedDay]:
        """What all closings of days brought so far, in their order."""
        alone = self.settlement.history(events.Settlement_DayClosed)
        together = self.community_days.history(events.CommunityDays_DaySettled)
        return self._in_order(alone, together)

    def closed_days(self, account: str, days: range) -> list[ClosedDay]:
        """What the closings of those of the days brought that are closed, the newest first."""
        first = self.deployment.first_block
        joined = past_events(self.communities, "Joined", first, account=account)
        numbers = sorted({each["id"] for each in joined})
        alone: list[EventLog] = []
        together: list[EventLog] = []
        # An event of a community has 100 bytes for each of its members: no other day's is read.
        for at in range(0, len(days), _DAYS_OF_QUERY):
            some = days[at : at + _DAYS_OF_QUERY]
            alone += past_events(self.settlement, "DayClosed", first, account=account, day=some)
            together += past_events(
                self.community_days, "DaySettled", first, community=numbers, day=some
            )
        found = self._in_order(alone, together)
        return [each for each in reversed(found) if each.account == account]

    def members_days(self, settled: Sequence[EventLog]) -> list[ClosedDay]:
        """What events DaySettled say, member by member."""
        holders = self._holders(settled)
        return [day for each in settled for day in settled_days(each, holders)]

    def awaits_gateway(self, number: int, day: int) -> int:
        """The community whose gateway alone can have an account's day closed now; 0: none."""
        found = self.energy_accounts.membership_of(number)
        community = found.community if day < found.from_day else found.next
        if not community or not self.communities.is_by_gateway(community):
            return 0
        return 0 if self.community_days.is_open(community, day) else community

    def _holders(self, settled: Sequence[EventLog]) -> dict[int, str]:
        """The addresses of all accounts in events DaySettled, by their numbers."""
        numbers = sorted({number for each in settled for number in settled_words(each["words"])})
        holders = self.settlement.call_many("accountAt", zip(numbers), kind=str)
        return dict(zip(numbers, holders, strict=True))

    def _in_order(self, alone: Sequence[EventLog], together: Sequence[EventLog]) -> list[ClosedDay]:
        """Of events of both kinds, in the order in which they happened."""
        found = [(each.block, each.index, [closed_day(each)]) for each in alone]
        holders = self._holders(together)
        found += [(each.block, each.index, settled_days(each, holders)) for each in together]
        return [day for _, _, days in sorted(found, key=lambda one: one[:2]) for day in days]

    def last_final_day(self) -> int:
        """The last day up to which all slots are final."""
        today = next_time(self.node) // DAY_SECONDS
        days = range(today, max(today - _LONGEST_FINALITY_DAYS, 0), -1)
        queries = [ChainQuery(self.energy_accounts, "isDayFinal", (day,)) for day in days]
        answers = read_all(self.node, queries, block="pending")
        return next((day for day, final in zip(days, answers, strict=True) if final), days.stop)

    def _cursors(self, accounts: Sequence[str]) -> dict[str, int]:
        """The first open day of those of the accounts that have a number."""
        numbers = self.settlement.call_many("numberOf", zip(accounts), kind=int)
        known = {each: number for each, number in zip(accounts, numbers, strict=True) if number}
        cursors = self.settlement.call_many("cursorAt", zip(known.values()), kind=int)
        return dict(zip(known, cursors, strict=True))

    def _closed(self, who: Actor | str, steps: Iterable[Step]) -> Plan[list[ClosedDay]]:
        kind = events.Settlement_DayClosed
        return self._all_emitted(who, self.settlement, kind, *steps).then(
            lambda found: [closed_day(each) for each in found]
        )

    @staticmethod
    def _reason(cursors: dict[str, int], final: int, last: int) -> str:
        from energy_grid.domain.units import format_day

        if not cursors:
            return "none of these addresses has a settlement account"
        return (
            f"no day up to {format_day(last)} is open and final: the first open day is"
            f" {format_day(min(cursors.values()))}, the last final one {format_day(final)}"
        )


def closed_day(log: EventLog) -> ClosedDay:
    """What an event DayClosed says."""
    result = asdict(day_result(log["closed"], log["flows"]))
    return ClosedDay(account=log["account"], day=log["day"], **result)


def settled_days(log: EventLog, holders: Mapping[int, str]) -> list[ClosedDay]:
    """What an event DaySettled says, member by member.

    Args:
        holders: addresses of accounts by their numbers.
    """
    return [
        ClosedDay(account=holders[number], day=log["day"], **asdict(day_result(*words)))
        for number, words in settled_words(log["words"]).items()
    ]


def settled_words(words: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The ClosedDayWord and the DayFlowsWord of each member in those of DaySettled, by number."""
    pairs = zip(words[::2], words[1::2], strict=True)
    return {closed_number(closed): (closed, flows) for closed, flows in pairs}
