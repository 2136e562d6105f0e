"""SmartMeter.exchangeMeter and consentToExchange."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import LIMIT, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    SLOT,
    STRANGER,
    TODAY,
)


def test_exchange_meter__agreed__next_boundary_has_what_the_old_device_counted(
    registered: Meters,
) -> None:
    registered.chain.set_time(MIDNIGHT + 100)
    registered.read(DEVICE, MIDNIGHT, (5_100, 700))
    registered.exchange(DEVICE, NEW, (5_130, 704), (7, 9), rated=8_000)
    assert registered.told() == [("RatedPowerSet", 1, 8_000)]
    contract = registered.meters
    assert tuple(contract.call("getLatestReading(address)", NEW.address)) == (
        MIDNIGHT + 100,
        7,
        9,
        0,
        0,
    )
    registered.chain.set_time(MIDNIGHT + SLOT)
    registered.read(NEW, MIDNIGHT + SLOT, (27, 10))
    assert registered.told() == [("Recorded", 1, MIDNIGHT // SLOT, 5 - 50)]
    assert contract.getLifetime(HOLDER.address) == (150, 5, 0, 0)
    for day, consumed in ((TODAY, 100), (TODAY + 1, 50)):
        assert contract.call("getDailyConsumption(address,uint256)", NEW.address, day) == consumed


def test_exchange_meter__device_is_dead__needs_the_holder(registered: Meters) -> None:
    with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
        registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), consent=STRANGER)
    registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), consent=HOLDER)
    exchange = NEW.address, STRANGER.address, 10_000, 0, 0, 0, 0, LIMIT
    contract = registered.meters
    with refused("SmartMeter_NotHolder", NEW.address, HOLDER.address, STRANGER.address):
        contract.consentToExchange(exchange, by=STRANGER.address)
    contract.consentToExchange(exchange, by=HOLDER.address)
    proof = registered.exchange_proof(STRANGER, exchange)
    contract.exchangeMeter(exchange, proof, b"", by=REGISTRAR)
    assert contract.getMeters(HOLDER.address) == (STRANGER.address,)


def test_exchange_meter__more_power__refused(registered: Meters) -> None:
    for consent in (DEVICE, HOLDER):
        with refused("SmartMeter_PowerAbove", 10_001, 10_000):
            registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=10_001, consent=consent)
    with refused("SmartMeter_BadParameter", b"ratedPower".ljust(32, b"\0"), 0):
        registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=0)
    registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=10_000)


def test_exchange_meter__final_registers_before_the_newest_boundary__refused(
    registered: Meters,
) -> None:
    with refused("SmartMeter_RegisterDecreased", DEVICE.address, 4_999, 700, 5_000, 700):
        registered.exchange(DEVICE, NEW, (4_999, 700), (0, 0))
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, 2_501, 2_500):
        registered.exchange(DEVICE, NEW, (7_501, 700), (0, 0))
    registered.exchange(DEVICE, NEW, (7_500, 700), (0, 0))


def test_exchange_meter__not_agreed_late_or_detached__refused(registered: Meters) -> None:
    contract = registered.meters
    exchange = DEVICE.address, NEW.address, 10_000, 5_000, 700, 0, 0, LIMIT
    agreed = registered.exchange_proof(DEVICE, exchange)
    proof = registered.exchange_proof(NEW, exchange)
    with refused("AccessManagedUnauthorized", HOLDER.address):
        contract.exchangeMeter(exchange, proof, agreed, by=HOLDER.address)
    with refused("SmartMeter_WrongSignature", NEW.address, DEVICE.address):
        contract.exchangeMeter(exchange, agreed, agreed, by=REGISTRAR)
    registered.chain.set_time(LIMIT + 1)
    with refused("SmartMeter_Expired", LIMIT, LIMIT + 1):
        contract.exchangeMeter(exchange, proof, agreed, by=REGISTRAR)
    registered.chain.set_time(START)
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        contract.exchangeMeter(exchange, proof, agreed, by=REGISTRAR)
