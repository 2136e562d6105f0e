"""Which meters become devices that earn certificates, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator

from energy_grid.client import Account, Call, EnergyType, Multisig, errors
from scripts._walkthrough.houses import HOUR, SLOT, House
from scripts._walkthrough.plants import Plant
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage

__all__ = ["tell_of_devices", "tell_of_other_devices", "tell_of_the_end"]

_SOLAR = EnergyType.SOLAR
_MOST = 16


def tell_of_devices(stage: Stage, roof: Plant, neighbour: House) -> None:
    """The prosumer's roof becomes one, and its connection does not."""
    market, prosumer = stage.market, roof.house
    register = market.certificates.register_device
    stage.wait_until(START + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: which meters earn certificates")
    stage.says("A device measures a plant and nothing else. The registrar decides.")
    for house in (prosumer, neighbour):
        house.deposits("100")
        house.gets_meter()
    roof.gets_meter()
    stage.refuses(
        "a meter that does not exist",
        errors.EnergyCertificates_NoMeter,
        stage.safe,
        register(99, _SOLAR),
        device=99,
    )
    call = market.grid.register_producer(1000, _SOLAR)
    stage.does("the prosumer registers as a producer", prosumer.holder, call)
    stage.refuses(
        "the roof of a producer whom nobody has confirmed",
        errors.EnergyCertificates_InactiveProducer,
        stage.safe,
        register(roof.number, _SOLAR),
        account=prosumer.address,
    )
    stage.does(
        "the grid authority confirms it",
        stage.safe,
        market.grid.confirm_participant(prosumer.address, True),
    )
    roof.becomes_device(_SOLAR)
    connection = market.meters.get_meter(prosumer.meter.address).number
    for what, error, number in (
        ("the roof twice", errors.EnergyCertificates_AlreadyRegistered, roof.number),
        (
            "the connection, which counts the same energy once more",
            errors.EnergyCertificates_CountedTwice,
            connection,
        ),
    ):
        stage.refuses(what, error, stage.safe, register(number, _SOLAR), device=number)
    stage.shows("the prosumer's devices", market.certificates.devices_of(prosumer.address))


def tell_of_other_devices(stage: Stage, roof: Plant, neighbour: House) -> None:
    """A connection that counts alone, as long as there is no storage; and too many."""
    market, safe = stage.market, stage.safe
    certificates, grid = market.certificates, market.grid
    stage.chapter("A connection without a meter of the plant")
    stage.says("It earns what it feeds in beyond what it takes, unless the account has a storage:")
    stage.says("nobody could tell what the storage gives back.")
    stage.does(
        "the neighbour, too, has a roof",
        neighbour.holder,
        grid.register_producer(1000, _SOLAR),
    )
    stage.does("confirmed", safe, grid.confirm_participant(neighbour.address, True))
    number = market.meters.get_meter(neighbour.meter.address).number
    call = certificates.register_device(number, _SOLAR)
    stage.does("its connection is a device", safe, call, "DeviceRegistered")
    begin = stage.now // SLOT * SLOT + 2 * SLOT
    stage.wait_until(begin + SLOT)
    before, true = neighbour.loses(begin), neighbour.loses(begin + SLOT, exported=300)
    stage.does(
        "its readings until then",
        neighbour.holder,
        market.meters.submit_with_consent(before, 0, b""),
    )
    stage.does("it goes on from there", neighbour.holder, certificates.issue([before]))
    stage.refuses(
        "certificates before the market is settled with the same register",
        errors.EnergyCertificates_NotSettled,
        neighbour.holder,
        certificates.issue([true]),
    )
    stage.does(
        "300 Wh are fed in",
        neighbour.holder,
        market.meters.submit_signed_readings([true]),
        "ReadingRecorded",
    )
    stage.refuses(
        "another register than the market was settled with",
        errors.EnergyCertificates_Contradicted,
        neighbour.holder,
        certificates.issue([neighbour.signs(begin + SLOT, exported=400)]),
        net=700,
        settled=300,
    )
    stage.does("a storage of 1 Wh", neighbour.holder, grid.register_storage(1, 1, 1))
    stage.refuses(
        "certificates of the connection now",
        errors.EnergyCertificates_IsStorage,
        neighbour.holder,
        certificates.issue([true]),
        account=neighbour.address,
    )
    _too_many(stage, roof)


def _too_many(stage: Stage, roof: Plant) -> None:
    certificates = stage.market.certificates
    plants = [Plant(stage, roof.house, f"panel {number}") for number in range(_MOST)]

    def registered() -> Iterator[tuple[Account | Multisig, Call]]:
        for plant in plants:
            yield stage.safe, plant.registration()

    stage.repeats(f"{_MOST} panels get sub-meters", registered())
    stage.repeats(
        "all but one become devices",
        ((stage.safe, certificates.register_device(plant.number, _SOLAR)) for plant in plants[1:]),
    )
    stage.refuses(
        "one more",
        errors.EnergyCertificates_TooManyDevices,
        stage.safe,
        certificates.register_device(plants[0].number, _SOLAR),
        maximum=_MOST,
    )


def tell_of_the_end(stage: Stage, roof: Plant) -> None:
    """What was earned is issued before the device begins anew."""
    certificates = stage.market.certificates
    stage.chapter("A device is deregistered")
    stage.says("What it has earned until then can still be issued.")
    call = certificates.deregister_device(roof.number)
    stage.does("the roof is taken down", stage.safe, call, "DeviceDeregistered")
    stage.refuses("twice", errors.EnergyCertificates_NotRegistered, stage.safe, call)
    until = certificates.device_of(roof.number).until_slot
    stage.refuses(
        "registered again while its last readings are missing",
        errors.EnergyCertificates_ReadingsMissing,
        stage.safe,
        certificates.register_device(roof.number, _SOLAR),
        until_slot=until,
    )
    end = until * SLOT
    stage.wait_until(end)
    issue = certificates.issue(roof.lives(end, given=700))
    stage.does(
        "700 Wh, of which 200 make good what was corrected",
        roof.house.holder,
        issue,
        "CertificatesIssued",
    )
    found = certificates.issued_of(roof.certificate(end))
    stage.check(found == 500, f"{found} Wh were issued")
    stage.shows("Wh certified in its last slot", found)
