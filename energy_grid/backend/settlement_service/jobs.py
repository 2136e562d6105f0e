"""What the settlement service does, and why:

    settle   a community's day, once its challenge is over: before anybody closes a member's alone
    close    days of accounts, once they are final. This settles trades as well: a trade is
             settled once both sides have closed its days
    read     the leaf of a member that was passed over and has closed alone, when nobody else has
             brought its registers: until then it owes or is owed what nobody knows
    serve    receivables, once the grid account can pay the first of the queue
    collect  protocol fees for the treasury, only where that is configured: it needs a role

Anybody may do all but the last. What else anybody may do is left to whom it serves, who pays for
it: due withdrawals, orders that have expired, securities, carbon credits, rewards. Else strangers
could spend the service's gas for nothing, until none is left for closing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from energy_grid.backend.settlement_service.source import StoreSource
from energy_grid.chain.contract import Call
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.domain.account_words import account_terms
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import ContractError
from energy_grid.market.day_store import load_published

__all__ = ["Close", "Collect", "Due", "Job", "ReadLate", "Serve", "SettleCommunities"]

# A leaf that is read later than this charges what the meter has skipped at the dearest price.
_LATEST_SECONDS = 30 * DAY_SECONDS
# Days times accounts of one call: within the gas that any chain gives to one.
_DAYS_AT_ONCE = 60
# Receivables of one call.
_ENTRIES_AT_ONCE = 50
_NUMBERS_AT_ONCE = 500
# Exact money has three decimals more than base units.
_EXACT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to do.

    Attributes:
        name: the same for as long as it is due.
        since: Unix seconds.
        lane: of those of one lane only the first can be done now.
        weight: how much of a call's room it takes.
        is_last: it waits until others are done.
        what: for the job alone.
    """

    name: str
    since: int
    lane: str
    weight: int = 1
    is_last: bool = False
    what: Any


class Job(Protocol):
    """A kind of things to do.

    Attributes:
        name: in a word.
        room: the weight of what goes into one call together.
        over: a revert that says that it is done, or need not be done any more.
    """

    name: str
    room: int
    over: tuple[type[ContractError], ...]

    def due(self, now: int, final: int) -> list[Due]:
        """What is due at a time, when `final` is the last day whose slots are final."""
        ...

    def call(self, items: Sequence[Due]) -> Call:
        """The call that does all of these.

        Raises:
            EnergyGridError: it cannot be made now, such as without a gateway's leaves.
        """
        ...


class SettleCommunities(Job):
    """Days of communities.

    Args:
        published: the folder in which gateways publish the leaves of days.
    """

    name, room = "settle", 1
    over = (errors.CommunityDays_Settled,)

    def __init__(self, market: EnergyGrid, source: StoreSource, published: Path) -> None:
        self._market, self._source, self._published = market, source, published
        self._challenge = market.community_days.challenge()

    def due(self, now: int, final: int) -> list[Due]:
        return [
            Due(
                name=f"settle community {each.community} on {format_day(each.day)}",
                since=each.time + self._challenge,
                lane=f"{each.community}",
                what=each,
            )
            for each in self._source.anchored(now - _LATEST_SECONDS)
            if each.time + self._challenge <= now and each.day <= final
        ]

    def call(self, items: Sequence[Due]) -> Call:
        (item,) = items
        leaves = load_published(self._published, item.what.root).leaves
        contract = self._market.community_days
        return contract.settle_day(item.what.community, item.what.day, leaves.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenDays:
    account: str
    first: int
    last: int


class Close(Job):
    """Days of accounts, without those that a gateway can still settle."""

    name, room = "close", _DAYS_AT_ONCE
    over = (errors.Settlement_NothingToClose,)

    def __init__(self, market: EnergyGrid, source: StoreSource) -> None:
        self._market, self._source = market, source
        self._grace = market.energy_accounts.grace()
        self._looked_at, self._newest = -1, 0
        self._accounts: dict[int, str] = {}
        self._by_gateway: dict[int, bool] = {0: False}

    def due(self, now: int, final: int) -> list[Due]:
        if final != self._looked_at:
            self._accounts, self._newest, self._looked_at = {}, 0, final
        # Those whose days are all closed are not asked about again before the next day is final.
        more = self._source.accounts(self._newest)
        self._newest = max((self._newest, *more))
        self._accounts |= more
        cursors = self._cursors()
        self._accounts = {
            number: self._accounts[number] for number, first in cursors.items() if first <= final
        }
        terms = self._terms(self._accounts)
        waits = self._awaited(
            {
                (cursors[each], terms[each].community_on(cursors[each]))
                for each in self._accounts
                if terms[each].is_metered(cursors[each])
            }
        )
        found = []
        for number, account in self._accounts.items():
            first = cursors[number]
            is_metered = terms[number].is_metered(first)
            if is_metered and (first, terms[number].community_on(first)) in waits:
                continue
            found.append(
                Due(
                    name=f"close {account}",
                    since=(first + 1) * DAY_SECONDS + self._grace,
                    lane=account,
                    weight=final - first + 1,
                    # Anybody can open any number of accounts without a meter.
                    is_last=not is_metered,
                    what=_OpenDays(account=account, first=first, last=final),
                )
            )
        return found

    def call(self, items: Sequence[Due]) -> Call:
        opens: list[_OpenDays] = [each.what for each in items]
        # A part of the days of one that has more of them than there is room.
        last = min(opens[0].last, min(each.first for each in opens) + _DAYS_AT_ONCE - 1)
        return self._market.settlement.close_through([each.account for each in opens], last)

    def _cursors(self) -> dict[int, int]:
        numbers = [*self._accounts]
        found = self._market.settlement.call_many("cursorAt", zip(numbers), kind=int)
        return dict(zip(numbers, found, strict=True))

    def _terms(self, numbers: Iterable[int]) -> dict[int, Any]:
        wanted = [*numbers]
        words: list[int] = []
        for at in range(0, len(wanted), _NUMBERS_AT_ONCE):
            words += self._market.energy_accounts.terms_of(wanted[at : at + _NUMBERS_AT_ONCE])
        return {each: account_terms(word) for each, word in zip(wanted, words, strict=True)}

    def _awaited(self, days: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Those of days and communities that a gateway can still settle."""
        unknown = sorted({each for _, each in days} - self._by_gateway.keys())
        communities = self._market.communities
        answers = communities.call_many("isByGateway", zip(unknown), kind=bool)
        self._by_gateway |= zip(unknown, answers, strict=True)
        asked = sorted((each, day) for day, each in days if self._by_gateway[each])
        opened = self._market.community_days.call_many("isOpen", asked, kind=bool)
        return {
            (day, each) for (each, day), is_open in zip(asked, opened, strict=True) if not is_open
        }


class ReadLate(Job):
    """Leaves of members that were passed over.

    Args:
        patience: seconds that others have for it.
    """

    name, room = "read", 1
    over = (
        errors.CommunityDays_NothingToRead,
        errors.CommunityDays_ClosedTogether,
        errors.CommunityDays_Contradicted,
        errors.CommunityDays_NotAMember,
        errors.CommunityDays_NotMeasured,
    )

    def __init__(
        self, market: EnergyGrid, source: StoreSource, published: Path, patience: int
    ) -> None:
        self._market, self._source = market, source
        self._published, self._patience = published, patience

    def due(self, now: int, final: int) -> list[Due]:
        found = [
            each
            for each in self._source.passed_over(now - _LATEST_SECONDS)
            if each.time + self._patience <= now
        ]
        cursors = self._market.settlement.call_many(
            "cursorAt", [(each.number,) for each in found], kind=int
        )
        return [
            Due(
                name=f"read account {each.number} on {format_day(each.day)}",
                since=each.time + self._patience,
                lane=f"{each.number}",
                what=each,
            )
            for each, cursor in zip(found, cursors, strict=True)
            if cursor > each.day
        ]

    def call(self, items: Sequence[Due]) -> Call:
        (item,) = items
        community, day = item.what.community, item.what.day
        root = self._market.anchored_root(community, day)
        stored = load_published(self._published, root)
        return self._market.read_late("", stored, item.what.number).calls[0]


class Serve(Job):
    """Receivables."""

    name, room = "serve", 1
    over = (errors.Settlement_NothingToServe,)

    def __init__(self, market: EnergyGrid) -> None:
        self._settlement = market.settlement

    def due(self, now: int, final: int) -> list[Due]:
        grid = self._settlement.grid_account()
        entries = min(grid.entries, _ENTRIES_AT_ONCE)
        # What a call pays on average: less cash would be paid out in many small parts.
        if not entries or grid.cash * grid.entries < grid.owed * entries:
            return []
        return [Due(name="serve receivables", since=now, lane="", what=entries)]

    def call(self, items: Sequence[Due]) -> Call:
        return self._settlement.serve(items[0].what)


class Collect(Job):
    """Protocol fees.

    Args:
        to: who gets them.
        at_least: base units; less is left where it is.
    """

    name, room = "collect", 1
    over = (errors.Settlement_AboveOutflow, errors.Settlement_CollectAbove)

    def __init__(self, market: EnergyGrid, to: str, at_least: int) -> None:
        self._settlement, self._to, self._at_least = market.settlement, to, at_least

    def due(self, now: int, final: int) -> list[Due]:
        fees = self._settlement.grid_account().protocol_fees // _EXACT
        amount = min(fees, self._settlement.available_outflow())
        if amount < max(self._at_least, 1):
            return []
        return [Due(name="collect fees", since=now, lane="", what=amount)]

    def call(self, items: Sequence[Due]) -> Call:
        return self._settlement.collect(items[0].what, self._to)
