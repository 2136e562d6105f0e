"""GridManagement.implementEmergencyProtocol."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import EmergencyProtocol
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import BASE, as_authority, logged, status

NORTH, SOUTH = b"NORTH".ljust(32, b"\0"), b"SOUTH".ljust(32, b"\0")


def implement(market: Market, region: bytes, protocol: int) -> Receipt:
    return as_authority(market, "implementEmergencyProtocol", region, protocol)


def protocol_of(market: Market, region: bytes) -> EmergencyProtocol:
    return EmergencyProtocol(market.grid.call("emergencyProtocolOf", region))


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_implement_emergency_protocol__by_others__refused(market: Market, caller: str) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "implementEmergencyProtocol", NORTH, 1)


@pytest.mark.parametrize("protocol", [one for one in EmergencyProtocol if one])
@pytest.mark.parametrize("region", [NORTH, bytes(32), b"\xff" * 32])
def test_implement_emergency_protocol__one_of_them__in_force(
    market: Market, region: bytes, protocol: EmergencyProtocol
) -> None:
    receipt = implement(market, region, protocol)

    assert logged(market, receipt, "EmergencyProtocolSet") == [
        {"region": region, "protocol": protocol}
    ]
    assert protocol_of(market, region) is protocol
    assert protocol_of(market, SOUTH) is EmergencyProtocol.NONE
    assert (status(market).emergency, status(market).price) == (True, 3 * BASE)


@pytest.mark.parametrize("protocol", [len(EmergencyProtocol), 255])
def test_implement_emergency_protocol__none_of_them__refused(market: Market, protocol: int) -> None:
    with refused(errors.UnknownRevert, data=b""):
        implement(market, NORTH, protocol)


def test_implement_emergency_protocol__ended__price_is_normal(market: Market) -> None:
    implement(market, NORTH, EmergencyProtocol.ISLANDING)

    receipt = implement(market, NORTH, EmergencyProtocol.NONE)

    assert logged(market, receipt, "EmergencyProtocolSet") == [
        {"region": NORTH, "protocol": EmergencyProtocol.NONE}
    ]
    assert protocol_of(market, NORTH) is EmergencyProtocol.NONE
    assert (status(market).emergency, status(market).price) == (False, BASE)


def test_implement_emergency_protocol__ended_without_one__nothing_happens(
    market: Market,
) -> None:
    implement(market, NORTH, EmergencyProtocol.BLACK_START)
    for _ in range(2):
        implement(market, SOUTH, EmergencyProtocol.NONE)

    assert status(market).emergency
    implement(market, NORTH, EmergencyProtocol.NONE)
    assert not status(market).emergency


def test_implement_emergency_protocol__another_in_its_place__one_end_is_enough(
    market: Market,
) -> None:
    for protocol in (1, 3, 3, 2):
        implement(market, NORTH, protocol)
        assert protocol_of(market, NORTH) == protocol

    implement(market, NORTH, 0)
    assert not status(market).emergency


def test_implement_emergency_protocol__several_regions__until_the_last_ends(
    market: Market,
) -> None:
    regions = [bytes([number]) * 32 for number in range(5)]
    for region in regions:
        implement(market, region, EmergencyProtocol.LOAD_SHEDDING)
    for region in regions:
        assert status(market).emergency
        implement(market, region, EmergencyProtocol.NONE)
    assert not status(market).emergency


def test_implement_emergency_protocol__mode_on_by_hand__has_more(market: Market) -> None:
    as_authority(market, "toggleEmergencyMode")
    implement(market, NORTH, 1)
    implement(market, NORTH, 0)

    assert status(market).emergency
