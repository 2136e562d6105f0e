"""Brings demand-response events to their end: what meters show is verified, rewards are paid.

Everything that it does anybody may do. Whom a gateway reads has nothing on the chain of its slots:
its leaves are proven first, all that matter, so that no days are left out because they show little
use. What is due follows from the store and the chain:

    readings are final   each participant whose meter was read is verified by it
    its last part        those who were not read are verified: they are taken to have used more,
                         which the chain does not take before (UNREAD_TIME)
    nothing more can be  the event is completed
    completed            rewards are paid, a hundred participants at once
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from energy_grid.backend.grid_service.operator import Reporting
from energy_grid.backend.meter_gateway.days import NoProofError, proof_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.demand import participants_due
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.journal import DatabaseJournal
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract import Call, from_bytes32
from energy_grid.chain.tx.multisig import Actor
from energy_grid.client import EnergyGrid
from energy_grid.contracts.community_days import Leaf
from energy_grid.domain.baselines import similar_days
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import ContractError

__all__ = ["ResponseKeeper"]

_EVENTS = VIEWS["dr_events"].c
_PAID_AT_ONCE = 100
# What the chain has refused is tried again after this.
_AGAIN_SECONDS = 3600
# Events whose payments may be missing.
_RECENT_SECONDS = 14 * 86_400


class ResponseKeeper(Reporting):
    """Verifies, completes and pays; a `Service`.

    Args:
        market, database, who: as of a `Reporter`; the account needs no role.
        leaves: the folder in which a gateway of this machine has its days.
        name: of the service.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Actor,
        leaves: Path,
        *,
        name: str = "demand_reporter",
    ) -> None:
        super().__init__(market, database, who, name)
        self._leaves, self._similar = leaves, market.demand_baselines.baseline_days()
        self._grace = market.energy_accounts.grace()
        self._slot = market.energy_accounts.slot_length()
        self._span = market.demand_response.verification_time()
        self._last = market.demand_response.unread_time()
        self._tried: dict[tuple[int, str], int] = {}

    def _due(self, now: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        contract, recent = self._market.demand_response, now - _RECENT_SECONDS
        wanted = select(*_EVENTS).where(
            _EVENTS.cancelled_at.is_(None),
            _EVENTS.end_time + self._grace <= now,
            _EVENTS.completed_at.is_(None) | (_EVENTS.completed_at > recent),
        )
        with self._database.reading() as connection:
            events = connection.execute(wanted.order_by(_EVENTS.event_id)).all()
        for event in events:
            number, final = event.event_id, int(event.end_time) + self._grace
            if event.completed_at is not None:
                yield from self._payments(number, journal)
            elif now > final + self._span:
                yield contract.complete_event(number), None
            else:
                is_last = now >= final + self._span - self._last
                for account in self._participants(number, now):
                    yield from self._proofs(account, event, journal)
                    if is_last or self._is_read(account, event):
                        self._tried[number, account] = now
                        yield contract.verify_from_meter(number, account), None

    def _participants(self, number: int, now: int) -> Sequence[str]:
        with self._database.reading() as connection:
            accounts = connection.scalars(participants_due(number)).all()
        tried = self._tried
        return [one for one in accounts if now - tried.get((number, one), 0) >= _AGAIN_SECONDS]

    def _proofs(
        self, account: str, event: Row[Any], journal: DatabaseJournal
    ) -> Iterator[tuple[Call, str | None]]:
        """A gateway's leaves of the event's days and, once it has these, of those they are compared
        with."""
        first = int(event.measured_from) // DAY_SECONDS
        own = range(first, (int(event.end_time) - 1) // DAY_SECONDS + 1)
        slots = DAY_SECONDS // self._slot
        for day in (*own, *similar_days(first, self._similar)):
            key = f"history of {account} on {format_day(day)}"
            if key in journal.by_key:
                continue
            try:
                stored, leaf = proof_of(self._database, self._leaves, account, day)
            except NoProofError:
                if day in own:
                    return
                continue
            proven = Leaf(record=leaf.record, opening=leaf.opening, proof=leaf.proof)
            span = day * slots, (day + 1) * slots
            yield (
                self._market.community_days.prove_history(stored.community, day, proven, *span),
                key,
            )

    def _is_read(self, account: str, event: Row[Any]) -> bool:
        """Whether the meter was read in all slots that the chain waits for."""
        try:
            found = self._market.demand_baselines.measure(
                account,
                from_bytes32(bytes.fromhex(event.region[2:])),
                int(event.announced_at),
                int(event.measured_from) // self._slot,
                int(event.end_time) // self._slot,
                committed=0,
                is_member=True,
            )
            return not found.unread
        except ContractError:
            # Nothing that comes changes it: it is tried in the last part.
            return False

    def _payments(self, number: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        """The calls that pay the participants of an event, each made once."""
        shown = table_of("DemandResponse", "ReductionVerified").c
        wanted = select(func.count()).where(shown.event_id == number)
        with self._database.reading() as connection:
            participants = connection.scalar(wanted) or 0
        for part in count():
            if part * _PAID_AT_ONCE >= participants:
                return
            key = f"rewards of event {number}, part {part + 1}"
            if key not in journal.by_key:
                call = self._market.demand_response.distribute_rewards(number, _PAID_AT_ONCE)
                yield call, key
