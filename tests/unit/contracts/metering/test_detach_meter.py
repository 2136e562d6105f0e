"""SmartMeter.detachMeter."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.meter_suite import DAY, FORWARDER, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DAY_SLOTS,
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    SLOT,
    STRANGER,
)


def test_detach_meter__settlement_meter__ends_at_the_next_midnight(registered: Meters) -> None:
    registered.chain.set_time(MIDNIGHT + SLOT)
    registered.read(DEVICE, MIDNIGHT, (5_100, 700))
    contract, end = registered.meters, MIDNIGHT + DAY
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    assert registered.told() == [("Detached", 1, end // SLOT)]
    registered.chain.set_time(end + DAY)
    with refused("SmartMeter_Detached", DEVICE.address, end + SLOT, end):
        registered.read(DEVICE, end + SLOT, (5_100, 700))
    with refused("SmartMeter_Detached", DEVICE.address, end + 1, end):
        registered.read(DEVICE, end + 1, (5_100, 700))
    for slot in range(1, DAY_SLOTS + 1):
        registered.read(DEVICE, MIDNIGHT + slot * SLOT, (5_100 + slot, 700))
    assert registered.told() == [("Recorded", 1, end // SLOT - 1, -1)]
    assert registered.events() == ["ReadingRecorded", "MeterDeactivated"]
    assert contract.getMeters(HOLDER.address) == ()
    assert contract.getLifetime(HOLDER.address) == (196, 0, 0, 0)
    assert tuple(contract.call("getLatestReading(address)", DEVICE.address))[1] == 5_196
    with refused("SmartMeter_InactiveMeter", DEVICE.address):
        registered.read(DEVICE, end + SLOT, (5_200, 700))


def test_detach_meter__by_others_or_twice__refused(registered: Meters) -> None:
    contract = registered.meters
    for caller in (STRANGER.address, REGISTRAR):
        with refused("SmartMeter_NotHolder", DEVICE.address, HOLDER.address, caller):
            contract.detachMeter(DEVICE.address, by=caller)
    data = contract.abi.function("detachMeter").encode([DEVICE.address])
    relayed = data + bytes.fromhex(HOLDER.address[2:])
    registered.chain.send(FORWARDER, contract.address, relayed)
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        contract.detachMeter(DEVICE.address, by=HOLDER.address)
    with refused("SmartMeter_UnknownMeter", NEW.address):
        contract.detachMeter(NEW.address, by=HOLDER.address)


def test_detach_meter__security_is_free__no_reading_counts(registered: Meters) -> None:
    registered.meters.detachMeter(DEVICE.address, by=HOLDER.address)
    registered.chain.set_time(MIDNIGHT)
    registered.double.release(1)
    with refused("SmartMeter_Detached", DEVICE.address, MIDNIGHT, MIDNIGHT):
        registered.read(DEVICE, MIDNIGHT, (5_100, 700))


def test_detach_meter__sub_meter__ends_at_the_next_midnight(registered: Meters) -> None:
    registered.register(NEW, HOLDER, settlement=False)
    registered.meters.detachMeter(NEW.address, by=HOLDER.address)
    assert registered.told() == []
    registered.chain.set_time(MIDNIGHT)
    registered.read(NEW, MIDNIGHT, (5_100, 700))
    assert registered.meters.getMeters(HOLDER.address) == (DEVICE.address,)
