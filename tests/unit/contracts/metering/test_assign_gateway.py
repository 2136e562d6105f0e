"""SmartMeter.assignGateway."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.gateways import (
    POWER,
    Leaf,
    anchor,
    assign,
    dispute,
    gateway_of,
    logged,
    register_gateway,
)
from tests.unit.contracts.metering.registrar import deactivate, move
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
SLOT = MONDAY // HOUR
LARGEST_POWER = 2**31 - 1
NEIGHBOUR = actor("neighbour")
SECOND = actor("second gateway")


@pytest.mark.parametrize("caller", ["stranger", "gateway", "prosumer"])
def test_assign_gateway__by_others__refused(
    market: Market, gateway: LocalAccount, caller: str
) -> None:
    terms = (NEIGHBOUR.address, 1, POWER)

    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "assignGateway", *terms)


def test_assign_gateway__account_is_zero__refused(market: Market, gateway: LocalAccount) -> None:
    with refused(errors.SmartMeter_ZeroAccount):
        assign(market, NOBODY)


@pytest.mark.parametrize("contract", ["settlement", "spot"])
def test_assign_gateway__account_that_cannot_be_metered__refused(
    market: Market, gateway: LocalAccount, contract: str
) -> None:
    address = getattr(market, contract).address

    with refused(errors.Settlement_BadRecipient, to=address):
        assign(market, address)


@pytest.mark.parametrize("number", [2, 2**32, 2**32 + 1, 2**256 - 1])
def test_assign_gateway__no_such_number__refused(
    market: Market, gateway: LocalAccount, number: int
) -> None:
    with refused(errors.SmartMeter_NoSuchGateway, gateway=number):
        assign(market, NEIGHBOUR, number)


@pytest.mark.parametrize("power", [0, LARGEST_POWER + 1, 2**32, 2**255, 2**256 - 1])
def test_assign_gateway__rated_power_out_of_range__refused(
    market: Market, gateway: LocalAccount, power: int
) -> None:
    with refused(errors.SmartMeter_BadParameter, name=to_bytes32("ratedPower"), value=power):
        assign(market, NEIGHBOUR, 1, power)


@pytest.mark.parametrize("power", [1, LARGEST_POWER])
def test_assign_gateway__rated_power_at_its_bounds__is_kept(
    market: Market, gateway: LocalAccount, power: int
) -> None:
    assign(market, NEIGHBOUR, 1, power)

    assert gateway_of(market, NEIGHBOUR, SLOT) == (1, power)


@pytest.mark.parametrize("power", [1, LARGEST_POWER, 2**256 - 1])
def test_assign_gateway__nobody_with_a_power__refused(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, power: int
) -> None:
    with refused(errors.SmartMeter_BadParameter, name=to_bytes32("ratedPower"), value=power):
        assign(market, prosumer, 0, power)


def test_assign_gateway__account_with_meters__refused(
    market: Market, gateway: LocalAccount
) -> None:
    meters = [market.register_meter(NEIGHBOUR, actor(f"meter {n}")) for n in range(2)]
    for count in (2, 1):
        with refused(errors.SmartMeter_HasMeters, account=NEIGHBOUR.address, meters=count):
            assign(market, NEIGHBOUR)
        with refused(errors.SmartMeter_HasMeters, account=NEIGHBOUR.address, meters=count):
            assign(market, NEIGHBOUR, 0)
        if count == 2:
            deactivate(market, meters[0])
    move(market, meters[1], actor("heir"))

    assign(market, NEIGHBOUR)

    assert gateway_of(market, NEIGHBOUR, SLOT) == (1, POWER)


def test_assign_gateway__several_things_wrong__refused_in_order(
    market: Market, gateway: LocalAccount
) -> None:
    market.register_meter(NEIGHBOUR)
    settlement = market.settlement.address
    with pytest.raises(errors.SmartMeter_ZeroAccount):
        assign(market, NOBODY, 2, 0)
    with pytest.raises(errors.SmartMeter_NoSuchGateway):
        assign(market, settlement, 2, 0)
    with pytest.raises(errors.SmartMeter_BadParameter):
        assign(market, settlement, 1, 0)
    with pytest.raises(errors.SmartMeter_BadParameter):
        assign(market, NEIGHBOUR, 1, 0)
    with pytest.raises(errors.SmartMeter_HasMeters):
        assign(market, NEIGHBOUR)


def test_assign_gateway__account_is_new__gets_a_number(
    market: Market, gateway: LocalAccount
) -> None:
    before = market.settlement.call("accountCount")
    assert market.settlement.call("numberOf", NEIGHBOUR.address) == 0

    assign(market, NEIGHBOUR)
    assign(market, NEIGHBOUR)

    assert market.settlement.call("numberOf", NEIGHBOUR.address) == before + 1
    assert market.settlement.call("accountCount") == before + 1


@pytest.mark.parametrize(("time", "slot"), [(3599, 0), (3600, 1), (3601, 1), (7199, 1)])
def test_assign_gateway__well__from_the_running_slot_on(
    market: Market, gateway: LocalAccount, time: int, slot: int
) -> None:
    receipt = assign(market.at(MONDAY + time), NEIGHBOUR, 1, 4_000)

    values = {"account": NEIGHBOUR.address, "gateway": 1, "slot": SLOT + slot, "rated_power": 4_000}
    assert logged(market, receipt) == [("GatewayAssigned", values)]
    assert gateway_of(market, NEIGHBOUR, SLOT + slot - 1) == (0, 0)
    assert gateway_of(market, NEIGHBOUR, SLOT + slot) == (1, 4_000)
    assert market.meters.call("meterSetOf", NEIGHBOUR.address) == (0, 0)


def test_assign_gateway__twice_in_a_slot__the_latter_counts(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    register_gateway(market, SECOND)
    assign(market, prosumer, 2, 77)
    assert gateway_of(market, prosumer, SLOT) == (2, 77)
    assign(market, prosumer, 0)
    assert gateway_of(market, prosumer, SLOT) == (0, 0)
    receipt = assign(market, prosumer, 1, 78)

    assert gateway_of(market, prosumer, SLOT) == (1, 78)
    assert gateway_of(market, prosumer, SLOT - 1) == (0, 0)
    assert logged(market, receipt)[0][1]["slot"] == SLOT


def test_assign_gateway__taken_back__meters_of_its_own_again(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    receipt = assign(market.at(MONDAY + HOUR), prosumer, 0)

    values = {"account": prosumer.address, "gateway": 0, "slot": SLOT + 1, "rated_power": 0}
    assert logged(market, receipt) == [("GatewayAssigned", values)]
    assert [gateway_of(market, prosumer, SLOT + n)[0] for n in (0, 1, 2)] == [1, 0, 0]
    market.register_meter(prosumer)


def test_assign_gateway__suspended_gateway__waits_for_its_key(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=SLOT)
    other = leaf.but(consumed=1)
    dispute(market, anchor(market, gateway, leaf, other), leaf, other)

    assign(market, NEIGHBOUR)

    assert gateway_of(market, NEIGHBOUR, SLOT + 1) == (1, POWER)
