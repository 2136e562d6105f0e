"""Runs services: each in a thread, as long as this process has the lead of its role.

starting  nothing is known yet; a service is made once its role has the lead
standby   another process does the role's work
running   its steps are taken, one after the other
waiting   chain or database do not answer, or a disk is full: the step is taken again, after
          growing pauses; after a minute without the chain another process may take the lead
failed    a person has to act: all others are stopped, and the process ends with its message
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from energy_grid.backend.pace import Pace
from energy_grid.backend.service import Service
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.errors import ChainError
from energy_grid.serve.leader import Leader

__all__ = ["Runner", "Running", "State"]

# Seconds: between two tries to take the lead, of the longest pause, between two lines.
_STANDBY_SECONDS, _LONGEST_SECONDS, _LINE_SECONDS = 5.0, 60.0, 60.0
# So long a process that does not reach the chain keeps the lead from others, which may reach it.
_PATIENCE_SECONDS = 60.0


class State(StrEnum):
    """What becomes of a service."""

    STARTING = "starting"
    STANDBY = "standby"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(slots=True)
class Running:
    """A role while it is run.

    Attributes:
        make: its service; takes what chain and database say.
        service: None until it was made.
        why: it waits or failed, in a line.
        steps: so many were taken to their end.
    """

    name: str
    make: Callable[[], Service]
    service: Service | None = None
    state: State = State.STARTING
    why: str = ""
    steps: int = 0

    def describe(self) -> str:
        """A part of the line a minute."""
        if self.service is not None and self.state is State.RUNNING:
            return f"{self.name}: {self.service.describe()}"
        return f"{self.name}: {self.state}{f', {self.why}' if self.why else ''}"


class Runner:
    """Services of one process.

    Args:
        roles: makes the service of each, again until chain and database answer.
        log: gets each line of what happens.
        prepare: done once before all else, again until the database answers.
        pace: of a local chain, whose clock waits for the services.
    """

    def __init__(
        self,
        roles: Mapping[str, Callable[[], Service]],
        database: Database,
        log: Callable[[str], object],
        *,
        prepare: Callable[[], object] = lambda: None,
        pace: Pace | None = None,
    ) -> None:
        self.running = [Running(name, make) for name, make in roles.items()]
        self._database, self._log, self._pace = database, log, pace
        self._prepare, self._is_prepared, self._preparing = prepare, False, threading.Lock()
        self._stop = threading.Event()
        self._failure: BaseException | None = None

    def is_prepared(self) -> bool:
        """Whether all is prepared."""
        return self._is_prepared

    def stop(self) -> None:
        """Let all services end their steps, and no other begin."""
        self._stop.set()

    def fail(self, error: BaseException) -> None:
        """Stop, since a person has to act: `run` raises the error."""
        self._failure = error
        self._stop.set()

    def run(self) -> None:
        """Run until `stop` is called, or a service fails.

        Raises:
            EnergyGridError: of the service that failed, for a person to act upon.
        """
        threads = [
            threading.Thread(target=self._drive, args=(each,), name=each.name)
            for each in self.running
        ]
        for thread in threads:
            thread.start()
        next_line = time.monotonic() + _LINE_SECONDS
        while not self._stop.wait(max(next_line - time.monotonic(), 0)):
            self._log("; ".join(each.describe() for each in self.running))
            next_line += _LINE_SECONDS
        for thread in threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _drive(self, running: Running) -> None:
        leader = Leader(self._database, running.name)
        failures, reached_at = 0, time.monotonic()
        try:
            while not self._stop.is_set():
                try:
                    if not self._is_ready():
                        continue
                    if not leader.leads():
                        self._become(running, State.STANDBY)
                        self._stop.wait(_STANDBY_SECONDS)
                        continue
                    self._take(running)
                except (ChainError, DatabaseGoneError, OSError) as error:
                    failures += 1
                    self._become(running, State.WAITING, str(error))
                    is_cut_off = isinstance(error, ChainError)
                    if is_cut_off and time.monotonic() - reached_at > _PATIENCE_SECONDS:
                        # What it knows may be old when it leads again.
                        leader.close()
                        running.service, reached_at = None, time.monotonic()
                    self._stop.wait(min(2.0 ** (failures - 1), _LONGEST_SECONDS))
                else:
                    failures, reached_at = 0, time.monotonic()
        except BaseException as error:
            self._become(running, State.FAILED, str(error))
            self.fail(error)
        finally:
            leader.close()

    def _is_ready(self) -> bool:
        """Whether all is prepared, which the first service does; not once a stop is wanted."""
        with self._preparing:
            # A server that takes no connections is not asked by one service after the other.
            if not self._is_prepared and not self._stop.is_set():
                self._prepare()
                self._is_prepared = True
            return self._is_prepared

    def _take(self, running: Running) -> None:
        """Take a step, and wait for the next one."""
        pace = self._pace
        head = pace.head() if pace else 0
        if running.service is None:
            running.service = running.make()
        pause = running.service.step()
        running.steps += 1
        self._become(running, State.RUNNING)
        if pace is None:
            self._stop.wait(pause)
        elif pause:
            pace.rest(running.name, head)
            pace.wait(self._stop, head, pause)

    def _become(self, running: Running, state: State, why: str = "") -> None:
        if (running.state, running.why) != (state, why):
            running.state, running.why = state, why
            self._log(f"{running.name}: {state}{f', {why}' if why else ''}")
