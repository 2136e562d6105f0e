"""The market and its model with all that is measured: meters that report or sign, and that move
from one account to another and back."""

from __future__ import annotations

from random import Random

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.domain.periods import is_final
from tests.invariant.random_batches import RandomBatches
from tests.model.costs import Fees
from tests.support.market import Market, actor

__all__ = ["MeteredBatches"]


class MeteredBatches(RandomBatches):
    """As `RandomBatches`; everybody has a meter, the wallet that of its owner."""

    def __init__(self, market: Market, fees: Fees) -> None:
        super().__init__(market, fees)
        self.registrar = market.roles[Role.METER_REGISTRAR]
        # Has meters that are nobody's for the time being.
        self.depot = actor("depot").address
        self.settlement_model.open_account(self.depot)
        self.devices: dict[str, LocalAccount] = {}
        self.holder: dict[str, str] = {}
        self.last_read: dict[str, int] = {}
        for name in self.people:
            self.devices[name] = device = market.register_meter(self.keys.get(name, self.owner))
            self.holder[name] = name
            self.last_read[device.address] = market.now
        self.interval = market.meters.call("MIN_INTERVAL")
        self._move(self.wallet, self.wallet)

    def names(self) -> list[str]:
        return [*super().names(), self.depot]

    # Meters

    def read(self, name: str, timestamp: int, produced: int, consumed: int, *, sign: bool) -> None:
        """The device that came with an account is read, wherever it counts now."""
        device, now = self.devices[name], self.now + 1
        latest = self.last_read[device.address]
        slot = (timestamp - 1) // self.market.slot_length
        final = is_final(slot, now, self.market.slot_length, self.market.grace)
        if timestamp < latest + self.interval or timestamp > now or final:
            return
        reading = self.market.reading(timestamp=timestamp, consumed=consumed, produced=produced)
        call: tuple[object, ...] = (device, self.market.meters, "submitReading", reading)
        if sign:
            signed = [self.market.signed_reading(device, reading)]
            call = (actor("keeper"), self.market.meters, "submitSignedReadings", signed)
        done = self.both(
            lambda at: self.settlement_model.record(
                self.holder[name], timestamp, produced, consumed, at
            ),
            *call,
        )
        if done:
            self.last_read[device.address] = timestamp

    def read_any(self, random: Random) -> None:
        name = random.choice(sorted(self.devices))
        end = self.now // self.market.slot_length * self.market.slot_length
        timestamp = random.choice([self.now + 1, self.now + 1, end, end + 1])
        energies = (random.choice([0, random.randint(1, 3000)]) for _ in range(2))
        self.read(name, timestamp, *energies, sign=random.random() < 0.5)

    def move_meter(self, name: str) -> None:
        """The device of an account counts for the depot from now on, or for the account again."""
        self._move(name, name if self.holder[name] == self.depot else self.depot)

    def _move(self, name: str, to: str) -> None:
        self.now += 1
        device = self.devices[name].address
        self.market.at(self.now).do(
            self.registrar, self.market.meters, "setMeterAccount", device, to
        )
        self.holder[name] = to
