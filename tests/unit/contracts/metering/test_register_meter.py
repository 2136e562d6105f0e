"""SmartMeter.registerMeter and consentToMeter: who agrees to a meter, and what it begins with."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Deployed, Reverted, refused
from tests.support.core.meter_suite import FORWARDER, HOME, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    SLOT,
    STRANGER,
    TODAY,
    info,
)


def test_register_meter__settlement_meter__speaks_from_midnight(meters: Meters) -> None:
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


def test_register_meter__sub_meter__is_history(registered: Meters) -> None:
    assert registered.register(NEW, HOLDER, settlement=False, region=b"roof".ljust(32, b"\0")) == 2
    assert registered.told() == []
    assert registered.meters.meterSetOf(HOLDER.address) == (2, START)
    registered.chain.set_time(MIDNIGHT)
    registered.read(NEW, MIDNIGHT, (5_001, 2_700))
    registered.read(DEVICE, MIDNIGHT, (5_600, 800))
    assert registered.told() == []
    assert registered.meters.getLifetime(HOLDER.address) == (600, 100, 1, 2_000)


def test_register_meter__by_others__refused(meters: Meters) -> None:
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
def test_register_meter__value_out_of_range__refused(
    meters: Meters, changes: dict[str, Any], error: str, values: tuple[Any, ...]
) -> None:
    with refused(f"SmartMeter_{error}", *values):
        meters.register(DEVICE, HOLDER, **changes)


def test_register_meter__region_without_a_tariff__refused(meters: Meters) -> None:
    with refused("MarketDouble_UnknownRegion", bytes(32)):
        meters.register(DEVICE, HOLDER, region=bytes(32))


@pytest.mark.parametrize("settlement", [True, False])
def test_register_meter__above_the_highest_power__refused(settlement: bool) -> None:
    meters = Meters(max_power=100_000)
    assert meters.meters.MAX_POWER() == 100_000
    with refused("SmartMeter_PowerAbove", 100_001, 100_000):
        meters.register(DEVICE, HOLDER, ratedPower=100_001, settlement=settlement)
    meters.register(DEVICE, HOLDER, ratedPower=100_000, settlement=settlement)


def test_register_meter__not_signed_by_the_device__refused(meters: Meters) -> None:
    registration = meters.registration(DEVICE, HOLDER.address)
    consent = meters.registration_proof(HOLDER, registration)
    proof = meters.registration_proof(DEVICE, registration)
    other = meters.registration(DEVICE, HOLDER.address, consumption=4_999)
    for wrong in (consent, b"", proof[:64], meters.registration_proof(DEVICE, other)):
        with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
            meters.meters.registerMeter(registration, wrong, consent, by=REGISTRAR)


def test_register_meter__without_the_holder__refused(meters: Meters) -> None:
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


def test_register_meter__holder_is_a_contract__signs_by_erc_1271(meters: Meters) -> None:
    wallet: Deployed = meters.chain.deploy("WalletDouble", HOLDER.address)
    registration = meters.registration(DEVICE, wallet.address)
    proof = meters.registration_proof(DEVICE, registration)
    with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
        meters.meters.registerMeter(registration, proof, proof, by=REGISTRAR)
    consent = meters.registration_proof(HOLDER, registration)
    meters.meters.registerMeter(registration, proof, consent, by=REGISTRAR)
    assert info(meters, DEVICE)[1] == wallet.address


def test_register_meter__key_of_a_meter__refused(registered: Meters) -> None:
    for _ in range(2):
        with refused("SmartMeter_AlreadyRegistered", DEVICE.address):
            registered.register(DEVICE, STRANGER)
        if info(registered, DEVICE)[-1]:
            registered.meters.deactivateMeter(DEVICE.address, by=REGISTRAR)
            registered.chain.set_time(MIDNIGHT)
            registered.read(DEVICE, MIDNIGHT, (5_000, 700))


def test_register_meter__after_32_meters__refused(registered: Meters) -> None:
    for number in range(1, 32):
        registered.register(Account.local(100 + number), HOLDER, settlement=False)
    with refused("SmartMeter_TooManyMeters", HOLDER.address, 32):
        registered.register(NEW, HOLDER, settlement=False)


def test_register_meter__a_byte_flipped__refused(meters: Meters) -> None:
    registration = meters.registration(DEVICE, HOLDER.address)
    digest = meters.registration_hash(registration)
    proof = meters.registration_proof(DEVICE, registration)
    consent = meters.registration_proof(HOLDER, registration)

    def register(proof: bytes, consent: bytes) -> None:
        meters.meters.registerMeter(registration, proof, consent, by=REGISTRAR)

    for place in range(65):
        bit = 1 << place % 8
        with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
            register(proof[:place] + bytes([proof[place] ^ bit]) + proof[place + 1 :], consent)
        with refused("SmartMeter_NoConsent", HOLDER.address, digest):
            register(proof, consent[:place] + bytes([consent[place] ^ bit]) + consent[place + 1 :])
    register(proof, consent)


def test_register_meter__at_the_deadline__is_in_time(meters: Meters) -> None:
    meters.register(DEVICE, HOLDER, deadline=START)
    assert info(meters, DEVICE)[0] == 1
