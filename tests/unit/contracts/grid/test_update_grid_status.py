"""GridManagement.updateGridStatus."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import GridCondition
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import as_authority, consume, logged, produce, status


def test_update_grid_status__by_others__refused(market: Market) -> None:
    stranger = actor("stranger")

    with refused(errors.AccessManagedUnauthorized, caller=stranger.address):
        market.do(stranger, market.grid, "updateGridStatus", 1)


@pytest.mark.parametrize("condition", GridCondition)
def test_update_grid_status__one_of_them__is_shown(
    market: Market,
    producer: LocalAccount,
    consumer: LocalAccount,
    condition: GridCondition,
) -> None:
    produce(market, producer, 1000)
    consume(market, consumer, 100)
    as_authority(market, "updateGridStatus", GridCondition.CRITICAL)
    before = status(market)

    receipt = as_authority(market, "updateGridStatus", condition)

    assert logged(market, receipt, "GridConditionSet") == [{"condition": condition}]
    assert status(market) == replace(before, condition=condition)


def test_update_grid_status__never_set__normal(market: Market) -> None:
    assert status(market).condition is GridCondition.NORMAL


@pytest.mark.parametrize("condition", [len(GridCondition), 255])
def test_update_grid_status__none_of_them__refused(market: Market, condition: int) -> None:
    with refused(errors.UnknownRevert, data=b""):
        as_authority(market, "updateGridStatus", condition)
