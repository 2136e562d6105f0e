"""The gateway of the neighbourhood's community: from signed readings to settled days.

It keeps what meters hand on. After a day's end it makes the leaves, brings them to the disk,
publishes them and anchors their root. After the challenge time the keeper settles the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.demo.opening import found_community
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import CheckFailedError
from energy_grid.market.day_store import DayStore, publish

__all__ = ["GATEWAY", "KEEPER", "PUBLISHED", "Gateway"]

GATEWAY, KEEPER = Account.local(6), Account.local(7)
PUBLISHED = "days"
"""The folder of published leaves in a report's folder; each in one named by its root."""
_STORE = "gateway"


class Gateway:
    """A meter operator with a community of its own.

    Args:
        folder: of the report, for its store and what it publishes.
        day: counted from 1970, whose gas counts.
    """

    def __init__(
        self, contracts: EnergyGrid, sender: GasCountingSender, folder: Path, day: int
    ) -> None:
        self._contracts = contracts
        self._sender = sender
        self._store = DayStore(folder / _STORE)
        self._published = folder / PUBLISHED
        self._day = day
        self._readings: list[SignedReading] = []
        self._anchored: int | None = None
        self.community = 0
        self.settles_at = 0
        """From when on the anchored day can be settled, Unix time."""

    def found(self) -> None:
        """Found the community."""
        self.community = found_community(self._contracts, self._sender, GATEWAY)

    def collect(self, readings: Iterable[SignedReading]) -> None:
        """Keep what meters have signed; nothing is sent."""
        self._readings += readings

    def run(self, timestamp: int) -> None:
        """Do what is due: anchor the day that has just ended, settle the one that was anchored.

        Raises:
            CheckFailedError: an account was passed over; here all meters are read.
        """
        begins = self._readings and self._readings[0].reading.timestamp < timestamp
        if timestamp % DAY_SECONDS == 0 and begins:
            self._anchor(timestamp // DAY_SECONDS - 1)
        elif self._anchored is not None and timestamp >= self.settles_at:
            self._settle(self._anchored)

    def prove(self, account: str, slots: range) -> None:
        """Have the keeper write the nets of an account's slots, all of one day, where all read
        history."""
        per_day = DAY_SECONDS // self._contracts.settlement.slot_length()
        day, first = divmod(slots.start, per_day)
        stored = self._contracts.stored_day(self._store, self.community, day)
        number = self._contracts.settlement.number_of(account)
        within = range(first, first + len(slots))
        plan = self._contracts.prove_history(KEEPER, stored, number, within)
        self._sender.carry_out(Operation.HISTORY, plan)

    def _anchor(self, day: int) -> None:
        """Make, store, publish and anchor a day's leaves."""
        contracts, community = self._contracts, self.community
        stored, _ = contracts.build_day(self._store, community, day, self._readings)
        publish(stored, self._published)
        plan = contracts.anchor_day(GATEWAY, self._store, community, day, stored.root)
        self._sender.carry_out(self._of(day, Operation.ANCHOR), plan)
        end, days = (day + 1) * DAY_SECONDS, contracts.community_days
        self._readings = [each for each in self._readings if each.reading.timestamp >= end]
        self._anchored = day
        self.settles_at = days.day_of(community, day).anchored_at + days.challenge()

    def _settle(self, day: int) -> None:
        stored = self._contracts.stored_day(self._store, self.community, day)
        plan = self._contracts.settle_day(KEEPER, stored)
        members = len(stored.leaves.leaves)
        settled = self._sender.carry_out(self._of(day, Operation.SETTLE), plan, items=members)
        self._anchored = None
        for number, reason in settled.passed_over.items():
            raise CheckFailedError(
                f"account {number} was passed over on {format_day(day)}: {reason.name}"
            )

    def _of(self, day: int, operation: Operation) -> Operation:
        return operation if day == self._day else Operation.DAYS_BEFORE
