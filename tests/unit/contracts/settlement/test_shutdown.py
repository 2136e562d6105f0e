"""shutdown: governance leaves only the exits, for good."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import Market
from tests.support.refusals import refused


@pytest.mark.parametrize("paused_before", [False, True])
def test_shutdown__not_yet__is_for_good(market: Market, paused_before: bool) -> None:
    guardian, governance = market.roles[Role.GUARDIAN], market.roles[Role.ADMIN]
    if paused_before:
        market.do(guardian, market.settlement, "pause")
    receipt = market.do(governance, market.settlement, "shutdown")
    (event,) = market.events(receipt, market.settlement, "StopLevelChanged")
    assert event.arguments == {"level": StopLevel.SHUTDOWN, "by": governance}

    for caller, function in (
        (guardian, "pause"),
        (guardian, "unpause"),
        (governance, "shutdown"),
    ):
        with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
            market.do(caller, market.settlement, function)
    assert market.settlement.call("stopLevel") == StopLevel.SHUTDOWN
