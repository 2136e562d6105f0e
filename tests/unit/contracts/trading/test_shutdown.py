"""EnergyTrading.shutdown."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.unit.contracts.trading.emergency_stop import (
    OngoingTrade,
    assert_exits_open,
    assert_new_refused,
    level,
    others,
    pause,
    shut_down,
)
from tests.unit.contracts.trading.traders import Traders, refuses

before = pytest.mark.parametrize("paused", [False, True])


@before
def test_shutdown__by_anyone_but_governance__is_refused(traders: Traders, paused: bool) -> None:
    if paused:
        pause(traders)
    callers = others(traders, Role.ADMIN)
    assert traders.market.roles[Role.GUARDIAN] in callers
    for caller in callers:
        with refuses(traders.market, errors.AccessManagedUnauthorized, caller=caller):
            shut_down(traders, caller)


@before
def test_shutdown__by_governance__is_reported(traders: Traders, paused: bool) -> None:
    if paused:
        pause(traders)
    receipt = shut_down(traders)
    assert traders.logged(receipt, traders.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.SHUTDOWN, "by": traders.market.roles[Role.ADMIN]}
    ]
    assert level(traders) is StopLevel.SHUTDOWN


@before
def test_shutdown__running_or_paused__refuses_all_that_is_new(
    traders: Traders, paused: bool
) -> None:
    ongoing = OngoingTrade.begin(traders)
    if paused:
        pause(traders)
    shut_down(traders)
    assert_new_refused(traders, ongoing, StopLevel.SHUTDOWN)


@before
def test_shutdown__running_or_paused__leaves_every_exit_open(
    traders: Traders, paused: bool
) -> None:
    ongoing = OngoingTrade.begin(traders)
    if paused:
        pause(traders)
    shut_down(traders)
    assert_exits_open(traders, ongoing)


def test_shutdown__with_settlement_shut_down_too__leaves_every_exit_open(traders: Traders) -> None:
    market = traders.market
    ongoing = OngoingTrade.begin(traders)
    shut_down(traders)
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    assert_exits_open(traders, ongoing)


def test_shutdown__shut_down__is_refused(traders: Traders) -> None:
    shut_down(traders)
    with refuses(traders.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        shut_down(traders)
