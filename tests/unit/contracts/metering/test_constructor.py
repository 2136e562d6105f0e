"""SmartMeter's constructor."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.meter_suite import COMMUNITIES, COMMUNITY_DAYS, FORWARDER, Meters


@pytest.mark.parametrize(
    ("parameters", "name", "value"),
    [
        ((0, 1, 1), b"minInterval", 0),
        ((901, 1, 1), b"minInterval", 901),
        ((60, 0, 1), b"securityPerKw", 0),
        ((60, 1, 0), b"maxRatedPower", 0),
        ((60, 1, 2**31), b"maxRatedPower", 2**31),
    ],
)
def test_constructor__parameter_out_of_range__refused(
    meters: Meters, parameters: tuple[int, ...], name: bytes, value: int
) -> None:
    double, bands = meters.double.address, meters.meters.BANDS()
    core = FORWARDER, double, bands, double, double, COMMUNITIES, COMMUNITY_DAYS
    with refused("SmartMeter_BadParameter", name.ljust(32, b"\0"), value):
        meters.chain.deploy("SmartMeter", meters.manager.address, core, parameters)
