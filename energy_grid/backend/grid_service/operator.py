"""What grid operators and the authority report by themselves, from what meters have read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select, union

from energy_grid.backend.grid_service.places import SourceError
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import READINGS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.domain.day_leaves import DayLeaves
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import ContractError
from energy_grid.market.day_store import NoStoredDayError, load_published

__all__ = ["DayMetrics", "MetricsReporter", "OperatorReporter", "metered_day"]

_POLL_SECONDS = 5.0
_REGISTER_END = 2**48
_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMetrics:
    """A day of all settlement meters, in Wh; ``peak_load`` is the consumption of its largest slot.

    Attributes:
        efficiency: basis points of the consumption that other meters' production of the same slot
            covers; all of it, where nothing was consumed.
    """

    production: int
    consumption: int
    peak_load: int
    efficiency: int


class _Reporting(ABC):
    """What the two services share: who sends, how often, and what went wrong.

    What was reported last says the chain, or the journal. So a crash, or a second instance, reports
    nothing twice.
    """

    def __init__(self, market: EnergyGrid, database: Database, who: Actor, name: str) -> None:
        self.name = name
        self._market, self._database, self._who = market, database, who
        self._reports = self._failures = 0
        self._trouble = ""

    def step(self) -> float:
        """Report what is due.

        Raises:
            FundsMissingError, TransactionPendingError, OtherLeaderError, NodeUnreachableError,
            DatabaseGoneError: take the step again after a while.
        """
        market = self._market
        journal, _ = resumed(market, self._database, self.name, self._who)
        due = self._due(next_time(market.node), journal)
        while True:
            try:
                found = next(due, None)
                if found is None:
                    return _POLL_SECONDS
                call, key = found
                market.sender.send(self._who, call, key=key)
            except (SourceError, ContractError) as error:
                self._failures += 1
                self._trouble = f", silent: {error}"
            else:
                self._reports, self._trouble = self._reports + 1, ""

    def describe(self) -> str:
        """How often it reported, and why it does not."""
        return f"reported {self._reports} times{self._trouble}"

    def metrics(self) -> Mapping[str, float]:
        """Reports and failures since the start."""
        return {"reports_total": self._reports, "failures_total": self._failures}

    @abstractmethod
    def _due(self, now: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        """Calls with their keys, each made once the one before was sent."""


class OperatorReporter(_Reporting):
    """Reports load and stability of a verified operator's region; a `Service`.

    The capacity is what the operator has registered. Meters show no phase angle: it is 0.

    Args:
        market, database, who: as of a `Reporter`.
        source: gives the state of the region, such as `metered_grid`.
        every: seconds; a report of another operator of the region counts as well.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Actor,
        source: Callable[[int], GridState],
        *,
        name: str = "operator_reporter",
        every: int = 3600,
    ) -> None:
        super().__init__(market, database, who, name)
        self._source, self._every = source, every

    def _due(self, now: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        market = self._market
        operator = market.operators.get_operator(address_of(self._who))
        region, since = operator.region, now - self._every
        if self._last_load(region) <= since:
            demand = self._source(now).demand
            yield market.load.report_load(region, operator.capacity, demand), None
        if self._last_stability(region) <= since:
            state = self._source(now)
            yield (
                market.stability.report_stability_metrics(
                    region, state.frequency, state.voltage, 0
                ),
                None,
            )

    def _last_load(self, region: str) -> int:
        try:
            return self._market.load.get_current_load(region).timestamp
        except errors.LoadMonitoring_NoReport:
            return 0

    def _last_stability(self, region: str) -> int:
        try:
            return self._market.stability.get_current_stability(region).timestamp
        except errors.StabilityMaintenance_NoReport:
            return 0


class MetricsReporter(_Reporting):
    """Records each day's metrics of the whole grid once its slots are final; a `Service`.

    Args:
        who: has the role GRID_AUTHORITY, may be the operators' Safe.
        published: the folder in which gateways publish the leaves of days.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Actor,
        *,
        published: Path,
        name: str = "metrics_reporter",
    ) -> None:
        super().__init__(market, database, who, name)
        self._published = published

    def _due(self, now: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        market = self._market
        day = market.last_final_day()
        # The chain does not say which day was recorded: the journal does.
        key = f"metrics of {format_day(day)}"
        if key in journal.by_key:
            return
        slot = market.settlement.slot_length()
        found = metered_day(self._database, day, slot, self._published)
        call = market.grid.record_metrics(
            found.production, found.consumption, found.peak_load, found.efficiency
        )
        yield call, key


def metered_day(database: Database, day: int, slot_length: int, published: Path) -> DayMetrics:
    """A day as its settlement meters have read it slot by slot: by readings in the store, and by
    the anchored leaves of gateways, of which each slot is known less what its other side had.

    Leaves that are not in the folder are not counted.

    Raises:
        SourceError: no meter has read any.
    """
    made, used = Counter[int](), Counter[int]()
    leaves = list(_leaves(database, day, published))
    numbers = [leaf.number for each in leaves for leaf in each.leaves]
    for slot, production, consumption in _read(database, day, slot_length, numbers):
        made[slot] += production
        used[slot] += consumption
    for each in leaves:
        for slot, nets in enumerate(each.nets.T):
            made[slot] += int(nets[nets > 0].sum())
            used[slot] -= int(nets[nets < 0].sum())
    if not made:
        raise SourceError(f"no meter has read a slot of {format_day(day)}")
    consumption = used.total()
    covered = sum(min(made[slot], used[slot]) for slot in made)
    return DayMetrics(
        production=made.total(),
        consumption=consumption,
        peak_load=max(used.values()),
        efficiency=covered * _WHOLE_BPS // consumption if consumption else _WHOLE_BPS,
    )


def _read(
    database: Database, day: int, slot_length: int, others: Sequence[int]
) -> Sequence[tuple[int, int, int]]:
    """The slots of a day with what was produced and consumed, by readings.

    Args:
        others: numbers of accounts whose readings do not count.
    """
    begin, end = READINGS.alias("begin"), READINGS.alias("ends")
    first = day * DAY_SECONDS

    def risen(name: str) -> Any:
        # Registers count modulo 2^48.
        difference = end.c[name] - begin.c[name] + _REGISTER_END
        return func.sum(difference % _REGISTER_END)

    query = (
        select(end.c.timestamp, risen("production"), risen("consumption"))
        .join(begin, begin.c.meter == end.c.meter)
        .where(begin.c.timestamp == end.c.timestamp - slot_length)
        .where(end.c.timestamp > first, end.c.timestamp <= first + DAY_SECONDS)
        .where(end.c.timestamp % slot_length == 0, end.c.meter.in_(_keys(others)))
        .group_by(end.c.timestamp)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [
        ((time - first) // slot_length - 1, int(production), int(consumption))
        for time, production, consumption in rows
    ]


def _leaves(database: Database, day: int, published: Path) -> Iterator[DayLeaves]:
    """The newest anchored leaves of each community."""
    anchored = table_of("CommunityDays", "DayAnchored").c
    query = select(anchored.community, anchored.root).where(anchored.day == day)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(anchored.block, anchored.log_index)).all()
    for root in {row.community: bytes.fromhex(row.root[2:]) for row in rows}.values():
        with suppress(NoStoredDayError):
            yield load_published(published, root).leaves


def _keys(others: Sequence[int]) -> Any:
    """All keys that settlement meters have or had, but those of some accounts."""
    registered = table_of("SmartMeter", "MeterRegistered")
    # As text in the statement: databases take no more than some thousand parameters.
    known: BindParameter[Any] = bindparam("others", [*others], expanding=True, literal_execute=True)
    is_counted = registered.c.settlement & registered.c.number.not_in(known)
    numbers = select(registered.c.number).where(is_counted)
    later = [table_of("SmartMeter", name) for name in ("MeterKeyRotated", "MeterExchanged")]
    keys = union(
        select(registered.c.meter).where(is_counted),
        *(select(table.c.to).where(table.c.number.in_(numbers)) for table in later),
    ).subquery()
    return select(keys.c.meter)
