"""SmartMeter.submitReading: who reads, and when. What is read: test_submit_reading_values.py."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import (
    daily,
    deactivate,
    energy,
    latest,
    lifetime,
)

HOUR = 3600
DAY = 86_400
INTERVAL = 60


def test_submit_reading__caller_is_no_meter__refused(
    market: Market, prosumer: LocalAccount
) -> None:
    reading = market.reading(timestamp=MONDAY + 100)

    with refused(errors.SmartMeter_UnknownMeter, meter=prosumer.address):
        market.at(MONDAY + 100).do(prosumer, market.meters, "submitReading", reading)


def test_submit_reading__meter_is_deactivated__refused(
    market: Market, meter: LocalAccount, since: int
) -> None:
    deactivate(market, meter)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        market.at(since + 100).read_meter(meter, timestamp=since + 100, produced=1)


@pytest.mark.parametrize("timestamp", [MONDAY + 5001, MONDAY + 2 * DAY, 2**64, 2**256 - 1])
def test_submit_reading__later_than_the_block__refused(
    market: Market, meter: LocalAccount, timestamp: int
) -> None:
    with refused(
        errors.SmartMeter_FromFuture,
        meter=meter.address,
        timestamp=timestamp,
        time=MONDAY + 5000,
    ):
        market.at(MONDAY + 5000).read_meter(meter, timestamp=timestamp, produced=1)


def test_submit_reading__of_the_block_s_second__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(MONDAY + 5000).read_meter(meter, timestamp=MONDAY + 5000, produced=7, consumed=5)

    assert latest(market, meter) == (MONDAY + 5000, 5, 7, 5000, 2300)
    assert energy(market, prosumer, (MONDAY + 5000) // HOUR) == (7, 5)


@pytest.mark.parametrize("timestamp", [0, 1, MONDAY + 59, MONDAY + 60])
def test_submit_reading__not_after_registration__refused(
    market: Market, meter: LocalAccount, since: int, timestamp: int
) -> None:
    with refused(
        errors.SmartMeter_NotNewer, meter=meter.address, timestamp=timestamp, latest=since
    ):
        market.at(since + 300).read_meter(meter, timestamp=timestamp, produced=1)


@pytest.mark.parametrize("wait", [1, INTERVAL - 1])
def test_submit_reading__soon_after_registration__refused(
    market: Market, meter: LocalAccount, since: int, wait: int
) -> None:
    with refused(
        errors.SmartMeter_TooSoon,
        meter=meter.address,
        timestamp=since + wait,
        earliest=since + INTERVAL,
    ):
        market.at(since + 300).read_meter(meter, timestamp=since + wait, produced=1)


def test_submit_reading__one_interval_after_registration__recorded(
    market: Market, meter: LocalAccount, since: int
) -> None:
    market.at(since + INTERVAL).read_meter(meter, timestamp=since + INTERVAL, produced=1)

    assert latest(market, meter)[0] == since + INTERVAL


@pytest.mark.parametrize("timestamp", [0, MONDAY + 60, MONDAY + 999])
def test_submit_reading__earlier_than_the_latest__refused(
    market: Market, meter: LocalAccount, timestamp: int
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=1)

    with refused(
        errors.SmartMeter_NotNewer,
        meter=meter.address,
        timestamp=timestamp,
        latest=MONDAY + 1000,
    ):
        market.at(MONDAY + 2000).read_meter(meter, timestamp=timestamp, produced=1)


@pytest.mark.parametrize("wait", [1, 2 * HOUR, 30 * DAY])
def test_submit_reading__the_latest_again__refused(
    market: Market, meter: LocalAccount, wait: int
) -> None:
    """At any later time, so also when its slot is final and closed."""
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=3, consumed=4)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=MONDAY + 1000):
        market.at(MONDAY + 1000 + wait).read_meter(
            meter, timestamp=MONDAY + 1000, produced=3, consumed=4
        )


def test_submit_reading__a_reading_of_nothing_again__refused(
    market: Market, meter: LocalAccount
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=MONDAY + 1000):
        market.read_meter(meter, timestamp=MONDAY + 1000)


@pytest.mark.parametrize(
    "other",
    [
        {"consumed": 5},
        {"consumed": 0},
        {"produced": 4},
        {"produced": 2},
        {"frequency": 5001},
        {"voltage": 2299},
        {"consumed": 4 + 2**32},
        {"produced": 2**256 - 1},
        {"frequency": 5000 + 2**10},
        {"voltage": 0},
    ],
)
def test_submit_reading__same_time_other_content__refused(
    market: Market, meter: LocalAccount, other: dict[str, int]
) -> None:
    content = {"produced": 3, "consumed": 4}
    first = market.reading(timestamp=MONDAY + 1000, **content)
    second = market.reading(timestamp=MONDAY + 1000, **content | other)
    market.at(MONDAY + 1000).do(meter, market.meters, "submitReading", first)

    with refused(errors.SmartMeter_Conflicting, meter=meter.address, timestamp=MONDAY + 1000):
        market.do(meter, market.meters, "submitReading", second)


@pytest.mark.parametrize("wait", [1, INTERVAL - 1])
def test_submit_reading__soon_after_the_latest__refused(
    market: Market, meter: LocalAccount, wait: int
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=1)

    with refused(
        errors.SmartMeter_TooSoon,
        meter=meter.address,
        timestamp=MONDAY + 1000 + wait,
        earliest=MONDAY + 1000 + INTERVAL,
    ):
        market.at(MONDAY + 1300).read_meter(meter, timestamp=MONDAY + 1000 + wait, produced=1)


def test_submit_reading__one_interval_after_the_latest__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=1)
    market.at(MONDAY + 1060).read_meter(meter, timestamp=MONDAY + 1060, produced=2)

    assert latest(market, meter) == (MONDAY + 1060, 0, 2, 5000, 2300)
    assert energy(market, prosumer, MONDAY // HOUR) == (3, 0)


@pytest.mark.parametrize("timestamp", [MONDAY + HOUR, MONDAY + HOUR - 1, MONDAY + 200])
def test_submit_reading__slot_is_final__refused(
    market: Market, meter: LocalAccount, timestamp: int
) -> None:
    final = market.final_at(MONDAY // HOUR)

    with refused(
        errors.SmartMeter_TooOld, meter=meter.address, timestamp=timestamp, slot_final_at=final
    ):
        market.at(final).read_meter(meter, timestamp=timestamp, produced=1)


@pytest.mark.parametrize("timestamp", [MONDAY + HOUR, MONDAY + HOUR - 1, MONDAY + 200])
def test_submit_reading__one_second_before_the_slot_is_final__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, timestamp: int
) -> None:
    final = market.final_at(MONDAY // HOUR)

    market.at(final - 1).read_meter(meter, timestamp=timestamp, produced=1)

    assert energy(market, prosumer, MONDAY // HOUR) == (1, 0)


def test_submit_reading__next_slot_when_the_first_is_final__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """The first second of a slot is not late when the slot before it is."""
    final = market.final_at(MONDAY // HOUR)

    market.at(final).read_meter(meter, timestamp=MONDAY + HOUR + 1, produced=1)

    assert energy(market, prosumer, MONDAY // HOUR) == (0, 0)
    assert energy(market, prosumer, MONDAY // HOUR + 1) == (1, 0)


def test_submit_reading__correction_of_a_final_slot__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    slot = MONDAY // HOUR
    market.at(MONDAY + 3000).read_meter(meter, timestamp=MONDAY + 3000, produced=10)
    market.at(market.closable_at(slot)).do(
        actor("keeper"), market.settlement, "closeSlot", prosumer.address, slot
    )

    with refused(errors.SmartMeter_Conflicting, meter=meter.address, timestamp=MONDAY + 3000):
        market.read_meter(meter, timestamp=MONDAY + 3000, produced=11)
    with refused(
        errors.SmartMeter_TooOld,
        meter=meter.address,
        timestamp=MONDAY + HOUR,
        slot_final_at=market.final_at(slot),
    ):
        market.read_meter(meter, timestamp=MONDAY + HOUR, produced=1)
    assert market.settlement.call("energyOf", prosumer.address, slot) == (10, 0, 0, 0, True)


def test_submit_reading__time_of_32_bits__recorded(market: Market, meter: LocalAccount) -> None:
    market.at(2**32 - 1).read_meter(meter, timestamp=2**32 - 1, produced=1)

    assert latest(market, meter) == (2**32 - 1, 0, 1, 5000, 2300)


def test_submit_reading__time_of_33_bits__refused(market: Market, meter: LocalAccount) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        market.at(2**32).read_meter(meter, timestamp=2**32, produced=1)


# What is wrong with a reading, from the last thing that is checked to the first.
_VOLTAGE = {"voltage": 0}
_FREQUENCY = _VOLTAGE | {"frequency": 0}
_ENERGY = _FREQUENCY | {"produced": 2**64, "consumed": 2**65}


@pytest.mark.parametrize(
    ("timestamp", "wrong", "refusal"),
    [
        (MONDAY + 10_000, _VOLTAGE, errors.SmartMeter_ImplausibleVoltage),
        (MONDAY + 10_000, _FREQUENCY, errors.SmartMeter_ImplausibleFrequency),
        (MONDAY + 10_000, _ENERGY, errors.SmartMeter_ImplausibleEnergy),
        (MONDAY + 3000, _ENERGY, errors.SmartMeter_TooOld),
        (MONDAY + 1030, _ENERGY, errors.SmartMeter_TooSoon),
        (MONDAY + 1000, _ENERGY, errors.SmartMeter_Conflicting),
        (MONDAY + 999, _ENERGY, errors.SmartMeter_NotNewer),
        (MONDAY + 10_001, _ENERGY, errors.SmartMeter_FromFuture),
    ],
)
def test_submit_reading__several_things_wrong__refused_in_order(
    market: Market,
    meter: LocalAccount,
    timestamp: int,
    wrong: dict[str, int],
    refusal: type[errors.DecodedError],
) -> None:
    """At 10,000 s, slot 0 is final; the latest reading is at 1000 s."""
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=1)
    reading = market.reading(timestamp=timestamp, **wrong)

    with pytest.raises(refusal):
        market.at(MONDAY + 10_000).do(meter, market.meters, "submitReading", reading)
    # Whether the meter may be read at all comes before any of it.
    deactivate(market, meter)
    with pytest.raises(errors.SmartMeter_InactiveMeter):
        market.do(meter, market.meters, "submitReading", reading)
    with pytest.raises(errors.SmartMeter_UnknownMeter):
        market.do(actor("stranger"), market.meters, "submitReading", reading)


@pytest.mark.parametrize(
    ("offset", "slot", "day"),
    [
        (11 * HOUR - 1, 10, 0),
        (11 * HOUR, 10, 0),
        (11 * HOUR + 1, 11, 0),
        (DAY - 1, 23, 0),
        (DAY, 23, 0),
        (DAY + 1, 24, 1),
    ],
)
def test_submit_reading__at_the_edge_of_a_slot__counts_for_what_ends(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, offset: int, slot: int, day: int
) -> None:
    receipt = market.at(MONDAY + offset + 5).read_meter(
        meter, timestamp=MONDAY + offset, produced=20, consumed=30
    )

    first, today = MONDAY // HOUR, MONDAY // DAY
    assert market.events(receipt, market.meters, "ReadingRecorded")[0]["slot"] == first + slot
    found = {n: energy(market, prosumer, first + n) for n in range(26)}
    assert {n: wh for n, wh in found.items() if wh != (0, 0)} == {slot: (20, 30)}
    for n in (0, 1):
        assert daily(market, meter, today + n) == ((20, 30) if n == day else (0, 0))


@pytest.mark.parametrize(
    ("offset", "slot"), [(899, 0), (900, 0), (901, 1), (HOUR, 3), (HOUR + 1, 4)]
)
def test_submit_reading__slots_of_a_quarter_hour__counts_for_what_ends(
    quarter_hours: Market, prosumer: LocalAccount, offset: int, slot: int
) -> None:
    market = quarter_hours
    meter = market.register_meter(prosumer)

    market.at(MONDAY + HOUR + 2).read_meter(meter, timestamp=MONDAY + offset, produced=20)

    first = MONDAY // 900
    found = {n: energy(market, prosumer, first + n) for n in range(6)}
    assert {n: wh for n, wh in found.items() if wh != (0, 0)} == {slot: (20, 0)}


def test_submit_reading__slots_of_a_quarter_hour__final_a_grace_after_their_end(
    quarter_hours: Market, prosumer: LocalAccount
) -> None:
    market = quarter_hours
    meter = market.register_meter(prosumer)
    final = MONDAY + 900 + market.grace

    market.at(final - 1).read_meter(meter, timestamp=MONDAY + 840, produced=1)
    with refused(
        errors.SmartMeter_TooOld,
        meter=meter.address,
        timestamp=MONDAY + 900,
        slot_final_at=final,
    ):
        market.at(final).read_meter(meter, timestamp=MONDAY + 900, produced=1)


def test_submit_reading__energy_of_several_slots__counts_in_its_own(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """The meter was silent for three hours: where the energy fell is not known."""
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=1)
    market.at(MONDAY + 4 * HOUR).read_meter(meter, timestamp=MONDAY + 4 * HOUR, produced=50)

    first = MONDAY // HOUR
    found = [energy(market, prosumer, first + n) for n in range(5)]
    assert found == [(1, 0), (0, 0), (0, 0), (50, 0), (0, 0)]


def test_submit_reading__several_meters_of_an_account__add_up(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    roof = market.register_meter(prosumer, actor("roof"))
    foreign = market.register_meter(actor("neighbor"), actor("foreign"))
    end = MONDAY + HOUR

    market.at(end).read_meter(meter, timestamp=end - 60, produced=100, consumed=7)
    market.read_meter(roof, timestamp=end, produced=2000, consumed=30)
    market.read_meter(foreign, timestamp=end, produced=5, consumed=6)
    market.read_meter(meter, timestamp=end, produced=4000, consumed=800)

    slot, day = MONDAY // HOUR, MONDAY // DAY
    assert energy(market, prosumer, slot) == (6100, 837)
    assert energy(market, actor("neighbor"), slot) == (5, 6)
    days = [daily(market, one, day) for one in (meter, roof, foreign)]
    assert days == [(4100, 807), (2000, 30), (5, 6)]
    assert lifetime(market, prosumer) == (6100, 837)
