"""Demand response of one account: which programs it can join, and which events ask it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.openadr import VEN_OPT_OUTS
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.enums import EventChoice, EventKind

__all__ = ["events_asking", "participants_due", "programs_of", "regions_of"]

_PROGRAMS, _EVENTS, _METERS = (VIEWS[name] for name in ("programs", "dr_events", "meters"))
_E = _EVENTS.c
_Account = str | ColumnElement[str]
_NO_GROUP = f"0x{0:064x}"


def regions_of(account: str) -> Select[Any]:
    """The regions of an account's meters, each with the time ``since`` when it has one there."""
    since = func.min(_METERS.c.registered_at).label("since")
    wanted = select(_METERS.c.region, since).where(_METERS.c.account == account)
    return wanted.group_by(_METERS.c.region).order_by(_METERS.c.region)


def programs_of(account: str, now: int) -> Select[Any]:
    """Rows of the view ``programs`` with ``created_at``: the open ones of the regions of an
    account's meters, and those that it has been in; the newest first.

    Args:
        now: the chain's time.
    """
    joined, made = _enrolment("ProgramJoined").c, table_of("DemandResponse", "ProgramCreated")
    own = select(joined.program_id).where(joined.participant == account)
    table = _PROGRAMS.c
    is_open = table.closed_at.is_(None) & (table.end_time > now)
    wanted = (
        select(_PROGRAMS, made.c.time.label("created_at"))
        .join(made, made.c.program_id == table.program_id)
        .where((is_open & table.region.in_(_here(account))) | table.program_id.in_(own))
    )
    return wanted.order_by(table.program_id.desc())


def events_asking(account: str, number: int | None = None) -> Select[Any]:
    """Rows of the view ``dr_events``, the newest first, that ask an account, or did: it was
    enrolled in them before they were announced, and is in their group if they are for one; price
    signals outside programs ask all of their region.

    Beside the view's columns they have the ``choice`` that the account has made (NULL: none).

    Args:
        number: of the only one that is wanted.
    """
    is_here, is_outside = _E.region.in_(_here(account)), _E.program_id == 0
    is_asked = _is_enrolled(account) & _is_in_group(account) & or_(~is_outside, is_here)
    wanted = select(_EVENTS, _choice(account).label("choice")).where(
        or_(is_asked, is_outside & is_here & (_E.kind == EventKind.PRICE))
    )
    if number is not None:
        wanted = wanted.where(_E.event_id == number)
    return wanted.order_by(_E.event_id.desc())


def participants_due(number: int) -> Select[Any]:
    """The accounts that an event asked, that take part, and of which nothing was verified yet.

    Left out is who opted out, on the chain or by a VEN's word, and who did not opt in where an
    event wants that.
    """
    joined = _enrolment("ProgramJoined").alias("due")
    shown, out = table_of("DemandResponse", "ReductionVerified").c, VEN_OPT_OUTS.c
    account = joined.c.participant
    choice = func.coalesce(_choice(account), EventChoice.DEFAULT)
    is_in = (choice == EventChoice.IN) | (~_E.opt_in & (choice == EventChoice.DEFAULT))
    is_shown = exists().where(shown.event_id == number, shown.consumer == account)
    is_out = exists().where(out.event == number, out.account == account)
    here = select(_METERS.c.account).where(_METERS.c.region == _E.region)
    return (
        select(account)
        .distinct()
        .join(_EVENTS, _E.program_id == joined.c.program_id)
        .where(_E.event_id == number, _E.kind == EventKind.CAPACITY, account.in_(here))
        .where(_is_enrolled(account), _is_in_group(account), is_in, ~is_shown, ~is_out)
        .order_by(account)
    )


def _choice(account: _Account) -> Any:
    """What an account has chosen for an event last; NULL: nothing."""
    chosen = _enrolment("EventChosen").c
    return (
        select(chosen.choice)
        .where(chosen.event_id == _E.event_id, chosen.consumer == account)
        .order_by(chosen.block.desc(), chosen.log_index.desc())
        .limit(1)
        .scalar_subquery()
    )


def _is_enrolled(account: _Account) -> ColumnElement[bool]:
    """Whether the last enrolment before an announcement was in the event's program."""
    joined, later = (_enrolment("ProgramJoined").alias(name) for name in ("joined", "later"))

    def ended(table: Any) -> ColumnElement[bool]:
        is_own = table.c.participant == account
        is_behind = (table.c.time > joined.c.time) & (table.c.time < _E.announced_at)
        # Of all that is around it, not of the nearest alone.
        return exists().where(is_own, is_behind).correlate_except(table)

    return exists().where(
        and_(joined.c.participant == account, joined.c.program_id == _E.program_id),
        and_(joined.c.time < _E.announced_at, ~ended(later), ~ended(_enrolment("ProgramLeft"))),
    )


def _is_in_group(account: _Account) -> ColumnElement[bool]:
    grouped = _enrolment("GroupJoined").c
    is_own = (grouped.participant == account) & (grouped.program_id == _E.program_id)
    is_such = (grouped.group == _E.group) & (grouped.time < _E.announced_at)
    return or_(_E.group == _NO_GROUP, exists().where(is_own, is_such))


def _here(account: str) -> Select[Any]:
    return select(_METERS.c.region).where(_METERS.c.account == account)


def _enrolment(event: str) -> Any:
    return table_of("DemandEnrolments", event)
