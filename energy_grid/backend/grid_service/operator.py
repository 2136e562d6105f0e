"""What grid operators and the authority report by themselves, from what meters have read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, select

from energy_grid.backend.grid_service.places import SourceError
from energy_grid.backend.store.database import Database, in_parts
from energy_grid.backend.store.details import READINGS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.feeder_flows import FEEDER_FLOWS
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.cli.numbers import counted
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.domain.day_leaves import REGISTER_END, Measured
from energy_grid.domain.enums import ActionStatus, Trigger
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, POSSIBLE_VOLTAGES
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import ContractError
from energy_grid.market.day_store import (
    CorruptDayError,
    NoStoredDayError,
    StoredDay,
    load_published,
)

__all__ = ["DayMetrics", "MetricsReporter", "OperatorReporter", "Reporting", "metered_day"]

_POLL_SECONDS = 5.0
_FRESH_SECONDS = DAY_SECONDS // 4
_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMetrics:
    """A day of all settlement meters, in Wh.

    Attributes:
        peak_load: the consumption of the largest slot. A gateway's leaf says of a slot only what
            an account imports more than it exports, so its part of the peak is net.
        efficiency: basis points of the consumption that other meters' production of the same slot
            covers; all of it, where nothing was consumed.
    """

    production: int
    consumption: int
    peak_load: int
    efficiency: int


class Reporting(ABC):
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
        return f"reported {counted(self._reports, 'time')}{self._trouble}"

    def metrics(self) -> Mapping[str, float]:
        """Reports and failures since the start."""
        return {"reports_total": self._reports, "failures_total": self._failures}

    @abstractmethod
    def _due(self, now: int, journal: DatabaseJournal) -> Iterator[tuple[Call, str | None]]:
        """Calls with their keys, each made once the one before was sent."""


class OperatorReporter(Reporting):
    """Reports load and stability of a verified operator's region, and answers a critical load as
    soon as the grid oracle's reporters agree on one; a `Service`.

    The capacity is what the operator has registered. Meters show no phase angle: it is 0. What the
    twin of the region's feeder says of its newest slot counts where it is worse than what meters
    show: the fullest cable, or the transformer, as the load, and the voltage farthest from the
    rated one. A limit that breaks is reported at once, not after ``every``.

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
        flow = self._newest_flow(region, now)
        if flow is not None and flow.is_broken:
            since = max(since, flow.end - 1)
        if self._last_load(region) <= since:
            demand = self._source(now).demand
            if flow is not None:
                fullest = max(flow.cable_bps, flow.transformer_bps)
                demand = max(demand, -(-operator.capacity * fullest // _WHOLE_BPS))
            yield market.load.report_load(region, operator.capacity, demand), None
        if self._last_stability(region) <= since:
            state = self._source(now)
            voltages = [state.voltage]
            if flow is not None:
                computed = (round(bps / 100) for bps in (flow.lowest_bps, flow.highest_bps))
                # One that no grid can have comes of a wrong file or reading: an alarm tells of it.
                voltages += [percent for percent in computed if percent in POSSIBLE_VOLTAGES]
            voltage = max(voltages, key=lambda percent: abs(percent - 100))
            yield (
                market.stability.report_stability_metrics(region, state.frequency, voltage, 0),
                None,
            )
        if self._is_response_due(region):
            yield market.stability.respond_to_load(region), None

    def _is_response_due(self, region: str) -> bool:
        """Whether a response to a critical load is configured, and its last action is not open."""
        market = self._market
        responses = [
            each
            for each in market.stability.get_automated_responses(region)
            if each.trigger is Trigger.CRITICAL_LOAD
        ]
        if not responses:
            return False
        found = market.grid_oracle.try_grid_state(region)
        state = found.state
        if not found.fresh or not state.supply:
            return False
        if state.demand * 100 < state.supply * CRITICAL_PERCENT:
            return False
        balancing = market.balancing
        return any(
            not each.action_id
            or balancing.get_balancing_action(each.action_id).status is not ActionStatus.OPEN
            for each in responses
        )

    def _newest_flow(self, region: str, now: int) -> Row[Any] | None:
        """What the twin says of a slot of the last quarter of a day; None: nothing."""
        of = FEEDER_FLOWS.c
        wanted = (
            select(FEEDER_FLOWS)
            .where(of.region == region, of.end > now - _FRESH_SECONDS)
            # What a few have read says little: the others draw something too.
            .where(of.measured * 2 >= of.meters)
            .order_by(of.end.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).first()

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


class MetricsReporter(Reporting):
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
        published: Path,
        *,
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
        found = metered_day(self._database, self._published, day, market.settlement.slot_length())
        call = market.grid.record_metrics(
            found.production, found.consumption, found.peak_load, found.efficiency
        )
        yield call, key


def metered_day(database: Database, published: Path, day: int, slot_length: int) -> DayMetrics:
    """A day of all settlement meters: of members whose gateway has anchored a measured leaf, that
    leaf; of all others the slots that the chain has readings of, from the store.

    A leaf is whole, and its account is settled by it. One that the chain has passed over counts
    for nothing, and neither do leaves that are not published.

    Args:
        published: the folder in which gateways publish the leaves of days.
        slot_length: seconds.

    Raises:
        SourceError: there is neither a leaf nor a reading.
    """
    first = day * DAY_SECONDS
    ends = range(first + slot_length, first + DAY_SECONDS + 1, slot_length)
    slots = {end: [0, 0] for end in ends}
    days, passed = _leaves(database, published, day, slot_length)
    leaves = [
        (leaf, nets.tolist())
        for each in days
        for leaf, nets in zip(each.leaves.leaves, each.leaves.nets, strict=True)
        if isinstance(leaf, Measured) and leaf.number not in passed
    ]
    is_read = False
    by_slot = _by_slot(first, slot_length)
    with database.reading() as connection:
        for end, made, used in connection.execute(by_slot.where(_ENDS.c.meter.in_(_keys()))):
            slots[end][0] += int(made)
            slots[end][1] += int(used)
            is_read = True
        numbers = [leaf.number for leaf, _ in leaves]
        for some in in_parts(numbers):
            # What the chain has read of them as well counts once.
            doubled = by_slot.where(_ENDS.c.meter.in_(_keys(some)))
            for end, made, used in connection.execute(doubled):
                slots[end][0] -= int(made)
                slots[end][1] -= int(used)
    if not is_read and not leaves:
        raise SourceError(f"no meter has read a slot of {format_day(day)}, no gateway anchored it")
    # What an account has imported and exported in one slot: registers show it, nets do not.
    within = 0
    for leaf, nets in leaves:
        for slot, net in zip(slots.values(), nets, strict=True):
            slot[net < 0] += abs(net)
        imports = sum(-net for net in nets if net < 0)
        within += (leaf.last.imported - leaf.first.imported) % REGISTER_END - imports
    used = within + sum(each for _, each in slots.values())
    covered = within + sum(min(slot) for slot in slots.values())
    return DayMetrics(
        production=within + sum(made for made, _ in slots.values()),
        consumption=used,
        peak_load=max(each for _, each in slots.values()),
        efficiency=covered * _WHOLE_BPS // used if used else _WHOLE_BPS,
    )


_BEGIN, _ENDS = READINGS.alias("begin"), READINGS.alias("ends")


def _by_slot(first: int, slot_length: int) -> Select[Any]:
    """The end of each slot of a day, with the rises of the registers in Wh."""

    def risen(name: str) -> Any:
        # Registers count modulo 2^48.
        difference = _ENDS.c[name] - _BEGIN.c[name] + REGISTER_END
        return func.sum(difference % REGISTER_END).label(name)

    return (
        select(_ENDS.c.timestamp, risen("production"), risen("consumption"))
        .join(_BEGIN, _BEGIN.c.meter == _ENDS.c.meter)
        .where(_BEGIN.c.timestamp == _ENDS.c.timestamp - slot_length)
        .where(_ENDS.c.timestamp > first, _ENDS.c.timestamp <= first + DAY_SECONDS)
        .where(_ENDS.c.timestamp % slot_length == 0)
        .group_by(_ENDS.c.timestamp)
    )


def _leaves(
    database: Database, published: Path, day: int, slot_length: int
) -> tuple[list[StoredDay], set[int]]:
    """A day's leaves that count, and the numbers of accounts that the chain has passed over."""
    anchored = table_of("CommunityDays", "DayAnchored")
    passed = table_of("CommunityDays", "MemberPassedOver")
    roots = (
        select(anchored.c.community, anchored.c.root)
        .where(anchored.c.day == day)
        .order_by(anchored.c.block, anchored.c.log_index)
    )
    with database.reading() as connection:
        # The newest leaves of a day are those that count.
        newest = {row.community: row.root for row in connection.execute(roots)}
        wanted = select(passed.c.number).where(passed.c.day == day)
        numbers = {*connection.execute(wanted).scalars()}
    days = []
    for root in newest.values():
        # Anybody can anchor a root and keep its leaves: nobody waits for them.
        with suppress(NoStoredDayError, CorruptDayError):
            days.append(load_published(published, bytes.fromhex(root[2:])))
    return [each for each in days if each.leaves.slot_seconds == slot_length], numbers


def _keys(accounts: Sequence[int] | None = None) -> Any:
    """All keys that settlement meters have or had; of accounts with these numbers alone."""
    keys, opened = VIEWS["meter_keys"].c, table_of("Settlement", "AccountOpened")
    found = select(keys.meter).where(keys.is_settlement)
    if accounts is None:
        return found
    return found.where(
        keys.account.in_(select(opened.c.account).where(opened.c.number.in_(accounts)))
    )
