"""SmartMeter.submitReading: what is read. Who reads, and when: test_submit_reading.py."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import daily, energy, latest, lifetime

HOUR = 3600
DAY = 86_400
AT = MONDAY + 1000
LARGEST_POWER = 2**31 - 1
LARGEST_ENERGY = 2**32 - 1


def submit(market: Market, meter: LocalAccount, at: int = AT, **content: int) -> Receipt:
    reading = market.reading(timestamp=at, **content)
    return market.at(at).do(meter, market.meters, "submitReading", reading)


def assert_latest(market: Market, meter: LocalAccount, at: int = AT, **content: int) -> None:
    assert latest(market, meter) == market.reading(timestamp=at, **content)


@pytest.mark.parametrize("content", [{"produced": 17}, {"consumed": 17}])
def test_submit_reading__all_that_the_rated_power_gives__recorded(
    market: Market, prosumer: LocalAccount, since: int, content: dict[str, int]
) -> None:
    """1 kW gives 16.94 Wh in 61 seconds."""
    meter = market.at(since).register_meter(prosumer, rated_power=1000)

    submit(market, meter, since + 61, **content)

    assert_latest(market, meter, since + 61, **content)


@pytest.mark.parametrize(
    "content",
    [
        {"produced": 18},
        {"consumed": 18},
        {"produced": 18, "consumed": 17},
        {"produced": 17, "consumed": 18},
        {"produced": 18, "consumed": 18},
    ],
)
def test_submit_reading__one_wh_more_than_the_rated_power_gives__refused(
    market: Market, prosumer: LocalAccount, since: int, content: dict[str, int]
) -> None:
    meter = market.at(since).register_meter(prosumer, rated_power=1000)

    with refused(errors.SmartMeter_ImplausibleEnergy, meter=meter.address, energy=18, maximum=17):
        submit(market, meter, since + 61, **content)


def test_submit_reading__both_energies_at_their_most__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, since: int
) -> None:
    """1 MW, one hour to the second: nothing is rounded."""
    submit(market, meter, since + HOUR, produced=1_000_000, consumed=1_000_000)

    assert energy(market, prosumer, since // HOUR + 1) == (1_000_000, 1_000_000)


def test_submit_reading__energy_since_the_latest_reading__is_what_counts(
    market: Market, meter: LocalAccount, since: int
) -> None:
    submit(market, meter, since + 1800, produced=500_000)

    with refused(
        errors.SmartMeter_ImplausibleEnergy,
        meter=meter.address,
        energy=500_001,
        maximum=500_000,
    ):
        submit(market, meter, since + HOUR, produced=500_001)


@on_chain
@given(power=st.integers(1, LARGEST_POWER), seconds=st.integers(60, 300 * HOUR))
def test_submit_reading__any_power_and_time__bound_is_rounded_up(
    market: Market, power: int, seconds: int
) -> None:
    with rewound(market):
        since = MONDAY + 60
        meter = market.at(since).register_meter(actor("prosumer"), rated_power=power)
        most = min(-(-power * seconds // HOUR), LARGEST_ENERGY)

        with refused(
            errors.SmartMeter_ImplausibleEnergy,
            meter=meter.address,
            energy=most + 1,
            maximum=most,
        ):
            submit(market, meter, since + seconds, consumed=most + 1)
        market.read_meter(meter, timestamp=since + seconds, consumed=most, produced=most)
        assert_latest(market, meter, since + seconds, consumed=most, produced=most)


def test_submit_reading__energy_of_32_bits__recorded(
    market: Market, prosumer: LocalAccount, since: int
) -> None:
    """In three hours, the largest meter could see 6.4 GWh."""
    meter = market.at(since).register_meter(prosumer, rated_power=LARGEST_POWER)
    at = since + 3 * HOUR

    submit(market, meter, at, produced=LARGEST_ENERGY, consumed=LARGEST_ENERGY)

    assert_latest(market, meter, at, produced=LARGEST_ENERGY, consumed=LARGEST_ENERGY)
    assert energy(market, prosumer, (at - 1) // HOUR) == (LARGEST_ENERGY, LARGEST_ENERGY)
    assert lifetime(market, prosumer) == (LARGEST_ENERGY, LARGEST_ENERGY)


@pytest.mark.parametrize("energy", [2**32, 2**64, 2**128 + 5, 2**256 - 1])
@pytest.mark.parametrize("direction", ["produced", "consumed"])
def test_submit_reading__energy_of_more_bits__refused(
    market: Market, prosumer: LocalAccount, since: int, energy: int, direction: str
) -> None:
    meter = market.at(since).register_meter(prosumer, rated_power=LARGEST_POWER)

    with refused(
        errors.SmartMeter_ImplausibleEnergy,
        meter=meter.address,
        energy=energy,
        maximum=LARGEST_ENERGY,
    ):
        submit(market, meter, since + 3 * HOUR, **{direction: energy})


def test_submit_reading__all_day_all_there_is__day_holds_it(
    market: Market, prosumer: LocalAccount, since: int
) -> None:
    """The largest meter at its limit; the first reading of the day is from the night before."""
    meter = market.at(since).register_meter(prosumer, rated_power=LARGEST_POWER)
    tuesday = MONDAY + DAY
    total = LARGEST_ENERGY
    submit(market, meter, tuesday + 1, produced=total, consumed=total)
    for hour in range(1, 25):
        seconds = HOUR - 1 if hour == 1 else HOUR
        most = -(-LARGEST_POWER * seconds // HOUR)
        submit(market, meter, tuesday + hour * HOUR, produced=most, consumed=most)
        total += most

    assert daily(market, meter, tuesday // DAY) == (total, total)
    submit(market, meter, tuesday + DAY + 60, produced=1, consumed=2)
    assert lifetime(market, prosumer) == (total + 1, total + 2)
    assert market.meters.call("getMeter", meter.address)[3:] == (LARGEST_POWER, True)


def test_submit_reading__nothing_read__slot_stays_as_it_is(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    submit(market, meter, AT, produced=5)
    receipt = submit(market, meter, AT + 60)

    assert_latest(market, meter, AT + 60)
    assert len(market.events(receipt, market.meters, "ReadingRecorded")) == 1
    assert energy(market, prosumer, AT // HOUR) == (5, 0)
    assert lifetime(market, prosumer) == (5, 0)


def alerts(market: Market, receipt: Receipt) -> list[dict[str, object]]:
    found = market.events(receipt, market.meters, "PowerQualityAlert")
    return [dict(event.arguments) for event in found]


@pytest.mark.parametrize("frequency", [4500, 4501, 4949, 5051, 5499, 5500])
def test_submit_reading__frequency_not_good__recorded_with_an_alert(
    market: Market, meter: LocalAccount, frequency: int
) -> None:
    receipt = submit(market, meter, produced=1, frequency=frequency)

    assert_latest(market, meter, produced=1, frequency=frequency)
    assert alerts(market, receipt) == [
        {
            "meter": meter.address,
            "timestamp": AT,
            "grid_frequency": frequency,
            "voltage": 2300,
        }
    ]


@pytest.mark.parametrize("frequency", [4950, 4999, 5050])
def test_submit_reading__frequency_good__recorded_without_an_alert(
    market: Market, meter: LocalAccount, frequency: int
) -> None:
    receipt = submit(market, meter, produced=1, frequency=frequency)

    assert_latest(market, meter, produced=1, frequency=frequency)
    assert alerts(market, receipt) == []


@pytest.mark.parametrize("frequency", [0, 4499, 5501, 5000 + 2**10, 2**16 + 5000, 2**256 - 1])
def test_submit_reading__frequency_impossible__refused(
    market: Market, meter: LocalAccount, frequency: int
) -> None:
    with refused(
        errors.SmartMeter_ImplausibleFrequency, meter=meter.address, grid_frequency=frequency
    ):
        submit(market, meter, produced=1, frequency=frequency)


@pytest.mark.parametrize("voltage", [1150, 1151, 2184, 2416, 3449, 3450])
def test_submit_reading__voltage_not_good__recorded_with_an_alert(
    market: Market, meter: LocalAccount, voltage: int
) -> None:
    receipt = submit(market, meter, produced=1, voltage=voltage)

    assert_latest(market, meter, produced=1, voltage=voltage)
    assert alerts(market, receipt) == [
        {
            "meter": meter.address,
            "timestamp": AT,
            "grid_frequency": 5000,
            "voltage": voltage,
        }
    ]


@pytest.mark.parametrize("voltage", [2185, 2299, 2415])
def test_submit_reading__voltage_good__recorded_without_an_alert(
    market: Market, meter: LocalAccount, voltage: int
) -> None:
    receipt = submit(market, meter, produced=1, voltage=voltage)

    assert_latest(market, meter, produced=1, voltage=voltage)
    assert alerts(market, receipt) == []


@pytest.mark.parametrize("voltage", [0, 1149, 3451, 2300 + 2**14, 2**16 + 2300, 2**256 - 1])
@pytest.mark.parametrize("frequency", [4500, 5000])
def test_submit_reading__voltage_impossible__refused(
    market: Market, meter: LocalAccount, voltage: int, frequency: int
) -> None:
    with refused(errors.SmartMeter_ImplausibleVoltage, meter=meter.address, voltage=voltage):
        submit(market, meter, produced=1, voltage=voltage, frequency=frequency)


def test_submit_reading__frequency_and_voltage_not_good__one_alert(
    market: Market, meter: LocalAccount
) -> None:
    receipt = submit(market, meter, frequency=4800, voltage=2000)

    assert [(a["grid_frequency"], a["voltage"]) for a in alerts(market, receipt)] == [(4800, 2000)]


def test_submit_reading__all_well__recorded_everywhere(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    receipt = submit(market, meter, consumed=11, produced=22, frequency=5012, voltage=2345)

    recorded = market.events(receipt, market.meters, "ReadingRecorded")
    assert [dict(event.arguments) for event in recorded] == [
        {
            "meter": meter.address,
            "slot": AT // HOUR,
            "timestamp": AT,
            "consumption": 11,
            "production": 22,
            "grid_frequency": 5012,
            "voltage": 2345,
        }
    ]
    assert_latest(market, meter, consumed=11, produced=22, frequency=5012, voltage=2345)
    assert energy(market, prosumer, AT // HOUR) == (22, 11)
    assert daily(market, meter, AT // DAY) == (22, 11)
    assert lifetime(market, prosumer) == (22, 11)
