"""EnergyCertificates.registerDevice and deregisterDevice."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import EnergyType
from tests.support.core.chain import refused
from tests.support.core.meter_suite import HOME, REGISTRAR
from tests.unit.contracts.certificates.world import FIRST, RATED, SLOT, CertificateWorld, key


def test_register_device__a_meter__goes_on_from_its_latest_reading(
    world: CertificateWorld,
) -> None:
    roof = key("second roof")
    number = world.add_meter(world.producer, roof, consumption=7, production=5)
    world.register(number, EnergyType.WIND)

    ((_, event, values),) = world.chain.logs
    assert (event, values["device"], values["technology"]) == (
        *("DeviceRegistered", number),
        EnergyType.WIND,
    )
    assert world.device(number) == {
        "account": world.full.meters.meters.getMeter(roof.address)[1],
        "technology": EnergyType.WIND,
        "is_settlement": False,
        "region": world.full["Tariffs"].regionId(HOME),
        "from_slot": world.running + 1,
        "until_slot": 0,
        "read_to": world.running,
        "imported": 7,
        "exported": 5,
        "owed": 0,
    }
    assert world.certificates.devicesOf(world.producer.address) == (world.number, number)


def test_register_device__no_meter_or_none_any_more__refused(world: CertificateWorld) -> None:
    for number in (0, 99):
        with refused("EnergyCertificates_NoMeter", number):
            world.register(number)
    roof = key("third roof")
    number = world.add_meter(world.producer, roof)
    world.full["SmartMeter"].deactivateMeter(roof.address, by=REGISTRAR)
    with refused("EnergyCertificates_NoMeter", number):
        world.register(number)


def test_register_device__no_active_producer__refused(world: CertificateWorld) -> None:
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    number = world.add_meter(world.consumer, key("roof of the consumer"))
    with refused("EnergyCertificates_InactiveProducer", account):
        world.register(number)
    grid = world.full["GridManagement"]
    grid.registerProducer(10_000, 0, by=world.consumer.address)
    with refused("EnergyCertificates_InactiveProducer", account):
        world.register(number)
    grid.confirmParticipant(account, True, by=REGISTRAR)
    world.register(number)


def test_register_device__registered_already__refused(world: CertificateWorld) -> None:
    with refused("EnergyCertificates_AlreadyRegistered", world.number):
        world.register(world.number)


def test_register_device__settlement_meter_of_a_storage__refused(world: CertificateWorld) -> None:
    """What the connection feeds in may come from the storage."""
    world.become_producer(world.consumer)
    number, account, *_ = world.full.meters.meters.getMeter(world.other.address)
    world.full["GridManagement"].registerStorage(1, 1, 1, by=world.consumer.address)
    with refused("EnergyCertificates_IsStorage", account):
        world.register(number)
    world.register(world.add_meter(world.consumer, key("roof")))


@pytest.mark.parametrize("settlement_first", [True, False])
def test_register_device__connection_beside_a_plant_behind_it__refused(
    world: CertificateWorld, *, settlement_first: bool
) -> None:
    """Both count the same energy, until one has ended."""
    world.become_producer(world.consumer)
    connection = world.full.meters.meters.getMeter(world.other.address)[0]
    plant = world.add_meter(world.consumer, key("plant behind it"))
    first, second = (connection, plant) if settlement_first else (plant, connection)
    world.register(first)
    with refused("EnergyCertificates_CountedTwice", second, first):
        world.register(second)
    world.deregister(first)
    world.register(second)
    assert world.device(second)["from_slot"] == world.device(first)["until_slot"]


def test_register_device__more_than_an_account_can_have__refused(world: CertificateWorld) -> None:
    for count in range(15):
        world.register(world.add_meter(world.producer, key(f"roof {count}")))
    number = world.add_meter(world.producer, key("one more"))
    account = world.device()["account"]
    with refused("EnergyCertificates_TooManyDevices", account, 16):
        world.register(number)


def test_deregister_device__earned_until_then__is_issued_and_nothing_after(
    world: CertificateWorld,
) -> None:
    """Nothing that was earned is lost; a new registration waits for it."""
    readings = [world.rise(world.plant, (0, 100)) for _ in range(3)]
    world.chain.set_time((FIRST + 1) * SLOT + 10)
    world.deregister()
    assert world.chain.logs[0][2]["until_slot"] == FIRST + 2
    with refused("EnergyCertificates_NotRegistered", world.number):
        world.deregister()
    world.go_to(FIRST + 3)
    with refused("EnergyCertificates_ReadingsMissing", world.number, FIRST, FIRST + 2):
        world.register(world.number)

    assert world.issue(world.plant, *readings) == 200
    assert [world.held(world.producer, FIRST + n) for n in range(3)] == [100, 100, 0]
    world.register(world.number, EnergyType.WIND)
    assert world.device()["technology"] == EnergyType.SOLAR
    assert world.device()["from_slot"] == FIRST + 4
    assert world.produce(100, 100) == 100


def test_deregister_device__never_registered__refused(world: CertificateWorld) -> None:
    with refused("EnergyCertificates_NotRegistered", 99):
        world.deregister(99)


def test_register_device__by_anybody__refused(world: CertificateWorld) -> None:
    for call in (
        lambda by: world.certificates.registerDevice(1, 0, by=by),
        lambda by: world.certificates.deregisterDevice(world.number, by=by),
        lambda by: world.certificates.correct(1, 1, "wrong", by=by),
    ):
        with refused("AccessManagedUnauthorized", world.device()["account"]):
            call(world.producer.address)


def test_rated_power__of_the_meter__is_what_the_world_says(world: CertificateWorld) -> None:
    assert world.full.meters.meters.getMeter(world.plant.address)[3] == RATED
