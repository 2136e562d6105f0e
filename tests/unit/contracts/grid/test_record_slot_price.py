"""GridManagement.recordSlotPrice: how a slot begins, and what grid energy costs in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_account.signers.local import LocalAccount

from tests.model.pricing import dynamic_price
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.settlement import close, record
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    charge,
    charge_in_circles,
    consume,
    discharge,
    logged,
    price_of,
    produce,
    register_producer,
    status,
)

CAPACITY = 1_000_000
LOAD = 333_333


def record_price(market: Market) -> Receipt:
    return market.do(actor("keeper"), market.grid, "recordSlotPrice")


def recorded(market: Market, receipt: Receipt) -> list[tuple[int, int]]:
    events = logged(market, receipt, "SlotPriceRecorded")
    return [(event["slot"], event["price"]) for event in events]


@pytest.fixture
def loaded(market: Market, producer: LocalAccount, consumer: LocalAccount) -> Market:
    """A third of the capacity is drawn in the first slot."""
    produce(market, producer, CAPACITY)
    consume(market, consumer, LOAD)
    return market


def test_record_slot_price__first_of_all__base_price(market: Market) -> None:
    receipt = record_price(market)

    assert recorded(market, receipt) == [(SLOT, BASE)]
    assert price_of(market, SLOT) == BASE


def test_record_slot_price__again__stays_and_is_returned(loaded: Market) -> None:
    loaded.go_to(MONDAY + HOUR)
    record_price(loaded)
    as_authority(loaded, "toggleEmergencyMode")
    as_authority(loaded, "setBasePrice", 1)

    receipt = record_price(loaded)

    price = dynamic_price(BASE, LOAD, CAPACITY, False)
    assert recorded(loaded, receipt) == []
    assert price_of(loaded, SLOT + 1) == price
    call = loaded.grid.prepare("recordSlotPrice")
    assert loaded.grid.simulate(call, actor("keeper").address) == price


FIRST: dict[str, Callable[[Market], Receipt]] = {
    "keeper": record_price,
    "full production": lambda market: produce(market, actor("producer"), CAPACITY),
    "no production": lambda market: produce(market, actor("producer"), 0),
    "discharging": lambda market: discharge(market, actor("storage owner"), 10),
}


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("seconds", [0, 1, HOUR - 1])
def test_record_slot_price__whoever_is_first__price_of_the_load_before(
    loaded: Market, storage: LocalAccount, first: str, seconds: int
) -> None:
    """Nobody can move the price of a slot by being the first in it."""
    charge(loaded, storage, 100)
    price = dynamic_price(BASE, LOAD + 100, CAPACITY, False)

    receipt = FIRST[first](loaded.at(MONDAY + HOUR + seconds))

    assert recorded(loaded, receipt) == [(SLOT + 1, price)]
    assert price_of(loaded, SLOT + 1) == price


def test_record_slot_price__nothing_in_the_slot_before__base_price(
    loaded: Market, producer: LocalAccount
) -> None:
    loaded.at(MONDAY + 2 * HOUR)
    receipt = produce(loaded, producer, 5)

    assert recorded(loaded, receipt) == [(SLOT + 2, BASE)]
    assert price_of(loaded, SLOT + 1) == BASE


def test_record_slot_price__opened_without_load__next_is_base_price(
    loaded: Market, producer: LocalAccount
) -> None:
    """The load of the slot before the last one is forgotten."""
    loaded.at(MONDAY + HOUR)
    record_price(loaded)
    loaded.at(MONDAY + 2 * HOUR)

    assert recorded(loaded, record_price(loaded)) == [(SLOT + 2, BASE)]
    assert price_of(loaded, SLOT + 1) == dynamic_price(BASE, LOAD, CAPACITY, False)


@pytest.mark.parametrize("circles", [1, 2, 4, 9])
def test_record_slot_price__load_beyond_the_capacity__price_of_a_full_grid(
    market: Market, producer: LocalAccount, circles: int
) -> None:
    """Nobody can push the price up by charging and discharging in a circle."""
    produce(market, producer, CAPACITY)
    charge_in_circles(market, CAPACITY, circles)
    assert status(market).load == circles * CAPACITY

    receipt = record_price(market.at(MONDAY + HOUR))

    assert recorded(market, receipt) == [(SLOT + 1, BASE + BASE // 2)]


@pytest.mark.parametrize("by_hand", [True, False])
def test_record_slot_price__in_an_emergency__three_times_the_base_price(
    loaded: Market, *, by_hand: bool
) -> None:
    if by_hand:
        as_authority(loaded, "toggleEmergencyMode")
    else:
        as_authority(loaded, "implementEmergencyProtocol", b"NORTH".ljust(32, b"\0"), 1)

    receipt = record_price(loaded.at(MONDAY + HOUR))

    assert recorded(loaded, receipt) == [(SLOT + 1, 3 * BASE)]


def test_record_slot_price__emergency_over_in_the_slot_before__normal_price(
    loaded: Market,
) -> None:
    as_authority(loaded, "toggleEmergencyMode")
    as_authority(loaded.at(MONDAY + HOUR - 1), "toggleEmergencyMode")

    receipt = record_price(loaded.at(MONDAY + HOUR))

    assert recorded(loaded, receipt) == [(SLOT + 1, dynamic_price(BASE, LOAD, CAPACITY, False))]


NORTH = b"NORTH".ljust(32, b"\0")


def emergency(market: Market, how: str, *, on: bool) -> Receipt:
    if how == "by hand":
        return as_authority(market, "toggleEmergencyMode")
    if how == "by protocol":
        return as_authority(market, "implementEmergencyProtocol", NORTH, int(on))
    return market.do(market.stability.address, market.grid, "setRegionEmergency", NORTH, on)


EMERGENCIES = ("by hand", "by protocol", "by a critical event")


@pytest.mark.parametrize("how", EMERGENCIES)
def test_record_slot_price__emergency_begins_in_the_slot__price_from_before_it(
    loaded: Market, how: str
) -> None:
    """Whoever draws in this slot is not billed by an emergency that was declared later."""
    price = dynamic_price(BASE, LOAD, CAPACITY, False)

    receipt = emergency(loaded.at(MONDAY + HOUR), how, on=True)

    assert recorded(loaded, receipt) == [(SLOT + 1, price)]
    assert recorded(loaded, record_price(loaded)) == []
    assert price_of(loaded, SLOT + 1) == price
    assert loaded.grid.call("getDynamicPrice") == 3 * BASE
    assert recorded(loaded, record_price(loaded.at(MONDAY + 2 * HOUR))) == [(SLOT + 2, 3 * BASE)]


@pytest.mark.parametrize("how", EMERGENCIES)
def test_record_slot_price__emergency_ends_in_the_slot__price_of_the_emergency(
    loaded: Market, how: str
) -> None:
    emergency(loaded, how, on=True)

    receipt = emergency(loaded.at(MONDAY + HOUR), how, on=False)

    assert recorded(loaded, receipt) == [(SLOT + 1, 3 * BASE)]
    assert recorded(loaded, record_price(loaded)) == []
    assert price_of(loaded, SLOT + 1) == 3 * BASE
    assert recorded(loaded, record_price(loaded.at(MONDAY + 2 * HOUR))) == [(SLOT + 2, BASE)]


def test_record_slot_price__capacity_changes_in_the_slot__price_from_before_it(
    loaded: Market, producer: LocalAccount
) -> None:
    """Nobody can move a slot's price by registering, and nobody by ending a producer."""
    address = producer.address
    changes: tuple[Callable[[], Receipt], ...] = (
        lambda: register_producer(loaded, actor("plant"), 500_000),
        lambda: as_authority(loaded, "deactivateParticipant", address, True),
        lambda: as_authority(loaded, "reactivateParticipant", address, True),
    )
    capacity = CAPACITY
    for slot, change in enumerate(changes, start=SLOT + 1):
        load = LOAD if slot == SLOT + 1 else 0
        price = dynamic_price(BASE, load, capacity, False)
        loaded.at(slot * HOUR)
        assert recorded(loaded, change()) == [(slot, price)]
        assert recorded(loaded, record_price(loaded)) == []
        assert price_of(loaded, slot) == price
        capacity = status(loaded).capacity


@pytest.mark.parametrize("active", [True, False])
def test_record_slot_price__producer_ended_or_back_after_a_load__price_from_before_it(
    loaded: Market, producer: LocalAccount, *, active: bool
) -> None:
    if active:
        register_producer(loaded, actor("plant"), CAPACITY)
        as_authority(loaded, "deactivateParticipant", producer.address, True)
    function = "reactivateParticipant" if active else "deactivateParticipant"
    price = dynamic_price(BASE, LOAD, CAPACITY, False)

    receipt = as_authority(loaded.at(MONDAY + HOUR), function, producer.address, True)

    assert recorded(loaded, receipt) == [(SLOT + 1, price)]
    assert recorded(loaded, record_price(loaded)) == []
    assert price_of(loaded, SLOT + 1) == price


def test_record_slot_price__base_price_set_in_the_slot_before__counts(loaded: Market) -> None:
    as_authority(loaded, "setBasePrice", 7_777)

    receipt = record_price(loaded.at(MONDAY + HOUR))

    assert recorded(loaded, receipt) == [(SLOT + 1, dynamic_price(7_777, LOAD, CAPACITY, False))]


def test_record_slot_price__base_price_set_in_the_slot__counts_from_the_next(
    loaded: Market,
) -> None:
    """Whoever draws in this slot is not billed at a price that was set later."""
    as_authority(loaded.at(MONDAY + HOUR), "setBasePrice", 7_777)

    receipt = record_price(loaded)

    assert recorded(loaded, receipt) == [(SLOT + 1, dynamic_price(BASE, LOAD, CAPACITY, False))]
    assert recorded(loaded, record_price(loaded.at(MONDAY + 2 * HOUR))) == [(SLOT + 2, 7_777)]


def test_record_slot_price__capacity_changed_before__counts(
    loaded: Market, producer: LocalAccount
) -> None:
    register_producer(loaded, actor("plant"), 500_000)
    receipt = record_price(loaded.at(MONDAY + HOUR))
    assert recorded(loaded, receipt) == [
        (SLOT + 1, dynamic_price(BASE, LOAD, CAPACITY + 500_000, False))
    ]


def test_record_slot_price__no_capacity_left__base_price(
    loaded: Market, producer: LocalAccount
) -> None:
    as_authority(loaded, "deactivateParticipant", producer.address, True)

    assert recorded(loaded, record_price(loaded.at(MONDAY + HOUR))) == [(SLOT + 1, BASE)]


def test_record_slot_price__load_later_in_the_slot__moves_the_dynamic_price_alone(
    loaded: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    loaded.at(MONDAY + HOUR)
    produce(loaded, producer, CAPACITY)
    price = price_of(loaded, SLOT + 1)
    consume(loaded, consumer, 400_000)
    as_authority(loaded, "toggleEmergencyMode")

    assert loaded.grid.call("getDynamicPrice") == 3 * BASE
    assert price_of(loaded, SLOT + 1) == price == dynamic_price(BASE, LOAD, CAPACITY, False)


def test_record_slot_price__a_new_slot__starts_from_nothing_on_the_second(
    loaded: Market, producer: LocalAccount
) -> None:
    loaded.go_to(MONDAY + HOUR - 1)
    before = status(loaded)
    assert (before.production, before.load, before.available) == (CAPACITY, LOAD, CAPACITY - LOAD)
    assert before.utilization == 3333

    # Until somebody opens the slot, it looks as it will then.
    loaded.go_to(MONDAY + HOUR)
    unopened = status(loaded)
    assert (unopened.production, unopened.load, unopened.available) == (0, 0, 0)
    assert (unopened.utilization, unopened.price) == (0, BASE)
    record_price(loaded)
    assert status(loaded) == unopened
    assert unopened.capacity == before.capacity == CAPACITY


def test_record_slot_price__closing_a_slot__charges_the_recorded_price(loaded: Market) -> None:
    household = actor("household")
    loaded.deposit(household, 10**9)
    record_price(loaded.at(MONDAY + HOUR))
    price = dynamic_price(BASE, LOAD, CAPACITY, False)
    for slot in (SLOT + 1, SLOT + 2):
        record(loaded, household, slot, consumed=1001)
    loaded.go_to(loaded.closable_at(SLOT + 2))

    charged = [close(loaded, household, slot)["cost"] for slot in (SLOT + 1, SLOT + 2)]

    assert charged == [-(-1001 * price // 1000), -(-1001 * BASE // 1000)]


def test_record_slot_price__slots_of_a_quarter_hour__roll_every_quarter(
    quarter_hours: Market,
) -> None:
    market, plant = quarter_hours, actor("producer")
    register_producer(market, plant, CAPACITY)
    produce(market, plant, CAPACITY)
    charge_in_circles(market, 100_000, 1)
    slot = MONDAY // 900

    market.go_to(MONDAY + 899)
    assert status(market).load == 100_000
    receipt = record_price(market.at(MONDAY + 900))

    price = dynamic_price(BASE, 100_000, CAPACITY, False)
    assert recorded(market, receipt) == [(slot + 1, price)]
    assert status(market).load == 0
    assert recorded(market, record_price(market.at(MONDAY + 1800))) == [(slot + 2, BASE)]
