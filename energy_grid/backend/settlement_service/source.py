"""What may be due, as the store's tables of events know it; the chain is asked again before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.domain.enums import Reason

__all__ = ["AnchoredLeaves", "PassedOver", "StoreSource"]

_ANCHORED = table_of("CommunityDays", "DayAnchored")
_SETTLED = table_of("CommunityDays", "DaySettled")
_PASSED = table_of("CommunityDays", "MemberPassedOver")
_READ = table_of("CommunityDays", "LeafRead")
_OPENED = table_of("Settlement", "AccountOpened")
# Of these the gateway's leaf says nothing that the chain would take.
_WITHOUT_LEAF = (Reason.ABSENT, Reason.SEALED, Reason.CONTRADICTED, Reason.NOT_A_MEMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredLeaves:
    """A community's day that was not settled, with its newest root, anchored at a time."""

    community: int
    day: int
    root: bytes
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A measured member, by its account's number, whose day was not closed with the others."""

    community: int
    day: int
    number: int
    time: int


class StoreSource:
    """The candidates of an indexed store; a store that lags behind has them later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self, after: int) -> dict[int, str]:
        """The settlement accounts behind a number, by their numbers."""
        wanted = select(_OPENED.c.number, _OPENED.c.account).where(_OPENED.c.number > after)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return {row.number: row.account for row in rows}

    def anchored(self, since: int) -> list[AnchoredLeaves]:
        """What was anchored from a time on and is not settled, day by day."""
        is_settled = exists().where(
            _SETTLED.c.community == _ANCHORED.c.community, _SETTLED.c.day == _ANCHORED.c.day
        )
        wanted = (_ANCHORED.c.community, _ANCHORED.c.day, _ANCHORED.c.root, _ANCHORED.c.time)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(*wanted)
                .where(~is_settled, _ANCHORED.c.time >= since)
                .order_by(_ANCHORED.c.day, _ANCHORED.c.block, _ANCHORED.c.log_index)
            ).all()
        # The newest leaves of a day are those that count.
        newest = {(row.community, row.day): row for row in rows}
        return [
            AnchoredLeaves(
                community=row.community,
                day=row.day,
                root=bytes.fromhex(row.root[2:]),
                time=row.time,
            )
            for row in newest.values()
        ]

    def passed_over(self, since: int) -> list[PassedOver]:
        """Who was passed over from a time on, has a leaf, and was not read late, day by day."""
        is_read = exists().where(_READ.c.number == _PASSED.c.number, _READ.c.day == _PASSED.c.day)
        wanted = (_PASSED.c.community, _PASSED.c.day, _PASSED.c.number, _PASSED.c.time)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(*wanted)
                .where(~is_read, _PASSED.c.time >= since)
                .where(_PASSED.c.reason.not_in([*map(int, _WITHOUT_LEAF)]))
                .order_by(_PASSED.c.day, _PASSED.c.number)
            ).all()
        return [PassedOver(**row._mapping) for row in rows]
