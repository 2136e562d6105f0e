"""CarbonCredits as it is deployed."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import DAY, MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import FACTOR, TODAY


def deploy(market: Market, factor: int) -> Contract:
    authority, certificates = market.access.address, market.certificates.address
    return market.deploy("CarbonCredits", authority, certificates, factor, "0x" + 40 * "0")


@pytest.mark.parametrize("days", ["hours", "quarters"])
def test_constructor__deployed__knows_its_market(request: pytest.FixtureRequest, days: str) -> None:
    market: Market = request.getfixturevalue("market" if days == "hours" else "quarter_hours")
    carbon = market.carbon

    assert carbon.call("CERTIFICATES") == market.certificates.address
    assert carbon.call("GRID") == market.grid.address
    assert carbon.call("authority") == market.access.address
    assert carbon.call("isConsumingScheduledOp") == bytes(4)
    assert (carbon.call("name"), carbon.call("symbol")) == ("Carbon Credit", "TCO2E")
    assert carbon.call("decimals") == 6
    assert carbon.call("totalSupply") == carbon.call("totalIssued") == 0
    assert carbon.call("totalRetired") == carbon.call("retirementCount") == 0
    assert carbon.call("emissionFactorOf", MONDAY // DAY) == FACTOR


@pytest.mark.parametrize("factor", [0, 1999, 2000])
def test_constructor__factor__from_the_running_day_on(market: Market, factor: int) -> None:
    market.at(MONDAY + 2 * DAY - 1)

    carbon = deploy(market, factor)

    assert market.now == MONDAY + 2 * DAY - 1
    assert carbon.call("emissionFactorCount") == 1
    assert tuple(carbon.call("emissionFactorAt", 0)) == (TODAY + 1, factor)
    days = (0, TODAY, TODAY + 1, TODAY + 2, 2**256 - 1)
    found = [carbon.call("emissionFactorOf", day) for day in days]
    assert found == [0, 0, factor, factor, factor]


@pytest.mark.parametrize("factor", [2001, 2**256 - 1])
def test_constructor__factor_too_high__refused(market: Market, factor: int) -> None:
    with refused(errors.CarbonCredits_FactorTooHigh, grams_per_kwh=factor, maximum=2000):
        deploy(market, factor)
