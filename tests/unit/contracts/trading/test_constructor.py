"""EnergyTrading's constructor."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.traders import DAY, FOREVER, HOUR, endow


def construct(
    market: Market,
    *,
    collateral: int = 30_000,
    burst: int = 100,
    refill: int = 60,
    settlement: str | None = None,
) -> Contract:
    settlement = settlement or market.settlement.address
    parameters = (collateral, burst, refill)
    return market.deploy("EnergyTrading", market.access.address, settlement, parameters)


@pytest.mark.parametrize("burst", [0, 2**32, FOREVER])
def test_constructor__burst_out_of_range__is_refused(market: Market, burst: int) -> None:
    with refused(errors.EnergyTrading_BadParameter, name=to_bytes32("orderBurst"), value=burst):
        construct(market, burst=burst)


@pytest.mark.parametrize("refill", [0, DAY + 1, FOREVER])
def test_constructor__refill_out_of_range__is_refused(market: Market, refill: int) -> None:
    with refused(errors.EnergyTrading_BadParameter, name=to_bytes32("orderRefill"), value=refill):
        construct(market, refill=refill)


@pytest.mark.parametrize(("burst", "refill"), [(MONDAY // DAY + 1, DAY), (2**32 - 1, 1)])
def test_constructor__burst_that_time_has_not_filled_yet__is_refused(
    market: Market, burst: int, refill: int
) -> None:
    with refused(errors.EnergyTrading_BadParameter, name=to_bytes32("orderBurst"), value=burst):
        construct(market, burst=burst, refill=refill)


@pytest.mark.parametrize("collateral", [2**64, FOREVER])
def test_constructor__collateral_too_large_to_store__is_refused(
    market: Market, collateral: int
) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=collateral):
        construct(market, collateral=collateral)


@pytest.mark.parametrize("settlement", ["nobody", "token"])
def test_constructor__settlement_that_is_none__is_refused(market: Market, settlement: str) -> None:
    address = actor("nobody").address if settlement == "nobody" else market.dollar.address
    with refused(errors.UnknownRevert, data=b""):
        construct(market, settlement=address)


@pytest.mark.parametrize(
    "values",
    [
        {"collateral": 0, "burst": 1, "refill": 1},
        {"collateral": 2**64 - 1, "burst": MONDAY // DAY, "refill": DAY},
        {"collateral": 30_001, "burst": 99, "refill": 61},
    ],
)
def test_constructor__within_its_bounds__can_be_read(
    market: Market, values: dict[str, Any]
) -> None:
    trading = construct(market, **values)
    assert trading.call("COLLATERAL_PER_KWH") == values["collateral"]
    assert trading.call("ORDER_BURST") == values["burst"]
    assert trading.call("ORDER_REFILL") == values["refill"]
    assert trading.call("SETTLEMENT") == market.settlement.address
    assert trading.call("authority") == market.access.address
    assert trading.call("stopLevel") is StopLevel.RUNNING
    assert (trading.call("orderCount"), trading.call("transactionCount")) == (0, 0)


def test_constructor__large_burst_and_largest_collateral__can_be_used(market: Market) -> None:
    parameters = StackParameters(collateral_per_kwh=2**64 - 1, order_burst=2**24)
    large = deploy_stack(market, market.dollar, parameters)
    prosumer = actor("prosumer")
    endow(large, prosumer, 2**64)
    assert large.trading.call("ordersLeft", prosumer.address) == 2**24
    large.sell(prosumer, 1000, 1000, start=MONDAY + HOUR)
    assert large.trading.call("ordersLeft", prosumer.address) == 2**24 - 1
    assert large.locked(prosumer) == 2**64 - 1
