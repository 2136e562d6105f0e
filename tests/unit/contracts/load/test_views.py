"""LoadMonitoring's views of the newest report."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.grid_levels import LoadStatus
from tests.model.grid_levels import load_status
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.load.loads import Report, current_load, report
from tests.unit.contracts.operators.operators import NORTH, SOUTH, set_authorization


def is_critical(market: Market) -> bool:
    return bool(market.load.call("isCriticalLoad", NORTH))


def test_views__region_without_a_report__refused(market: Market, operator: LocalAccount) -> None:
    report(market, operator, 1000, 500)

    for region in (SOUTH, bytes(32)):
        for view in ("getCurrentLoad", "isCriticalLoad"):
            with refused(errors.LoadMonitoring_NoReport, region=region):
                market.load.call(view, region)
        assert market.load.call("reportCount", region) == 0


def test_get_current_load__after_several__the_newest(
    market: Market, operator: LocalAccount
) -> None:
    for demand in (960, 500, 0):
        receipt = report(market, operator, 1000, demand)

        assert current_load(market) == Report(1000, demand, receipt.time).on_chain
    assert market.load.call("reportCount", NORTH) == 3


def test_get_current_load__reporter_suspended_since__stays(
    market: Market, operator: LocalAccount
) -> None:
    receipt = report(market, operator, 1000, 960)
    set_authorization(market, operator, allowed=False)

    assert current_load(market) == Report(1000, 960, receipt.time).on_chain
    assert is_critical(market)


@pytest.mark.parametrize(
    ("demand", "critical"), [(0, False), (949, False), (950, True), (10_000, True)]
)
def test_is_critical_load__at_95_percent__changes(
    market: Market, operator: LocalAccount, demand: int, *, critical: bool
) -> None:
    # The load before does not count.
    report(market, operator, 1000, 0 if critical else 1000)

    report(market, operator, 1000, demand)

    assert is_critical(market) is critical


@pytest.mark.parametrize(
    ("percentage", "status"),
    [
        (0, LoadStatus.LOW),
        (30, LoadStatus.LOW),
        (31, LoadStatus.NORMAL),
        (79, LoadStatus.NORMAL),
        (80, LoadStatus.HIGH),
        (94, LoadStatus.HIGH),
        (95, LoadStatus.CRITICAL),
        (100, LoadStatus.CRITICAL),
        (2**256 - 1, LoadStatus.CRITICAL),
    ],
)
def test_get_load_status__at_each_bound__changes(
    market: Market, percentage: int, status: LoadStatus
) -> None:
    assert market.load.call("getLoadStatus", percentage) == status


def test_get_load_status__every_percentage__as_in_python(market: Market) -> None:
    for percentage in range(121):
        assert market.load.call("getLoadStatus", percentage) == load_status(percentage)
