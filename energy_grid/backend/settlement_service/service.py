"""The settlement service: a step looks for what is due, and does it.

    community days   anchored, and their challenge is over: all members at once, in their order
    accounts         a day is final and open: those who are in no such community, and those whom a
                     community's day passed over

Both are for anybody to do and pay the same whoever does: that a second instance does them, or this
one again after a crash, is refused by the chain before it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import exists, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import EVENTS
from energy_grid.chain.tx.multisig import Actor
from energy_grid.client import EnergyGrid
from energy_grid.domain.units import format_day
from energy_grid.errors import ContractError, EnergyGridError
from energy_grid.market.day_store import NoStoredDayError, load_published
from energy_grid.market.plan import StepsFailedError

__all__ = ["SettlementService"]

_BY_NAME = {
    (contract, each.event.name): each.table
    for contract, some in EVENTS.items()
    for each in some.values()
}
_ANCHORED = _BY_NAME["CommunityDays", "DayAnchored"]
_SETTLED = _BY_NAME["CommunityDays", "DaySettled"]
_OPENED = _BY_NAME["Settlement", "AccountOpened"]
_POLL_SECONDS = 2.0
# Accounts whose first open day is asked for at once.
_AT_ONCE = 500


class SettlementService:
    """Closes what is due; a `Service`.

    Args:
        who: sends and pays the gas.
        published: the folder in which gateways publish the leaves of days.
    """

    name = "settlement"

    def __init__(
        self, market: EnergyGrid, database: Database, who: Actor, *, published: Path
    ) -> None:
        self._market, self._database = market, database
        self._who, self._published = who, published
        self._due = 0
        self._settled = self._closed = 0
        self._troubles: dict[str, str] = {}
        self._looked_at = -1

    def step(self) -> float:
        """Close what is due now."""
        due = self._community_days()
        self._due = len(due)
        did = False
        for community, day, root in due:
            did |= self._settle(community, day, root)
        final = self._market.last_final_day()
        if final != self._looked_at or did:
            self._close(final)
            self._looked_at = final
        return 0.0 if did else _POLL_SECONDS

    def describe(self) -> str:
        """What was closed, and what stands in the way."""
        troubles = "".join(f"; {each}" for each in self._troubles.values())
        return (
            f"settled {self._settled} days of communities, closed {self._closed} of accounts,"
            f" {self._due} due{troubles}"
        )

    def metrics(self) -> Mapping[str, float]:
        """Counts since the start, and what is due."""
        return {
            "community_days_total": self._settled,
            "account_days_total": self._closed,
            "due_community_days": self._due,
            "troubles": len(self._troubles),
        }

    def _community_days(self) -> list[tuple[int, int, bytes]]:
        """Community, day and root of those whose challenge is over, in the order of days."""
        now = self._market.node.time
        challenge = self._market.community_days.challenge()
        is_settled = exists().where(
            _SETTLED.c.community == _ANCHORED.c.community, _SETTLED.c.day == _ANCHORED.c.day
        )
        with self._database.reading() as connection:
            found = connection.execute(
                select(_ANCHORED.c.community, _ANCHORED.c.day, _ANCHORED.c.root, _ANCHORED.c.time)
                .where(~is_settled)
                .order_by(_ANCHORED.c.day, _ANCHORED.c.block, _ANCHORED.c.log_index)
            ).all()
        # The newest leaves of a day are those that count.
        newest = {(row.community, row.day): row for row in found}
        return [
            (row.community, row.day, bytes.fromhex(row.root[2:]))
            for row in newest.values()
            if row.time + challenge <= now
        ]

    def _settle(self, community: int, day: int, root: bytes) -> bool:
        what = f"community {community} on {format_day(day)}"
        if self._market.community_days.day_of(community, day).is_settled:
            # The store does not know it yet.
            self._troubles.pop(what, None)
            return False
        try:
            stored = load_published(self._published, root)
            self._market.settle_day(self._who, stored).execute()
        except NoStoredDayError as error:
            self._troubles[what] = f"{what}: {error}"
            return False
        except (ContractError, StepsFailedError) as error:
            # Such as: it waits for a day before it, or was anchored anew.
            self._troubles[what] = f"{what}: {error}"
            return False
        self._troubles.pop(what, None)
        self._settled += 1
        return True

    def _close(self, final: int) -> None:
        """Close the days of accounts up to the last final one."""
        with self._database.reading() as connection:
            accounts = connection.execute(select(_OPENED.c.account, _OPENED.c.number)).all()
        for first in range(0, len(accounts), _AT_ONCE):
            some = accounts[first : first + _AT_ONCE]
            cursors = self._market.settlement.call_many(
                "cursorAt", [(row.number,) for row in some], kind=int
            )
            due = [
                row.account
                for row, cursor in zip(some, cursors, strict=True)
                if cursor <= final and not self._market.awaits_gateway(row.number, cursor)
            ]
            self._close_some(due)

    def _close_some(self, accounts: list[str]) -> None:
        if not accounts:
            return
        try:
            self._closed += len(self._market.close_days(self._who, accounts).execute())
        except EnergyGridError as error:
            if len(accounts) == 1:
                self._troubles[accounts[0]] = f"{accounts[0]}: {error}"
                return
            # One who cannot be closed holds up nobody else.
            half = len(accounts) // 2
            self._close_some(accounts[:half])
            self._close_some(accounts[half:])
        else:
            for each in accounts:
                self._troubles.pop(each, None)
