"""SmartMeter.submitWithConsent: boundaries are skipped only as the holder says."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import FORWARDER, LIMIT, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    MONTH,
    NEW,
    SLOT,
    STRANGER,
)


def test_submit_with_consent__holders_call_or_signature__recorded(active: Meters) -> None:
    times = [MIDNIGHT + bound * SLOT for bound in (2, 4)]
    signed = [active.sign_reading(DEVICE, active.reading(time, (5_300, 700))) for time in times]
    contract = active.meters
    contract.submitWithConsent(signed[0], 0, b"", by=HOLDER.address)
    assert active.told("SpanRecorded")
    deadline = active.now
    consent = active.consent_to_skip(HOLDER, DEVICE.address, times[1], deadline)
    for wrong in (
        active.consent_to_skip(STRANGER, DEVICE.address, times[1], deadline),
        active.consent_to_skip(HOLDER, NEW.address, times[1], deadline),
        active.consent_to_skip(HOLDER, DEVICE.address, times[0], deadline),
        active.consent_to_skip(HOLDER, DEVICE.address, times[1], deadline + 1),
        b"",
    ):
        with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
            contract.submitWithConsent(signed[1], deadline, wrong, by=STRANGER.address)
    active.chain.set_time(deadline + 1)
    with refused("SmartMeter_Expired", deadline, deadline + 1):
        contract.submitWithConsent(signed[1], deadline, consent, by=STRANGER.address)
    active.chain.set_time(deadline)
    contract.submitWithConsent(signed[1], deadline, consent, by=STRANGER.address)
    assert active.told("SpanRecorded")


def test_submit_with_consent__not_signed_by_the_device__refused(active: Meters) -> None:
    reading = active.reading(MIDNIGHT + 2 * SLOT, (5_300, 700))
    forged = active.sign_reading(DEVICE, reading, key=HOLDER)
    with refused("SmartMeter_WrongSignature", DEVICE.address, HOLDER.address):
        active.meters.submitWithConsent(forged, 0, b"", by=HOLDER.address)


def test_submit_with_consent__relayed__by_the_forwarder_alone(active: Meters) -> None:
    reading = active.reading(MIDNIGHT + 2 * SLOT, (5_300, 700))
    arguments = active.sign_reading(DEVICE, reading), LIMIT, b""
    data = active.meters.abi.function("submitWithConsent").encode(arguments)
    of_holder, of_other = (data + bytes.fromhex(key.address[2:]) for key in (HOLDER, STRANGER))
    for sender, relayed in ((FORWARDER, of_other), (STRANGER.address, of_holder)):
        with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
            active.chain.send(sender, active.meters.address, relayed)
    active.chain.send(FORWARDER, active.meters.address, of_holder)
    assert active.told("SpanRecorded")


def test_submit_with_consent__first_day__begins_without_its_boundary() -> None:
    meters = Meters()
    meters.register(DEVICE, HOLDER)
    meters.chain.set_time(MIDNIGHT + SLOT)
    meters.read(DEVICE, MIDNIGHT - 2 * SLOT, (5_010, 700))
    assert meters.told() == []
    with refused("SmartMeter_Skipped", DEVICE.address, MIDNIGHT + SLOT, MIDNIGHT, MIDNIGHT + MONTH):
        meters.read(DEVICE, MIDNIGHT + SLOT, (5_020, 700))
    signed = meters.sign_reading(DEVICE, meters.reading(MIDNIGHT + SLOT, (5_020, 700)))
    meters.meters.submitWithConsent(signed, 0, b"", by=HOLDER.address)
    slot = MIDNIGHT // SLOT
    assert meters.told() == [("SpanRecorded", 1, slot, slot + 1, 10, 0)]
