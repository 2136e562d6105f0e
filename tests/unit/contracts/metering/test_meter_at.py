"""SmartMeter.meterAt: from a meter's number to its present key."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market, actor
from tests.unit.contracts.metering.registrar import deactivate, move, rotate
from tests.unit.contracts.metering.signatures import NOBODY

NEW, NEWER = actor("new key"), actor("newer key")


def key_of(market: Market, number: int) -> str:
    return str(market.meters.call("meterAt", number))


@pytest.mark.parametrize("number", [0, 2, 2**256 - 1])
def test_meter_at__of_no_number__nobody(market: Market, meter: LocalAccount, number: int) -> None:
    assert key_of(market, number) == NOBODY


def test_meter_at__registered__its_key(market: Market) -> None:
    assert key_of(market, 1) == NOBODY
    meters = [market.register_meter(actor(f"household {n}")) for n in range(3)]

    assert [key_of(market, 1 + n) for n in range(3)] == [meter.address for meter in meters]
    for meter in meters:
        number = market.meters.call("getMeter", meter.address)[0]
        assert key_of(market, number) == meter.address


def test_meter_at__rotated__the_present_key(market: Market, meter: LocalAccount) -> None:
    other = market.register_meter(actor("neighbor"))
    rotate(market, meter, NEW)
    assert key_of(market, 1) == NEW.address
    rotate(market, NEW, NEWER)
    assert key_of(market, 1) == NEWER.address
    rotate(market, NEWER, meter)
    assert key_of(market, 1) == meter.address
    assert key_of(market, 2) == other.address


def test_meter_at__former_key_registered_anew__another_number(
    market: Market, meter: LocalAccount
) -> None:
    rotate(market, meter, NEW)
    market.register_meter(actor("neighbor"), meter)

    assert [key_of(market, number) for number in (1, 2)] == [NEW.address, meter.address]


def test_meter_at__deactivated__the_last_key(market: Market, meter: LocalAccount) -> None:
    rotate(market, meter, NEW)
    deactivate(market, NEW)

    assert key_of(market, 1) == NEW.address


def test_meter_at__given_to_another_account__the_same_key(
    market: Market, meter: LocalAccount
) -> None:
    move(market, meter, actor("neighbor"))

    assert key_of(market, 1) == meter.address
