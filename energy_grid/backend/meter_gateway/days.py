"""The days of a gateway: from stored registers to leaves whose root is on the chain.

    day over, late readings waited for --> leaves --> store --> backup --> published --> root sent
                                             |
                   saved before: those and no others

Each arrow is durable before the next step begins, and what is due follows from the chain and the
folders. So whoever is ended between any two goes on there, and a root is sent once.

A gateway that was away has to catch up: a day that misses readings waits as long as some come in.
Half the challenge time later it looks once more: if members are complete by then, the day is
anchored anew, with them.

Accounts that no gateway answers for, and those that ask for it, have their readings brought to the
chain one by one, each meter's in the order of slots, without leaving one out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, and_, func, or_, select

from energy_grid.backend.meter_gateway.day_readings import (
    Backlog,
    includes,
    members_of,
    owners_of,
    present_keys,
    readings_of,
)
from energy_grid.backend.meter_gateway.intake import signed_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.accounts import Account
from energy_grid.cli.numbers import counted
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import MeterInfo, SignedReading
from energy_grid.domain.day_leaves import Absent
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import EnergyGridError, InputError
from energy_grid.market.day_store import DayStore, LeafProof, NoStoredDayError, StoredDay, publish

__all__ = ["MeterDays", "NoProofError", "proof_of"]

_POLL_SECONDS = 2.0
# From then on members close by themselves: a root is worth nothing any more.
_LOOK_BACK_DAYS = 3
# Keys of anchors are kept for as long as a reorganisation could take one back.
_KEPT_DAYS = 7
# Of one step: what else is due comes in between.
_SENT_AT_ONCE = 500
_COMMUNITIES, _MEMBERSHIPS = VIEWS["communities"], VIEWS["memberships"]
_SKIPPED = table_of("SmartMeter", "ReadingSkipped")
_ANCHORED = table_of("CommunityDays", "DayAnchored")
_OPENED = table_of("Settlement", "AccountOpened")


class NoProofError(EnergyGridError):
    """There is no leaf of an account's day, or not here."""


class MeterDays:
    """Anchors the days of the communities that name this gateway; a `Service`.

    Args:
        market: of this service alone; its sender is exchanged for one with a journal in the
            database.
        who: the gateway, with the role METER_GATEWAY; no other service's account.
        folder: of the leaves and their salts.
        published: where members, and who settles, find leaves without secrets.
        backup: a second place for the leaves and salts, on another disk; None: there is none.
        wait: seconds after a day's end for readings that are late.
        quiet: seconds without a new one after which those that a day misses are not on their way.
        sealed: accounts whose leaves are secret.
        on_chain: accounts whose readings are brought to the chain although a gateway reads them.
    """

    name = "meter_days"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Account,
        *,
        folder: Path,
        published: Path,
        backup: Path | None = None,
        wait: int = 900,
        quiet: float = 10,
        sealed: Collection[str] = (),
        on_chain: Collection[str] = (),
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._market, self._database, self._who = market, database, who
        self._store, self._published = DayStore(folder), published
        self._backup = None if backup is None else DayStore(backup)
        self._wait, self._sealed, self._log = wait, frozenset(sealed), log
        self._on_chain = frozenset(on_chain)
        self._slot = market.settlement.slot_length()
        self._done: set[tuple[int, int]] = set()
        self._tried: set[tuple[str, int]] = set()
        self._backlog = Backlog(database, self._slot, quiet, wait)
        self._challenge = market.community_days.challenge()
        self._looked: int | None = None
        self._anchored = self._absent = self._sent = 0

    def step(self) -> float:
        """Anchor the days that are due, and bring readings to the chain; gives 0 if there were any.

        Raises:
            ChainError, DatabaseGoneError: take the step again after a while.
            InputError: leaves of the day before are lost, or a folder cannot be written.
        """
        now = self._market.node.time
        # Nothing else becomes due within a slot.
        if (look := (now - self._wait) // self._slot) == self._looked:
            return _POLL_SECONDS
        journal, did = resumed(self._market, self._database, self.name, self._who)
        is_awaiting = False
        for community, day in self._due(now):
            if self._backlog.is_coming(community, day):
                is_awaiting = True
                continue
            self._anchor(community, day)
            did = True
        did |= self._bring(now)
        self._forget(journal, now // DAY_SECONDS)
        if did:
            return 0.0
        if not is_awaiting:
            self._looked = look
        return _POLL_SECONDS

    def describe(self) -> str:
        """What was anchored and sent since the start."""
        absent = f" ({self._absent} without a measured leaf)" if self._absent else ""
        return (
            f"anchored {counted(self._anchored, 'day')}{absent},"
            f" sent {counted(self._sent, 'reading')}"
        )

    def metrics(self) -> Mapping[str, float]:
        """Counts since the start: days, members of them that were not measured, readings sent."""
        return {
            "anchored_total": self._anchored,
            "absent_total": self._absent,
            "sent_total": self._sent,
        }

    # Days

    def _due(self, now: int) -> Iterator[tuple[int, int]]:
        """Days that are over, have members, and no root or one for fewer of them than there could
        be, the oldest first."""
        last, communities = (now - self._wait) // DAY_SECONDS, self._communities()
        wanted = [
            (community, day)
            for day in range(last - _LOOK_BACK_DAYS, last)
            for community in communities
            if (community, day) not in self._done
        ]
        known = self._market.community_days
        for community, day in wanted:
            found = known.day_of(community, day)
            if not found.anchored_at and self._accounts(community, day):
                yield community, day
            elif found.is_settled or not found.anchored_at:
                self._done.add((community, day))
            elif now >= found.anchored_at + self._challenge // 2:
                if self._has_more(community, day, found.root):
                    yield community, day
                else:
                    self._done.add((community, day))

    def _has_more(self, community: int, day: int, root: bytes) -> bool:
        """Whether members are complete by now that the anchored leaves say nothing of."""
        with self._database.reading() as connection:
            anchors = select(func.count()).where(
                _ANCHORED.c.community == community, _ANCHORED.c.day == day
            )
            # The challenge begins anew with each root: nobody lengthens it again and again.
            if (connection.scalar(anchors) or 0) > 1:
                return False
            readings = readings_of(connection, members_of(connection, community, day), day)
        try:
            stored = self._store.load(community, day, root)
        except NoStoredDayError:
            return False
        shown = len(stored.leaves.leaves) - _absent_in(stored)
        return len(self._complete(readings)) > shown

    def _communities(self) -> list[int]:
        """Those that name this gateway now."""
        with self._database.reading() as connection:
            of_gateways = select(_COMMUNITIES.c.id).where(_COMMUNITIES.c.gateway.is_not(None))
            numbers = [int(each) for each in connection.scalars(of_gateways)]
        named = self._market.communities.call_many("gatewayOf", zip(sorted(numbers)), kind=str)
        return [
            number
            for number, gateway in zip(sorted(numbers), named, strict=True)
            if gateway == self._who.address
        ]

    def _anchor(self, community: int, day: int) -> None:
        market = self._market
        found = market.community_days.day_of(community, day)
        try:
            stored = self._store.load(community, day)
        except NoStoredDayError:
            stored = self._build(community, day)
        if stored.root == found.root:
            stored = self._build(community, day)
        if found.anchored_at:
            before = self._store.load(community, day, found.root)
            if _absent_in(stored) >= _absent_in(before):
                self._done.add((community, day))
                return
        if self._backup is not None:
            self._backup.save(community, day, stored.leaves, stored.openings)
            self._backup.load(community, day, stored.root)
        publish(stored, self._published)
        (step,) = market.anchor_day(self._who, self._store, community, day, stored.root).steps
        if step.before_sending is not None:
            step.before_sending()
        key = f"anchor {community} {day} 0x{stored.root.hex()}"
        market.sender.send(self._who, step.call, key=key)
        if found.anchored_at:
            self._done.add((community, day))
            self._log(f"{self.name}: {format_day(day)} is anchored anew, with what came late")
        else:
            self._anchored += 1
            self._absent += _absent_in(stored)

    def _build(self, community: int, day: int) -> StoredDay:
        self._restore(community, day - 1)
        accounts = self._accounts(community, day)
        with self._database.reading() as connection:
            readings = readings_of(connection, accounts, day)
            keys = present_keys(connection)
        sealed = self._sealed.intersection(accounts)
        # Who was not measured has nothing to seal.
        measured = sealed.intersection(self._complete(readings))
        stored, absent = self._market.build_day(
            self._store, community, day, readings, sealed=sorted(measured), keys=keys
        )
        if absent:
            number, why = next(iter(absent.items()))
            self._log(
                f"{self.name}: {len(absent)} members of community {community} are not measured on"
                f" {format_day(day)}, such as account {number}: {why}"
            )
        return stored

    def _restore(self, community: int, day: int) -> None:
        """Fetch the leaves of an anchored day from the backup, if the store has lost them."""
        known = self._market.community_days.day_of(community, day)
        if self._backup is None or not known.anchored_at:
            return
        try:
            self._store.load(community, day, known.root)
        except NoStoredDayError:
            copy = self._backup.load(community, day, known.root)
            self._store.save(community, day, copy.leaves, copy.openings)
            self._log(f"{self.name}: the leaves of {format_day(day)} are back from the backup")

    def _accounts(self, community: int, day: int) -> list[str]:
        with self._database.reading() as connection:
            return members_of(connection, community, day)

    def _complete(self, readings: Sequence[SignedReading]) -> set[str]:
        """The accounts whose meters have signed both bounds of every slot."""
        bounds = DAY_SECONDS // self._slot + 1
        times: dict[str, set[int]] = {}
        with self._database.reading() as connection:
            keys, owners = present_keys(connection), owners_of(connection)
        for each in readings:
            if each.reading.timestamp % self._slot == 0:
                meter = keys.get(each.meter, each.meter)
                times.setdefault(meter, set()).add(each.reading.timestamp)
        return {owners[meter] for meter, found in times.items() if len(found) == bounds}

    def _forget(self, journal: DatabaseJournal, today: int) -> None:
        """Let the journal go of what no reorganisation can take back."""
        old = [
            key
            for key, entry in journal.by_key.items()
            if entry.done and int(key.split()[2]) < today - _KEPT_DAYS
        ]
        journal.release(old)

    # Readings for the chain

    def _bring(self, now: int) -> bool:
        """Send the next readings of each meter whose account closes by itself."""
        with self._database.reading() as connection:
            owners = owners_of(connection)
            meters = self._alone(connection, owners, now // DAY_SECONDS)
            if not meters:
                return False
            known = self._market.meters.call_many("getMeter", zip(meters), kind=MeterInfo)
            per_day = DAY_SECONDS // self._slot
            due: list[SignedReading] = []
            for meter, info in zip(meters, known, strict=True):
                first = max(info.read_to + 1, info.first_day * per_day) * self._slot
                due += self._next(connection, meter, first, now - self._wait)
        if not due:
            return False
        sent = due[:_SENT_AT_ONCE]
        self._market.submit_readings(self._who, sent).execute()
        self._tried |= {(each.meter, each.reading.timestamp) for each in sent}
        self._sent += len(sent)
        return True

    def _alone(self, connection: Connection, owners: Mapping[str, str], today: int) -> list[str]:
        """Meters of accounts that no gateway answers for, or that ask for it."""
        by_gateway = select(_COMMUNITIES.c.id).where(_COMMUNITIES.c.gateway.is_not(None))
        member = _MEMBERSHIPS.c
        # Also who has just left: its last days may still be settled.
        is_member = or_(member.end_day.is_(None), member.end_day > today - _LOOK_BACK_DAYS)
        read = select(member.account).where(
            member.community.in_(by_gateway), member.from_day <= today, is_member
        )
        accounts = {*connection.scalars(read)} - self._on_chain
        return sorted(meter for meter, account in owners.items() if account not in accounts)

    def _next(
        self, connection: Connection, meter: str, first: int, until: int
    ) -> Iterator[SignedReading]:
        """A meter's readings at consecutive slots' ends; none if the chain has refused one."""
        wanted = and_(
            REGISTERS.c.meter == meter,
            REGISTERS.c.time.between(first, until),
            REGISTERS.c.time % self._slot == 0,
        )
        skipped = select(_SKIPPED.c.timestamp).where(_SKIPPED.c.meter == meter)
        refused = {int(each) for each in connection.scalars(skipped)}
        rows = connection.execute(
            select(REGISTERS).where(wanted).order_by(REGISTERS.c.time).limit(_SENT_AT_ONCE)
        )
        for at, row in zip(range(first, until + 1, self._slot), rows, strict=False):
            if row.time != at or at in refused or (meter, at) in self._tried:
                return
            yield signed_of(row)


def proof_of(
    database: Database, folder: Path, account: str, day: int
) -> tuple[StoredDay, LeafProof]:
    """An anchored day, and an account's leaf of it with its proof and, where it is sealed, its
    opening.

    Args:
        folder: of the gateway's leaves and salts.
        day: counted from 1970.

    Raises:
        NoProofError: the account was in no community of a gateway, the day is not anchored, or its
            leaves are not in the folder.
    """
    with database.reading() as connection:
        member = _MEMBERSHIPS.c
        numbers = select(member.community).where(member.account == account, includes(day))
        root = connection.execute(
            select(_ANCHORED.c.community, _ANCHORED.c.root)
            .where(_ANCHORED.c.community.in_(numbers), _ANCHORED.c.day == day)
            .order_by(_ANCHORED.c.block.desc(), _ANCHORED.c.log_index.desc())
        ).first()
        number = connection.scalar(select(_OPENED.c.number).where(_OPENED.c.account == account))
    if root is None or number is None:
        raise NoProofError(
            f"no gateway has anchored {format_day(day)} for {account}: ask for a day after its end"
        )
    try:
        stored = DayStore(folder).load(int(root.community), day, bytes.fromhex(root.root[2:]))
        return stored, stored.prove(int(number))
    except InputError:
        raise NoProofError(
            f"the leaf of {format_day(day)} is not on this machine: ask the gateway of community"
            f" {root.community}"
        ) from None


def _absent_in(stored: StoredDay) -> int:
    return sum(isinstance(each, Absent) for each in stored.leaves.leaves)
