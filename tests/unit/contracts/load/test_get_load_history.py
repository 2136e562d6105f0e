"""LoadMonitoring.getLoadHistory: pages of the kept reports, before and after the ring is full."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.grid_levels import LoadStatus
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.load.loads import (
    HISTORY,
    Report,
    current_load,
    history,
    logged,
    report,
    report_many,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH

UNLIMITED = 2**256 - 1


def assert_kept(market: Market, expected: list[Report]) -> None:
    """These reports are what is kept, in two pages or one by one, and nothing behind them."""
    wanted = [one.on_chain for one in expected]
    assert history(market, 0, 100) + history(market, 100, 100) == wanted
    assert current_load(market) == wanted[0]
    last = len(wanted) - 1
    for offset in (0, 1, last - 1, last):
        assert history(market, offset, 1) == [wanted[offset]]
        assert history(market, offset, 100) == wanted[offset : offset + 100]
    for offset in (last + 1, last + 2, HISTORY, HISTORY + 1, UNLIMITED):
        assert history(market, offset, 100) == []


def test_get_load_history__without_reports__empty(market: Market, operator: LocalAccount) -> None:
    report(market, operator, 1000, 500)

    for offset in (0, 1, UNLIMITED):
        assert history(market, offset, 100, SOUTH) == []


@pytest.mark.parametrize("limit", [0, 101, 168, UNLIMITED])
def test_get_load_history__page_out_of_bounds__refused(
    market: Market, operator: LocalAccount, limit: int
) -> None:
    report(market, operator, 1000, 500)

    for region in (NORTH, SOUTH):
        with refused(errors.LoadMonitoring_BadPage, limit=limit, maximum=100):
            history(market, 0, limit, region)


def test_get_load_history__a_few__newest_first(market: Market, operator: LocalAccount) -> None:
    made = report_many(market, operator, 301, 305)
    wanted = [one.on_chain for one in made]

    assert_kept(market, made)
    for offset in range(7):
        for limit in (1, 2, 3, 5, 6, 100):
            assert history(market, offset, limit) == wanted[offset : offset + limit]


def test_get_load_history__ring_full__each_new_report_takes_the_place_of_the_oldest(
    market: Market, operator: LocalAccount
) -> None:
    made = report_many(market, operator, 1, HISTORY - 1)
    assert_kept(market, made)
    for demand in (HISTORY, HISTORY + 1, HISTORY + 2):
        made = report_many(market, operator, demand, demand) + made
        assert_kept(market, made[:HISTORY])
        assert market.load.call("reportCount", NORTH) == demand

    made = report_many(market, operator, HISTORY + 3, 400) + made
    assert_kept(market, made[:HISTORY])
    assert market.load.call("reportCount", NORTH) == 400


def test_get_load_history__across_the_seam__status_compared_with_the_newest(
    market: Market, operator: LocalAccount
) -> None:
    report_many(market, operator, 500, 499 + HISTORY - 1)
    report(market, operator, 1000, 960)

    # The ring's first place again, where a NORMAL report was.
    receipt = report(market, operator, 1000, 970)
    assert [name for name, _ in logged(market, receipt)] == ["LoadReported"]

    receipt = report(market, operator, 1000, 100)
    assert logged(market, receipt)[1] == (
        "LoadStatusChanged",
        {"region": NORTH, "from": LoadStatus.CRITICAL, "to": LoadStatus.LOW, "percentage": 10},
    )


@pytest.mark.anvil
def test_get_load_history__full__a_report_costs_the_same_for_ever(
    market: Market, operator: LocalAccount
) -> None:
    costs = [report(market, operator, 1000, 500).gas_used for _ in range(400)]

    # A place used for the first time is dearer; from then on nothing depends on the count.
    assert set(costs[1:HISTORY]) == {costs[1]}
    assert set(costs[HISTORY:]) == {costs[HISTORY]}
    assert costs[HISTORY] < costs[1] < costs[0]
