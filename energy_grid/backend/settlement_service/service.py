"""The settlement service: a step looks for what is due, and does it.

    due  -->  put aside?  -->  estimate  -->  budget  -->  send  -->  mined
                                  |             |                       |
                               reverts      none left               reverted
                                  |             |                       |
                     halves; alone: put aside   the next day        put aside

What is due (`jobs`) follows from the store and the chain, and pays the same whoever does it. So a
second instance, a crash or a lost transaction changes nothing: what is done already reverts in the
estimate, and what is on its way is known to the journal, in the database.

What failed is put aside, for ten minutes at first and twice as long each time, up to a day, and is
tried alone from then on: nobody holds up others.

The gas of a day, in UTC by the chain's time, is that of all that the journal has signed in it: what
was used, or the limit of what is not mined yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import delete, insert, select

from energy_grid.backend.settlement_service.jobs import (
    Close,
    Collect,
    Due,
    Job,
    ReadLate,
    Serve,
    SettleCommunities,
)
from energy_grid.backend.settlement_service.source import StoreSource
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import resumed
from energy_grid.backend.store.settlement import ASIDE
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.chain.tx.fees import with_room
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.unsigned import estimated_gas
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_time
from energy_grid.errors import ChainError, EnergyGridError, TransactionPendingError

__all__ = ["SettlementService"]

_POLL_SECONDS = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 600, DAY_SECONDS
# Calls of one job that are sent at once.
_CALLS_AT_ONCE = 20
# The gas cap of a transaction (EIP-7825).
_MAX_GAS = 2**24
_WARN_PERCENT, _SPENT_PERCENT = 80, 100


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Things to do in one call, with its gas limit."""

    items: tuple[Due, ...]
    call: Call
    gas: int


# What was done, by the name of its job.
_PAST = {
    "settle": "settled",
    "close": "closed",
    "read": "read",
    "serve": "served",
    "collect": "collected",
}


class SettlementService:
    """Does what is due; a `Service`.

    Args:
        market: of this service alone; its sender is exchanged for one with a journal in the
            database.
        who: sends and pays the gas; no other service's account.
        published: the folder in which gateways publish the leaves of days.
        gas_per_day: never more is signed in a day; None: no limit.
        patience: seconds after which a member that was passed over is read late.
        collect_to: who gets the protocol fees; None: they stay. ``who`` needs the role TREASURY.
        collect_from: base units of fees; less is not collected.
        log: gets lines that somebody should read.
    """

    name = "settlement"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Actor,
        *,
        published: Path,
        gas_per_day: int | None = None,
        patience: int = 6 * 3600,
        collect_to: str | None = None,
        collect_from: int = 1,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._market, self._database, self._who = market, database, who
        self._gas_per_day, self._log = gas_per_day, log
        source = StoreSource(database)
        self._jobs: list[Job] = [
            SettleCommunities(market, source, published),
            Close(market, source),
            ReadLate(market, source, published, patience),
            Serve(market),
        ]
        if collect_to is not None:
            self._jobs.append(Collect(market, collect_to, collect_from))
        self._done: Counter[str] = Counter({each.name: 0 for each in self._jobs})
        self._aside: dict[str, tuple[int, int, str]] = {}
        # What need not be done, as the chain says before the store does, and until when.
        self._over: dict[str, int] = {}
        self._due = self._oldest = self._gas = 0
        self._said = 0, 0

    def step(self) -> float:
        """Do a part of what is due; gives 0 if there was any.

        Raises:
            FundsMissingError, TransactionPendingError, OtherLeaderError, NodeUnreachableError,
            DatabaseGoneError: take the step again after a while.
        """
        market = self._market
        journal, did = resumed(market, self._database, self.name, self._who)
        now, final = next_time(market.node), market.last_final_day()
        self._gas = journal.gas_since(now - now % DAY_SECONDS)
        self._aside = self._read_aside()
        self._over = {name: until for name, until in self._over.items() if now < until}
        found = [
            (job, [each for each in job.due(now, final) if each.name not in self._over])
            for job in self._jobs
        ]
        due = [item for _, items in found for item in items]
        self._due, self._oldest = len(due), max((now - each.since for each in due), default=0)
        self._clean(due, now)
        for job, items in found:
            did |= self._do(job, [each for each in items if not self._is_aside(each, now)], now)
            self._gas = journal.gas_since(now - now % DAY_SECONDS)
        self._say_gas(now)
        return 0.0 if did else _POLL_SECONDS

    def describe(self) -> str:
        """What was done, what is due, and what stands in the way."""
        done = ", ".join(f"{_PAST[name]} {count:,}" for name, count in self._done.items() if count)
        due = f"; {self._due:,} due, the oldest for {self._oldest:,} s" if self._due else ""
        aside = next((f", such as {name}: {each[2]}" for name, each in self._aside.items()), "")
        aside = f"; {len(self._aside):,} put aside{aside}" if aside else ""
        limit = "" if self._gas_per_day is None else f" of {self._gas_per_day:,}"
        return f"{done or 'nothing closed yet'}{due}{aside}; {self._gas:,}{limit} gas today"

    def metrics(self) -> Mapping[str, float]:
        """What is due and put aside, the gas of the chain's day, and counts since the start."""
        return {
            "due": self._due,
            "oldest_due_seconds": self._oldest,
            "aside": len(self._aside),
            "gas_today": self._gas,
            **({} if self._gas_per_day is None else {"gas_per_day": self._gas_per_day}),
            **{f"{name}_total": count for name, count in self._done.items()},
        }

    # Sending

    def _do(self, job: Job, items: Sequence[Due], now: int) -> bool:
        """Do as much as fits a turn and the budget; gives whether anything was sent."""
        if self._said == (now // DAY_SECONDS, _SPENT_PERCENT):
            return False
        attempts: list[_Attempt] = []
        for some in self._bundles(job, items):
            attempts += self._attempts(job, some, now)
            if len(attempts) >= _CALLS_AT_ONCE:
                break
        affordable = self._affordable(attempts, now)
        if not affordable:
            return False
        sender = self._market.sender
        pending = sender.submit_many(
            [(self._who, replace(each.call, gas=each.gas)) for each in affordable]
        )
        for attempt, result in zip(affordable, sender.results(pending), strict=True):
            if isinstance(result, TransactionPendingError):
                raise result
            error = result.error if isinstance(result, Receipt) else result
            for item in attempt.items:
                if error is None:
                    self._done[job.name] += 1
                    self._forget(item.name)
                else:
                    self._put_aside(item.name, error, now)
        return True

    def _bundles(self, job: Job, items: Sequence[Due]) -> Iterator[tuple[Due, ...]]:
        """What goes into one call together, the oldest first; what has failed goes alone."""
        firsts: dict[str, Due] = {}
        for each in sorted(items, key=lambda item: (item.is_last, item.since, item.name)):
            firsts.setdefault(each.lane, each)
        together: list[Due] = []
        room = job.room
        for each in firsts.values():
            if each.name in self._aside:
                yield (each,)
                continue
            if together and each.weight > room:
                yield tuple(together)
                together, room = [], job.room
            together.append(each)
            room -= each.weight
        if together:
            yield tuple(together)

    def _attempts(self, job: Job, items: tuple[Due, ...], now: int) -> list[_Attempt]:
        """The calls that do these things; those that revert leave out what makes them."""
        try:
            call = job.call(items)
        except ChainError:
            raise
        except EnergyGridError as error:
            self._put_aside(items[0].name, error, now)
            return []
        (answer,) = estimated_gas(self._market.node, address_of(self._who), [call])
        if isinstance(answer, int):
            # Whole communities come near the cap: rather less room than nothing.
            gas = max(answer, min(with_room(answer), _MAX_GAS))
            if gas <= min(_MAX_GAS, _MAX_GAS if self._gas_per_day is None else self._gas_per_day):
                return [_Attempt(items, call, gas)]
            answer = ChainError(f"it needs {gas} gas, which is more than a call or a day may have")
        if len(items) > 1:
            half = len(items) // 2
            return [
                *self._attempts(job, items[:half], now),
                *self._attempts(job, items[half:], now),
            ]
        if isinstance(answer, job.over):
            self._over[items[0].name] = now + _FIRST_PAUSE
        else:
            self._put_aside(items[0].name, answer, now)
        return []

    def _affordable(self, attempts: Sequence[_Attempt], now: int) -> list[_Attempt]:
        """Those of the attempts, from the first one on, that the day still has gas for."""
        if self._gas_per_day is None:
            return [*attempts]
        found, reserved = [], self._gas
        for each in attempts:
            reserved += each.gas
            if reserved > self._gas_per_day:
                break
            found.append(each)
        if attempts and not found:
            spent = f"{self._gas} of {self._gas_per_day}"
            self._say(
                now, _SPENT_PERCENT, f"the gas of today is spent, {spent}: {self._due} due wait"
            )
        return found

    def _say_gas(self, now: int) -> None:
        limit = self._gas_per_day
        if limit is not None and self._gas * 100 >= limit * _WARN_PERCENT:
            self._say(now, _WARN_PERCENT, f"{self._gas} of {limit} gas of today are spent")

    def _say(self, now: int, level: int, line: str) -> None:
        """Log a line of the day's gas, once for each level."""
        if self._said < (now // DAY_SECONDS, level):
            self._said = now // DAY_SECONDS, level
            self._log(f"{self.name}: {line}")

    # What failed

    def _read_aside(self) -> dict[str, tuple[int, int, str]]:
        with self._database.reading() as connection:
            rows = connection.execute(select(ASIDE)).all()
        return {row.name: (row.failures, row.until, row.reason) for row in rows}

    def _is_aside(self, item: Due, now: int) -> bool:
        return item.name in self._aside and now < self._aside[item.name][1]

    def _put_aside(self, name: str, error: EnergyGridError, now: int) -> None:
        failures = self._aside.get(name, (0, 0, ""))[0] + 1
        # No number with more bits than needed, however often it fails.
        pause = min(_FIRST_PAUSE << min(failures - 1, 10), _LONGEST_PAUSE)
        row = failures, now + pause, str(error)
        with self._database.writing() as connection:
            connection.execute(delete(ASIDE).where(ASIDE.c.name == name))
            values = dict(zip(("failures", "until", "reason"), row, strict=True))
            connection.execute(insert(ASIDE).values(name=name, **values))
        self._aside[name] = row
        self._log(f"{self.name}: cannot {name} ({error}): tried again at {format_time(row[1])}")

    def _forget(self, *names: str) -> None:
        known = [each for each in names if self._aside.pop(each, None)]
        if known:
            with self._database.writing() as connection:
                connection.execute(delete(ASIDE).where(ASIDE.c.name.in_(known)))

    def _clean(self, due: Sequence[Due], now: int) -> None:
        """Forget the failures of what is not due any more."""
        wanted = {each.name for each in due}
        self._forget(*(self._aside.keys() - wanted))
