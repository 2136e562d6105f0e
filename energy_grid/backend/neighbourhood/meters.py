"""The neighbourhood's meters: they sign registers at slots' ends, and send them over MQTT."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import func, select

from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Publisher
from energy_grid.backend.meter_gateway.payload import reading_payload, topic_of
from energy_grid.backend.neighbourhood.village import Village
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["Devices"]

# Seconds after which a reading that is not stored is sent again.
_PATIENCE = 2.0
_CLIENT = "neighbourhood"


class Devices:
    """Sends what meters show, and again what the gateway has not stored: it counts once.

    Args:
        broker: where meters find one; asked for again whenever it is gone.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        village: Village,
        broker: Callable[[], BrokerPlace],
    ) -> None:
        self._market, self._database, self._village = market, database, village
        self._broker, self._publisher = broker, None
        self._slot = market.settlement.slot_length()
        self._meters = village.meters
        self._is_indexed, self._stored_to = False, None
        self._sent_to, self._sent_at = 0, 0.0

    _publisher: Publisher | None
    _stored_to: int | None

    def send(self, now: int) -> bool:
        """Send what is not stored of all slots until now; whether all of it is.

        Raises:
            BrokerGoneError, DatabaseGoneError: nobody can tell.
        """
        if not self._are_known():
            return False
        first, last = self._first(), now - now % self._slot
        if first > last:
            return True
        stored = self._stored(first, last)
        bounds = (last - first) // self._slot + 1
        if len(stored) == bounds * len(self._meters):
            self._stored_to = last
            return True
        if last > self._sent_to or time.monotonic() - self._sent_at > _PATIENCE:
            self._publish(first, last, stored)
            self._sent_to, self._sent_at = last, time.monotonic()
        return False

    def _are_known(self) -> bool:
        """Whether the store has all meters: the gateway would quarantine what others send."""
        if not self._is_indexed:
            meter = table_of("SmartMeter", "MeterRegistered").c.meter
            count = select(func.count(meter.distinct())).where(meter.in_(self._meters))
            with self._database.reading() as connection:
                self._is_indexed = connection.scalar(count) == len(self._meters)
        return self._is_indexed

    def _first(self) -> int:
        """The first slot's begin that is not stored of all meters."""
        if self._stored_to is None:
            newest = func.max(REGISTERS.c.time)
            of_them = select(newest).where(REGISTERS.c.meter.in_(self._meters))
            with self._database.reading() as connection:
                found = connection.scalars(of_them.group_by(REGISTERS.c.meter)).all()
            begin = self._village.first_day * DAY_SECONDS - self._slot
            self._stored_to = min(found) if len(found) == len(self._meters) else begin
        return self._stored_to + self._slot

    def _stored(self, first: int, last: int) -> set[tuple[str, int]]:
        wanted = REGISTERS.c.meter.in_(self._meters) & REGISTERS.c.time.between(first, last)
        with self._database.reading() as connection:
            rows = connection.execute(select(REGISTERS.c.meter, REGISTERS.c.time).where(wanted))
            return {(row.meter, row.time) for row in rows if row.time % self._slot == 0}

    def _publish(self, first: int, last: int, stored: set[tuple[str, int]]) -> None:
        market = self._market
        readings = [
            each
            for each in self._village.readings(market, first, last)
            if (each.meter, each.reading.timestamp) not in stored
        ]
        chain_id, domain = market.node.chain_id, market.meter_domain
        publisher, self._publisher = self._publisher or Publisher(self._broker(), _CLIENT), None
        publisher.publish(
            (topic_of(chain_id, each.meter, "reading"), reading_payload(each, domain))
            for each in readings
        )
        # One that has failed is not used again: the broker may have gone elsewhere.
        self._publisher = publisher
