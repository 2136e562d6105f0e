"""A household with a plant and a battery, and a consumer of its region, in a market where nothing
is played; devices sign, and certificates are issued, sold and retired."""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.domain.enums import EnergyType
from tests.model.market import Tariff
from tests.support.core.chain import Chain, Deployed
from tests.support.core.full_market import FullMarket
from tests.support.core.meter_suite import DAY, REGISTRAR

__all__ = ["FACTOR", "FIRST", "RATED", "REASON", "SLOT", "CertificateWorld", "key"]

SLOT = 900
RATED = 40_000
"""W: 10 kWh a slot."""
FACTOR = 380
REASON = "current transformers were mounted the wrong way round"
_START = 20_000 * DAY + 43_217
FIRST = 20_001 * DAY // SLOT
"""The first slot that meters bill."""
_TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=50_000)


def key(name: str) -> Account:
    """Of somebody, or of a device."""
    return Account(keccak(text=f"certificates {name}"))


class CertificateWorld:
    """`REGISTRAR` may do everything; the producer's plant is a registered device."""

    def __init__(self, *, device: bool = True) -> None:
        self.chain = Chain(_START)
        self.full = FullMarket(self.chain, _TARIFF, slot=SLOT)
        manager, settlement = self.full.manager.address, self.full["Settlement"].address
        self.certificates: Deployed = self.chain.deploy(
            "EnergyCertificates", manager, settlement, self.full.forwarder.address
        )
        self.producer, self.consumer = key("producer"), key("consumer")
        self.connection, self.other = key("connection"), key("connection of the consumer")
        self.plant = key("plant")
        for holder, meter in ((self.producer, self.connection), (self.consumer, self.other)):
            self.full.household(holder, meter, money=10**9, rated=RATED)
        self.become_producer(self.producer)
        self.number = self.add_meter(self.producer, self.plant)
        self.registers: dict[str, tuple[int, int]] = {}
        self.read_to: dict[str, int] = {}
        if device:
            self.certificates.registerDevice(self.number, EnergyType.SOLAR, by=REGISTRAR)
            self.go_to(FIRST)
            self.issue(self.plant, self.rise(self.plant, (0, 0), slots=FIRST - _START // SLOT))

    @property
    def running(self) -> int:
        """The slot."""
        return self.chain.now // SLOT

    def go_to(self, slot: int) -> None:
        """Its first second, if that is still to come."""
        self.chain.set_time(max(self.chain.now, slot * SLOT))

    def become_producer(self, holder: Account) -> None:
        """Solar, confirmed."""
        self.full["GridManagement"].registerProducer(10_000, EnergyType.SOLAR, by=holder.address)
        self.full["GridManagement"].confirmParticipant(holder.address, True, by=REGISTRAR)

    def add_meter(self, holder: Account, meter: Account, **changes: Any) -> int:
        """A sub-meter, if nothing else is said; its number."""
        fields = {
            "settlement": False,
            "ratedPower": RATED,
            "consumption": 0,
            "production": 0,
            **changes,
        }
        return self.full.meters.register(meter, holder, **fields)

    # Readings

    def rise(self, device: Account, energy: tuple[int, int], *, slots: int = 1) -> tuple[Any, ...]:
        """The device's next signed reading: Wh taken and given since the one before."""
        before = self.registers.get(device.address, (0, 0))
        registers = before[0] + energy[0], before[1] + energy[1]
        end = self.read_to.get(device.address, _START // SLOT) + slots
        self.registers[device.address], self.read_to[device.address] = registers, end
        self.go_to(end)
        return self.signed(device, end, registers)

    def signed(self, device: Account, end: int, registers: tuple[int, int]) -> tuple[Any, ...]:
        """A reading at the end of the slot before `end`."""
        return self.full.meters.sign_reading(device, (end * SLOT, *registers, 5_000, 2_300))

    def issue(self, device: Account, *readings: tuple[Any, ...], by: Account | None = None) -> int:
        """The certificates of readings, by the holder if nobody else is named."""
        sender = (by or self.producer).address
        wh: int = self.certificates.issue(list(readings), by=sender)
        return wh

    def produce(self, *energy: int, device: Account | None = None) -> int:
        """The plant's next slots; Wh that were certified."""
        device = device or self.plant
        rises = [self.rise(device, (max(-net, 0), max(net, 0))) for net in energy]
        return self.issue(device, *rises)

    def settle(self, meter: Account, *nets: int) -> None:
        """What settlement meters show in slots from FIRST on, read in time."""
        if meter.address not in self.registers:
            self.go_to(FIRST)
            self.full.meters.read(meter, FIRST * SLOT, (0, 0))
            self.registers[meter.address], self.read_to[meter.address] = (0, 0), FIRST
        for net in nets:
            signed = self.rise(meter, (max(-net, 0), max(net, 0)))
            self.full.meters.read_many(signed, by=REGISTRAR)

    # Certificates

    def id_of(self, slot: int, device: int | None = None) -> int:
        """Of the plant's certificate."""
        found: int = self.certificates.idOf(device or self.number, slot)
        return found

    def held(self, holder: Account, slot: int) -> int:
        """Wh of the plant's certificate."""
        found: int = self.certificates.balanceOf(holder.address, self.id_of(slot))
        return found

    def give(self, to: Account, slot: int, wh: int) -> None:
        """The producer hands certificates on."""
        self.certificates.safeTransferFrom(
            self.producer.address, to.address, self.id_of(slot), wh, b"", by=self.producer.address
        )

    def retire(self, holder: Account, *parts: tuple[int, int], by: Account | None = None) -> int:
        """Slots and Wh of the plant's certificates; the number of the retirement."""
        ids, values = [self.id_of(slot) for slot, _ in parts], [wh for _, wh in parts]
        number: int = self.certificates.retire(
            holder.address, ids, values, by=(by or holder).address
        )
        return number

    def correct(self, slot: int, wh: int, reason: str = REASON) -> int:
        """By the registrar; the number of the entry."""
        number: int = self.certificates.correct(self.id_of(slot), wh, reason, by=REGISTRAR)
        return number

    def device(self, number: int | None = None) -> dict[str, Any]:
        """What is stored of it."""
        fields = (
            *("account", "technology", "is_settlement", "region", "from_slot", "until_slot"),
            *("read_to", "imported", "exported", "owed"),
        )
        return dict(zip(fields, self.certificates.deviceOf(number or self.number), strict=True))

    def register(self, number: int, technology: int = EnergyType.SOLAR) -> None:
        """As a device."""
        self.certificates.registerDevice(number, technology, by=REGISTRAR)

    def deregister(self, number: int | None = None) -> None:
        """After the running slot."""
        self.certificates.deregisterDevice(number or self.number, by=REGISTRAR)
