"""unpause: the guardian ends a pause."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import Market, actor
from tests.support.refusals import refused


def test_unpause__paused__takes_deposits_again(market: Market) -> None:
    guardian, prosumer = market.roles[Role.GUARDIAN], actor("prosumer")
    market.do(guardian, market.settlement, "pause")
    receipt = market.do(guardian, market.settlement, "unpause")
    (event,) = market.events(receipt, market.settlement, "StopLevelChanged")
    assert event.arguments == {"level": StopLevel.RUNNING, "by": guardian}
    assert market.settlement.call("stopLevel") == StopLevel.RUNNING
    market.deposit(prosumer, 5)
    assert market.balance(prosumer) == 5


def test_unpause__running__is_refused(market: Market) -> None:
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        market.do(market.roles[Role.GUARDIAN], market.settlement, "unpause")


@pytest.mark.parametrize("paused_before", [False, True])
def test_unpause__shut_down__is_refused(market: Market, paused_before: bool) -> None:
    guardian = market.roles[Role.GUARDIAN]
    if paused_before:
        market.do(guardian, market.settlement, "pause")
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        market.do(guardian, market.settlement, "unpause")
