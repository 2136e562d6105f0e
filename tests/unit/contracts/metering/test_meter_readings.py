"""Readings: what refuses them, in which order, and what those between boundaries cannot do."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import DAY, FORWARDER, LIMIT, START, Meters

DEVICE, HOLDER, OTHER, STRANGER = (Account.local(number) for number in range(4))
MIDNIGHT = (START // DAY + 1) * DAY
SLOT = 900
RATED = 10_000
MOST = RATED // 4
REGISTERS = 5_000, 700
MONTH = 30 * DAY


@pytest.fixture
def meters() -> Meters:
    """A settlement meter that speaks since an hour ago, and was read at its first boundary."""
    meters = Meters()
    meters.register(DEVICE, HOLDER)
    meters.chain.set_time(MIDNIGHT + 3_600)
    meters.read(DEVICE, MIDNIGHT, REGISTERS)
    return meters


@pytest.fixture
def sub_meter() -> Meters:
    """A sub-meter, registered at noon."""
    meters = Meters()
    meters.register(DEVICE, HOLDER, settlement=False)
    return meters


def latest(meters: Meters, device: Account = DEVICE) -> Any:
    return tuple(meters.meters.call("getLatestReading(address)", device.address))


def test_boundary__net_of_its_slot(meters: Meters) -> None:
    meters.read(DEVICE, MIDNIGHT + SLOT, (5_300, 720))
    assert meters.told() == [("Recorded", 1, MIDNIGHT // SLOT, 20 - 300)]
    word = 500 << 142 | 2_300 << 128 | 720 << 80 | 5_300 << 32 | MIDNIGHT + SLOT
    events = [(event, values) for _, event, values in meters.chain.logs if event != "Recorded"]
    assert events == [("ReadingRecorded", {"meter": DEVICE.address, "reading": word})]
    assert latest(meters) == (MIDNIGHT + SLOT, 5_300, 720, 5_000, 2_300)


def test_boundary__at_rated_power_and_not_a_watt_hour_more(meters: Meters) -> None:
    time = MIDNIGHT + SLOT
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, MOST + 1, MOST):
        meters.read(DEVICE, time, (5_000 + MOST, 701))
    meters.read(DEVICE, time, (5_000 + MOST - 1, 701))
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, MOST + 1, MOST):
        meters.read(DEVICE, time + SLOT, (5_000 + MOST - 1, 702 + MOST))


def test_boundary__registers_never_fall(meters: Meters) -> None:
    for registers in ((4_999, 700), (6_000, 699), (0, 0)):
        with refused("SmartMeter_RegisterDecreased", DEVICE.address, *registers, *REGISTERS):
            meters.read(DEVICE, MIDNIGHT + SLOT, registers)
    with refused("SmartMeter_RegisterTooLarge", DEVICE.address, 2**48, 700):
        meters.read(DEVICE, MIDNIGHT + SLOT, (2**48, 700))


def test_boundary__once(meters: Meters) -> None:
    time = MIDNIGHT + SLOT
    meters.read(DEVICE, time, (5_300, 700))
    with refused("SmartMeter_Replayed", DEVICE.address, time):
        meters.read(DEVICE, time, (5_300, 700))
    with refused("SmartMeter_Conflicting", DEVICE.address, time):
        meters.read(DEVICE, time, (5_301, 700))
    with refused("SmartMeter_NotNewer", DEVICE.address, MIDNIGHT, time):
        meters.read(DEVICE, MIDNIGHT, REGISTERS)


def test_boundary__not_before_it_is_over(meters: Meters) -> None:
    now = meters.now
    with refused("SmartMeter_FromFuture", DEVICE.address, now + SLOT, now):
        meters.read(DEVICE, now + SLOT, (5_300, 700))


def test_boundary__long_after_its_slot_was_final(meters: Meters) -> None:
    meters.chain.set_time(MIDNIGHT + 20 * DAY)
    meters.read(DEVICE, MIDNIGHT + SLOT, (5_300, 700))
    assert meters.told() == [("Recorded", 1, MIDNIGHT // SLOT, -300)]


# What is skipped


def test_skipping__not_without_the_holder(meters: Meters) -> None:
    time, due = MIDNIGHT + 2 * SLOT, MIDNIGHT + SLOT
    refusal = "SmartMeter_Skipped", DEVICE.address, time, due, due + MONTH
    with refused(*refusal):
        meters.read(DEVICE, time, (5_300, 700))
    meters.chain.set_time(due + MONTH - 1)
    with refused(*refusal):
        meters.read(DEVICE, time, (5_300, 700))
    meters.chain.set_time(due + MONTH)
    meters.read(DEVICE, time, (5_300, 710))
    slot = MIDNIGHT // SLOT
    assert meters.told() == [("SpanRecorded", 1, slot, slot + 2, 300, 10)]


def test_skipping__with_the_holders_call_or_signature(meters: Meters) -> None:
    times = [MIDNIGHT + bound * SLOT for bound in (2, 4)]
    signed = [meters.sign_reading(DEVICE, meters.reading(time, (5_300, 700))) for time in times]
    contract = meters.meters
    contract.submitWithConsent(signed[0], 0, b"", by=HOLDER.address)
    assert meters.told("SpanRecorded")
    deadline = meters.now
    consent = meters.consent_to_skip(HOLDER, DEVICE.address, times[1], deadline)
    for wrong in (
        meters.consent_to_skip(STRANGER, DEVICE.address, times[1], deadline),
        meters.consent_to_skip(HOLDER, OTHER.address, times[1], deadline),
        meters.consent_to_skip(HOLDER, DEVICE.address, times[0], deadline),
        meters.consent_to_skip(HOLDER, DEVICE.address, times[1], deadline + 1),
        b"",
    ):
        with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
            contract.submitWithConsent(signed[1], deadline, wrong, by=STRANGER.address)
    meters.chain.set_time(deadline + 1)
    with refused("SmartMeter_Expired", deadline, deadline + 1):
        contract.submitWithConsent(signed[1], deadline, consent, by=STRANGER.address)
    meters.chain.set_time(deadline)
    contract.submitWithConsent(signed[1], deadline, consent, by=STRANGER.address)
    assert meters.told("SpanRecorded")


def test_skipping__consent_is_for_a_reading_that_the_device_signed(meters: Meters) -> None:
    reading = meters.reading(MIDNIGHT + 2 * SLOT, (5_300, 700))
    forged = meters.sign_reading(DEVICE, reading, key=HOLDER)
    with refused("SmartMeter_WrongSignature", DEVICE.address, HOLDER.address):
        meters.meters.submitWithConsent(forged, 0, b"", by=HOLDER.address)


def test_skipping__relayed_by_the_forwarder_alone(meters: Meters) -> None:
    reading = meters.reading(MIDNIGHT + 2 * SLOT, (5_300, 700))
    arguments = meters.sign_reading(DEVICE, reading), LIMIT, b""
    data = meters.meters.abi.function("submitWithConsent").encode(arguments)
    of_holder, of_other = (data + bytes.fromhex(key.address[2:]) for key in (HOLDER, STRANGER))
    for sender, relayed in ((FORWARDER, of_other), (STRANGER.address, of_holder)):
        with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
            meters.chain.send(sender, meters.meters.address, relayed)
    meters.chain.send(FORWARDER, meters.meters.address, of_holder)
    assert meters.told("SpanRecorded")


def test_skipping__before_the_first_day_is_free() -> None:
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


def test_skipping__a_sub_meter_only_not_midnight(sub_meter: Meters) -> None:
    sub_meter.chain.set_time(MIDNIGHT + DAY)
    noon = START // SLOT * SLOT
    sub_meter.read(DEVICE, noon + 5 * SLOT, (5_100, 900))
    assert sub_meter.told() == []
    late = MIDNIGHT + SLOT
    with refused("SmartMeter_Skipped", DEVICE.address, late, MIDNIGHT, MIDNIGHT + MONTH):
        sub_meter.read(DEVICE, late, (5_100, 900))
    sub_meter.read(DEVICE, MIDNIGHT, (5_100, 950))
    sub_meter.read(DEVICE, MIDNIGHT + DAY, (5_300, 990))
    assert sub_meter.told() == []
    produced = [
        sub_meter.meters.call("getDailyProduction(address,uint256)", DEVICE.address, day)
        for day in range(START // DAY - 1, START // DAY + 3)
    ]
    assert produced == [0, 250, 40, 0]


# Readings between boundaries


def test_between__updates_the_latest_values_alone(meters: Meters) -> None:
    time = MIDNIGHT + 1_000
    meters.read(DEVICE, time, (5_900, 700))
    assert meters.told() == []
    assert latest(meters) == (time, 5_900, 700, 5_000, 2_300)
    assert (
        meters.meters.call("getDailyConsumption(address,uint256)", DEVICE.address, time // DAY) == 0
    )
    assert meters.meters.getLifetime(HOLDER.address) == (0, 0, 0, 0)


def test_between__never_refuses_a_boundary(meters: Meters) -> None:
    """Neither its time nor its registers stand in the way; then the boundary's are shown."""
    meters.read(DEVICE, MIDNIGHT + 3_000, (5_000 + 8_000, 700))
    meters.read(DEVICE, MIDNIGHT + SLOT, (5_100, 700))
    assert meters.told() == [("Recorded", 1, MIDNIGHT // SLOT, -100)]
    assert latest(meters)[:3] == (MIDNIGHT + 3_000, 13_000, 700)
    meters.read(DEVICE, MIDNIGHT + 3_100, (5_200, 700))
    meters.read(DEVICE, MIDNIGHT + 2 * SLOT, (5_300, 700))
    assert latest(meters)[:3] == (MIDNIGHT + 2 * SLOT, 5_300, 700)


def test_between__is_refused_for_what_it_says(meters: Meters) -> None:
    time, now = MIDNIGHT + 1_000, meters.now
    with refused("SmartMeter_FromFuture", DEVICE.address, now + 1, now):
        meters.read(DEVICE, now + 1, REGISTERS)
    with refused("SmartMeter_NotNewer", DEVICE.address, MIDNIGHT - 1, MIDNIGHT):
        meters.read(DEVICE, MIDNIGHT - 1, REGISTERS)
    with refused("SmartMeter_TooSoon", DEVICE.address, MIDNIGHT + 59, MIDNIGHT + 60):
        meters.read(DEVICE, MIDNIGHT + 59, REGISTERS)
    most = RATED * 1_000 // 3_600
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, most + 1, most):
        meters.read(DEVICE, time, (5_000 + most, 701))
    with refused("SmartMeter_RegisterDecreased", DEVICE.address, 4_999, 700, *REGISTERS):
        meters.read(DEVICE, time, (4_999, 700))
    meters.read(DEVICE, time, (5_000 + most, 700))
    with refused("SmartMeter_NotNewer", DEVICE.address, time, time):
        meters.read(DEVICE, time, REGISTERS)
    with refused("SmartMeter_TooSoon", DEVICE.address, time + 59, time + 60):
        meters.read(DEVICE, time + 59, REGISTERS)
    # Another one that shows less is believed: only boundaries bind.
    meters.read(DEVICE, time + 60, REGISTERS)


# Frequency and voltage


@pytest.mark.parametrize(
    ("frequency", "voltage", "alert"),
    [
        (4_950, 2_185, False),
        (5_050, 2_415, False),
        (4_949, 2_300, True),
        (5_051, 2_300, True),
        (5_000, 2_184, True),
        (5_000, 2_416, True),
        (4_500, 1_150, True),
        (5_500, 3_450, True),
    ],
)
def test_quality__alert(meters: Meters, frequency: int, voltage: int, alert: bool) -> None:
    time = MIDNIGHT + SLOT
    reading = time, *REGISTERS, frequency, voltage
    meters.meters.submitReading(reading, by=DEVICE.address)
    assert meters.events() == ["PowerQualityAlert"] * alert + ["ReadingRecorded"]
    assert latest(meters) == reading


@pytest.mark.parametrize(
    ("frequency", "voltage", "error"),
    [
        (4_499, 2_300, "Frequency"),
        (5_501, 2_300, "Frequency"),
        (2**256 - 1, 2_300, "Frequency"),
        (5_000, 1_149, "Voltage"),
        (5_000, 3_451, "Voltage"),
    ],
)
def test_quality__implausible(meters: Meters, frequency: int, voltage: int, error: str) -> None:
    value = frequency if error == "Frequency" else voltage
    for time in (MIDNIGHT + SLOT, MIDNIGHT + 1_000):
        with refused(f"SmartMeter_Implausible{error}", DEVICE.address, value):
            meters.meters.submitReading((time, *REGISTERS, frequency, voltage), by=DEVICE.address)


# Batches


def test_batch__one_call_of_the_energy_accounts_and_nobody_stops_the_rest(meters: Meters) -> None:
    meters.register(OTHER, STRANGER)
    slot = meters.now // SLOT
    devices = [
        (DEVICE, MIDNIGHT + SLOT, (5_100, 700)),
        (HOLDER, MIDNIGHT + SLOT, (0, 0)),
        (DEVICE, MIDNIGHT + SLOT, (5_100, 700)),
        (DEVICE, MIDNIGHT + 2 * SLOT, (5_000, 700)),
        (OTHER, (slot + 1) * SLOT, (5_001, 700)),
        (DEVICE, MIDNIGHT + 2 * SLOT, (5_150, 710)),
        (DEVICE, MIDNIGHT + 4 * SLOT, (5_160, 710)),
    ]
    meters.read_many(
        *(meters.sign_reading(key, meters.reading(time, shown)) for key, time, shown in devices)
    )
    first = MIDNIGHT // SLOT
    assert meters.told() == [("Recorded", 1, first, -100), ("Recorded", 1, first + 1, -40)]
    reasons = [
        meters.chain.errors[bytes(values["reason"])[:4]].name.removeprefix("SmartMeter_")
        for _, event, values in meters.chain.logs
        if event == "ReadingSkipped"
    ]
    assert reasons == ["UnknownMeter", "Replayed", "RegisterDecreased", "FromFuture", "Skipped"]


def test_batch__slots_and_spans_in_the_order_of_the_readings(meters: Meters) -> None:
    meters.chain.set_time(MIDNIGHT + 40 * DAY)
    bounds = [(1, 5_100), (4, 5_200), (5, 5_210)]
    meters.read_many(
        *(
            meters.sign_reading(DEVICE, meters.reading(MIDNIGHT + bound * SLOT, (register, 700)))
            for bound, register in bounds
        )
    )
    first = MIDNIGHT // SLOT
    assert meters.told() == [
        ("Recorded", 1, first, -100),
        ("SpanRecorded", 1, first + 1, first + 4, 100, 0),
        ("Recorded", 1, first + 4, -10),
    ]


def test_batch__a_wrong_signature_is_the_senders_fault(meters: Meters) -> None:
    reading = meters.reading(MIDNIGHT + SLOT, (5_100, 700))
    forged = meters.sign_reading(DEVICE, reading, key=STRANGER)
    with refused("SmartMeter_WrongSignature", DEVICE.address, STRANGER.address):
        meters.read_many(forged)
    device, _, r, vs = meters.sign_reading(DEVICE, reading)
    with pytest.raises(Reverted, match="SmartMeter_WrongSignature"):
        meters.read_many((device, meters.reading(MIDNIGHT + SLOT, (5_101, 700)), r, vs))
    # Nobody signs for the zero address, and it is no meter.
    nobody = "0x" + 40 * "0"
    meters.read_many((nobody, reading, bytes(32), bytes(32)))
    assert meters.events() == ["ReadingSkipped"]
    with refused("SmartMeter_UnknownMeter", nobody):
        meters.meters.submitWithConsent((nobody, reading, bytes(32), bytes(32)), LIMIT, b"")
    with refused("SmartMeter_NoReadings"):
        meters.read_many()


def test_batch__a_key_that_changed_meanwhile_is_skipped(meters: Meters) -> None:
    signed = meters.sign_reading(DEVICE, meters.reading(MIDNIGHT + SLOT, (5_100, 700)))
    new = Account.local(2)
    proof = meters.rotation_proof(new, DEVICE.address)
    agreed = meters.rotation_proof(DEVICE, DEVICE.address, new.address)
    meters.meters.rotateMeterKey(DEVICE.address, new.address, proof, agreed, by="0x" + 40 * "1")
    meters.read_many(signed)
    assert meters.events() == ["ReadingSkipped"]


# Days and views


def test_days__what_lies_between_two_readings_belongs_to_the_later_day(meters: Meters) -> None:
    contract, today = meters.meters, MIDNIGHT // DAY
    meters.chain.set_time(MIDNIGHT + 5 * DAY)
    meters.read(DEVICE, MIDNIGHT + SLOT, (5_300, 700))
    signed = meters.sign_reading(DEVICE, meters.reading(MIDNIGHT + 3 * DAY + SLOT, (9_300, 800)))
    contract.submitWithConsent(signed, LIMIT, b"", by=HOLDER.address)
    found = [
        contract.call("getDailyConsumption(address,uint256)", DEVICE.address, day)
        for day in range(today - 1, today + 5)
    ]
    assert found == [0, 300, 0, 0, 4_000, 0]
    assert contract.getLifetime(HOLDER.address) == (4_300, 100, 0, 0)


def test_views__of_the_calling_meter(meters: Meters) -> None:
    meters.read(DEVICE, MIDNIGHT + SLOT, (5_300, 750))
    contract = meters.meters
    assert contract.call("getDailyConsumption()", by=DEVICE.address) == 300
    assert contract.call("getDailyProduction()", by=DEVICE.address) == 50
    assert tuple(contract.call("getLatestReading()", by=DEVICE.address)) == latest(meters)
    for view in ("getLatestReading()", "getDailyConsumption()", "getDailyProduction()"):
        with refused("SmartMeter_UnknownMeter", STRANGER.address):
            contract.call(view, by=STRANGER.address)


def test_views__before_the_first_reading() -> None:
    meters = Meters()
    meters.register(DEVICE, HOLDER)
    assert latest(meters) == (START, *REGISTERS, 0, 0)
    with refused("SmartMeter_NotNewer", DEVICE.address, START // SLOT * SLOT, START // SLOT * SLOT):
        meters.read(DEVICE, START // SLOT * SLOT, REGISTERS)
