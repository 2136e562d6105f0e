"""The neighbourhood's service: its clock, its meters, and the gateway that reads them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from energy_grid.backend.neighbourhood.village import Village
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.demo.gateway import GATEWAY
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_time
from energy_grid.market.day_store import DayStore, publish

__all__ = ["Neighbourhood"]

# Seconds between two ticks of the clock: a block each.
_TICK_SECONDS = 1.0


class Neighbourhood:
    """Lets simulated time pass, and brings each day that has ended to the chain; a `Service`.

    What the meters show follows from the time alone, so nothing is kept but the leaves.

    Args:
        node: the market's own chain, whose clock is set.
        folder: of the gateway's store.
        published: where members, and who settles, find the leaves.
        speed: simulated seconds a second.
    """

    name = "neighbourhood"

    def __init__(
        self,
        market: EnergyGrid,
        node: DevNode,
        village: Village,
        community: int,
        *,
        folder: Path,
        published: Path,
        speed: float,
    ) -> None:
        self._market, self._node, self._village = market, node, village
        self._community, self._published, self._speed = community, published, speed
        self._store = DayStore(folder)
        self._next_day = village.first_day
        self._clock: float | None = None

    def step(self) -> float:
        """Let the time since the last step pass, and anchor the days that have ended."""
        now = time.monotonic()
        if self._clock is not None:
            self.advance(round((now - self._clock) * self._speed))
        self._clock = now
        self.anchor()
        return _TICK_SECONDS

    def advance(self, seconds: int) -> None:
        """Let so many seconds of the chain's time pass."""
        if seconds > 0:
            self._node.set_time(self._node.time + seconds)

    def anchor(self) -> None:
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
        last = format_day(self._next_day - 1)
        return f"it is {format_time(self._node.time)}, anchored to {last}"

    def metrics(self) -> Mapping[str, float]:
        """The time, in Unix seconds, and the first day that is not anchored, from 1970."""
        return {"time_seconds": self._node.time, "next_day": self._next_day}
