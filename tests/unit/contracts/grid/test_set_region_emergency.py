"""GridManagement.setRegionEmergency; what calls it is tested with StabilityMaintenance."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import EmergencyProtocol
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    logged,
    price_of,
    status,
)

NORTH, SOUTH = b"NORTH".ljust(32, b"\0"), b"SOUTH".ljust(32, b"\0")


def put(market: Market, region: bytes, *, on: bool, sender: str | None = None) -> Receipt:
    caller = sender or market.stability.address
    return market.do(caller, market.grid, "setRegionEmergency", region, on)


def implement(market: Market, region: bytes, protocol: EmergencyProtocol) -> Receipt:
    return as_authority(market, "implementEmergencyProtocol", region, protocol)


def is_on(market: Market, region: bytes) -> bool:
    return bool(market.grid.call("isRegionInEmergency", region))


def price_and_emergency(market: Market) -> tuple[int, bool]:
    return status(market).price, status(market).emergency


@pytest.mark.parametrize("caller", ["stranger", "authority", "balancing"])
def test_set_region_emergency__not_by_stability__refused(market: Market, caller: str) -> None:
    callers = {
        "authority": market.roles[Role.GRID_AUTHORITY],
        "balancing": market.balancing.address,
    }
    sender = callers.get(caller, actor(caller).address)

    with refused(errors.GridManagement_OnlyStability, caller=sender):
        put(market, NORTH, on=True, sender=sender)


@pytest.mark.parametrize("region", [NORTH, bytes(32), b"\xff" * 32])
def test_set_region_emergency__on_and_off__emergency_prices_in_between(
    market: Market, region: bytes
) -> None:
    receipt = put(market, region, on=True)

    assert logged(market, receipt, "RegionEmergencySet") == [{"region": region, "on": True}]
    assert (is_on(market, region), is_on(market, SOUTH)) == (True, False)
    assert market.grid.call("emergencyProtocolOf", region) == EmergencyProtocol.NONE
    assert price_and_emergency(market) == (3 * BASE, True)

    receipt = put(market, region, on=False)

    assert logged(market, receipt, "RegionEmergencySet") == [{"region": region, "on": False}]
    assert not is_on(market, region)
    assert price_and_emergency(market) == (BASE, False)


def test_set_region_emergency__twice__counts_once(market: Market) -> None:
    put(market, NORTH, on=False)
    for on in (True, True):
        put(market, NORTH, on=on)
    put(market, NORTH, on=False)
    assert price_and_emergency(market) == (BASE, False)
    put(market, NORTH, on=False)
    put(market, SOUTH, on=True)
    assert price_and_emergency(market) == (3 * BASE, True)


def test_set_region_emergency__several_regions__until_the_last_ends(market: Market) -> None:
    put(market, NORTH, on=True)
    put(market, SOUTH, on=True)

    put(market, NORTH, on=False)
    assert price_and_emergency(market) == (3 * BASE, True)
    put(market, SOUTH, on=False)
    assert price_and_emergency(market) == (BASE, False)


@pytest.mark.parametrize("protocol_first", [True, False])
@pytest.mark.parametrize("protocol_ends_first", [True, False])
def test_set_region_emergency__beside_a_protocol__until_both_end(
    market: Market, *, protocol_first: bool, protocol_ends_first: bool
) -> None:
    begin = [
        lambda: implement(market, NORTH, EmergencyProtocol.ISLANDING),
        lambda: put(market, NORTH, on=True),
    ]
    end = [
        lambda: implement(market, NORTH, EmergencyProtocol.NONE),
        lambda: put(market, NORTH, on=False),
    ]
    for step in begin if protocol_first else reversed(begin):
        step()
        assert price_and_emergency(market) == (3 * BASE, True)
    first, last = end if protocol_ends_first else reversed(end)

    first()
    assert is_on(market, NORTH)
    assert price_and_emergency(market) == (3 * BASE, True)
    last()
    assert not is_on(market, NORTH)
    assert price_and_emergency(market) == (BASE, False)


def test_set_region_emergency__mode_on_by_hand__has_more(market: Market) -> None:
    as_authority(market, "toggleEmergencyMode")
    put(market, NORTH, on=True)
    put(market, NORTH, on=False)

    assert price_and_emergency(market) == (3 * BASE, True)


def test_set_region_emergency__first_in_a_slot__slot_keeps_the_price_it_began_with(
    market: Market,
) -> None:
    begun = put(market.at(MONDAY + HOUR), NORTH, on=True)
    ended = put(market.at(MONDAY + 2 * HOUR), NORTH, on=False)

    assert logged(market, begun, "SlotPriceRecorded") == [{"slot": SLOT + 1, "price": BASE}]
    assert logged(market, ended, "SlotPriceRecorded") == [{"slot": SLOT + 2, "price": 3 * BASE}]
    assert [price_of(market, SLOT + n) for n in (1, 2)] == [BASE, 3 * BASE]


def test_set_region_emergency__nothing_changes__slot_is_not_opened(market: Market) -> None:
    put(market, NORTH, on=True)
    market.at(MONDAY + HOUR)

    for receipt in (
        put(market, NORTH, on=True),
        implement(market, NORTH, EmergencyProtocol.BLACK_START),
        put(market, NORTH, on=False),
    ):
        assert logged(market, receipt, "SlotPriceRecorded") == []
