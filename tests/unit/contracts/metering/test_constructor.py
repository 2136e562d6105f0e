"""SmartMeter's constructor: markets with other parameters, one for each case."""

from __future__ import annotations

from dataclasses import replace

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused

INTERVAL, VOLTAGE = 60, 2300
LARGEST_VOLTAGE = 10_922
AT = MONDAY + 7200


def market_with(
    market: Market, *, interval: int = INTERVAL, voltage: int = VOLTAGE, slot_length: int = 3600
) -> Market:
    """A market with a SmartMeter of its own, whose restricted functions are governance's."""
    deployer = actor("deployer").address
    nonce = market.node.nonce(deployer)
    created = keccak(rlp.encode([bytes.fromhex(deployer[2:]), nonce + 1]))[12:]
    modules = (
        market.trading.address,
        market.spot.address,
        to_checksum_address(created),
        market.grid.address,
        market.energy_token.address,
    )
    settlement = market.deploy(
        "Settlement",
        market.access.address,
        market.dollar.address,
        modules,
        (slot_length, 1800, 3600, 86_400, 0),
        0,
    )
    meters = market.deploy(
        "SmartMeter", market.access.address, settlement.address, (interval, voltage)
    )
    return replace(
        market,
        contracts={**market.contracts, "Settlement": settlement, "SmartMeter": meters},
        roles={**market.roles, Role.METER_REGISTRAR: market.roles[Role.ADMIN]},
    )


def named(text: str) -> bytes:
    return text.encode().ljust(32, b"\0")


@pytest.mark.parametrize("interval", [0, 3601, 2**256 - 1])
def test_constructor__interval_out_of_range__refused(market: Market, interval: int) -> None:
    with refused(errors.SmartMeter_BadParameter, name=named("minInterval"), value=interval):
        market_with(market, interval=interval)


def test_constructor__interval_longer_than_a_quarter_hour__refused(market: Market) -> None:
    with refused(errors.SmartMeter_BadParameter, name=named("minInterval"), value=901):
        market_with(market, interval=901, slot_length=900)


@pytest.mark.parametrize("interval", [1, 3600])
def test_constructor__interval_at_its_bounds__readings_keep_to_it(
    market: Market, prosumer: LocalAccount, interval: int
) -> None:
    other = market_with(market, interval=interval)
    meter = other.at(AT).register_meter(prosumer)
    assert other.meters.call("MIN_INTERVAL") == interval

    other.at(AT + interval).read_meter(meter, timestamp=AT + interval, produced=1)
    other.at(AT + 2 * interval).read_meter(meter, timestamp=AT + 2 * interval, produced=2)
    other.go_to(AT + 3 * interval)
    if interval > 1:
        with refused(
            errors.SmartMeter_TooSoon,
            meter=meter.address,
            timestamp=AT + 3 * interval - 1,
            earliest=AT + 3 * interval,
        ):
            other.read_meter(meter, timestamp=AT + 3 * interval - 1, produced=3)
    other.read_meter(meter, timestamp=AT + 3 * interval, produced=3)


@pytest.mark.parametrize("voltage", [0, LARGEST_VOLTAGE + 1, 2**16, 2**256 - 1])
def test_constructor__nominal_voltage_out_of_range__refused(market: Market, voltage: int) -> None:
    with refused(errors.SmartMeter_BadParameter, name=named("nominalVoltage"), value=voltage):
        market_with(market, voltage=voltage)


@pytest.mark.parametrize(
    ("nominal", "lowest", "low", "high", "highest"),
    [
        (1, 1, 1, 1, 1),
        (1199, 600, 1140, 1258, 1798),
        (2301, 1151, 2186, 2416, 3451),
        (4000, 2000, 3800, 4200, 6000),
        (LARGEST_VOLTAGE, 5461, 10_376, 11_468, 16_383),
    ],
)
def test_constructor__any_nominal_voltage__bounds_are_rounded_into_the_range(
    market: Market,
    prosumer: LocalAccount,
    nominal: int,
    lowest: int,
    low: int,
    high: int,
    highest: int,
) -> None:
    other = market_with(market, voltage=nominal)
    meter = other.at(AT).register_meter(prosumer)

    def read(turn: int, voltage: int) -> list[int]:
        """The voltages that were alerted of."""
        at = AT + 60 * turn
        reading = other.reading(timestamp=at, produced=1, voltage=voltage)
        receipt = other.at(at).do(meter, other.meters, "submitReading", reading)
        assert other.meters.call("getLatestReading(address)", meter.address) == reading
        alerts = other.events(receipt, other.meters, "PowerQualityAlert")
        return [int(event["voltage"]) for event in alerts]

    assert other.meters.call("NOMINAL_VOLTAGE") == nominal
    assert [read(turn, voltage) for turn, voltage in enumerate((low, high), start=1)] == [[], []]
    for turn, voltage in enumerate((lowest, low - 1, high + 1, highest), start=3):
        if lowest <= voltage <= highest:
            assert read(turn, voltage) == ([] if low <= voltage <= high else [voltage])
    other.go_to(AT + 600)
    for voltage in (lowest - 1, highest + 1):
        reading = other.reading(timestamp=AT + 600, voltage=voltage)
        with refused(errors.SmartMeter_ImplausibleVoltage, meter=meter.address, voltage=voltage):
            other.do(meter, other.meters, "submitReading", reading)


def test_constructor__both_wrong__interval_is_refused_first(market: Market) -> None:
    with refused(errors.SmartMeter_BadParameter, name=named("minInterval"), value=0):
        market_with(market, interval=0, voltage=0)


def test_constructor__slots_and_grace__are_settlement_s(market: Market) -> None:
    other = market_with(market, slot_length=900)

    assert other.meters.call("SLOT_LENGTH") == 900
    assert other.meters.call("GRACE") == 1800
    assert other.meters.call("SETTLEMENT") == other.settlement.address
    assert other.meters.call("meterCount") == 0
