"""CarbonCredits.registerCleanEnergyProducer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import EnergyType
from tests.support.callers import outsiders
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    TODAY,
    deregister,
    earn,
    issue,
    logged,
    own_storage,
    producer_fields,
    register,
    register_producer,
    set_active,
)

CLEAN = [energy_type for energy_type in EnergyType if energy_type is not EnergyType.NATURAL_GAS]
PLANT = actor("plant")


def is_clean(market: Market, account: LocalAccount) -> bool:
    return bool(market.carbon.call("isCleanEnergyProducer", account.address))


@pytest.mark.parametrize("energy_type", CLEAN)
def test_register__clean_producer__counts_from_the_next_day_on(
    market: Market, energy_type: EnergyType
) -> None:
    register_producer(market, PLANT, energy_type)

    receipt = register(market, PLANT)

    event = {"producer": PLANT.address, "from_day": TODAY + 1}
    assert logged(market, receipt) == [("CleanProducerRegistered", event)]
    assert producer_fields(market, PLANT) == (TODAY + 1, 0, 0)
    assert is_clean(market, PLANT)


@pytest.mark.parametrize(("at", "first"), [(DAY - 1, 1), (DAY, 2)])
def test_register__around_the_end_of_a_day__from_the_one_after(
    market: Market, at: int, first: int
) -> None:
    register_producer(market, PLANT)

    register(market.at(MONDAY + at), PLANT)

    assert producer_fields(market, PLANT)[0] == TODAY + first


def test_register__natural_gas__refused(market: Market) -> None:
    register_producer(market, PLANT, EnergyType.NATURAL_GAS)

    with refused(
        errors.CarbonCredits_UncleanProducer,
        producer=PLANT.address,
        energy_type=EnergyType.NATURAL_GAS,
    ):
        register(market, PLANT)
    assert not is_clean(market, PLANT)


@pytest.mark.parametrize("known_as", ["nobody", "consumer", "storage"])
def test_register__no_producer__refused(market: Market, known_as: str) -> None:
    if known_as == "consumer":
        market.do(PLANT, market.grid, "registerConsumer", 1000)
    if known_as == "storage":
        own_storage(market, PLANT)

    with refused(errors.CarbonCredits_NotProducer, account=PLANT.address):
        register(market, PLANT)


def test_register__inactive_producer__refused_until_it_is_active(market: Market) -> None:
    register_producer(market, PLANT)
    set_active(market, PLANT, active=False)

    with refused(errors.CarbonCredits_InactiveProducer, producer=PLANT.address):
        register(market, PLANT)
    set_active(market, PLANT, active=True)
    register(market, PLANT)


def test_register__producer_with_a_storage__counts(market: Market) -> None:
    """What its devices earn is their certificates' matter."""
    register_producer(market, PLANT)
    own_storage(market, PLANT)

    register(market, PLANT)
    assert is_clean(market, PLANT)


def test_register__registered__refused(market: Market, producer: LocalAccount) -> None:
    for wait in (0, 5):
        market.go_to(market.now + wait * DAY)
        with refused(errors.CarbonCredits_AlreadyRegistered, producer=producer.address):
            register(market, producer)
    assert producer_fields(market, producer) == (TODAY + 1, 0, 0)


def test_register__inactive_gas_plant__reverts_in_this_order(market: Market) -> None:
    register_producer(market, PLANT, EnergyType.NATURAL_GAS)
    set_active(market, PLANT, active=False)
    with refused(errors.CarbonCredits_InactiveProducer, producer=PLANT.address):
        register(market, PLANT)
    set_active(market, PLANT, active=True)
    with refused(
        errors.CarbonCredits_UncleanProducer,
        producer=PLANT.address,
        energy_type=EnergyType.NATURAL_GAS,
    ):
        register(market, PLANT)


def test_register__again__keeps_its_milligrams(market: Market, producer: LocalAccount) -> None:
    (first,) = earn(market, producer, 1)
    issue(market, producer, [first])
    market.go_to(market.now + DAY)
    deregister(market, producer)
    running = market.now // DAY

    receipt = register(market, producer)

    event = {"producer": producer.address, "from_day": running + 1}
    assert logged(market, receipt) == [("CleanProducerRegistered", event)]
    assert producer_fields(market, producer) == (running + 1, 0, 380)
    (retired,) = earn(market, producer, 2, first=running + 1)
    receipt = issue(market, producer, [first, retired])
    assert logged(market, receipt)[0][1]["grams"] == 1
    assert producer_fields(market, producer)[2] == 3 * 380 - 1000


def test_register__by_other_roles__refused(market: Market) -> None:
    register_producer(market, PLANT)
    for caller in (*outsiders(market, Role.REGISTRAR), PLANT.address, actor("stranger").address):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.carbon, "registerCleanEnergyProducer", PLANT.address)
    register(market, PLANT)
