"""The grid in a few lines: what IGridManagement says, with dictionaries and no packed words.

Energy in Wh, money in base units, prices in money per kWh. What is refused raises `Refused` with
the name of the error.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from energy_grid.domain.costs import cost_up
from tests.model.pricing import dynamic_price

__all__ = ["Consumer", "GridModel", "Producer", "Refused", "Storage"]


class Refused(Exception):
    """The grid would refuse this, with the error of this name."""


@dataclass(slots=True)
class Producer:
    capacity: int
    active: bool = True
    reputation: int = 100
    total: int = 0
    by_slot: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Consumer:
    limit: int
    active: bool = True
    by_slot: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Storage:
    capacity: int
    charge_rate: int
    discharge_rate: int
    stored: int = 0
    charged: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    discharged: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def require(condition: bool, name: str) -> None:
    if not condition:
        raise Refused(name)


class GridModel:
    """All of the grid; `slot` is the running one, which the caller moves on."""

    def __init__(self, base: int, slot: int) -> None:
        self.slot = slot
        self.bases = {0: base}
        self.prices: dict[int, int] = {}
        self.producers: dict[str, Producer] = {}
        self.consumers: dict[str, Consumer] = {}
        self.storages: dict[str, Storage] = {}
        self.balances: dict[str, int] = defaultdict(int)
        self.by_hand = False
        self.protocols: dict[bytes, int] = defaultdict(int)
        self.critical: dict[bytes, int] = defaultdict(int)

    # Views

    @property
    def emergency(self) -> bool:
        return self.by_hand or any((*self.protocols.values(), *self.critical.values()))

    @property
    def capacity(self) -> int:
        return sum(one.capacity for one in self.producers.values() if one.active)

    @property
    def production(self) -> int:
        return sum(one.by_slot[self.slot] for one in self.producers.values())

    def load_of(self, slot: int) -> int:
        consumed = sum(one.by_slot[slot] for one in self.consumers.values())
        return consumed + sum(one.charged[slot] for one in self.storages.values())

    @property
    def available(self) -> int:
        discharged = sum(one.discharged[self.slot] for one in self.storages.values())
        return self.production + discharged - self.load_of(self.slot)

    @property
    def price(self) -> int:
        """The dynamic price, of the newest base price."""
        return self._price(self.bases[max(self.bases)], self.load_of(self.slot))

    def _price(self, base: int, load: int) -> int:
        return dynamic_price(base, load, self.capacity, self.emergency)

    def base_of(self, slot: int) -> int:
        return self.bases[max(since for since in self.bases if since <= slot)]

    def price_of(self, slot: int) -> int:
        return self.prices.get(slot, self.base_of(slot))

    # Participants

    def register_producer(self, name: str, capacity: int) -> None:
        require(capacity > 0, "ZeroAmount")
        require(name not in self.producers, "AlreadyRegistered")
        self.record_price()
        self.producers[name] = Producer(capacity)

    def register_consumer(self, name: str, limit: int) -> None:
        require(limit > 0, "ZeroAmount")
        require(name not in self.consumers, "AlreadyRegistered")
        self.consumers[name] = Consumer(limit)

    def register_storage(self, name: str, capacity: int, charge: int, discharge: int) -> None:
        require(min(capacity, charge, discharge) > 0, "ZeroAmount")
        require(name not in self.storages, "AlreadyRegistered")
        self.storages[name] = Storage(capacity, charge, discharge)

    def report(self, name: str, amount: int) -> None:
        require(name in self.producers, "NotRegistered")
        producer = self.producers[name]
        require(producer.active, "Inactive")
        require(amount <= producer.capacity, "AboveLimit")
        less = producer.by_slot[self.slot] - amount
        require(less <= max(self.available, 0) or less <= 0, "InsufficientEnergy")
        self.record_price()
        producer.by_slot[self.slot] -= less
        producer.total -= less

    def consume(self, name: str, amount: int) -> None:
        require(name in self.consumers, "NotRegistered")
        consumer = self.consumers[name]
        require(consumer.active, "Inactive")
        require(amount > 0, "ZeroAmount")
        require(amount <= consumer.limit - consumer.by_slot[self.slot], "AboveLimit")
        require(amount <= self.available, "InsufficientEnergy")
        cost = cost_up(amount, self.price)
        require(cost <= self.balances[name], "InsufficientBalance")
        self.record_price()
        self.balances[name] -= cost
        consumer.by_slot[self.slot] += amount

    def charge(self, name: str, amount: int) -> None:
        storage = self._storage(name, amount)
        require(amount <= storage.charge_rate - storage.charged[self.slot], "AboveLimit")
        require(amount <= storage.capacity - storage.stored, "StorageBounds")
        require(amount <= self.available, "InsufficientEnergy")
        self.record_price()
        storage.charged[self.slot] += amount
        storage.stored += amount

    def discharge(self, name: str, amount: int) -> None:
        storage = self._storage(name, amount)
        require(amount <= storage.discharge_rate - storage.discharged[self.slot], "AboveLimit")
        require(amount <= storage.stored, "StorageBounds")
        self.record_price()
        storage.discharged[self.slot] += amount
        storage.stored -= amount

    def _storage(self, name: str, amount: int) -> Storage:
        require(name in self.storages, "NotRegistered")
        require(amount > 0, "ZeroAmount")
        return self.storages[name]

    def record_price(self) -> None:
        if self.slot not in self.prices:
            before = self.load_of(self.slot - 1)
            self.prices[self.slot] = self._price(self.base_of(self.slot), before)

    # Authority

    def set_base(self, price: int) -> None:
        require(price > 0, "BadParameter")
        self.bases[self.slot + 1] = price

    def toggle_emergency(self) -> None:
        self.record_price()
        self.by_hand = not self.by_hand

    def implement_protocol(self, region: bytes, protocol: int) -> None:
        self._change_region(self.protocols, region, protocol)

    def set_region_emergency(self, region: bytes, on: int) -> None:
        self._change_region(self.critical, region, on)

    def _change_region(self, reasons: dict[bytes, int], region: bytes, value: int) -> None:
        other = self.critical if reasons is self.protocols else self.protocols
        if bool(reasons[region]) != bool(value) and not other[region]:
            self.record_price()
        reasons[region] = value

    def set_active(self, name: str, *, as_producer: bool, active: bool) -> None:
        side: dict[str, Producer] | dict[str, Consumer]
        side = self.producers if as_producer else self.consumers
        require(name in side, "NotRegistered")
        require(side[name].active != active, "AlreadyActive" if active else "Inactive")
        if as_producer:
            self.record_price()
        side[name].active = active
