"""EnergyCertificates.retire: against consumption of the same slot and region, once."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.meter_suite import DAY, REGISTRAR
from tests.unit.contracts.certificates.world import FIRST, SLOT, CertificateWorld, key


def consumed(world: CertificateWorld, *nets: int) -> None:
    """The consumer's meter, and as much of the plant's certificates in each slot."""
    world.settle(world.other, *nets)
    world.produce(*(1_000 for _ in nets))
    for slot in range(len(nets)):
        world.give(world.consumer, FIRST + slot, 900)


def test_retire__same_slot__is_recorded_and_burnt(world: CertificateWorld) -> None:
    consumed(world, -500, -300)

    number = world.retire(world.consumer, (FIRST, 500), (FIRST + 1, 200))

    (_, _, event), (_, burnt, _) = world.chain.logs
    assert burnt == "TransferBatch"
    assert (event["id"], event["device"], event["wh"]) == (1, world.number, 700)
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    record = world.certificates.retirement(number)
    assert record == (
        *(account, world.device()["account"], 0, world.number),
        *(FIRST * SLOT // DAY, 700, world.chain.now),
    )
    assert world.certificates.retirementCount() == 1
    assert [world.held(world.consumer, FIRST + n) for n in range(2)] == [400, 700]
    matched = world.certificates.matchedOf
    assert [matched(account, FIRST + n) for n in range(3)] == [500, 200, 0]
    totals = (world.certificates.totalIssued(), world.certificates.totalRetired())
    assert totals == (2_000, 700)


def test_retire__more_than_was_consumed__refused(world: CertificateWorld) -> None:
    """Nothing consumed is matched twice, with whatever certificates."""
    consumed(world, -500, 40)
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 501, 500):
        world.retire(world.consumer, (FIRST, 501))
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 1, 0):
        world.retire(world.consumer, (FIRST, 500), (FIRST, 1))
    world.retire(world.consumer, (FIRST, 300))
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 201, 200):
        world.retire(world.consumer, (FIRST, 201))
    # Who exported did not consume.
    with refused("EnergyCertificates_NotConsumed", account, FIRST + 1, 1, 0):
        world.retire(world.consumer, (FIRST + 1, 1))


def test_retire__another_slot__refused(world: CertificateWorld) -> None:
    """Production at noon does not cover the night."""
    consumed(world, 0, -500)
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 1, 0):
        world.retire(world.consumer, (FIRST, 1))


def test_retire__slot_that_was_not_read_in_time__refused(world: CertificateWorld) -> None:
    """A late reading shows a net of 0."""
    world.settle(world.other)
    world.produce(1_000)
    world.give(world.consumer, FIRST, 900)
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 1, 0):
        world.retire(world.consumer, (FIRST, 1))
    world.go_to(FIRST + 3)
    world.settle(world.other, -500)
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 1, 0):
        world.retire(world.consumer, (FIRST, 1))


def test_retire__another_region__refused(world: CertificateWorld) -> None:
    tariffs = world.full["Tariffs"]
    north = b"north".ljust(32, b"\0")
    tariffs.addRegion(north, (300_000, 80_000, 50_000, 0, 30_000), by=REGISTRAR)
    far, meter = key("far consumer"), key("far meter")
    world.full.deposit(far.address, 10**9)
    world.full.meters.register(meter, far, region=north, consumption=0, production=0)
    world.produce(1_000)
    world.give(far, FIRST, 10)
    with refused("EnergyCertificates_OtherRegion", world.id_of(FIRST), 1, 2):
        world.retire(far, (FIRST, 1))


def test_retire__own_production_that_was_not_exported__counts(world: CertificateWorld) -> None:
    """1,000 Wh made, 300 exported: 700 were consumed behind the meter."""
    world.settle(world.connection, 300, -200, 0)
    world.produce(1_000, 1_000, 1_000)
    account = world.device()["account"]
    found = [world.certificates.consumptionOf(account, FIRST + n) for n in range(3)]
    # A net of 0 may be that of a late reading.
    assert found == [700, 1_200, 0]
    world.retire(world.producer, (FIRST, 700), (FIRST + 1, 1_000))
    with refused("EnergyCertificates_NotConsumed", account, FIRST, 1, 0):
        world.retire(world.producer, (FIRST, 1))


def test_retire__days_or_devices_together__refused(world: CertificateWorld) -> None:
    consumed(world, *(96 * [-500]))
    world.settle(world.other, -500)
    world.produce(1_000)
    first, last = world.id_of(FIRST), world.id_of(FIRST + 96)
    with refused("EnergyCertificates_OtherDay", last, first):
        world.retire(world.consumer, (FIRST, 1), (FIRST + 96, 1))
    other = first + (1 << 32)
    with refused("EnergyCertificates_OtherDay", other, first):
        world.certificates.retire(
            world.consumer.address, [first, other], [1, 1], by=world.consumer.address
        )


def test_retire__malformed__refused(world: CertificateWorld) -> None:
    consumed(world, -500)
    holder, first = world.consumer.address, world.id_of(FIRST)
    for ids, values, error in (
        ([], [], ("EnergyCertificates_NoCertificates",)),
        ([first], [1, 1], ("EnergyCertificates_LengthsDiffer", 1, 2)),
        ([first], [0], ("EnergyCertificates_ZeroAmount", first)),
    ):
        with refused(*error):
            world.certificates.retire(holder, ids, values, by=holder)


def test_retire__not_held__refused(world: CertificateWorld) -> None:
    world.settle(world.other, -500)
    world.produce(1_000)
    account = world.full.meters.meters.getMeter(world.other.address)[1]
    with refused("ERC1155InsufficientBalance", account, 0, 1, world.id_of(FIRST)):
        world.retire(world.consumer, (FIRST, 1))
    # Nor what only looks like one.
    false = world.id_of(FIRST) | 1 << 200
    with refused("ERC1155InsufficientBalance", account, 0, 1, false):
        world.certificates.retire(world.consumer.address, [false], [1], by=world.consumer.address)


def test_retire__for_another_account__needs_its_approval(world: CertificateWorld) -> None:
    """Nobody uses up another's consumption: worthless certificates would keep it from theirs."""
    consumed(world, -500)
    supplier = key("supplier")
    with refused("ERC1155MissingApprovalForAll", supplier.address, world.consumer.address):
        world.retire(world.consumer, (FIRST, 1), by=supplier)
    world.certificates.setApprovalForAll(supplier.address, True, by=world.consumer.address)
    assert world.retire(world.consumer, (FIRST, 1), by=supplier) == 1


@pytest.mark.parametrize("number", [0, 2])
def test_retirement__none_of_this_number__refused(world: CertificateWorld, number: int) -> None:
    consumed(world, -500)
    world.retire(world.consumer, (FIRST, 1))
    with refused("EnergyCertificates_NoSuchRetirement", number):
        world.certificates.retirement(number)
