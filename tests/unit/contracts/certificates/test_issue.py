"""EnergyCertificates.issue: what a device's readings earn, and which are refused."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import EnergyType
from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import DAY, REGISTRAR
from tests.unit.contracts.certificates.world import FIRST, RATED, SLOT, CertificateWorld, key

STRANGER = key("stranger")


def test_issue__slots_in_order__a_certificate_for_each_that_gave(world: CertificateWorld) -> None:
    assert world.produce(100, 0, 2_500) == 2_600

    names = [event for _, event, _ in world.chain.logs]
    assert names == ["CertificatesIssued", "TransferBatch"]
    values = world.chain.logs[0][2]
    assert (values["device"], values["read_to"], values["wh"], values["owed"]) == (
        *(world.number, FIRST + 3),
        *(2_600, 0),
    )
    ids = [world.id_of(slot) for slot in (FIRST, FIRST + 2)]
    assert list(world.chain.logs[1][2]["ids"]) == ids
    assert ids[0] == EnergyType.SOLAR << 96 | 1 << 64 | world.number << 32 | FIRST
    assert [world.certificates.issuedOf(each) for each in ids] == [100, 2_500]
    assert [world.held(world.producer, FIRST + n) for n in range(3)] == [100, 0, 2_500]
    assert world.certificates.totalIssued() == 2_600


def test_issue__over_pages_of_eight_slots__each_is_kept(world: CertificateWorld) -> None:
    amounts = list(range(1, 21))
    assert world.produce(*amounts) == sum(amounts)
    assert [world.held(world.producer, FIRST + n) for n in range(20)] == amounts
    assert world.produce(5) == 5
    assert world.held(world.producer, FIRST + 19) == 20
    assert world.certificates.issuedOf(world.id_of(FIRST + 16)) == 17


def test_issue__by_a_stranger__goes_to_the_holder(world: CertificateWorld) -> None:
    assert world.issue(world.plant, world.rise(world.plant, (0, 9)), by=STRANGER) == 9
    assert world.held(world.producer, FIRST) == 9


def test_issue__sent_before__is_skipped_and_never_counts_twice(world: CertificateWorld) -> None:
    """Another caller sends the first one; the rest still goes through."""
    readings = [world.rise(world.plant, (0, 10)) for _ in range(3)]
    world.issue(world.plant, readings[0], by=STRANGER)
    assert world.issue(world.plant, *readings) == 20
    with refused("EnergyCertificates_NothingNew", world.number, FIRST + 3):
        world.issue(world.plant, *readings)
    assert world.certificates.totalIssued() == 30


def test_issue__self_consumed__earns_as_well(world: CertificateWorld) -> None:
    """What a production meter counts, whether or not the connection exports it."""
    assert world.produce(700) == 700
    world.settle(world.connection, -50)
    assert world.held(world.producer, FIRST) == 700


@pytest.mark.parametrize("slots_apart", [1, 40, 96 * 20])
def test_issue__battery_through_the_meter__cycling_earns_nothing(
    world: CertificateWorld, slots_apart: int
) -> None:
    """It takes grid energy, and gives it back in the next slot, after the night, after weeks."""
    assert world.produce(-5_000) == 0
    assert world.device()["owed"] == 5_000
    for _ in range(slots_apart - 1):
        world.rise(world.plant, (0, 0))
    idle = world.signed(world.plant, FIRST + slots_apart, (5_000, 0))
    if slots_apart > 1:
        world.issue(world.plant, idle)
    assert world.produce(4_000, 1_500) == 500
    assert world.held(world.producer, FIRST + slots_apart) == 0
    assert world.device()["owed"] == 0


def test_issue__in_and_out_within_a_slot__only_the_difference(world: CertificateWorld) -> None:
    assert world.issue(world.plant, world.rise(world.plant, (4_000, 6_000))) == 2_000
    assert world.issue(world.plant, world.rise(world.plant, (5_000, 5_000))) == 0


def test_issue__above_rated_power__refused(world: CertificateWorld) -> None:
    """Both directions together."""
    most = RATED * SLOT // 3600
    mark = world.chain.snapshot()
    for energy in ((0, most + 1), (most, 1), (2**48, 0)):
        with refused("EnergyCertificates_ImplausibleEnergy", world.number, sum(energy), most):
            signed = world.signed(world.plant, FIRST + 1, energy)
            world.go_to(FIRST + 1)
            world.issue(world.plant, signed)
    world.chain.revert(mark)
    assert world.produce(most) == most


def test_issue__registers_that_run_backwards__refused(world: CertificateWorld) -> None:
    world.issue(world.plant, world.rise(world.plant, (5, 5)))
    world.go_to(FIRST + 2)
    for registers in ((4, 5), (5, 4)):
        with refused("EnergyCertificates_RegisterDecreased", world.number, *registers):
            world.issue(world.plant, world.signed(world.plant, FIRST + 2, registers))


def test_issue__nothing_or_not_a_device__refused(world: CertificateWorld) -> None:
    with refused("EnergyCertificates_NoReadings"):
        world.issue(world.plant)
    world.go_to(FIRST + 1)
    with refused("EnergyCertificates_NotRegistered", 0):
        world.issue(STRANGER, world.signed(STRANGER, FIRST + 1, (0, 0)))
    number = world.full.meters.meters.getMeter(world.connection.address)[0]
    with refused("EnergyCertificates_NotRegistered", number):
        world.issue(world.connection, world.signed(world.connection, FIRST + 1, (0, 0)))


def test_issue__not_signed_by_the_device__refused(world: CertificateWorld) -> None:
    first = world.rise(world.plant, (0, 1))
    device = world.plant.address
    reading = (*first[1][:2], 2, *first[1][3:])
    forged = world.full.meters.sign_reading(world.plant, reading, key=STRANGER)
    with refused("EnergyCertificates_WrongSignature", device, STRANGER.address):
        world.issue(world.plant, forged)
    with refused("EnergyCertificates_WrongSignature", device, "0x" + 40 * "0"):
        world.issue(world.plant, (*first[:3], bytes([*([0x7F] + 31 * [0xFF])])))
    # Of another device, with the first one's.
    other = world.full.meters.sign_reading(STRANGER, (*first[1][:2], 5, *first[1][3:]))
    world.go_to(FIRST + 2)
    second = (other[0], (first[1][0] + SLOT, *other[1][1:]), *other[2:])
    with pytest.raises(Reverted, match="WrongSignature"):
        world.issue(world.plant, first, second)
    assert world.issue(world.plant, first) == 1


def test_issue__not_a_slots_end_or_in_the_future__refused(world: CertificateWorld) -> None:
    meters = world.full.meters
    time = FIRST * SLOT + 1
    world.chain.set_time(time)
    with refused("EnergyCertificates_NotBoundary", world.number, time):
        world.issue(world.plant, meters.sign_reading(world.plant, (time, 0, 1, 5_000, 2_300)))
    later = (FIRST + 1) * SLOT
    world.chain.set_time(later - 1)
    signed = world.signed(world.plant, FIRST + 1, (0, 1))
    with refused("EnergyCertificates_FromFuture", world.number, later, later - 1):
        world.issue(world.plant, signed)
    world.chain.set_time(later)
    assert world.issue(world.plant, signed) == 1


def test_issue__a_gap_by_a_stranger__refused_until_its_end_is_30_days_ago(
    world: CertificateWorld,
) -> None:
    """Whoever publishes only the last reading must not destroy what the slots between earn."""
    first = world.rise(world.plant, (0, 100))
    second = world.rise(world.plant, (0, 100))
    open_from = (FIRST + 2) * SLOT + 30 * DAY
    world.chain.set_time(open_from - 1)
    with refused("EnergyCertificates_Skipped", world.number, FIRST, open_from):
        world.issue(world.plant, second, by=STRANGER)
    mark = world.chain.snapshot()
    world.chain.set_time(open_from)
    assert world.issue(world.plant, second, by=STRANGER) == 0
    world.chain.revert(mark)
    assert world.issue(world.plant, first, second, by=STRANGER) == 200


def test_issue__newest_reading_of_a_lagging_device_by_a_stranger__loses_nothing(
    world: CertificateWorld,
) -> None:
    """Nobody has issued for 40 days: what the last 30 earn is still safe."""
    late = 40 * DAY // SLOT
    before = world.rise(world.plant, (0, 100), slots=late - 1)
    newest = world.rise(world.plant, (0, 100))
    open_from = (FIRST + late) * SLOT + 30 * DAY
    with refused("EnergyCertificates_Skipped", world.number, FIRST, open_from):
        world.issue(world.plant, newest, by=STRANGER)
    assert world.issue(world.plant, before, newest) == 100


def test_issue__a_gap_by_the_holder__belongs_to_no_slot(world: CertificateWorld) -> None:
    """What was given in it earns nothing; what was taken is owed."""
    world.rise(world.plant, (0, 100))
    assert world.issue(world.plant, world.rise(world.plant, (0, 100))) == 0
    world.rise(world.plant, (300, 0))
    assert world.issue(world.plant, world.rise(world.plant, (0, 100))) == 0
    assert world.device()["owed"] == 200
    # It pays what is owed back, all the same.
    world.rise(world.plant, (0, 50))
    assert world.issue(world.plant, world.rise(world.plant, (0, 0))) == 0
    assert world.device()["owed"] == 150
    assert world.produce(151) == 1


def test_issue__before_the_registration__earns_nothing_and_may_be_skipped(
    world: CertificateWorld,
) -> None:
    roof = key("roof")
    number = world.add_meter(world.producer, roof)
    world.read_to[roof.address] = world.running
    world.register(number)
    assert world.issue(roof, world.rise(roof, (0, 40)), by=STRANGER) == 0
    assert world.issue(roof, world.rise(roof, (0, 40)), by=STRANGER) == 40


def test_issue__deactivated_producer__waits_until_it_is_active(world: CertificateWorld) -> None:
    reading, account = world.rise(world.plant, (0, 80)), world.device()["account"]
    grid = world.full["GridManagement"]
    grid.deactivateParticipant(account, True, by=REGISTRAR)
    with refused("EnergyCertificates_InactiveProducer", account):
        world.issue(world.plant, reading)
    grid.reactivateParticipant(account, True, by=REGISTRAR)
    assert world.issue(world.plant, reading) == 80


def test_issue__time_in_which_the_producer_was_deactivated__earns_nothing(
    world: CertificateWorld,
) -> None:
    """What it has earned before and earns after counts, also after a second time."""
    account, grid = world.device()["account"], world.full["GridManagement"]
    readings = []
    for _ in range(2):
        readings += [world.rise(world.plant, (0, 1)) for _ in range(2)]
        world.chain.set_time(world.chain.now + 100)
        grid.deactivateParticipant(account, True, by=REGISTRAR)
        readings += [world.rise(world.plant, (0, 10)) for _ in range(3)]
        world.chain.set_time(world.chain.now + 100)
        grid.reactivateParticipant(account, True, by=REGISTRAR)
        readings.append(world.rise(world.plant, (0, 10)))
    readings.append(world.rise(world.plant, (0, 100)))
    assert world.issue(world.plant, *readings) == 104
    held = [world.held(world.producer, FIRST + n) for n in range(13)]
    assert held == [*2 * [1, 1, 0, 0, 0, 0], 100]


def test_issue__deactivated_at_the_edge_of_a_slot__counts_by_the_second(
    world: CertificateWorld,
) -> None:
    account, grid = world.device()["account"], world.full["GridManagement"]
    readings = [world.rise(world.plant, (0, 1))]
    grid.deactivateParticipant(account, True, by=REGISTRAR)
    assert grid.activeSince(account, world.chain.now - 1) == 0
    assert grid.activeSince(account, world.chain.now) == 2**208 - 1
    readings.append(world.rise(world.plant, (0, 10)))
    grid.reactivateParticipant(account, True, by=REGISTRAR)
    assert grid.activeSince(account, world.chain.now) == world.chain.now
    readings.append(world.rise(world.plant, (0, 100)))
    assert world.issue(world.plant, *readings) == 101


def test_issue__meter_that_was_deactivated__what_it_had_shown_alone(
    world: CertificateWorld,
) -> None:
    """A device that was taken out must not go on earning by its key."""
    midnight = world.signed(world.plant, FIRST, (0, 0))
    shown = world.rise(world.plant, (0, 100))
    world.full.meters.read_many(midnight, shown, by=REGISTRAR)
    later = world.rise(world.plant, (0, 200))
    world.full.meters.meters.deactivateMeter(world.plant.address, by=REGISTRAR)
    assert world.issue(world.plant, shown, later) == 100


def test_issue__meter_that_was_detached__until_its_end_day(world: CertificateWorld) -> None:
    world.full.meters.meters.detachMeter(world.plant.address, by=world.producer.address)
    slots = DAY // SLOT
    world.rise(world.plant, (0, 0), slots=slots - 2)
    readings = [world.signed(world.plant, FIRST + slots - 2, (0, 0))]
    readings += [world.rise(world.plant, (0, 10)) for _ in range(4)]
    assert world.issue(world.plant, *readings) == 20


def test_issue__owner_of_a_storage_with_a_production_meter__goes_on(
    world: CertificateWorld,
) -> None:
    """A registered storage of 1 Wh takes nothing from what a plant's own meter shows."""
    world.full["GridManagement"].registerStorage(1, 1, 1, by=world.producer.address)
    assert world.produce(600) == 600


def _connection(world: CertificateWorld) -> int:
    """The consumer's, as a device."""
    world.become_producer(world.consumer)
    number: int = world.full.meters.meters.getMeter(world.other.address)[0]
    world.register(number)
    return number


def test_issue__connection_of_an_account_that_gets_a_storage__refused(
    world: CertificateWorld,
) -> None:
    """Feeding in earns nothing any more: it may be the storage's."""
    _connection(world)
    world.settle(world.other, 0, 300, -500, 700, 300)
    registers = [(0, 0), (0, 300), (500, 300), (500, 1_000)]
    readings = [
        world.signed(world.other, FIRST + 1 + slot, each) for slot, each in enumerate(registers)
    ]
    assert [world.issue(world.other, each) for each in readings] == [0, 300, 0, 200]
    world.full["GridManagement"].registerStorage(1, 1, 1, by=world.consumer.address)
    with refused("EnergyCertificates_IsStorage", world.consumer.address):
        world.issue(world.other, world.signed(world.other, FIRST + 5, (500, 1_300)))


def test_issue__connection_that_was_settled_with_another_net__refused(
    world: CertificateWorld,
) -> None:
    """A device cannot show the market one register and the certificates another one."""
    number = _connection(world)
    world.settle(world.other, 0, 400, -100)
    start = world.signed(world.other, FIRST + 1, (0, 0))
    for registers, net in (((0, 500), 500), ((50, 0), -50)):
        forged = world.signed(world.other, FIRST + 2, registers)
        with refused("EnergyCertificates_Contradicted", number, FIRST + 1, net, 400):
            world.issue(world.other, start, forged, by=world.consumer)
    true = world.signed(world.other, FIRST + 2, (0, 400))
    assert world.issue(world.other, start, true, by=world.consumer) == 400


def test_issue__connection_before_it_settles__refused(world: CertificateWorld) -> None:
    """Otherwise a device shows the certificates what it wants, and the market the truth."""
    number = _connection(world)
    world.settle(world.other, 0)
    start = world.signed(world.other, FIRST + 1, (0, 0))
    world.go_to(FIRST + 2)
    forged = world.signed(world.other, FIRST + 2, (0, 5_000))
    with refused("EnergyCertificates_NotSettled", number, FIRST + 1):
        world.issue(world.other, start, forged, by=world.consumer)


def test_issue__connection_that_was_read_late__earns_and_gives_back_nothing(
    world: CertificateWorld,
) -> None:
    """Nothing has checked this slot's net; the next one goes on."""
    _connection(world)
    world.settle(world.other, -300)
    world.chain.set_time((FIRST + 2) * SLOT + 901)
    world.settle(world.other, 500, 400)
    registers = [(300, 0), (300, 500), (300, 900)]
    readings = [
        world.signed(world.other, FIRST + 1 + slot, each) for slot, each in enumerate(registers)
    ]
    assert [world.issue(world.other, each) for each in readings] == [0, 0, 100]


def test_issue__connection_of_tomorrow__earns_from_its_first_day_on() -> None:
    """Before, the market is not settled with it: nothing is missing then."""
    world = CertificateWorld(device=False)
    number = _connection(world)
    assert world.device(number)["from_slot"] == FIRST
    world.settle(world.other, 70)
    readings = [world.signed(world.other, FIRST + slot, (0, 70 * slot)) for slot in (0, 1)]
    assert world.issue(world.other, *readings, by=STRANGER) == 70


def test_issue__another_key__goes_on_with_the_same_registers(world: CertificateWorld) -> None:
    world.produce(50)
    fresh, meters = key("new key"), world.full.meters
    proof = meters.rotation_proof(fresh, world.plant.address)
    consent = meters.rotation_proof(world.plant, world.plant.address, fresh.address)
    old = world.rise(world.plant, (0, 10))
    meters.meters.rotateMeterKey(world.plant.address, fresh.address, proof, consent, by=REGISTRAR)
    with refused("EnergyCertificates_NotRegistered", 0):
        world.issue(world.plant, old)
    again = world.signed(fresh, FIRST + 2, (0, 60))
    assert world.issue(fresh, again) == 10
