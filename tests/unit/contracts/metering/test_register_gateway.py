"""SmartMeter.registerGateway."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.gateways import (
    gateway_at,
    logged,
    number_of,
    register_gateway,
    replace_gateway,
)
from tests.unit.contracts.metering.signatures import NOBODY

KEY, OTHER = actor("a key"), actor("another key")


@pytest.mark.parametrize("caller", ["stranger", "gateway", "a key"])
def test_register_gateway__by_others__refused(
    market: Market, gateway: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "registerGateway", KEY.address)


def test_register_gateway__key_is_zero__refused(market: Market) -> None:
    with refused(errors.SmartMeter_ZeroGateway):
        market.do(market.roles[Role.METER_REGISTRAR], market.meters, "registerGateway", NOBODY)
    assert market.meters.call("gatewayCount") == 0


def test_register_gateway__key_of_a_gateway__refused(market: Market, gateway: LocalAccount) -> None:
    with refused(errors.SmartMeter_GatewayTaken, key=gateway.address):
        register_gateway(market, gateway)
    assert market.meters.call("gatewayCount") == 1


def test_register_gateway__key_of_a_former_gateway__is_free(
    market: Market, gateway: LocalAccount
) -> None:
    replace_gateway(market, 1, KEY)

    assert register_gateway(market, gateway) == 2
    assert [number_of(market, key) for key in (KEY, gateway)] == [1, 2]


def test_register_gateway__well__is_numbered_in_order(market: Market) -> None:
    registrar = market.roles[Role.METER_REGISTRAR]
    call = market.meters.prepare("registerGateway", KEY.address)
    assert market.meters.simulate(call, registrar) == 1

    receipt = market.send(registrar, call)

    event = ("GatewayRegistered", {"gateway": 1, "key": KEY.address})
    assert logged(market, receipt) == [event]
    assert register_gateway(market, OTHER) == 2
    assert [gateway_at(market, number) for number in (1, 2)] == [KEY.address, OTHER.address]
    assert [number_of(market, key) for key in (KEY, OTHER)] == [1, 2]
    assert market.meters.call("gatewayCount") == 2
