"""SmartMeter.setReadByGateway, and what it changes for the meter's own readings."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.meter_suite import COMMUNITIES, DAY, REGISTRAR, Meters
from tests.unit.contracts.metering.devices import (
    DAY_SLOTS,
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    REGISTERS,
    SLOT,
    STRANGER,
)

FIRST = MIDNIGHT // SLOT
_NO_METER = "0x" + 40 * "0"


def test_set_read_by_gateway__not_by_communities_or_without_a_meter__refused(
    active: Meters,
) -> None:
    contract = active.meters
    with refused("SmartMeter_WrongCaller", STRANGER.address, COMMUNITIES):
        contract.setReadByGateway(1, by=STRANGER.address)
    with refused("SmartMeter_UnknownMeter", _NO_METER):
        contract.setReadByGateway(2, by=COMMUNITIES)
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    active.chain.set_time(MIDNIGHT + DAY)
    reading = active.reading(MIDNIGHT + DAY, REGISTERS)
    contract.submitWithConsent(active.sign_reading(DEVICE, reading), 0, b"", by=HOLDER.address)
    with refused("SmartMeter_InactiveMeter", DEVICE.address):
        contract.setReadByGateway(1, by=COMMUNITIES)


def test_set_read_by_gateway__days_of_the_gateway__are_refused_until_they_are_open(
    active: Meters,
) -> None:
    contract, end = active.meters, MIDNIGHT + SLOT
    contract.setReadByGateway(1, by=COMMUNITIES)
    active.double.setByGateway(1, True, FIRST)
    with refused("SmartMeter_ReadByGateway", DEVICE.address, end):
        active.read(DEVICE, end, (5_300, 700))
    # It is said before the boundary that is missing; a reading between boundaries moves nothing.
    with refused("SmartMeter_ReadByGateway", DEVICE.address, end + SLOT):
        active.read(DEVICE, end + SLOT, (5_300, 700))
    active.read(DEVICE, end + 100, (5_300, 700))
    signed = active.sign_reading(DEVICE, active.reading(end, (5_300, 700)))
    active.read_many(signed)
    (log,) = active.chain.logs
    refusal = active.chain.errors[bytes(log[2]["reason"][:4])]
    assert (log[1], refusal.name) == ("ReadingSkipped", "SmartMeter_ReadByGateway")
    with refused("SmartMeter_ReadByGateway", DEVICE.address, end):
        contract.submitWithConsent(signed, 0, b"", by=HOLDER.address)
    active.double.setByGateway(1, True, FIRST + 1)
    active.read(DEVICE, end, (5_300, 700))
    assert active.told() == [("Recorded", 1, FIRST, -300)]


def test_set_read_by_gateway__before_the_first_day__nothing_is_asked(registered: Meters) -> None:
    """Those slots belong to nobody; of a span across the first midnight the rest is asked for."""
    registered.meters.setReadByGateway(1, by=COMMUNITIES)
    registered.double.setByGateway(1, True, 0)
    registered.chain.set_time(MIDNIGHT + 2 * SLOT)
    mark = registered.chain.snapshot()
    signed = registered.sign_reading(DEVICE, registered.reading(MIDNIGHT + SLOT, (5_100, 700)))
    with refused("SmartMeter_ReadByGateway", DEVICE.address, MIDNIGHT + SLOT):
        registered.meters.submitWithConsent(signed, 0, b"", by=HOLDER.address)
    registered.chain.revert(mark)
    registered.read(DEVICE, MIDNIGHT, (5_100, 700))
    with refused("SmartMeter_ReadByGateway", DEVICE.address, MIDNIGHT + SLOT):
        registered.read(DEVICE, MIDNIGHT + SLOT, (5_100, 700))


def test_register_meter__of_an_account_in_a_gateways_community__is_read_by_it() -> None:
    meters = Meters()
    meters.register(NEW, HOLDER, settlement=False)
    meters.double.setByGateway(1, True, 0)
    meters.register(DEVICE, HOLDER)
    meters.chain.set_time(MIDNIGHT + SLOT)
    meters.read(DEVICE, MIDNIGHT, REGISTERS)
    with refused("SmartMeter_ReadByGateway", DEVICE.address, MIDNIGHT + SLOT):
        meters.read(DEVICE, MIDNIGHT + SLOT, REGISTERS)
    # A sub-meter is history, whoever reads the account.
    sub_meter = STRANGER
    meters.register(sub_meter, HOLDER, settlement=False)
    meters.chain.set_time(MIDNIGHT + DAY)
    meters.read(sub_meter, MIDNIGHT + DAY, (5_001, 700))
    assert meters.told() == []


def test_set_read_by_gateway__key_rotated_or_device_exchanged__stays(active: Meters) -> None:
    contract = active.meters
    contract.setReadByGateway(1, by=COMMUNITIES)
    proof = active.rotation_proof(NEW, DEVICE.address)
    consent = active.rotation_proof(DEVICE, DEVICE.address, NEW.address)
    contract.rotateMeterKey(DEVICE.address, NEW.address, proof, consent, by=REGISTRAR)
    active.exchange(NEW, STRANGER, REGISTERS, (0, 0))
    with refused("SmartMeter_ReadByGateway", STRANGER.address, MIDNIGHT + SLOT):
        active.read(STRANGER, MIDNIGHT + SLOT, (5, 5))
    assert contract.registersOf(1) == (FIRST, *REGISTERS)
    contract.setReadByGateway(1, by=COMMUNITIES)
    assert contract.getMeter(STRANGER.address)[7] == FIRST == MIDNIGHT // DAY * DAY_SLOTS
