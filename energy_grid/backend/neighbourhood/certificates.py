"""Households of the neighbourhood whose panels are certified: each day they have issued what these
made, and retire what they used of it; the first one sells what it does not use."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from energy_grid.backend.meter_gateway.days import NoProofError, proof_of
from energy_grid.backend.neighbourhood.village import Village
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.views import VIEWS
from energy_grid.client import EnergyGrid
from energy_grid.demo.residents import Resident
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["CertifiedPlants"]

# Seconds between two looks whether something is due.
_PAUSE = 3600
# The offer: Wh of a year of slots, and money per kWh.
_OFFERED, _DAYS, _PRICE = 1_000_000, 365, 20_000
_CLOSED, _RETIRED = VIEWS["days"].c, VIEWS["certificate_retirements"].c


class CertifiedPlants:
    """What those do who have a meter at their panels; what is due follows from chain and store.

    Args:
        leaves: the gateway's folder of days.
    """

    def __init__(
        self, market: EnergyGrid, database: Database, village: Village, leaves: Path
    ) -> None:
        self._market, self._database = market, database
        self._village, self._leaves = village, leaves
        self._looked_at = 0
        self._retired: dict[str, int] = {}

    def live(self, now: int) -> None:
        """Do what is due.

        Raises:
            ChainError, DatabaseGoneError: take it again after a while.
        """
        if now < self._looked_at + _PAUSE:
            return
        for person in self._village.plants:
            device = self._market.meters.get_meter(person.plant_meter.address).number
            self._issue(person, device, now)
            self._retire(person, device)
        if self._village.plants and not self._market.certificate_market.offer_count():
            self._offer(self._village.plants[0])
        self._looked_at = now

    def _issue(self, person: Resident, device: int, now: int) -> None:
        """What was made until midnight."""
        market, midnight = self._market, now - now % DAY_SECONDS
        begin = market.time_of(market.certificates.device_of(device).read_to + 1)
        if begin <= midnight:
            readings = [*self._village.plant_readings(market, person, begin, midnight)]
            market.issue_certificates(person.wallet, readings).execute()

    def _retire(self, person: Resident, device: int) -> None:
        """Certificates of the newest closed day, once its nets are proven."""
        market, account = self._market, person.wallet.address
        newest = select(func.max(_CLOSED.day)).where(_CLOSED.account == account)
        with self._database.reading() as connection:
            day = connection.scalar(newest)
            done = select(_RETIRED.id).where(_RETIRED.account == account, _RETIRED.day == day)
            is_done = day is None or connection.scalar(done) is not None
        if is_done or self._retired.get(account) == day:
            return
        try:
            stored, _ = proof_of(self._database, self._leaves, account, day)
        except NoProofError:
            return
        number = market.settlement.number_of(account)
        market.prove_history(person.wallet, stored, number).execute()
        amounts = market.matchable_certificates(account, device, day)
        if amounts:
            market.retire_certificates(person.wallet, device, amounts).execute()
        self._retired[account] = day

    def _offer(self, person: Resident) -> None:
        market, first = self._market, self._village.first_day * DAY_SECONDS
        device = market.meters.get_meter(person.plant_meter.address).number
        slots = range(market.slot(first), market.slot(first + _DAYS * DAY_SECONDS))
        market.offer_certificates(person.wallet, device, slots, _OFFERED, _PRICE).execute()
