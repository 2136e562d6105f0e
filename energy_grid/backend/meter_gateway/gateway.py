"""The gateway: a step takes what meters have sent, stores it, and then acknowledges it.

    broker --messages--> parsed --signatures, registers--> committed --> acknowledged
                           |
                       malformed: counted, and acknowledged, or it would come again for ever

If it is ended before the commit, the broker sends the messages again; if after it, they are
duplicates, and count once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import func, select

from energy_grid.backend.meter_gateway.devices import Device, Devices
from energy_grid.backend.meter_gateway.home_assistant import configurations, state
from energy_grid.backend.meter_gateway.intake import Intake, Received, ReceivedStatus
from energy_grid.backend.meter_gateway.judging import Limits, Reason
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Listener, Message
from energy_grid.backend.meter_gateway.payload import (
    PayloadError,
    Status,
    parse_reading_payload,
    parse_status,
    parse_topic,
    topic_of,
)
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.registers import METER_STATES
from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.client import EnergyGrid

__all__ = ["MeterGateway", "clock_of", "limits_of"]

_BATCH = 500
# Seconds between two looks when nothing came, and between two of the clocks of devices.
_IDLE_SECONDS, _LOOK_SECONDS = 0.02, 5.0
# Who shares messages with other gateways.
_GROUP = "$share/energy-grid/"


def clock_of(market: EnergyGrid) -> Callable[[], int]:
    """Gives Unix seconds as devices know them: a local chain's clock is not this machine's."""
    if market.node.chain_id in LOCAL_CHAINS:
        return lambda: market.node.time
    return _utc


def limits_of(market: EnergyGrid) -> Limits:
    """What holds for all meters of a market."""
    usual = market.bands.default_bands()
    return Limits(
        domain=market.meter_domain, frequency=usual.nominal_frequency, voltage=usual.nominal_voltage
    )


def _utc() -> int:
    return int(time.time())


class MeterGateway:
    """Brings what meters send into the store; a `Service`.

    Args:
        session: its name at the broker, which keeps what comes while it is away. Gateways with
            different ones share the load.
        devices: that do not sign themselves; ``slot`` seconds apart this gateway signs for them.
        home_assistant: the prefix of its discovery; empty: meters are not shown to it.
        clock: of the devices' market.
        name: of the service.
        log: gets a line for the first malformed message, and for each thousandth.
    """

    def __init__(
        self,
        database: Database,
        limits: Limits,
        place: BrokerPlace,
        *,
        session: str = "gateway",
        name: str = "meters",
        devices: Sequence[Device] = (),
        slot: int = 900,
        home_assistant: str = "",
        clock: Callable[[], int] = _utc,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.name = name
        self._database, self._domain, self._place = database, limits.domain, place
        self._clock, self._log = clock, log
        self._intake = Intake(database, limits)
        group = "" if place.is_embedded else _GROUP
        self._devices = Devices(devices, limits, slot, self._intake.is_stored)
        self._prefix, self._shown = home_assistant, set[str]()
        topics = [topic_of(limits.domain.chain_id, "+", kind) for kind in ("reading", "status")]
        # Messages of such devices have no time of their own: later they tell nothing.
        passing = self._devices.topics
        self._listener = Listener(place, session, [f"{group}{each}" for each in topics], passing)
        self._waiting: list[Message] = []
        self._malformed, self._looked_at = 0, 0.0
        self._offset = self._seen = 0

    def step(self) -> float:
        """Take a batch of messages; gives 0 if there were any.

        Raises:
            BrokerGoneError, DatabaseGoneError, ChainError: take the step again after a while.
            InputError: the broker refuses this gateway.
        """
        if self._listener.connect():
            # They are not acknowledged: the broker sends them again.
            self._waiting.clear()
        # What could not be stored is tried again.
        messages = self._waiting = self._waiting or self._listener.receive(_BATCH)
        is_time = time.monotonic() - self._looked_at >= _LOOK_SECONDS
        if messages or is_time:
            self._take(messages)
            self._waiting = []
            self._listener.acknowledge(messages)
        if is_time:
            self._look()
        return 0.0 if messages else _IDLE_SECONDS

    def describe(self) -> str:
        """What has come, what of it does not count, and how far devices' clocks are off."""
        count = self._intake.counted
        aside = sum(count[each] for each in Reason)
        reasons = ", ".join(f"{count[each]} {each}" for each in Reason if count[each])
        shown = f", {aside} quarantined ({reasons})" if aside else ""
        malformed = f", {self._malformed} malformed" if self._malformed else ""
        clocks = f"; clocks up to {self._offset} s off" if self._offset else ""
        where = f"at {self._place}" if self._listener.is_connected else "without a broker"
        return f"{where}, {count['COUNTED']} registers{shown}{malformed}{clocks}"

    def metrics(self) -> Mapping[str, float]:
        """Whether it is connected, how many devices were seen, the worst clock in seconds, and
        counts of messages since the start."""
        count = self._intake.counted
        return {
            "connected": int(self._listener.is_connected),
            "devices": self._seen,
            "clock_offset_seconds": self._offset,
            "counted_total": count["COUNTED"],
            "duplicates_total": count["DUPLICATE"],
            "malformed_total": self._malformed,
            **{f"quarantined_{each.lower()}_total": count[each] for each in Reason},
        }

    def close(self) -> None:
        """Leave the broker."""
        self._listener.close()

    def _take(self, messages: list[Message]) -> None:
        now = self._clock()
        readings: list[Received] = []
        states: list[ReceivedStatus] = []
        for each in messages:
            try:
                found = self._parsed(each, now)
            except PayloadError as error:
                self._say_malformed(error)
                continue
            if isinstance(found, Received):
                readings.append(found)
            elif found is not None:
                states.append(found)
        taken = self._intake.take(readings, states)
        if self._prefix:
            self._show(taken.counted)

    def _parsed(self, message: Message, now: int) -> Received | ReceivedStatus | None:
        if message.topic in self._devices.topics:
            # What was retained tells of no time.
            is_old = message.is_retained
            return None if is_old else self._devices.read(message.topic, message.content, now)
        topic = parse_topic(message.topic)
        if topic.kind == "reading":
            return Received(topic.meter, parse_reading_payload(message.content, self._domain), now)
        status = parse_status(message.content)
        if message.is_retained:
            # Its time is that of long ago.
            status = Status(status.online, None)
        return ReceivedStatus(topic.meter, status, now)

    def _show(self, counted: Sequence[Received]) -> None:
        """Show meters to Home Assistant, with the newest of what counts."""
        chain_id = self._domain.chain_id
        newest = {each.meter: each for each in sorted(counted, key=_time)}
        for meter, each in newest.items():
            if meter not in self._shown:
                for topic, content in configurations(self._prefix, chain_id, meter):
                    self._listener.show(topic, content)
                self._shown.add(meter)
            self._listener.show(*state(chain_id, meter, each.signed.reading))

    def _say_malformed(self, error: PayloadError) -> None:
        if self._malformed % 1000 == 0:
            self._log(f"{self.name}: message {self._malformed + 1} that is none: {error}")
        self._malformed += 1

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        worst = func.max(func.abs(METER_STATES.c.clock_offset))
        with self._database.reading() as connection:
            row = connection.execute(select(func.count(METER_STATES.c.meter), worst)).one()
        self._seen, self._offset = row[0], row[1] or 0


def _time(received: Received) -> int:
    return received.signed.reading.timestamp
