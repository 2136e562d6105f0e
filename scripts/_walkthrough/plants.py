"""Plants of a story: sub-meters behind a house's connection, whose readings earn certificates."""

from __future__ import annotations

from energy_grid.client import Call, EnergyType, SignedReading
from scripts._walkthrough.houses import HOME, SLOT, House, quiet
from scripts._walkthrough.stage import Stage

__all__ = ["Plant"]


class Plant:
    """A sub-meter of 16,000 W, whose registers begin at 0.

    Args:
        name: of the plant, whose meter it is.
    """

    def __init__(self, stage: Stage, house: House, name: str) -> None:
        self.meter = stage.person(f"the meter of {name}")
        self.house, self.name = house, name
        self.taken = self.given = 0
        self._stage = stage

    @property
    def number(self) -> int:
        """Of the meter."""
        return self._stage.market.meters.get_meter(self.meter.address).number

    def gets_meter(self) -> None:
        """The registrar registers it, with the holder's consent."""
        call = self.registration()
        self._stage.does(f"{self.name} gets a sub-meter", self._stage.safe, call, "MeterRegistered")

    def registration(self) -> Call:
        """The registrar's call, signed by the meter and by its holder."""
        market = self._stage.market
        draft = market.draft_registration(
            self.meter, self.house.address, region=HOME, rated_power=16_000, settlement=False
        )
        return market.prepare_draft(market.sign_consent(self.house.holder, draft))

    def becomes_device(self, technology: EnergyType) -> None:
        """The registrar lets it earn certificates."""
        call = self._stage.market.certificates.register_device(self.number, technology)
        what = f"{self.name} is registered as a device: {technology.name}"
        self._stage.does(what, self._stage.safe, call, "DeviceRegistered")

    def signs(self, timestamp: int, *, taken: int = 0, given: int = 0) -> SignedReading:
        """A reading at any time: the registers as they were, and what came since."""
        reading = quiet(timestamp, self.taken + taken, self.given + given)
        return self._stage.market.sign_reading(self.meter, reading)

    def lives(self, end: int, *, given: int = 0, taken: int = 0) -> list[SignedReading]:
        """Readings at both bounds of the slot that ends then, in which so many Wh were given."""
        before = self.signs(end - SLOT)
        self.taken, self.given = self.taken + taken, self.given + given
        return [before, self.signs(end)]

    def certificate(self, end: int) -> int:
        """The id of the certificate of the slot that ends then."""
        return self._stage.market.certificates.id_of(self.number, end // SLOT - 1)
