"""GridManagement and a small model of it, driven at random together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from energy_grid.chain.roles import Role
from energy_grid.contracts.errors import DecodedError
from tests.model.grid import GridModel, Refused
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    base_price_of,
    consumer_info,
    price_of,
    producer_info,
    status,
    storage_info,
)

NAMES = ("farm", "city", "depot")
REGIONS = (b"NORTH".ljust(32, b"\0"), b"SOUTH".ljust(32, b"\0"))
FUNDS = 2_000_000

names = st.sampled_from(NAMES)
# Small, so that bounds are met; what is registered is around ten times an amount.
amounts = st.sampled_from([0, 1, 7, 99, 100, 250, 400, 1000])
sizes = st.sampled_from([0, 100, 777, 1000])
prices = st.sampled_from([0, 1, 999, BASE, 1_234_567])


def mostly(name: str) -> st.SearchStrategy[str]:
    """This participant, or now and then another one."""
    return st.sampled_from((name, name, name, *NAMES))


class GridOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize()
    def open(self) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        self.model = GridModel(BASE, SLOT)
        self.authority = self.market.roles[Role.GRID_AUTHORITY]
        for name in NAMES:
            self.market.deposit(actor(name), FUNDS)
            self.model.balances[name] = FUNDS
        self.now = MONDAY + 100
        self.both(
            lambda: self.model.register_producer("farm", 1000), "farm", "registerProducer", 1000, 0
        )
        self.both(
            lambda: self.model.register_consumer("city", 1000), "city", "registerConsumer", 1000
        )
        self.both(
            lambda: self.model.register_storage("depot", 1000, 777, 400),
            "depot",
            *("registerStorage", 1000, 777, 400),
        )

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            try:
                self.compare_participants()
                self.compare_prices()
            finally:
                self.undo.__exit__(None, None, None)

    def both(self, model: Callable[[], None], name: str, function: str, *arguments: Any) -> None:
        """Do it in the model and, at the same second, on the chain."""
        self.now += 1
        self.model.slot = self.now // HOUR
        modules = {"authority": self.authority, "stability": self.market.stability.address}
        sender = modules.get(name) or actor(name).address
        expected = refused = None
        try:
            model()
        except Refused as refusal:
            expected = str(refusal)
        try:
            self.market.at(self.now).do(sender, self.market.grid, function, *arguments)
        except DecodedError as refusal:
            refused = refusal.name.partition("_")[2]
        assert refused == expected, f"{name}: {function}{arguments}"
        self.compare()

    # Time

    @rule(slots=st.sampled_from([1, 1, 1, 2, 5]), offset=st.sampled_from([0, 1, 1800, HOUR - 1]))
    def wait(self, slots: int, offset: int) -> None:
        """To some second of a later slot; the next operation comes at it."""
        self.compare_participants()
        self.now = (self.now // HOUR + slots) * HOUR + offset - 1

    # Participants

    @rule(name=names, size=sizes, rates=st.tuples(sizes, sizes), what=st.integers(0, 2))
    def register(self, name: str, size: int, rates: tuple[int, int], what: int) -> None:
        model = self.model
        if what == 0:
            arguments: tuple[int, ...] = (size, 1)
            self.both(
                lambda: model.register_producer(name, size), name, "registerProducer", *arguments
            )
        elif what == 1:
            self.both(lambda: model.register_consumer(name, size), name, "registerConsumer", size)
        else:
            self.both(
                lambda: model.register_storage(name, size, *rates),
                *(name, "registerStorage", size, *rates),
            )

    @rule(amount=amounts, name=mostly("farm"))
    def report(self, name: str, amount: int) -> None:
        self.both(lambda: self.model.report(name, amount), name, "reportProduction", amount)

    @rule(amount=amounts, name=mostly("city"))
    def consume(self, name: str, amount: int) -> None:
        self.both(lambda: self.model.consume(name, amount), name, "consumeEnergy", amount)

    @rule(amount=amounts, name=mostly("depot"))
    def charge(self, name: str, amount: int) -> None:
        self.both(lambda: self.model.charge(name, amount), name, "chargeStorage", amount)

    @rule(amount=amounts, name=mostly("depot"))
    def discharge(self, name: str, amount: int) -> None:
        self.both(lambda: self.model.discharge(name, amount), name, "dischargeStorage", amount)

    @rule(
        produced=st.sampled_from([1000, 1000, 999]),
        drawn=st.tuples(amounts, amounts),
        wait=st.booleans(),
    )
    def a_usual_slot(self, produced: int, drawn: tuple[int, int], *, wait: bool) -> None:
        """So that there is a load to speak of, often in the slot before, too."""
        if wait:
            self.wait(1, 600)
        self.report("farm", produced)
        self.consume("city", drawn[0])
        self.charge("depot", drawn[1])

    @rule()
    def record_price(self) -> None:
        self.both(self.model.record_price, "depot", "recordSlotPrice")

    # Authority

    @rule(price=prices)
    def set_base_price(self, price: int) -> None:
        self.both(lambda: self.model.set_base(price), "authority", "setBasePrice", price)

    @rule(region=st.sampled_from(REGIONS), protocol=st.sampled_from([0, 0, 0, 1, 4]))
    def implement_protocol(self, region: bytes, protocol: int) -> None:
        self.both(
            lambda: self.model.implement_protocol(region, protocol),
            *("authority", "implementEmergencyProtocol", region, protocol),
        )

    @rule()
    def toggle_emergency(self) -> None:
        self.both(self.model.toggle_emergency, "authority", "toggleEmergencyMode")

    @rule(region=st.sampled_from(REGIONS), on=st.booleans())
    def set_region_emergency(self, region: bytes, *, on: bool) -> None:
        self.both(
            lambda: self.model.set_region_emergency(region, on),
            *("stability", "setRegionEmergency", region, on),
        )

    @rule(name=names, as_producer=st.booleans(), active=st.sampled_from([True, True, False]))
    def set_active(self, name: str, *, as_producer: bool, active: bool) -> None:
        self.both(
            lambda: self.model.set_active(name, as_producer=as_producer, active=active),
            "authority",
            "reactivateParticipant" if active else "deactivateParticipant",
            *(actor(name).address, as_producer),
        )

    # Comparison

    def compare(self) -> None:
        model, grid = self.model, status(self.market)
        load, capacity = model.load_of(model.slot), model.capacity
        assert (grid.capacity, grid.production, grid.load, grid.available) == (
            capacity,
            model.production,
            load,
            model.available,
        )
        assert grid.utilization == (load * 10_000 // capacity if capacity else 0)
        assert (grid.price, grid.emergency) == (model.price, model.emergency)
        assert price_of(self.market, model.slot) == model.price_of(model.slot)
        for name in NAMES:
            assert self.market.balance(actor(name)) == model.balances[name]

    def compare_participants(self) -> None:
        model = self.model
        for name, producer in model.producers.items():
            made = producer_info(self.market, actor(name))
            assert (made.capacity, made.active) == (producer.capacity, producer.active)
            assert made.current_production == producer.by_slot[model.slot]
            assert made.total_produced == producer.total
        for name, consumer in model.consumers.items():
            used = consumer_info(self.market, actor(name))
            assert (used.consumption_limit, used.active) == (consumer.limit, consumer.active)
            assert used.current_usage == consumer.by_slot[model.slot]
            assert used.total_consumed == sum(consumer.by_slot.values())
            energy = self.market.settlement.call("energyOf", actor(name).address, model.slot)
            assert energy[3] == consumer.by_slot[model.slot]
        for name, storage in model.storages.items():
            assert storage_info(self.market, actor(name)).stored_amount == storage.stored
        paid = sum(FUNDS - balance for balance in model.balances.values())
        assert self.market.settlement.call("treasuryOwed") == (0, paid)

    def compare_prices(self) -> None:
        """Of all slots since the beginning, and two to come."""
        for slot in range(SLOT - 1, self.model.slot + 3):
            assert price_of(self.market, slot) == self.model.price_of(slot)
            assert base_price_of(self.market, slot) == self.model.base_of(slot)


def test_grid__any_sequence_of_operations__as_in_the_model(
    hourly_market: Market, drive: Drive
) -> None:
    drive(GridOnChain, hourly_market, examples=20, steps=40)
