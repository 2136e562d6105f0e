"""The door for readings that come one by one, over HTTP: judged and stored as those of brokers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from energy_grid.backend.meter_gateway.intake import Intake, Received
from energy_grid.backend.meter_gateway.judging import Limits, Verdict
from energy_grid.backend.meter_gateway.payload import parse_reading_payload
from energy_grid.backend.store.database import Database
from energy_grid.errors import EnergyGridError

__all__ = ["MeterDoor", "QuarantinedError"]


class QuarantinedError(EnergyGridError):
    """A reading does not count.

    Attributes:
        verdict: why.
    """

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(f"{verdict.reason}: {verdict.why}")


class MeterDoor:
    """Takes signed readings from anybody, since their signatures say whose they are.

    Args:
        clock: of the devices' market, in Unix seconds.
    """

    def __init__(self, database: Database, limits: Limits, clock: Callable[[], int]) -> None:
        self._domain, self._clock = limits.domain, clock
        self._intake = Intake(database, limits, is_open=True)
        self._lock = threading.Lock()

    def submit(self, content: bytes) -> bool:
        """Store a reading; False if it was there before.

        Args:
            content: as in a message of a broker.

        Raises:
            PayloadError: it is no reading.
            QuarantinedError: it does not count.
            DatabaseGoneError: it is not stored.
        """
        signed = parse_reading_payload(content, self._domain)
        received = Received(signed.meter, signed, self._clock())
        with self._lock:
            taken = self._intake.take([received])
        for each, verdict in taken.refused:
            if each is received:
                raise QuarantinedError(verdict)
        return received in taken.counted
