"""The neighbourhood's service: its clock, its traders, its meters, and its certified plants.

    clock  -->  traders: orders for hours ahead  -->  the engine's door
           -->  meters: signed registers         -->  the broker, over MQTT
           -->  plants: certificates             -->  the chain

Time passes only while all other services have nothing to do, and what meters have sent is stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from energy_grid.backend.meter_gateway.mqtt import BrokerPlace
from energy_grid.backend.neighbourhood.certificates import CertifiedPlants
from energy_grid.backend.neighbourhood.meters import Devices
from energy_grid.backend.neighbourhood.traders import Traders
from energy_grid.backend.neighbourhood.village import Village
from energy_grid.backend.pace import Pace
from energy_grid.backend.store.database import Database
from energy_grid.chain.rpc.node import DevNode
from energy_grid.cli.numbers import counted
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_time

__all__ = ["Neighbourhood"]

# Seconds between two ticks of the clock, a block each; and the most that one lets pass.
_TICK_SECONDS, _LONGEST_TICK = 1.0, 300
# As fast as possible it leaps to :05, :15 and so on: in between, gates close and days end.
_LEAP = 600
# Seconds between two looks whether the others have nothing to do.
_LOOK_SECONDS = 0.005
# The clock stops so many seconds after the last day: it was settled then.
_AFTER_LAST = 12 * 3600


class Neighbourhood:
    """Lets simulated time pass, and brings what people and meters do to engine and chain.

    A `Service`. What people and meters do follows from the time and the store: nothing is kept.

    Args:
        node: the market's own chain, whose clock is set.
        broker: where meters find one.
        leaves: the gateway's folder of days.
        speed: simulated seconds a second; infinite: as fast as the other services allow.
        days: so many of them are lived, and settled; then time stands still. 0: no end.
        pace: tells whether the others have nothing to do; None: nobody is waited for.
        log: gets a line when time stands still for ever.
    """

    name = "neighbourhood"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        node: DevNode,
        village: Village,
        *,
        broker: Callable[[], BrokerPlace],
        leaves: Path,
        speed: float,
        days: int = 0,
        pace: Pace | None = None,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._node, self._speed, self._pace = node, speed, pace
        end = (village.first_day + days) * DAY_SECONDS if days else None
        self._stops_at = None if end is None else end + _AFTER_LAST
        self._days, self._log, self._has_said = days, log, False
        self._traders = Traders(market, database, village, end)
        self._devices = Devices(market, database, village, broker)
        self._plants = CertifiedPlants(market, database, village, leaves)
        self._clock: float | None = None

    def step(self) -> float:
        """Do what it is time for, and let the time since the last step pass.

        Raises:
            ChainError, DatabaseGoneError, BrokerGoneError: take the step again after a while.
        """
        is_stored = self.live()
        if not is_stored or (self._pace is not None and not self._pace.is_quiet()):
            # What the others need is no time of the chain.
            self._clock = time.monotonic()
            return _LOOK_SECONDS
        if not self._has_said and self._is_over(self._node.time):
            self._has_said = True
            lived = counted(self._days, "day")
            self._log(f"{lived} lived and settled; time stands still until Ctrl-C")
        return self._tick()

    def live(self) -> bool:
        """Do what it is time for: orders, certificates, readings; whether the gateway has stored
        all of these."""
        now = self._node.time
        self._traders.order(now)
        self._plants.live(now)
        return self._devices.send(now)

    def advance(self, seconds: int) -> None:
        """Let so many seconds of the chain's time pass, or those that are left."""
        now = self._node.time
        then = now + seconds if self._stops_at is None else min(now + seconds, self._stops_at)
        if then > now:
            self._node.set_time(then)

    def _tick(self) -> float:
        if self._speed == float("inf"):
            self.advance(_LEAP - (self._node.time - _LEAP // 2) % _LEAP)
            return _LOOK_SECONDS
        now = time.monotonic()
        if self._clock is not None:
            self.advance(min(round((now - self._clock) * self._speed), _LONGEST_TICK))
        self._clock = now
        return min(_TICK_SECONDS, _LONGEST_TICK / self._speed)

    def describe(self) -> str:
        """What time it is there."""
        now = self._node.time
        stands = ", where time stands still" if self._is_over(now) else ""
        orders = ", ".join(
            f"{counted(count, 'order')} {state.lower().replace('_', ' ')}"
            for state, count in self._traders.states.items()
        )
        return f"it is {format_time(now)}{stands}, {orders or 'no orders'}"

    def metrics(self) -> Mapping[str, float]:
        """The time in Unix seconds, whether it stands still for ever, and orders since the
        start."""
        now = self._node.time
        return {
            "time_seconds": now,
            "over": int(self._is_over(now)),
            "orders_total": self._traders.states.total(),
        }

    def _is_over(self, now: int) -> bool:
        return self._stops_at is not None and now >= self._stops_at
