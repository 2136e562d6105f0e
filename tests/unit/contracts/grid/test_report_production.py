"""GridManagement.reportProduction."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    HOUR,
    SLOT,
    as_authority,
    charge,
    consume,
    discharge,
    logged,
    produce,
    producer_info,
    register_producer,
    status,
)

CAPACITY = 1_000_000
LARGEST = 2**64 - 1


def test_report_production__by_no_producer__refused(market: Market, consumer: LocalAccount) -> None:
    with refused(errors.GridManagement_NotRegistered, participant=consumer.address):
        produce(market, consumer, 1)


def test_report_production__by_a_deactivated_producer__refused(
    market: Market, producer: LocalAccount
) -> None:
    as_authority(market, "deactivateParticipant", producer.address, True)

    for amount in (0, 1, CAPACITY + 1):
        with refused(errors.GridManagement_Inactive, participant=producer.address):
            produce(market, producer, amount)


@pytest.mark.parametrize("amount", [CAPACITY + 1, 2**64, 2**256 - 1])
def test_report_production__above_the_capacity__refused(
    market: Market, producer: LocalAccount, amount: int
) -> None:
    with refused(errors.GridManagement_AboveLimit, amount=amount, left=CAPACITY):
        produce(market, producer, amount)


@pytest.mark.parametrize("amount", [0, 1, CAPACITY])
def test_report_production__up_to_the_capacity__available(
    market: Market, producer: LocalAccount, amount: int
) -> None:
    receipt = produce(market, producer, amount)

    assert logged(market, receipt, "ProductionReported") == [
        {"producer": producer.address, "slot": SLOT, "amount": amount}
    ]
    info = producer_info(market, producer)
    assert (info.current_production, info.total_produced) == (amount, amount)
    grid = status(market)
    assert (grid.production, grid.available, grid.load) == (amount, amount, 0)


def test_report_production__larger_than_before__counts_once(
    market: Market, producer: LocalAccount
) -> None:
    """A second report of all the capacity is no second capacity."""
    for amount in (100, 400_000, CAPACITY, CAPACITY):
        produce(market, producer, amount)
        info = producer_info(market, producer)
        assert (info.current_production, info.total_produced) == (amount, amount)
        assert status(market).production == amount


def test_report_production__smaller_than_before__takes_the_rest_back(
    market: Market, producer: LocalAccount
) -> None:
    produce(market, producer, 900)
    produce(market, producer, 200)

    info = producer_info(market, producer)
    assert (info.current_production, info.total_produced) == (200, 200)
    assert status(market).available == 200
    produce(market, producer, 0)
    assert status(market).available == 0


def test_report_production__smaller_by_what_is_drawn__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 1000)
    consume(market, consumer, 300)
    charge(market, storage, 100)

    with refused(errors.GridManagement_InsufficientEnergy, amount=601, available=600):
        produce(market, producer, 399)
    with refused(errors.GridManagement_InsufficientEnergy, amount=1000, available=600):
        produce(market, producer, 0)
    produce(market, producer, 400)
    grid = status(market)
    assert (grid.production, grid.load, grid.available) == (400, 400, 0)


def test_report_production__smaller_with_storage_discharged__that_counts_too(
    market: Market, producer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 1000)
    charge(market, storage, 700)
    discharge(market, storage, 500)

    with refused(errors.GridManagement_InsufficientEnergy, amount=801, available=800):
        produce(market, producer, 199)
    produce(market, producer, 200)
    assert status(market).available == 0


def test_report_production__of_another_producer_s__stays_apart(
    market: Market, producer: LocalAccount
) -> None:
    other = actor("other producer")
    register_producer(market, other, 50)
    produce(market, producer, 1000)
    produce(market, other, 50)
    produce(market, producer, 10)

    assert producer_info(market, other).current_production == 50
    assert status(market).production == 60


def test_report_production__in_the_next_slot__counts_anew(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)
    consume(market, consumer, 1000)
    market.go_to(MONDAY + HOUR - 1)
    assert producer_info(market, producer).current_production == 1000

    market.go_to(MONDAY + HOUR)
    assert producer_info(market, producer).current_production == 0
    produce(market, producer, 30)

    info = producer_info(market, producer)
    assert (info.current_production, info.total_produced) == (30, 1030)
    assert status(market).available == 30


def test_report_production__total_of_the_life_at_its_largest__then_refused(
    market: Market,
) -> None:
    plant = actor("plant")
    register_producer(market, plant, LARGEST)
    produce(market, plant, LARGEST)
    market.go_to(MONDAY + HOUR)
    produce(market, plant, 0)

    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=2**64):
        produce(market, plant, 1)
    assert producer_info(market, plant).total_produced == LARGEST


def test_report_production__of_the_largest_producers__adds_up(market: Market) -> None:
    """One of them cannot keep the others from reporting."""
    for number in range(3):
        plant = actor(f"plant {number}")
        register_producer(market, plant, LARGEST)
        produce(market, plant, LARGEST)

    grid = status(market)
    assert (grid.production, grid.available) == (3 * LARGEST, 3 * LARGEST)
