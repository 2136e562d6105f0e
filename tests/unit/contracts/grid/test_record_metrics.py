"""GridManagement.recordMetrics and getMetrics."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import structure
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.grid_management import Metrics
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import as_authority, logged

LARGEST = 2**64 - 1


def metrics(market: Market, number: int) -> Metrics:
    return structure(Metrics, market.grid.call("getMetrics", number))


def test_record_metrics__by_others__refused(market: Market) -> None:
    stranger = actor("stranger")

    with refused(errors.AccessManagedUnauthorized, caller=stranger.address):
        market.do(stranger, market.grid, "recordMetrics", 1, 2, 3, 4)


def test_record_metrics__several__numbered_from_one(market: Market) -> None:
    for number in (1, 2, 3):
        arguments = (number, 10 * number, 100 * number, 1000 * number)
        call = market.grid.prepare("recordMetrics", *arguments)
        assert market.grid.simulate(call, market.roles[Role.GRID_AUTHORITY]) == number

        market.at(MONDAY + 1000 * number)
        receipt = as_authority(market, "recordMetrics", *arguments)

        assert logged(market, receipt, "MetricsRecorded") == [
            {
                "id": number,
                "production": number,
                "consumption": 10 * number,
                "peak_load": 100 * number,
                "efficiency": 1000 * number,
            }
        ]
    for number in (1, 2, 3):
        assert metrics(market, number) == Metrics(
            production=number,
            consumption=10 * number,
            peak_load=100 * number,
            efficiency=1000 * number,
            recorded_at=MONDAY + 1000 * number,
        )


@pytest.mark.parametrize("efficiency", [0, 10_000])
def test_record_metrics__all_at_their_bounds__recorded(market: Market, efficiency: int) -> None:
    as_authority(market, "recordMetrics", LARGEST, LARGEST, LARGEST, efficiency)

    found = metrics(market, 1)
    assert (found.production, found.consumption, found.peak_load) == (LARGEST,) * 3
    assert found.efficiency == efficiency


@pytest.mark.parametrize("efficiency", [10_001, 2**16, 2**16 + 1, 2**256 - 1])
def test_record_metrics__efficiency_too_high__refused(market: Market, efficiency: int) -> None:
    with refused(errors.GridManagement_BadEfficiency, efficiency=efficiency):
        as_authority(market, "recordMetrics", 1, 1, 1, efficiency)


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("amount", [LARGEST + 1, 2**256 - 1])
def test_record_metrics__amount_too_large__refused(
    market: Market, position: int, amount: int
) -> None:
    amounts = [1, 2, 3]
    amounts[position] = amount

    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
        as_authority(market, "recordMetrics", *amounts, 5)


def test_record_metrics__time_of_33_bits__refused(market: Market) -> None:
    as_authority(market.at(2**32 - 1), "recordMetrics", 1, 2, 3, 4)
    assert metrics(market, 1).recorded_at == 2**32 - 1

    with refused(errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        as_authority(market.at(2**32), "recordMetrics", 1, 2, 3, 4)


@pytest.mark.parametrize("number", [0, 2, 2**256 - 1])
def test_get_metrics__not_there__refused(market: Market, number: int) -> None:
    as_authority(market, "recordMetrics", 1, 2, 3, 4)

    with refused(errors.GridManagement_NoSuchMetrics, id=number):
        metrics(market, number)
