"""GridManagement.chargeStorage."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    charge,
    discharge,
    logged,
    price_of,
    produce,
    register_producer,
    register_storage,
    status,
    storage_info,
)

CAPACITY, CHARGE_RATE = 300_000, 200_000
LARGEST = 2**64 - 1


def stored(market: Market, owner: LocalAccount) -> int:
    return storage_info(market, owner).stored_amount


@pytest.fixture
def producer(market: Market, producer: LocalAccount) -> LocalAccount:
    """There is energy to charge with."""
    produce(market, producer, 1_000_000)
    return producer


def test_charge_storage__without_storage__refused(market: Market, producer: LocalAccount) -> None:
    with refused(errors.GridManagement_NotRegistered, participant=producer.address):
        charge(market, producer, 1)


def test_charge_storage__nothing__refused(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    with refused(errors.GridManagement_ZeroAmount):
        charge(market, storage, 0)


@pytest.mark.parametrize("amount", [CHARGE_RATE + 1, 2**64 + 1, 2**256 - 1])
def test_charge_storage__above_the_rate__refused(
    market: Market, producer: LocalAccount, storage: LocalAccount, amount: int
) -> None:
    with refused(errors.GridManagement_AboveLimit, amount=amount, left=CHARGE_RATE):
        charge(market, storage, amount)


def test_charge_storage__in_parts_up_to_the_rate__then_refused(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    charge(market, storage, CHARGE_RATE - 10)

    with refused(errors.GridManagement_AboveLimit, amount=11, left=10):
        charge(market, storage, 11)
    charge(market, storage, 10)
    assert stored(market, storage) == CHARGE_RATE
    with refused(errors.GridManagement_AboveLimit, amount=1, left=0):
        charge(market, storage, 1)


def test_charge_storage__more_than_there_is_room_for__refused(
    market: Market, producer: LocalAccount
) -> None:
    owner = actor("owner of a small one")
    register_storage(market, owner, 50, 1000, 1000)

    with refused(errors.GridManagement_StorageBounds, amount=51, possible=50):
        charge(market, owner, 51)
    charge(market, owner, 50)
    with refused(errors.GridManagement_StorageBounds, amount=1, possible=0):
        charge(market, owner, 1)
    # Discharging makes room.
    discharge(market, owner, 20)
    with refused(errors.GridManagement_StorageBounds, amount=21, possible=20):
        charge(market, owner, 21)
    charge(market, owner, 20)
    assert stored(market, owner) == 50


def test_charge_storage__more_than_is_available__refused(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 100)

    with refused(errors.GridManagement_InsufficientEnergy, amount=101, available=100):
        charge(market, storage, 101)
    charge(market, storage, 100)
    with refused(errors.GridManagement_InsufficientEnergy, amount=1, available=0):
        charge(market, storage, 1)
    assert status(market).available == 0


def test_charge_storage__several_things_wrong__refused_in_order(
    market: Market, producer: LocalAccount
) -> None:
    owner = actor("owner of a small one")
    with pytest.raises(errors.GridManagement_NotRegistered):
        charge(market, owner, 0)
    register_storage(market, owner, 50, 100, 100)
    produce(market, producer, 0)
    with pytest.raises(errors.GridManagement_ZeroAmount):
        charge(market, owner, 0)
    with pytest.raises(errors.GridManagement_AboveLimit):
        charge(market, owner, 101)
    with pytest.raises(errors.GridManagement_StorageBounds):
        charge(market, owner, 51)
    with pytest.raises(errors.GridManagement_InsufficientEnergy):
        charge(market, owner, 50)


def test_charge_storage__all_well__demand_rises(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    receipt = charge(market, storage, 100_000)

    assert logged(market, receipt, "StorageCharged") == [
        {"owner": storage.address, "slot": SLOT, "amount": 100_000, "stored": 100_000}
    ]
    assert stored(market, storage) == 100_000
    grid = status(market)
    assert (grid.production, grid.load, grid.available) == (1_000_000, 100_000, 900_000)
    # A tenth of the capacity is drawn.
    assert (grid.utilization, grid.price) == (1000, BASE + BASE // 20)


def test_charge_storage__after_discharging__rate_is_used_up_all_the_same(
    market: Market, producer: LocalAccount
) -> None:
    owner = actor("owner of a fast one")
    register_storage(market, owner, 1000, 1500, 1500)
    charge(market, owner, 1000)
    discharge(market, owner, 1000)

    with refused(errors.GridManagement_AboveLimit, amount=501, left=500):
        charge(market, owner, 501)
    charge(market, owner, 500)
    assert status(market).load == 1500


def test_charge_storage__in_the_next_slot__rate_starts_anew(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    charge(market, storage, CHARGE_RATE)

    market.at(MONDAY + HOUR)
    produce(market, producer, 1_000_000)
    with refused(
        errors.GridManagement_StorageBounds, amount=100_001, possible=CAPACITY - CHARGE_RATE
    ):
        charge(market, storage, 100_001)
    charge(market, storage, 100_000)

    assert stored(market, storage) == CAPACITY
    assert status(market).load == 100_000


def test_charge_storage__first_in_a_slot__finds_nothing_and_opens_nothing(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    charge(market, storage, CHARGE_RATE)
    market.go_to(MONDAY + HOUR)

    with refused(errors.GridManagement_InsufficientEnergy, amount=1, available=0):
        charge(market, storage, 1)
    assert price_of(market, SLOT + 1) == BASE
    market.do(actor("keeper"), market.grid, "recordSlotPrice")
    assert price_of(market, SLOT + 1) == BASE + BASE * CHARGE_RATE // 2_000_000


def test_charge_storage__the_largest__filled_at_once(market: Market) -> None:
    plant, owner = actor("plant"), actor("owner of a large one")
    register_producer(market, plant, LARGEST)
    produce(market, plant, LARGEST)
    register_storage(market, owner, LARGEST, LARGEST, LARGEST)

    charge(market, owner, LARGEST)

    assert stored(market, owner) == LARGEST
    discharge(market, owner, LARGEST)
    grid = status(market)
    assert (grid.load, grid.available) == (LARGEST, LARGEST)
