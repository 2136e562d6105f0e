"""Devices and accounts: registration, consent, exchange, rotation, detaching."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Deployed, Reverted, refused
from tests.support.core.meter_suite import (
    DAY,
    FORWARDER,
    HOME,
    LIMIT,
    REGISTRAR,
    START,
    Meters,
)

DEVICE, HOLDER, NEW, STRANGER = (Account.local(number) for number in range(4))
TODAY = START // DAY
MIDNIGHT = (TODAY + 1) * DAY
SLOT = 900
DAY_SLOTS = 96


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def registered(meters: Meters) -> Meters:
    """One settlement meter."""
    meters.register(DEVICE, HOLDER)
    return meters


def info(meters: Meters, device: Account) -> Any:
    return tuple(meters.meters.getMeter(device.address))


# Registration


def test_registration__speaks_from_midnight(meters: Meters) -> None:
    assert meters.register(DEVICE, HOLDER, ratedPower=10_001) == 1
    assert meters.told() == [
        ("Attached", 1, 1, MIDNIGHT // SLOT, 10_001),
        ("SecurityTaken", 1, 15_002, 10_001),
    ]
    assert meters.events() == ["MeterRegistered"]
    whole = 1, HOLDER.address, HOME, 10_001, True, TODAY + 1, 2**16 - 1, START // SLOT, True
    assert info(meters, DEVICE) == whole
    contract = meters.meters
    assert contract.getMeters(HOLDER.address) == (DEVICE.address,)
    assert contract.meterSetOf(HOLDER.address) == (1, START)
    assert contract.metersIn(HOLDER.address, HOME) == 1
    assert contract.metersIn(HOLDER.address, bytes(32)) == 0
    assert (contract.meterAt(1), contract.meterCount()) == (DEVICE.address, 1)


def test_registration__a_sub_meter_is_history(registered: Meters) -> None:
    assert registered.register(NEW, HOLDER, settlement=False, region=b"roof".ljust(32, b"\0")) == 2
    assert registered.told() == []
    assert registered.meters.meterSetOf(HOLDER.address) == (2, START)
    registered.chain.set_time(MIDNIGHT)
    registered.read(NEW, MIDNIGHT, (5_001, 2_700))
    registered.read(DEVICE, MIDNIGHT, (5_600, 800))
    assert registered.told() == []
    assert registered.meters.getLifetime(HOLDER.address) == (600, 100, 1, 2_000)


def test_registration__by_the_registrar_alone(meters: Meters) -> None:
    with refused("AccessManagedUnauthorized", STRANGER.address):
        meters.register(DEVICE, HOLDER, by=STRANGER.address)
    with pytest.raises(Reverted, match="AccessManagedUnauthorized"):
        meters.register(DEVICE, HOLDER, by=FORWARDER)


@pytest.mark.parametrize(
    ("changes", "error", "values"),
    [
        ({"ratedPower": 0}, "BadParameter", (b"ratedPower".ljust(32, b"\0"), 0)),
        ({"ratedPower": 2**31}, "PowerAbove", (2**31, 2**31 - 1)),
        ({"deadline": START - 1}, "Expired", (START - 1, START)),
        ({"consumption": 2**48}, "RegisterTooLarge", (DEVICE.address, 2**48, 700)),
        ({"production": 2**48}, "RegisterTooLarge", (DEVICE.address, 5_000, 2**48)),
        ({"account": "0x" + 40 * "0"}, "ZeroAccount", ()),
    ],
)
def test_registration__refused(
    meters: Meters, changes: dict[str, Any], error: str, values: tuple[Any, ...]
) -> None:
    with refused(f"SmartMeter_{error}", *values):
        meters.register(DEVICE, HOLDER, **changes)


def test_registration__in_a_region_of_the_tariffs(meters: Meters) -> None:
    with refused("MarketDouble_UnknownRegion", bytes(32)):
        meters.register(DEVICE, HOLDER, region=bytes(32))


def test_registration__needs_the_device(meters: Meters) -> None:
    registration = meters.registration(DEVICE, HOLDER.address)
    consent = meters.registration_proof(HOLDER, registration)
    proof = meters.registration_proof(DEVICE, registration)
    other = meters.registration(DEVICE, HOLDER.address, consumption=4_999)
    for wrong in (consent, b"", proof[:64], meters.registration_proof(DEVICE, other)):
        with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
            meters.meters.registerMeter(registration, wrong, consent, by=REGISTRAR)


def test_registration__needs_the_holder(meters: Meters) -> None:
    registration = meters.registration(DEVICE, HOLDER.address)
    digest = meters.registration_hash(registration)
    proof = meters.registration_proof(DEVICE, registration)
    other = meters.registration(DEVICE, HOLDER.address, ratedPower=9_999)
    for wrong in (proof, b"", meters.registration_proof(HOLDER, other)):
        with refused("SmartMeter_NoConsent", HOLDER.address, digest):
            meters.meters.registerMeter(registration, proof, wrong, by=REGISTRAR)
    with refused("SmartMeter_NotHolder", DEVICE.address, HOLDER.address, STRANGER.address):
        meters.meters.consentToMeter(registration, by=STRANGER.address)
    data = meters.meters.abi.function("consentToMeter").encode([registration])
    relayed = data + bytes.fromhex(HOLDER.address[2:])
    meters.chain.send(FORWARDER, meters.meters.address, relayed)
    assert meters.meters.hasConsented(HOLDER.address, digest)
    meters.meters.registerMeter(registration, proof, b"", by=REGISTRAR)


def test_registration__a_contract_as_holder_signs_by_erc_1271(meters: Meters) -> None:
    wallet: Deployed = meters.chain.deploy("WalletDouble", HOLDER.address)
    registration = meters.registration(DEVICE, wallet.address)
    proof = meters.registration_proof(DEVICE, registration)
    with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
        meters.meters.registerMeter(registration, proof, proof, by=REGISTRAR)
    consent = meters.registration_proof(HOLDER, registration)
    meters.meters.registerMeter(registration, proof, consent, by=REGISTRAR)
    assert info(meters, DEVICE)[1] == wallet.address


def test_registration__a_key_once(registered: Meters) -> None:
    for _ in range(2):
        with refused("SmartMeter_AlreadyRegistered", DEVICE.address):
            registered.register(DEVICE, STRANGER)
        if info(registered, DEVICE)[-1]:
            registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
            registered.chain.set_time(MIDNIGHT)
            registered.read(DEVICE, MIDNIGHT, (5_000, 700))


def test_registration__at_most_32_meters(registered: Meters) -> None:
    for number in range(1, 32):
        registered.register(Account.local(100 + number), HOLDER, settlement=False)
    with refused("SmartMeter_TooManyMeters", HOLDER.address, 32):
        registered.register(NEW, HOLDER, settlement=False)


@pytest.mark.parametrize(
    ("parameters", "name", "value"),
    [
        ((0, 2_300, 1, 1), b"minInterval", 0),
        ((901, 2_300, 1, 1), b"minInterval", 901),
        ((60, 0, 1, 1), b"nominalVoltage", 0),
        ((60, 10_923, 1, 1), b"nominalVoltage", 10_923),
        ((60, 2_300, 0, 1), b"securityPerKw", 0),
        ((60, 2_300, 1, 0), b"maxRatedPower", 0),
        ((60, 2_300, 1, 2**31), b"maxRatedPower", 2**31),
    ],
)
def test_deployment__refused(
    meters: Meters, parameters: tuple[int, ...], name: bytes, value: int
) -> None:
    core = [meters.double.address] * 3
    with refused("SmartMeter_BadParameter", name.ljust(32, b"\0"), value):
        meters.chain.deploy("SmartMeter", meters.manager.address, FORWARDER, *core, parameters)


@pytest.mark.parametrize("settlement", [True, False])
def test_registration__at_most_the_highest_power(settlement: bool) -> None:
    meters = Meters(max_power=100_000)
    assert meters.meters.MAX_POWER() == 100_000
    with refused("SmartMeter_PowerAbove", 100_001, 100_000):
        meters.register(DEVICE, HOLDER, ratedPower=100_001, settlement=settlement)
    meters.register(DEVICE, HOLDER, ratedPower=100_000, settlement=settlement)


# Detaching


def test_detaching__at_the_next_midnight(registered: Meters) -> None:
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


def test_detaching__by_the_holder_alone_and_once(registered: Meters) -> None:
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


def test_detaching__nothing_is_charged_once_the_security_is_free(registered: Meters) -> None:
    registered.meters.detachMeter(DEVICE.address, by=HOLDER.address)
    registered.chain.set_time(MIDNIGHT)
    registered.double.release(1)
    with refused("SmartMeter_Detached", DEVICE.address, MIDNIGHT, MIDNIGHT):
        registered.read(DEVICE, MIDNIGHT, (5_100, 700))


def test_detaching__a_sub_meter(registered: Meters) -> None:
    registered.register(NEW, HOLDER, settlement=False)
    registered.meters.detachMeter(NEW.address, by=HOLDER.address)
    assert registered.told() == []
    registered.chain.set_time(MIDNIGHT)
    registered.read(NEW, MIDNIGHT, (5_100, 700))
    assert registered.meters.getMeters(HOLDER.address) == (DEVICE.address,)


def test_deactivating__detaches(registered: Meters) -> None:
    with refused("AccessManagedUnauthorized", HOLDER.address):
        registered.meters.deactivateMeter(DEVICE.address, by=HOLDER.address)
    registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    assert registered.told() == [("Detached", 1, MIDNIGHT // SLOT)]
    assert registered.events() == ["MeterDetached"]
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)


def test_deactivating__what_the_meter_counts_until_midnight_is_read(registered: Meters) -> None:
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


def test_deactivating__a_sub_meter_at_once(registered: Meters) -> None:
    registered.register(NEW, HOLDER, settlement=False)
    registered.meters.deactivateMeter(NEW.address, by=REGISTRAR)
    assert registered.told() == []
    assert not info(registered, NEW)[-1]


def test_deactivating__after_detaching_when_the_security_is_free(registered: Meters) -> None:
    registered.meters.detachMeter(DEVICE.address, by=HOLDER.address)
    with refused("SmartMeter_Detached", DEVICE.address, START, MIDNIGHT):
        registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    registered.double.release(1)
    registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
    assert registered.told() == []
    assert registered.meters.getMeters(HOLDER.address) == ()


# Rotation and exchange


def test_rotation__the_same_device(registered: Meters) -> None:
    registered.chain.set_time(MIDNIGHT + SLOT)
    registered.read(DEVICE, MIDNIGHT, (5_100, 700))
    registered.read(DEVICE, MIDNIGHT + 100, (5_101, 700))
    before = info(registered, DEVICE)
    proof = registered.rotation_proof(NEW, DEVICE.address)
    agreed = registered.rotation_proof(DEVICE, DEVICE.address, NEW.address)
    contract = registered.meters
    with refused("AccessManagedUnauthorized", HOLDER.address):
        contract.rotateMeterKey(DEVICE.address, NEW.address, proof, agreed, by=HOLDER.address)
    with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
        contract.rotateMeterKey(DEVICE.address, STRANGER.address, proof, agreed, by=REGISTRAR)
    contract.rotateMeterKey(DEVICE.address, NEW.address, proof, agreed, by=REGISTRAR)
    assert info(registered, NEW) == before
    assert info(registered, DEVICE)[0] == 0
    assert contract.getMeters(HOLDER.address) == (NEW.address,)
    assert contract.meterAt(1) == NEW.address
    with refused("SmartMeter_UnknownMeter", DEVICE.address):
        registered.read(DEVICE, MIDNIGHT + SLOT, (5_200, 700))
    registered.read(NEW, MIDNIGHT + SLOT, (5_200, 700))
    assert registered.told() == [("Recorded", 1, MIDNIGHT // SLOT, -100)]
    assert contract.getLifetime(HOLDER.address)[:2] == (200, 0)
    with refused("SmartMeter_AlreadyRegistered", DEVICE.address):
        back = registered.rotation_proof(DEVICE, NEW.address)
        contract.rotateMeterKey(NEW.address, DEVICE.address, back, b"", by=REGISTRAR)


@pytest.mark.parametrize("by", ["signature", "call"])
def test_rotation__the_registrar_alone_takes_no_meter(registered: Meters, by: str) -> None:
    contract, places = registered.meters, (DEVICE.address, NEW.address)
    proof = registered.rotation_proof(NEW, DEVICE.address)
    digest = registered.rotation_hash(*places)
    for wrong in (
        b"",
        proof,
        registered.rotation_proof(STRANGER, *places),
        registered.rotation_proof(HOLDER, DEVICE.address, STRANGER.address),
    ):
        with refused("SmartMeter_NoConsent", HOLDER.address, digest):
            contract.rotateMeterKey(*places, proof, wrong, by=REGISTRAR)
    with refused("SmartMeter_NotHolder", DEVICE.address, HOLDER.address, STRANGER.address):
        contract.consentToRotation(*places, by=STRANGER.address)
    agreed = registered.rotation_proof(HOLDER, *places)
    if by == "call":
        contract.consentToRotation(*places, by=HOLDER.address)
        agreed = b""
    contract.rotateMeterKey(*places, proof, agreed, by=REGISTRAR)
    assert contract.getMeters(HOLDER.address) == (NEW.address,)
    with refused("SmartMeter_UnknownMeter", DEVICE.address):
        contract.consentToRotation(*places, by=HOLDER.address)


def test_exchange__what_the_old_device_counted_is_in_the_next_boundary(registered: Meters) -> None:
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


def test_exchange__of_a_dead_device_needs_the_holder(registered: Meters) -> None:
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


def test_exchange__more_power_is_a_new_registration(registered: Meters) -> None:
    for consent in (DEVICE, HOLDER):
        with refused("SmartMeter_PowerAbove", 10_001, 10_000):
            registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=10_001, consent=consent)
    with refused("SmartMeter_BadParameter", b"ratedPower".ljust(32, b"\0"), 0):
        registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=0)
    registered.exchange(DEVICE, NEW, (5_000, 700), (0, 0), rated=10_000)


def test_exchange__final_registers_follow_the_newest_boundary(registered: Meters) -> None:
    with refused("SmartMeter_RegisterDecreased", DEVICE.address, 4_999, 700, 5_000, 700):
        registered.exchange(DEVICE, NEW, (4_999, 700), (0, 0))
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, 2_501, 2_500):
        registered.exchange(DEVICE, NEW, (7_501, 700), (0, 0))
    registered.exchange(DEVICE, NEW, (7_500, 700), (0, 0))


def test_exchange__refused(registered: Meters) -> None:
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
