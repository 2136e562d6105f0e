"""What operators see of their region: the feeder in the newest slot, and what is wrong.

Everything follows from what meters have read; nothing is kept but who has acknowledged what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

from sqlalchemy import Connection, func, insert, select

from energy_grid.api.models import (
    Alarm,
    FeederAhead,
    FeederBus,
    FeederFlow,
    FeederLine,
    FeederState,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend, not_found
from energy_grid.backend.grid_service.ahead import flows_ahead
from energy_grid.backend.store.alarms import ACKNOWLEDGED
from energy_grid.backend.store.database import in_parts
from energy_grid.backend.store.feeder_flows import FEEDER_FLOWS
from energy_grid.backend.store.registers import QUARANTINED
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.abi import to_bytes32
from energy_grid.contracts.grid_operator_verification import Operator
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.power_flow import Twin
from energy_grid.errors import InputError
from energy_grid.market.feeders import MeteredFeeder

__all__ = ["SILENT_SLOTS", "GridWatch"]

_METERS, _MEASURED = VIEWS["meters"].c, VIEWS["measured"].c
_HOUR_SECONDS = 3600
SILENT_SLOTS = 4
"""A meter that shows nothing for so many slots is silent."""
_BPS = 10_000


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a meter has shown between both ends of a slot."""

    drawn_w: int
    voltage: int


class GridWatch:
    """A region as its operators see it.

    Attributes:
        region: its name.
    """

    def __init__(self, backend: Backend, region: str) -> None:
        self._backend, self.region = backend, region
        self._database, self._slot = backend.database, backend.slot_seconds
        self._now = backend.market.node.time

    def require_operator(self, account: str) -> None:
        """Pass if an account operates the region now.

        Raises:
            ProblemError: it does not.
        """
        if not self.is_operator(account):
            detail = f"{account} does not operate {self.region}"
            raise ProblemError(HTTPStatus.FORBIDDEN, "not-an-operator", detail)

    def is_operator(self, account: str) -> bool:
        """Whether an account operates the region now."""
        known: Operator = self._backend.market.operators.get_operator(account)
        return known.authorized and known.region == self.region

    def feeder(self) -> FeederState:
        """The feeder in the newest slot that is measured.

        Raises:
            ProblemError: nobody has described it.
        """
        found = self._backend.feeders.get(self.region)
        if found is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "not-found",
                f"the cables of {self.region} are not known here",
                next="the backend's operator names their files in the setting feeders",
            )
        with self._database.reading() as connection:
            end = self._newest_end(connection, [*found.meters])
            shown = self._shown(connection, [*found.meters], end)
        return self._state(found, shown, end)

    def flows(self, first: int, last: int) -> list[FeederFlow]:
        """What the feeder's twin says of the slots that end after a time and until another."""
        of = FEEDER_FLOWS.c
        wanted = (
            select(FEEDER_FLOWS)
            .where(of.region == self.region, of.end > first, of.end <= last)
            .order_by(of.end)
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [
            FeederFlow.model_validate(
                {**row, "start": time_of(row["end"] - self._slot), "end": time_of(row["end"])}
            )
            for row in rows
        ]

    def ahead(self) -> list[FeederAhead]:
        """What the feeder is to carry, by the newest forecasts of its houses."""
        known = self._backend.feeders.get(self.region)
        if known is None or known.grid is None:
            return []
        with self._database.reading() as connection:
            try:
                found = [*flows_ahead(connection, self.region, known, Twin(known.grid))]
            except InputError:
                return []
        return [
            FeederAhead.model_validate({"case": case, "start": time_of(start), **asdict(flow)})
            for case, start, flow in found
        ]

    def alarms(self) -> list[Alarm]:
        """What is wrong now, and who knows it."""
        with self._database.reading() as connection:
            found = [
                *self._of_feeder(connection),
                *self._of_twin(connection),
                *self._of_meters(connection),
            ]
            names = [each.alarm for each in found]
            wanted = select(ACKNOWLEDGED).where(ACKNOWLEDGED.c.alarm.in_(names))
            known = {row.alarm: row for row in connection.execute(wanted)}
        return [
            each.model_copy(
                update={
                    "acknowledged_by": known[each.alarm].operator,
                    "acknowledged_at": time_of(known[each.alarm].at),
                }
            )
            if each.alarm in known
            else each
            for each in found
        ]

    def acknowledge(self, name: str, operator: str) -> Alarm:
        """Note that an operator knows an alarm; who was first stays.

        Raises:
            ProblemError: there is no such alarm now.
        """
        found = {each.alarm: each for each in self.alarms()}
        if name not in found:
            raise not_found("alarm")
        if found[name].acknowledged_by is None:
            with self._database.writing() as connection:
                values = {"alarm": name, "operator": operator, "at": self._now}
                connection.execute(insert(ACKNOWLEDGED).values(values))
        return next(each for each in self.alarms() if each.alarm == name)

    def _newest_end(self, connection: Connection, meters: Sequence[str]) -> int:
        """The end of the newest slot that more than half of those meters have shown that show
        anything; the one that is over where none has."""
        newest: dict[int, int] = {}
        for keys in in_parts(meters):
            wanted = (
                select(func.max(_MEASURED.time))
                .where(_MEASURED.meter.in_(keys), _MEASURED.time % self._slot == 0)
                .group_by(_MEASURED.meter)
            )
            for end in connection.scalars(wanted):
                newest[end] = newest.get(end, 0) + 1
        ends, many = sorted(newest, reverse=True), 0
        for end in ends:
            many += newest[end]
            if 2 * many > sum(newest.values()):
                return end
        return self._now - self._now % self._slot

    def _shown(
        self, connection: Connection, meters: Sequence[str], end: int
    ) -> Mapping[str, _Shown]:
        seen: dict[str, dict[int, tuple[int, int, int]]] = {}
        for keys in in_parts(meters):
            wanted = select(
                *(_MEASURED.meter, _MEASURED.time, _MEASURED.import_wh),
                *(_MEASURED.export_wh, _MEASURED.voltage),
            ).where(_MEASURED.meter.in_(keys), _MEASURED.time.in_([end - self._slot, end]))
            for meter, time, *values in connection.execute(wanted):
                seen.setdefault(meter, {})[time] = tuple(values)
        return {
            meter: _Shown(
                drawn_w=_power(times[end - self._slot], times[end], self._slot),
                voltage=times[end][2],
            )
            for meter, times in seen.items()
            if len(times) == 2
        }

    def _state(self, found: MeteredFeeder, shown: Mapping[str, _Shown], end: int) -> FeederState:
        feeder = found.feeder
        here: dict[str, list[str]] = {}
        for meter, bus in found.meters.items():
            here.setdefault(bus, []).append(meter)
        measured = {
            bus: [shown[each] for each in meters if each in shown] for bus, meters in here.items()
        }
        drawn = {bus: sum(each.drawn_w for each in some) for bus, some in measured.items() if some}
        through = feeder.flows(drawn)
        return FeederState(
            region=self.region,
            start=time_of(end - self._slot),
            end=time_of(end),
            station=feeder.station,
            rating_w=feeder.rating_w,
            power_w=through[feeder.station],
            lines=[
                FeederLine(
                    line=each.name,
                    upper_bus=each.upper,
                    lower_bus=each.lower,
                    length_m=each.length_m,
                    rating_w=each.rating_w,
                    power_w=through[each.lower],
                )
                for each in feeder.lines
            ],
            buses=[
                FeederBus(
                    bus=each.name,
                    longitude=each.longitude,
                    latitude=each.latitude,
                    meters=len(here.get(each.name, ())),
                    drawn_w=drawn.get(each.name),
                    voltage_decivolts=max(
                        (one.voltage for one in measured.get(each.name, ())), default=None
                    ),
                )
                for each in feeder.buses.values()
            ],
            meters=len(found.meters),
            measured=len(shown),
        )

    def _of_feeder(self, connection: Connection) -> list[Alarm]:
        if self.region not in self._backend.feeders:
            return []
        state = self.feeder()
        day = int(state.end.timestamp()) // DAY_SECONDS
        over = [("TRANSFORMER", state.station, state.power_w, state.rating_w)]
        over += [("LINE", each.line, each.power_w, each.rating_w) for each in state.lines]
        return [
            self._alarm(kind, subject, f"{day}", int(state.start.timestamp()), power, rating)
            for kind, subject, power, rating in over
            # It is hot in both directions.
            if abs(power) > rating
        ]

    def _of_twin(self, connection: Connection) -> list[Alarm]:
        """Voltages out of their bounds in the newest slot that the twin knows."""
        known = self._backend.feeders.get(self.region)
        of = FEEDER_FLOWS.c
        wanted = (
            select(FEEDER_FLOWS)
            .where(of.region == self.region, of.measured * 2 >= of.meters)
            .order_by(of.end.desc())
            .limit(1)
        )
        row = connection.execute(wanted).first()
        if row is None or known is None or known.grid is None:
            return []
        buses = {each.name: each for each in known.grid.buses}
        found = []
        for name, bps in ((row.lowest_bus, row.lowest_bps), (row.highest_bus, row.highest_bps)):
            if (bus := buses.get(name)) is None:
                # Its files have changed since.
                continue
            # Of one phase, in decivolts, as meters show it.
            rated = bus.rated_v / 3**0.5 * 10
            limit = bus.least if bps < _BPS else bus.most
            if not bus.least * _BPS <= bps <= bus.most * _BPS:
                day, start = row.end // DAY_SECONDS, row.end - self._slot
                values = round(rated * bps / _BPS), round(rated * limit)
                found.append(self._alarm("BUS_VOLTAGE", name, f"{day}", start, *values))
        return found

    def _of_meters(self, connection: Connection) -> list[Alarm]:
        word = f"0x{to_bytes32(self.region).hex()}"
        wanted = select(_METERS.meter, _METERS.registered_at).where(_METERS.region == word)
        known = {row.meter: row.registered_at for row in connection.execute(wanted)}
        newest: dict[str, tuple[int, int]] = {}
        aside: dict[str, int] = {}
        today = self._now - self._now % DAY_SECONDS
        for keys in in_parts([*known]):
            last = (
                select(_MEASURED.meter, func.max(_MEASURED.time).label("time"))
                .where(_MEASURED.meter.in_(keys))
                .group_by(_MEASURED.meter)
                .subquery()
            )
            here = (_MEASURED.meter == last.c.meter) & (_MEASURED.time == last.c.time)
            rows = select(_MEASURED.meter, _MEASURED.time, _MEASURED.voltage)
            for meter, time, voltage in connection.execute(rows.join(last, here)):
                newest[meter] = time, voltage
            held = (
                select(QUARANTINED.c.meter, func.count().label("number"))
                .where(QUARANTINED.c.meter.in_(keys), QUARANTINED.c.time >= today)
                .group_by(QUARANTINED.c.meter)
            )
            aside.update({row.meter: row.number for row in connection.execute(held)})
        bands = self._backend.market.bands.bands_of(self.region)
        nominal, percent = bands.nominal_voltage, bands.voltage
        lowest, highest = nominal * percent.alert_low // 100, nominal * percent.alert_high // 100
        found = []
        silent_before = self._now - SILENT_SLOTS * self._slot
        for meter, registered in known.items():
            time, voltage = newest.get(meter, (registered, nominal))
            if time < silent_before and self._reads(meter):
                found.append(self._alarm("SILENT", meter, f"{time}", time, None, None))
            if not lowest <= voltage <= highest:
                limit = lowest if voltage < lowest else highest
                day = time // DAY_SECONDS
                found.append(self._alarm("VOLTAGE", meter, f"{day}", time, voltage, limit))
            if meter in aside:
                day = today // DAY_SECONDS
                found.append(self._alarm("QUARANTINED", meter, f"{day}", None, aside[meter], None))
        return found

    def _reads(self, meter: str) -> bool:
        return self._backend.market.meters.get_meter(meter).active

    def _alarm(
        self,
        kind: str,
        subject: str,
        occasion: str,
        since: int | None,
        value: int | None,
        limit: int | None,
    ) -> Alarm:
        values = {
            "alarm": f"{kind}~{subject}~{occasion}",
            "kind": kind,
            "region": self.region,
            "subject": subject,
            "since": None if since is None else time_of(since),
            "value": value,
            "limit": limit,
            "acknowledged_by": None,
            "acknowledged_at": None,
        }
        return Alarm.model_validate(values)


def _power(first: Sequence[int], last: Sequence[int], seconds: int) -> int:
    """W that were drawn, of import and export in Wh."""
    wh = (last[0] - first[0]) - (last[1] - first[1])
    return wh * _HOUR_SECONDS // seconds
