"""GridManagement.registerProducer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.grid_management import ProducerInfo
from energy_grid.domain.enums import EnergyType
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    SLOT,
    as_authority,
    logged,
    producer_info,
    register_producer,
    status,
)

LARGEST = 2**64 - 1
NEWCOMER = actor("newcomer")


def test_register_producer__all_well__active_with_full_reputation(market: Market) -> None:
    receipt = register_producer(market, NEWCOMER, 5000, EnergyType.HYDRO)

    assert producer_info(market, NEWCOMER) == ProducerInfo(
        capacity=5000,
        current_production=0,
        total_produced=0,
        energy_type=EnergyType.HYDRO,
        active=True,
        reputation=100,
    )
    assert market.grid.call("isActiveParticipant", NEWCOMER.address)
    assert logged(market, receipt, "ProducerRegistered") == [
        {"producer": NEWCOMER.address, "capacity": 5000, "energy_type": EnergyType.HYDRO}
    ]
    # The slot begins without its capacity.
    assert logged(market, receipt, "SlotPriceRecorded") == [{"slot": SLOT, "price": BASE}]


@pytest.mark.parametrize("energy_type", EnergyType)
def test_register_producer__of_each_energy_type__registered(
    market: Market, energy_type: EnergyType
) -> None:
    register_producer(market, NEWCOMER, 1, energy_type)

    assert producer_info(market, NEWCOMER).energy_type is energy_type


@pytest.mark.parametrize("energy_type", [len(EnergyType), 255])
def test_register_producer__of_no_energy_type__refused(market: Market, energy_type: int) -> None:
    with refused(errors.UnknownRevert, data=b""):
        register_producer(market, NEWCOMER, 1, energy_type)


def test_register_producer__without_capacity__refused(market: Market) -> None:
    with refused(errors.GridManagement_ZeroAmount):
        register_producer(market, NEWCOMER, 0)


@pytest.mark.parametrize("capacity", [1, LARGEST])
def test_register_producer__capacity_at_its_bounds__registered(
    market: Market, capacity: int
) -> None:
    register_producer(market, NEWCOMER, capacity)

    assert producer_info(market, NEWCOMER).capacity == capacity
    assert status(market).capacity == capacity


@pytest.mark.parametrize("capacity", [LARGEST + 1, 2**64 + 5, 2**256 - 1])
def test_register_producer__capacity_too_large__refused(market: Market, capacity: int) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=capacity):
        register_producer(market, NEWCOMER, capacity)


def test_register_producer__again__refused(market: Market, producer: LocalAccount) -> None:
    with refused(errors.GridManagement_AlreadyRegistered, participant=producer.address):
        register_producer(market, producer, 1)
    as_authority(market, "deactivateParticipant", producer.address, True)
    with refused(errors.GridManagement_AlreadyRegistered, participant=producer.address):
        register_producer(market, producer, 1)


def test_register_producer__again_without_capacity__amount_is_refused_first(
    market: Market, producer: LocalAccount
) -> None:
    with refused(errors.GridManagement_ZeroAmount):
        register_producer(market, producer, 0)


def test_register_producer__by_consumer_and_storage_owner__is_both(
    market: Market, consumer: LocalAccount, storage: LocalAccount
) -> None:
    register_producer(market, consumer, 7)
    register_producer(market, storage, 8)

    assert producer_info(market, consumer).capacity == 7
    assert producer_info(market, storage).capacity == 8
    assert status(market).capacity == 15


def test_register_producer__several_of_the_largest__capacities_add_up(market: Market) -> None:
    for number in range(3):
        register_producer(market, actor(f"plant {number}"), LARGEST)

    assert status(market).capacity == 3 * LARGEST
