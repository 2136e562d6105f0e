"""SmartMeter.readingOf: what a signed boundary reading says."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.meter_suite import DAY, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    REGISTERS,
    SLOT,
    STRANGER,
)

FIRST = MIDNIGHT // SLOT


def test_reading_of__recorded_or_not__is_what_was_signed(active: Meters) -> None:
    for slot, registers in ((FIRST, REGISTERS), (FIRST + 3, (5_001, 2**48 - 1)), (FIRST, (0, 0))):
        signed = active.sign_reading(DEVICE, active.reading(slot * SLOT, registers))
        assert active.meters.readingOf(signed) == (1, slot, *registers)


def test_reading_of__device_exchanged__in_the_accounts_terms(active: Meters) -> None:
    old = active.sign_reading(DEVICE, active.reading(MIDNIGHT, REGISTERS))
    active.exchange(DEVICE, NEW, (5_010, 720), (3, 1))
    signed = active.sign_reading(NEW, active.reading(MIDNIGHT + SLOT, (5, 0)))
    assert active.meters.readingOf(signed) == (1, FIRST + 1, 5_012, 719)
    with refused("SmartMeter_UnknownMeter", DEVICE.address):
        active.meters.readingOf(old)


def test_reading_of__what_says_nothing__refused_in_order(active: Meters) -> None:
    active.register(NEW, HOLDER, settlement=False)
    contract, now, end = active.meters, active.now, MIDNIGHT + DAY
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    good = active.reading(MIDNIGHT + SLOT, REGISTERS)
    forged = active.sign_reading(DEVICE, good, key=STRANGER)
    with refused("SmartMeter_WrongSignature", DEVICE.address, STRANGER.address):
        contract.readingOf(forged)
    unknown = active.sign_reading(STRANGER, good)
    with refused("SmartMeter_UnknownMeter", STRANGER.address):
        contract.readingOf(unknown)
    between = MIDNIGHT + SLOT + 1
    steps = [
        (NEW, now + 1, (0, 2**48), ("RegisterTooLarge", NEW.address, 0, 2**48)),
        (DEVICE, end + SLOT, REGISTERS, ("Detached", DEVICE.address, end + SLOT, end)),
        (NEW, now + 1, REGISTERS, ("FromFuture", NEW.address, now + 1, now)),
        (NEW, between, REGISTERS, ("NotSettlement", NEW.address)),
        (DEVICE, between, REGISTERS, ("NotBoundary", DEVICE.address, between)),
    ]
    for device, time, registers, (error, *values) in steps:
        signed = active.sign_reading(device, active.reading(time, registers))
        with refused(f"SmartMeter_{error}", *values):
            contract.readingOf(signed)
    active.chain.set_time(end)
    last = active.sign_reading(DEVICE, active.reading(end, REGISTERS))
    assert contract.readingOf(last) == (1, end // SLOT, *REGISTERS)
    contract.submitWithConsent(last, 0, b"", by=HOLDER.address)
    with refused("SmartMeter_InactiveMeter", DEVICE.address):
        contract.readingOf(last)
