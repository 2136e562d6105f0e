"""SmartMeter.submitReading: boundaries, what skips them, and what lies between them."""

from __future__ import annotations

import pytest

from energy_grid.domain.grid_levels import BANDS
from tests.support.core.chain import refused
from tests.support.core.meter_suite import DAY, HOME, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    MONTH,
    MOST,
    NEW,
    RATED,
    REGISTERS,
    SLOT,
    latest,
)


def test_submit_reading__at_a_boundary__net_of_its_slot(active: Meters) -> None:
    active.read(DEVICE, MIDNIGHT + SLOT, (5_300, 720))
    assert active.told() == [("Recorded", 1, MIDNIGHT // SLOT, 20 - 300)]
    word = 500 << 142 | 2_300 << 128 | 720 << 80 | 5_300 << 32 | MIDNIGHT + SLOT
    events = [(event, values) for _, event, values in active.chain.logs if event != "Recorded"]
    assert events == [("ReadingRecorded", {"meter": DEVICE.address, "reading": word})]
    assert latest(active) == (MIDNIGHT + SLOT, 5_300, 720, 5_000, 2_300)


def test_submit_reading__above_rated_power__refused(active: Meters) -> None:
    time = MIDNIGHT + SLOT
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, MOST + 1, MOST):
        active.read(DEVICE, time, (5_000 + MOST, 701))
    active.read(DEVICE, time, (5_000 + MOST - 1, 701))
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, MOST + 1, MOST):
        active.read(DEVICE, time + SLOT, (5_000 + MOST - 1, 702 + MOST))


def test_submit_reading__register_falls_or_is_too_large__refused(active: Meters) -> None:
    for registers in ((4_999, 700), (6_000, 699), (0, 0)):
        with refused("SmartMeter_RegisterDecreased", DEVICE.address, *registers, *REGISTERS):
            active.read(DEVICE, MIDNIGHT + SLOT, registers)
    with refused("SmartMeter_RegisterTooLarge", DEVICE.address, 2**48, 700):
        active.read(DEVICE, MIDNIGHT + SLOT, (2**48, 700))


def test_submit_reading__boundary_again__refused(active: Meters) -> None:
    time = MIDNIGHT + SLOT
    active.read(DEVICE, time, (5_300, 700))
    with refused("SmartMeter_Replayed", DEVICE.address, time):
        active.read(DEVICE, time, (5_300, 700))
    with refused("SmartMeter_Conflicting", DEVICE.address, time):
        active.read(DEVICE, time, (5_301, 700))
    with refused("SmartMeter_NotNewer", DEVICE.address, MIDNIGHT, time):
        active.read(DEVICE, MIDNIGHT, REGISTERS)


def test_submit_reading__from_the_future__refused(active: Meters) -> None:
    now = active.now
    with refused("SmartMeter_FromFuture", DEVICE.address, now + SLOT, now):
        active.read(DEVICE, now + SLOT, (5_300, 700))


def test_submit_reading__long_after_its_slot_was_final__counts(active: Meters) -> None:
    active.chain.set_time(MIDNIGHT + 20 * DAY)
    active.read(DEVICE, MIDNIGHT + SLOT, (5_300, 700))
    assert active.told() == [("Recorded", 1, MIDNIGHT // SLOT, -300)]


def test_submit_reading__skips_a_boundary__refused_for_a_month(active: Meters) -> None:
    time, due = MIDNIGHT + 2 * SLOT, MIDNIGHT + SLOT
    refusal = "SmartMeter_Skipped", DEVICE.address, time, due, due + MONTH
    with refused(*refusal):
        active.read(DEVICE, time, (5_300, 700))
    active.chain.set_time(due + MONTH - 1)
    with refused(*refusal):
        active.read(DEVICE, time, (5_300, 700))
    active.chain.set_time(due + MONTH)
    active.read(DEVICE, time, (5_300, 710))
    slot = MIDNIGHT // SLOT
    assert active.told() == [("SpanRecorded", 1, slot, slot + 2, 300, 10)]


def test_submit_reading__sub_meter__must_not_skip_midnight(sub_meter: Meters) -> None:
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


def test_submit_reading__between_boundaries__updates_the_latest_values_alone(
    active: Meters,
) -> None:
    time = MIDNIGHT + 1_000
    active.read(DEVICE, time, (5_900, 700))
    assert active.told() == []
    assert latest(active) == (time, 5_900, 700, 5_000, 2_300)
    assert (
        active.meters.call("getDailyConsumption(address,uint256)", DEVICE.address, time // DAY) == 0
    )
    assert active.meters.getLifetime(HOLDER.address) == (0, 0, 0, 0)


def test_submit_reading__between_boundaries__never_refuses_a_boundary(active: Meters) -> None:
    """Neither its time nor its registers stand in the way; then the boundary's are shown."""
    active.read(DEVICE, MIDNIGHT + 3_000, (5_000 + 8_000, 700))
    active.read(DEVICE, MIDNIGHT + SLOT, (5_100, 700))
    assert active.told() == [("Recorded", 1, MIDNIGHT // SLOT, -100)]
    assert latest(active)[:3] == (MIDNIGHT + 3_000, 13_000, 700)
    active.read(DEVICE, MIDNIGHT + 3_100, (5_200, 700))
    active.read(DEVICE, MIDNIGHT + 2 * SLOT, (5_300, 700))
    assert latest(active)[:3] == (MIDNIGHT + 2 * SLOT, 5_300, 700)


def test_submit_reading__between_boundaries__refused_for_what_it_says(active: Meters) -> None:
    time, now = MIDNIGHT + 1_000, active.now
    with refused("SmartMeter_FromFuture", DEVICE.address, now + 1, now):
        active.read(DEVICE, now + 1, REGISTERS)
    with refused("SmartMeter_NotNewer", DEVICE.address, MIDNIGHT - 1, MIDNIGHT):
        active.read(DEVICE, MIDNIGHT - 1, REGISTERS)
    with refused("SmartMeter_TooSoon", DEVICE.address, MIDNIGHT + 59, MIDNIGHT + 60):
        active.read(DEVICE, MIDNIGHT + 59, REGISTERS)
    most = RATED * 1_000 // 3_600
    with refused("SmartMeter_ImplausibleEnergy", DEVICE.address, most + 1, most):
        active.read(DEVICE, time, (5_000 + most, 701))
    with refused("SmartMeter_RegisterDecreased", DEVICE.address, 4_999, 700, *REGISTERS):
        active.read(DEVICE, time, (4_999, 700))
    active.read(DEVICE, time, (5_000 + most, 700))
    with refused("SmartMeter_NotNewer", DEVICE.address, time, time):
        active.read(DEVICE, time, REGISTERS)
    with refused("SmartMeter_TooSoon", DEVICE.address, time + 59, time + 60):
        active.read(DEVICE, time + 59, REGISTERS)
    # Another one that shows less is believed: only boundaries bind.
    active.read(DEVICE, time + 60, REGISTERS)


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
def test_submit_reading__frequency_or_voltage_not_good__recorded_with_an_alert(
    active: Meters, frequency: int, voltage: int, alert: bool
) -> None:
    time = MIDNIGHT + SLOT
    reading = time, *REGISTERS, frequency, voltage
    active.meters.submitReading(reading, by=DEVICE.address)
    assert active.events() == ["PowerQualityAlert"] * alert + ["ReadingRecorded"]
    assert latest(active) == reading


@pytest.mark.parametrize(
    ("frequency", "voltage"),
    [
        *((4_499, 2_300), (5_501, 2_300), (2**256 - 1, 2_300)),
        *((5_000, 1_149), (5_000, 3_451), (5_000, 2**256 - 1)),
    ],
)
def test_submit_reading__frequency_or_voltage_impossible__refused(
    active: Meters, frequency: int, voltage: int
) -> None:
    quality = frequency, voltage
    for time in (MIDNIGHT + SLOT, MIDNIGHT + 1_000):
        with refused("SmartMeter_ImplausibleQuality", DEVICE.address, *quality):
            active.meters.submitReading((time, *REGISTERS, frequency, voltage), by=DEVICE.address)


@pytest.mark.parametrize(
    ("frequency", "voltage", "alert"),
    [
        *((6_000, 1_200, False), (5_994, 1_140, False), (6_006, 1_260, False)),
        *((5_993, 1_200, True), (6_007, 1_200, True), (6_000, 1_139, True), (6_000, 1_261, True)),
        *((5_400, 600, True), (6_600, 1_800, True)),
        # What the default allows is never refused, and never normal far from its nominal values.
        *((5_399, 1_200, True), (4_500, 2_300, True), (5_500, 3_450, True)),
    ],
)
def test_submit_reading__in_a_region_of_60_hz__judged_by_its_bands(
    american: Meters, frequency: int, voltage: int, alert: bool
) -> None:
    reading = MIDNIGHT + SLOT, *REGISTERS, frequency, voltage
    american.meters.submitReading(reading, by=DEVICE.address)
    assert american.events() == ["PowerQualityAlert"] * alert + ["ReadingRecorded"]
    assert latest(american) == reading


@pytest.mark.parametrize(
    ("frequency", "voltage"), [(5_399, 1_149), (6_601, 1_200), (6_000, 599), (6_000, 1_801)]
)
def test_submit_reading__impossible_in_a_region_of_60_hz__refused(
    american: Meters, frequency: int, voltage: int
) -> None:
    reading = MIDNIGHT + SLOT, *REGISTERS, frequency, voltage
    with refused("SmartMeter_ImplausibleQuality", DEVICE.address, frequency, voltage):
        american.meters.submitReading(reading, by=DEVICE.address)


def test_submit_reading__narrower_bands__alert_where_they_end(active: Meters) -> None:
    active.bands.setBands(HOME, BANDS["europe"], by=REGISTRAR)
    for number, frequency in enumerate((4_995, 5_005, 4_994, 5_006), 1):
        active.meters.submitReading(
            (MIDNIGHT + number * SLOT, *REGISTERS, frequency, 2_300), by=DEVICE.address
        )
        assert active.events() == ["PowerQualityAlert"] * (number > 2) + ["ReadingRecorded"]


def test_submit_reading__several_things_wrong__refused_in_order(active: Meters) -> None:
    """What is refused first is mended, until nothing is wrong."""
    address, now = DEVICE.address, active.now
    end, due = MIDNIGHT + DAY, MIDNIGHT + SLOT
    active.meters.detachMeter(address, by=HOLDER.address)
    small, large = (0, 0), (2**48, 0)
    steps = [
        (end + SLOT, large, 0, 0, ("RegisterTooLarge", address, *large)),
        (end + SLOT, small, 0, 0, ("Detached", address, end + SLOT, end)),
        (end, small, 0, 0, ("FromFuture", address, end, now)),
        (MIDNIGHT - SLOT, small, 0, 0, ("NotNewer", address, MIDNIGHT - SLOT, MIDNIGHT)),
        (MIDNIGHT, small, 0, 0, ("Conflicting", address, MIDNIGHT)),
        (MIDNIGHT + 1, small, 0, 0, ("TooSoon", address, MIDNIGHT + 1, MIDNIGHT + 60)),
        (due + SLOT, small, 0, 0, ("Skipped", address, due + SLOT, due, due + MONTH)),
        (due, small, 0, 0, ("RegisterDecreased", address, *small, *REGISTERS)),
        (due, (9_000, 700), 0, 0, ("ImplausibleEnergy", address, 4_000, MOST)),
        (due, REGISTERS, 0, 0, ("ImplausibleQuality", address, 0, 0)),
        (due, REGISTERS, 5_000, 0, ("ImplausibleQuality", address, 5_000, 0)),
    ]
    for time, registers, frequency, voltage, (error, *values) in steps:
        reading = active.reading(time, registers, frequency, voltage)
        with refused("SmartMeter_UnknownMeter", NEW.address):
            active.meters.submitReading(reading, by=NEW.address)
        with refused(f"SmartMeter_{error}", *values):
            active.meters.submitReading(reading, by=address)
    active.read(DEVICE, due, REGISTERS)
