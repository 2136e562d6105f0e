"""SmartMeter.deactivateMeter."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.meter_suite import DAY, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DAY_SLOTS,
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    SLOT,
    info,
)


def test_deactivate_meter__settlement_meter__is_detached(registered: Meters) -> None:
    with refused("AccessManagedUnauthorized", HOLDER.address):
        registered.meters.deactivateMeter(DEVICE.address, by=HOLDER.address)
    registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    assert registered.told() == [("Detached", 1, MIDNIGHT // SLOT)]
    assert registered.events() == ["MeterDetached"]
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)


def test_deactivate_meter__settlement_meter__is_read_until_midnight(registered: Meters) -> None:
    registered.chain.set_time(MIDNIGHT + 100)
    registered.read(DEVICE, MIDNIGHT, (5_000, 700))
    registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    end = MIDNIGHT + DAY
    registered.chain.set_time(end + 5)
    for slot in range(1, DAY_SLOTS + 1):
        registered.read(DEVICE, MIDNIGHT + slot * SLOT, (5_000, 700 + slot))
        assert registered.told() == [("Recorded", 1, MIDNIGHT // SLOT + slot - 1, 1)]
    assert not info(registered, DEVICE)[-1]
    with refused("SmartMeter_InactiveMeter", DEVICE.address):
        registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)


def test_deactivate_meter__sub_meter__at_once(registered: Meters) -> None:
    registered.register(NEW, HOLDER, settlement=False)
    registered.meters.deactivateMeter(NEW.address, by=REGISTRAR)
    assert registered.told() == []
    assert not info(registered, NEW)[-1]


def test_deactivate_meter__detached__when_its_security_is_free(registered: Meters) -> None:
    registered.meters.detachMeter(DEVICE.address, by=HOLDER.address)
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    registered.double.release(1)
    registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    assert registered.told() == []
    assert registered.meters.getMeters(HOLDER.address) == ()
