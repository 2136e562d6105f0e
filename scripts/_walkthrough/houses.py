"""Houses of a story: accounts with a settlement meter, whose signed readings a relay brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from energy_grid.client import Account, Call, MeterReading, SignedReading
from energy_grid.domain.units import parse_money
from energy_grid.market.days import ClosedDay
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import exact

__all__ = [
    "DAY",
    "HOME",
    "HOUR",
    "SLOT",
    "House",
    "day_in_words",
    "live",
    "publish",
    "quiet",
    "today",
]

# Seconds of a slot are those of a local market.
SLOT, HOUR, DAY = 900, 3600, 86_400
HOME = "home"


def today(stage: Stage) -> int:
    """The number of the running day, from 1970."""
    return stage.now // DAY


def quiet(timestamp: int, consumption: int = 0, production: int = 0) -> MeterReading:
    """Registers (Wh), in a grid without disturbance."""
    return MeterReading(
        timestamp=timestamp,
        consumption=consumption,
        production=production,
        grid_frequency=5000,
        voltage=2300,
    )


class House:
    """An account with a settlement meter, whose registers begin at 0.

    Args:
        name: the role of its holder.
        money: whole coins in the holder's wallet.
    """

    def __init__(self, stage: Stage, name: str, money: str = "0") -> None:
        self.holder = stage.person(name, money=money)
        self.meter = stage.person(f"{name}'s meter")
        self.name = name
        self._stage = stage
        self._registers = [0, 0]
        self.read_to = 0

    @property
    def address(self) -> str:
        """Of the account's holder."""
        return self.holder.address

    @property
    def number(self) -> int:
        """Of the account."""
        return self._stage.market.settlement.number_of(self.address)

    def deposits(self, money: str) -> None:
        """The holder pays money (whole coins) into its settlement account."""
        call = self._stage.market.settlement.deposit(parse_money(money, 6))
        self._stage.does(f"{self.name} pays in {money} dollars", self.holder, call, "Deposited")

    def gets_meter(self, *, power: int = 4000, region: str = HOME) -> None:
        """The registrar registers the meter, which counts from midnight on."""
        what = f"{self.name} gets a meter of {power:,} W, which counts from midnight on"
        call = self.registration(power=power, region=region)
        self._stage.does(what, self._stage.safe, call, "MeterRegistered", "SecurityTaken")

    def registration(self, *, power: int = 4000, region: str = HOME) -> Call:
        """The registrar's call, signed by the meter and by its holder."""
        market = self._stage.market
        draft = market.draft_registration(
            self.meter, self.address, region=region, rated_power=power
        )
        self.read_to = (today(self._stage) + 1) * DAY - SLOT
        return market.prepare_draft(market.sign_consent(self.holder, draft))

    def readings(self, until: int, nets: Mapping[int, int] | None = None) -> list[SignedReading]:
        """The signed readings of all slots that end by a time and were not asked for yet.

        Args:
            nets: Wh by the hour of a day, evenly over its slots: exported, or imported if negative.
        """
        found = []
        for end in range(self.read_to + SLOT, until + 1, SLOT):
            net = (nets or {}).get((end - SLOT) % DAY // HOUR, 0) * SLOT // HOUR
            self._registers[net > 0] += abs(net)
            self.read_to = end
            found.append(self.signs(end))
        return found

    def signs(self, timestamp: int, *, imported: int = 0, exported: int = 0) -> SignedReading:
        """A reading at any time: the registers as they were, and what came since."""
        registers = self._registers[0] + imported, self._registers[1] + exported
        return self._stage.market.sign_reading(self.meter, quiet(timestamp, *registers))

    def loses(self, until: int, *, imported: int = 0, exported: int = 0) -> SignedReading:
        """The readings up to a time are lost, and the registers went on: the reading at its end."""
        self._registers[0] += imported
        self._registers[1] += exported
        self.read_to = until
        return self.signs(until)


def day_in_words(day: ClosedDay) -> str:
    """What a closed day brought: money, and where energy came from and went."""
    names = ("net", "position", "taken", "given", "drawn", "kept", "from_grid", "fed_in")
    parts = [(name.replace("_", " "), getattr(day, name)) for name in names]
    energy = ", ".join(f"{name} {wh:,} Wh" for name, wh in parts if wh)
    return f"{exact(day.money)}; {energy or 'no energy'}"


def publish(stage: Stage, what: str, *readings: list[SignedReading]) -> None:
    """A relay sends readings, each meter's in their order."""
    together = [one for some in readings for one in some]
    call = stage.market.meters.submit_signed_readings(together)
    stage.does(what, stage.person("the relay"), call, "ReadingRecorded")


def live(stage: Stage, what: str, until: int, houses: Mapping[House, Mapping[int, int]]) -> None:
    """Time passes up to a full hour; at the end of each hour a relay sends what meters have read.

    Args:
        houses: with the nets of `House.readings`.
    """

    def hours() -> Iterator[tuple[Account, Call]]:
        relay = stage.person("the relay")
        for end in range(stage.now - stage.now % HOUR, until + 1, HOUR):
            stage.wait_until(end)
            readings = [one for house, nets in houses.items() for one in house.readings(end, nets)]
            if readings:
                yield relay, stage.market.meters.submit_signed_readings(readings)

    stage.repeats(what, hours())
