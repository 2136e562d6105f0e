"""SmartMeter.submitSignedReadings."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import DAY, LIMIT, Meters, domain_of
from tests.unit.contracts.metering.devices import DEVICE, HOLDER, MIDNIGHT, NEW, SLOT, STRANGER


def test_submit_signed_readings__some_cannot_be_recorded__skipped_in_one_call(
    active: Meters,
) -> None:
    active.register(NEW, STRANGER)
    slot = active.now // SLOT
    devices = [
        (DEVICE, MIDNIGHT + SLOT, (5_100, 700)),
        (HOLDER, MIDNIGHT + SLOT, (0, 0)),
        (DEVICE, MIDNIGHT + SLOT, (5_100, 700)),
        (DEVICE, MIDNIGHT + 2 * SLOT, (5_000, 700)),
        (NEW, (slot + 1) * SLOT, (5_001, 700)),
        (DEVICE, MIDNIGHT + 2 * SLOT, (5_150, 710)),
        (DEVICE, MIDNIGHT + 4 * SLOT, (5_160, 710)),
    ]
    active.read_many(
        *(active.sign_reading(key, active.reading(time, shown)) for key, time, shown in devices)
    )
    first = MIDNIGHT // SLOT
    assert active.told() == [("Recorded", 1, first, -100), ("Recorded", 1, first + 1, -40)]
    reasons = [
        active.chain.errors[bytes(values["reason"])[:4]].name.removeprefix("SmartMeter_")
        for _, event, values in active.chain.logs
        if event == "ReadingSkipped"
    ]
    assert reasons == ["UnknownMeter", "Replayed", "RegisterDecreased", "FromFuture", "Skipped"]


def test_submit_signed_readings__slots_and_spans__in_the_order_of_the_readings(
    active: Meters,
) -> None:
    active.chain.set_time(MIDNIGHT + 40 * DAY)
    bounds = [(1, 5_100), (4, 5_200), (5, 5_210)]
    active.read_many(
        *(
            active.sign_reading(DEVICE, active.reading(MIDNIGHT + bound * SLOT, (register, 700)))
            for bound, register in bounds
        )
    )
    first = MIDNIGHT // SLOT
    assert active.told() == [
        ("Recorded", 1, first, -100),
        ("SpanRecorded", 1, first + 1, first + 4, 100, 0),
        ("Recorded", 1, first + 4, -10),
    ]


def test_submit_signed_readings__wrong_signature__refused(active: Meters) -> None:
    reading = active.reading(MIDNIGHT + SLOT, (5_100, 700))
    forged = active.sign_reading(DEVICE, reading, key=STRANGER)
    with refused("SmartMeter_WrongSignature", DEVICE.address, STRANGER.address):
        active.read_many(forged)
    device, _, r, vs = active.sign_reading(DEVICE, reading)
    with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
        active.read_many((device, active.reading(MIDNIGHT + SLOT, (5_101, 700)), r, vs))
    # Nobody signs for the zero address, and it is no meter.
    nobody = "0x" + 40 * "0"
    active.read_many((nobody, reading, bytes(32), bytes(32)))
    assert active.events() == ["ReadingSkipped"]
    with refused("SmartMeter_UnknownMeter", nobody):
        active.meters.submitWithConsent((nobody, reading, bytes(32), bytes(32)), LIMIT, b"")
    with refused("SmartMeter_NoReadings"):
        active.read_many()


def test_submit_signed_readings__key_rotated_meanwhile__skipped(active: Meters) -> None:
    signed = active.sign_reading(DEVICE, active.reading(MIDNIGHT + SLOT, (5_100, 700)))
    new = Account.local(2)
    proof = active.rotation_proof(new, DEVICE.address)
    agreed = active.rotation_proof(DEVICE, DEVICE.address, new.address)
    active.meters.rotateMeterKey(DEVICE.address, new.address, proof, agreed, by="0x" + 40 * "1")
    active.read_many(signed)
    assert active.events() == ["ReadingSkipped"]


def test_submit_signed_readings__a_byte_flipped__refused(active: Meters) -> None:
    reading = active.reading(MIDNIGHT + SLOT, (5_100, 700))
    device, _, r, vs = active.sign_reading(DEVICE, reading)
    for place in range(64):
        flipped = bytearray(r + vs)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(Reverted, match="SmartMeter_WrongSignature") as refusal:
            active.read_many((device, reading, bytes(flipped[:32]), bytes(flipped[32:])))
        meter, signer = refusal.value.values
        assert (meter, signer != meter) == (device, True)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "EnergyGrid EnergyTrading"},
        {"contract": STRANGER.address},
        {"version": "2"},
        {"chain": 1},
    ],
)
def test_submit_signed_readings__for_another_domain__refused(
    active: Meters, change: dict[str, Any]
) -> None:
    reading = active.reading(MIDNIGHT + SLOT, (5_100, 700))
    right = {"name": "EnergyGrid SmartMeter", "contract": active.meters.address}
    active.domain = domain_of(**{**right, **change})
    with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
        active.read_many(active.sign_reading(DEVICE, reading))
    active.domain = domain_of(**right)
    active.read_many(active.sign_reading(DEVICE, reading))
