"""pause: the guardian stops everything new."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import Market
from tests.support.refusals import refused


def test_pause__running__is_paused(market: Market) -> None:
    assert market.settlement.call("stopLevel") == StopLevel.RUNNING
    guardian = market.roles[Role.GUARDIAN]
    receipt = market.do(guardian, market.settlement, "pause")
    (event,) = market.events(receipt, market.settlement, "StopLevelChanged")
    assert event.arguments == {"level": StopLevel.PAUSED, "by": guardian}
    assert market.settlement.call("stopLevel") == StopLevel.PAUSED


@pytest.mark.parametrize(
    ("holder", "function", "level"),
    [(Role.GUARDIAN, "pause", StopLevel.PAUSED), (Role.ADMIN, "shutdown", StopLevel.SHUTDOWN)],
)
def test_pause__stopped__is_refused(
    market: Market, holder: Role, function: str, level: StopLevel
) -> None:
    market.do(market.roles[holder], market.settlement, function)
    with refused(errors.EmergencyStop_WrongLevel, level=level):
        market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
