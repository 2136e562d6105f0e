"""SmartMeter.rotateMeterKey and consentToRotation."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import REGISTRAR, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    SLOT,
    STRANGER,
    info,
)


def test_rotate_meter_key__agreed_by_the_old_key__is_the_same_device(registered: Meters) -> None:
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
def test_rotate_meter_key__by_the_registrar_alone__refused(registered: Meters, by: str) -> None:
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
