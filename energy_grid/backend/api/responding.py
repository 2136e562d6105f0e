"""Demand response as one account sees it: what it can join, and what its events came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from energy_grid.api.models import (
    DemandEvent,
    EventStateName,
    OwnDemandResponse,
    OwnEvent,
    OwnProgram,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.documents import event_values, program_values
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.demand import programs_of
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.contracts.demand_enrolments import Enrolment
from energy_grid.contracts.demand_response import (
    DemandResponseEvent,
    ParticipationRecord,
    ProgramParticipant,
)
from energy_grid.domain.enums import EventChoice, ParticipationStatus

__all__ = ["demand_response_of", "event_state"]

_EVENTS, _METERS = (VIEWS[name] for name in ("dr_events", "meters"))
_MOST_EVENTS = 50
_PENDING, _PAID = ParticipationStatus.PENDING, ParticipationStatus.REWARDED


def event_state(event: DemandEvent, now: datetime) -> EventStateName:
    """Where a demand-response event stands."""
    if event.cancelled_at is not None:
        return "CANCELLED"
    if event.completed_at is not None:
        return "COMPLETED"
    if now < event.starts_at:
        return "AHEAD"
    return "RUNNING" if now < event.ends_at else "VERIFYING"


def demand_response_of(backend: Backend, account: str) -> OwnDemandResponse:
    """The open programs of the regions of an account's meters, those that it has been in, and the
    events in which it is or was asked."""
    contract = backend.market.demand_response
    now = backend.market.node.time
    with backend.database.reading() as connection:
        programs = connection.execute(programs_of(account, now)).mappings().all()
        events = _events(connection, account)
    parts = contract.call_many(
        "getProgramParticipant",
        [(row["program_id"], account) for row in programs],
        kind=ProgramParticipant,
    )
    numbers = [row["event_id"] for row in events]
    known = contract.call_many("getEvent", zip(numbers), kind=DemandResponseEvent)
    records = contract.call_many(
        "getParticipation", [(each, account) for each in numbers], kind=ParticipationRecord
    )
    enrolments = backend.market.demand_enrolments
    choices = enrolments.call_many("choiceOf", [(each, account) for each in numbers], kind=int)
    part = _Part(backend.database, account, enrolments.get_enrolment(account))
    least = contract.min_reduction()
    return OwnDemandResponse(
        is_consumer=backend.market.demand_enrolments.is_consumer(account),
        programs=[
            OwnProgram(
                **program_values(row),
                min_commitment_w=least,
                committed_w=part.committed,
                reduced_w=part.reduction,
                claimable=part.earned - part.claimed,
            )
            for row, part in zip(programs, parts, strict=True)
        ],
        events=[
            _event(row, event, record, now, part.of(row, choice))
            for row, event, record, choice in zip(events, known, records, choices, strict=True)
        ],
    )


def _events(connection: Connection, account: str) -> Sequence[RowMapping]:
    joined = table_of("DemandEnrolments", "ProgramJoined").c
    shown = table_of("DemandResponse", "ReductionVerified").c
    here = select(_METERS.c.region).where(_METERS.c.account == account)
    own = select(joined.program_id).where(joined.participant == account)
    table = _EVENTS.c
    is_asked = (table.region.in_(here) & (table.program_id == 0)) | table.program_id.in_(own)
    was_in = select(shown.event_id).where(shown.consumer == account)
    wanted = select(_EVENTS).where(is_asked | table.event_id.in_(was_in))
    newest = wanted.order_by(table.event_id.desc()).limit(_MOST_EVENTS)
    return connection.execute(newest).mappings().all()


class _Part:
    """Whether an account takes part in events."""

    def __init__(self, database: Database, account: str, enrolment: Enrolment) -> None:
        self._enrolment = enrolment
        joined = table_of("DemandEnrolments", "GroupJoined").c
        wanted = select(joined.program_id, joined.group, joined.time)
        with database.reading() as connection:
            found = connection.execute(wanted.where(joined.participant == account)).all()
        self._groups = {(program, group): time for program, group, time in found}

    def of(self, row: RowMapping, choice: int) -> bool | None:
        """As `OwnEvent.takes_part`; the row is of the view ``dr_events``."""
        own, announced, program = self._enrolment, row["announced_at"], row["program_id"]
        stayed = not own.left_at or (program and own.left_at > announced)
        is_in = own.committed and own.program_id == program and own.joined_at < announced
        since = self._groups.get((program, row["group"]), announced)
        if not is_in or not stayed or (int(row["group"], 16) and since >= announced):
            return None
        return choice == EventChoice.IN or (choice != EventChoice.OUT and not row["opt_in"])


def _event(
    row: RowMapping,
    event: DemandResponseEvent,
    record: ParticipationRecord,
    now: int,
    takes_part: bool | None,
) -> OwnEvent:
    values = event_values(row)
    is_shown = record.status is not _PENDING
    return OwnEvent(
        **values,
        state=event_state(DemandEvent(**values), time_of(now)),
        takes_part=takes_part,
        reduction_w=record.reduction_w if is_shown else None,
        minimum_w=record.minimum_w,
        is_metered=is_shown and not record.meter_reading_start and not record.meter_reading_end,
        verifiable_until=time_of(event.verifiable_until),
        reward=record.reward_amount,
        is_paid=record.status is _PAID,
    )
