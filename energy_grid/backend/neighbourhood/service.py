"""The neighbourhood's service: its clock, its traders, its meters, and the gateway that reads them.

    clock  -->  traders: orders for hours ahead  -->  the engine's door
           -->  meters: a day that has ended     -->  leaves, published, their root anchored

Time passes only while all other services have nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from energy_grid.backend.neighbourhood.traders import Traders
from energy_grid.backend.neighbourhood.village import Village
from energy_grid.backend.pace import Pace
from energy_grid.backend.store.database import Database
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.demo.gateway import GATEWAY
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_time
from energy_grid.market.day_store import DayStore, publish

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

    A `Service`. What people and meters do follows from the time: nothing is kept but the leaves.

    Args:
        node: the market's own chain, whose clock is set.
        folder: of the gateway's store.
        published: where members, and who settles, find the leaves.
        speed: simulated seconds a second; infinite: as fast as the other services allow.
        days: so many of them are lived, and settled; then time stands still. 0: no end.
        pace: tells whether the others have nothing to do; None: nobody is waited for.
    """

    name = "neighbourhood"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        node: DevNode,
        village: Village,
        community: int,
        *,
        folder: Path,
        published: Path,
        speed: float,
        days: int = 0,
        pace: Pace | None = None,
    ) -> None:
        self._market, self._node, self._village = market, node, village
        self._community, self._published, self._speed = community, published, speed
        self._store, self._pace = DayStore(folder), pace
        self._next_day = village.first_day
        end = (village.first_day + days) * DAY_SECONDS if days else None
        self._stops_at = None if end is None else end + _AFTER_LAST
        self._traders = Traders(market, database, village, end)
        self._clock: float | None = None

    def step(self) -> float:
        """Do what it is time for, and let the time since the last step pass.

        Raises:
            ChainError, DatabaseGoneError: take the step again after a while.
        """
        self.live()
        if self._pace is not None and not self._pace.is_quiet():
            # What the others need is no time of the chain.
            self._clock = time.monotonic()
            return _LOOK_SECONDS
        return self._tick()

    def live(self) -> None:
        """Sign the orders and anchor the days for which it is time."""
        self._traders.order(self._node.time)
        self._anchor()

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

    def _anchor(self) -> None:
        """Anchor every day that has ended and is not yet anchored."""
        market, days = self._market, self._market.community_days
        while (self._next_day + 1) * DAY_SECONDS <= self._node.time:
            day = self._next_day
            if not days.day_of(self._community, day).anchored_at:
                begin, end = day * DAY_SECONDS, (day + 1) * DAY_SECONDS
                readings = list(self._village.readings(market, begin, end))
                stored, _ = market.build_day(self._store, self._community, day, readings)
                publish(stored, self._published)
                plan = market.anchor_day(GATEWAY, self._store, self._community, day, stored.root)
                plan.execute()
            self._next_day += 1

    def describe(self) -> str:
        """What time it is there."""
        now, last = self._node.time, format_day(self._next_day - 1)
        stands = ", where time stands still" if self._is_over(now) else ""
        orders = ", ".join(
            f"{count} orders {state.lower()}" for state, count in self._traders.states.items()
        )
        return f"it is {format_time(now)}{stands}, anchored to {last}, {orders or 'no orders'}"

    def metrics(self) -> Mapping[str, float]:
        """The time in Unix seconds, whether it stands still for ever, the first day that is not
        anchored, from 1970, and orders since the start."""
        now = self._node.time
        return {
            "time_seconds": now,
            "over": int(self._is_over(now)),
            "next_day": self._next_day,
            "orders_total": self._traders.states.total(),
        }

    def _is_over(self, now: int) -> bool:
        return self._stops_at is not None and now >= self._stops_at
