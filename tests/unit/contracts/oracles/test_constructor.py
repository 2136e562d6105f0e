"""The oracles' constructors."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.oracles.operations import word

NAMES = ("PriceOracle", "WeatherOracle", "GridOracle")


def deploy(market: Market, name: str, quorum: int, max_age: int, *price: int) -> Contract:
    rest: dict[str, tuple[Any, ...]] = {
        "PriceOracle": price or (6, 2000),
        "WeatherOracle": (),
        "GridOracle": (market.grid.address,),
    }
    return market.deploy(name, market.access.address, (quorum, max_age), *rest[name])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quorum", [0, 32, 2**256 - 1])
def test_constructor__quorum_out_of_range__refused(market: Market, name: str, quorum: int) -> None:
    with refused(
        errors.MedianOracle_BadParameter,
        name=word("quorum"),
        value=quorum,
        minimum=1,
        maximum=31,
    ):
        deploy(market, name, quorum, 7200)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("age", [0, 59, 86_401, 2**32 + 60, 2**256 - 1])
def test_constructor__age_out_of_range__refused(market: Market, name: str, age: int) -> None:
    with refused(
        errors.MedianOracle_BadParameter,
        name=word("maxAge"),
        value=age,
        minimum=60,
        maximum=86_400,
    ):
        deploy(market, name, 3, age)


@pytest.mark.parametrize("decimals", [25, 255])
def test_constructor__too_many_decimals__refused(market: Market, decimals: int) -> None:
    with refused(
        errors.MedianOracle_BadParameter,
        name=word("decimals"),
        value=decimals,
        minimum=0,
        maximum=24,
    ):
        deploy(market, "PriceOracle", 3, 7200, decimals, 2000)


@pytest.mark.parametrize("bps", [0, 10_001, 2**256 - 1])
def test_constructor__deviation_out_of_range__refused(market: Market, bps: int) -> None:
    with refused(
        errors.MedianOracle_BadParameter,
        name=word("maxDeviationBps"),
        value=bps,
        minimum=1,
        maximum=10_000,
    ):
        deploy(market, "PriceOracle", 3, 7200, 6, bps)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("quorum", "max_age"), [(1, 60), (31, 86_400)])
def test_constructor__parameters_at_their_bounds__kept(
    market: Market, name: str, quorum: int, max_age: int
) -> None:
    oracle = deploy(market, name, quorum, max_age)

    assert oracle.call("quorum") == quorum
    assert oracle.call("maxAge") == max_age
    assert oracle.call("authority") == market.access.address


@pytest.mark.parametrize(("decimals", "bps"), [(0, 1), (24, 10_000)])
def test_constructor__price_feed_at_its_bounds__describes_itself(
    market: Market, decimals: int, bps: int
) -> None:
    oracle = deploy(market, "PriceOracle", 3, 7200, decimals, bps)

    assert oracle.call("decimals") == decimals
    assert oracle.call("MAX_DEVIATION_BPS") == bps
    assert oracle.call("description") == "energy / money per kWh"
    assert oracle.call("version") == 1


@pytest.mark.parametrize("name", NAMES)
def test_constructor__as_deployed__is_under_the_access_manager(market: Market, name: str) -> None:
    oracle = market.contracts[name]
    assert oracle.call("authority") == market.access.address
    assert oracle.call("isConsumingScheduledOp") == bytes(4)


def test_constructor__grid_oracle__knows_who_writes_prices(market: Market) -> None:
    assert market.grid_oracle.call("GRID") == market.grid.address
