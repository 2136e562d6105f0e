"""Tells VENs that have subscribed what has changed (webhooks).

What is to be told follows from what there is, and from what a subscription was told last: so
nothing is lost over a crash, and at most the last notification comes twice. An event that was
cancelled, or that the chain has taken back, is deleted.

A callback that does not answer is asked again after pauses that grow, and after ten of them not any
more, until its subscription is written anew.

Each account has one of eight places at a time, and for ten seconds: callbacks that are slow to
answer wait for their own account alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from energy_grid.backend.grid_service.openadr.callbacks import CallbackError, Callbacks
from energy_grid.backend.grid_service.openadr.models import SubscriptionRequest
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.openadr import VEN_OBJECTS, VEN_SUBSCRIPTIONS, VEN_TOLD
from energy_grid.cli.numbers import counted

__all__ = ["VenNotifier", "begin_telling"]

_POLL_SECONDS = 2.0
_AT_ONCE = 8
_TURN_SECONDS = 10.0
# Whoever takes longer is not waited for.
_WAIT_SECONDS = 5.0
_FORGET = "FORGET"
_MOST_FAILURES, _FIRST_PAUSE = 10, 15
_S, _T = VEN_SUBSCRIPTIONS.c, VEN_TOLD.c


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to be told: an object as it is now, or as it was last."""

    operation: str
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.document['objectType']} {self.document['id']}"


class VenNotifier:
    """Tells all subscriptions; a `Service`.

    Args:
        signals: what there is.
        callbacks: how they are told.
    """

    name = "openadr"

    def __init__(self, database: Database, signals: Signals, callbacks: Callbacks) -> None:
        self._database, self._signals, self._callbacks = database, signals, callbacks
        self._told = self._failures = 0
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=self.name)
        self._running: dict[str, Future[tuple[int, int]]] = {}

    def step(self) -> float:
        """Tell what has changed.

        Raises:
            DatabaseGoneError: take the step again after a while.
        """
        objects = VEN_OBJECTS.c
        wanted = (
            select(VEN_OBJECTS, _S.failures)
            .join(VEN_SUBSCRIPTIONS, _S.subscription == objects.id)
            .where(_S.next_at <= int(time.time()), _S.failures < _MOST_FAILURES)
            .order_by(objects.account)
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        for account, own in groupby(rows, lambda row: str(row["account"])):
            if account not in self._running:
                self._running[account] = self._pool.submit(self._tell_all, list(own))
        done, _ = wait(self._running.values(), _WAIT_SECONDS)
        for account in [name for name, turn in self._running.items() if turn in done]:
            told, failures = self._running.pop(account).result()
            self._told += told
            self._failures += failures
        return _POLL_SECONDS

    def describe(self) -> str:
        """How often it has told something."""
        return f"told VENs {counted(self._told, 'time')}"

    def metrics(self) -> Mapping[str, float]:
        """Notifications and failures since the start."""
        return {"told_total": self._told, "failures_total": self._failures}

    def _tell_all(self, rows: Sequence[RowMapping]) -> tuple[int, int]:
        """Tell an account's subscriptions; how much, and how many did not listen."""
        end, told, failures = time.monotonic() + _TURN_SECONDS, 0, 0
        for row in rows:
            more, is_failed = self._tell(row, end)
            told, failures = told + more, failures + is_failed
        return told, failures

    def _tell(self, row: RowMapping, end: float) -> tuple[int, bool]:
        """Tell one subscription until a time; how much, and whether it did not listen."""
        wanted = SubscriptionRequest.model_validate_json(row["body"])
        told = 0
        for change in self._changes(row, wanted):
            if time.monotonic() >= end:
                return told, False
            try:
                for address, bearer in _listeners(wanted, change):
                    document = {
                        "objectType": change.document["objectType"],
                        "operation": change.operation,
                        "object": change.document,
                    }
                    self._callbacks.notify(address, bearer, document)
                    told += 1
            except CallbackError:
                self._put_off(row)
                return told, True
            with self._database.writing() as connection:
                # It may have been deleted meanwhile.
                own = select(_S.subscription).where(_S.subscription == row["id"])
                if connection.scalar(own) is not None:
                    _note(connection, row["id"], change)
        if row["failures"]:
            self._put_off(row, failures=0)
        return told, False

    def _changes(self, row: RowMapping, wanted: SubscriptionRequest) -> Iterator[_Change]:
        now = {_name(each): each for each in _wanted(self._signals, row["account"], wanted)}
        kept = select(_T.object, _T.body).where(_T.subscription == row["id"])
        with self._database.reading() as connection:
            before = {each.object: json.loads(each.body) for each in connection.execute(kept)}
        for name, document in now.items():
            if name not in before:
                yield _Change("CREATE", document)
            elif before[name] != document:
                yield _Change("UPDATE", document)
        for name, document in before.items():
            if name not in now:
                # What is only older than what is listed is told no more.
                is_there = self._signals.is_there(row["account"], document)
                yield _Change(_FORGET if is_there else "DELETE", document)

    def _put_off(self, row: RowMapping, failures: int | None = None) -> None:
        failures = row["failures"] + 1 if failures is None else failures
        pause = _FIRST_PAUSE * 2 ** (failures - 1) if failures else 0
        change = VEN_SUBSCRIPTIONS.update().where(_S.subscription == row["id"])
        values = {"failures": failures, "next_at": int(time.time()) + pause}
        with self._database.writing() as connection:
            connection.execute(change.values(values))


def begin_telling(
    database: Database, signals: Signals, account: str, name: str, wanted: SubscriptionRequest
) -> None:
    """Let a subscription be told what changes from now on."""
    known = _wanted(signals, account, wanted)
    with database.writing() as connection:
        for table, column in ((VEN_TOLD, _T.subscription), (VEN_SUBSCRIPTIONS, _S.subscription)):
            connection.execute(delete(table).where(column == name))
        values = {"subscription": name, "failures": 0, "next_at": 0}
        connection.execute(insert(VEN_SUBSCRIPTIONS).values(values))
        for document in known:
            _note(connection, name, _Change("CREATE", document))


def _note(connection: Connection, subscription: str, change: _Change) -> None:
    row = {"subscription": subscription, "object": change.name}
    own = (_T.subscription == subscription) & (_T.object == change.name)
    connection.execute(delete(VEN_TOLD).where(own))
    if change.operation not in ("DELETE", _FORGET):
        connection.execute(insert(VEN_TOLD).values(**row, body=json.dumps(change.document)))


def _wanted(
    signals: Signals, account: str, wanted: SubscriptionRequest
) -> Sequence[Mapping[str, Any]]:
    """The programs and events of a subscription as they are now."""
    program = wanted.program_id
    return [
        *(each for each in signals.programs(account) if program in (None, each["id"])),
        *(each for each in signals.events(account) if program in (None, each["programID"])),
    ]


def _listeners(wanted: SubscriptionRequest, change: _Change) -> Iterator[tuple[str, str | None]]:
    for each in wanted.object_operations:
        if change.document["objectType"] in each.objects and change.operation in each.operations:
            yield each.callback_url, each.bearer_token


def _name(document: Mapping[str, Any]) -> str:
    return f"{document['objectType']} {document['id']}"
