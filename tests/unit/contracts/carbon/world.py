"""CarbonCredits with the real GridManagement; meters and accounts are played."""

from __future__ import annotations

from tests.support.core.chain import Deployed
from tests.support.core.grid_suite import ADMIN, DAY, GridWorld

__all__ = ["BATTERY", "FACTOR", "GRID_METER", "PLANT", "PRODUCER", "UNREAD", "CarbonWorld"]

PRODUCER = "0x" + 39 * "0" + "2"
PLANT, BATTERY, GRID_METER = ("0x" + 39 * "0" + digit for digit in "567")
FACTOR = 400
UNREAD = -(2**255)


class CarbonWorld(GridWorld):
    """A confirmed producer with a plant, a battery and a settlement meter, registered as clean."""

    def __init__(self) -> None:
        super().__init__()
        self.double.setModules(self.grid.address, self.tariffs.address)
        manager = self.chain.deploy("AccessManager", ADMIN).address
        self.carbon: Deployed = self.chain.deploy(
            "CarbonCredits", manager, self.double.address, FACTOR
        )
        self.today = self.now // DAY
        self.grid.registerProducer(10_000, 0, by=PRODUCER)
        self.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
        self.double.setAccount(PRODUCER, 4, 0, 0, 0)
        for number, meter in ((1, PLANT), (2, BATTERY), (3, GRID_METER)):
            self.set_meter(number, meter)
        self.double.setMetersOf(PRODUCER, [PLANT, BATTERY, GRID_METER])
        self.carbon.registerCleanEnergyProducer(PRODUCER, by=ADMIN)
        self.chain.set_time(self.now + 10 * DAY)

    def set_meter(self, number: int, meter: str, *, read_to: int | None = None) -> None:
        """Read to the end of the tenth day, if nothing else is said."""
        read_to = (self.today + 10) * 96 if read_to is None else read_to
        settlement = meter == GRID_METER
        info = (number, PRODUCER, bytes(32), 10_000, settlement, self.today, 65_535, read_to, True)
        self.double.setMeter(meter, info)

    def read_midnights(self, day: int) -> None:
        """Both of a day."""
        for slot in (day * 96 - 1, day * 96 + 95):
            self.double.setNet(4, slot, 0)

    def issue(self, *days: int) -> int:
        """In grams."""
        grams: int = self.carbon.issueCarbonCredits(PRODUCER, list(days), by=PRODUCER)
        return grams
