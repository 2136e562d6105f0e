"""EnergyTrading.shutdown."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.unit.contracts.trading.desk import Desk, refuses
from tests.unit.contracts.trading.stops import (
    Business,
    assert_exits_open,
    assert_new_refused,
    level,
    others,
    pause,
    shut_down,
)

before = pytest.mark.parametrize("paused", [False, True])


@before
def test_shutdown__by_anyone_but_governance__is_refused(desk: Desk, paused: bool) -> None:
    if paused:
        pause(desk)
    callers = others(desk, Role.ADMIN)
    assert desk.market.roles[Role.GUARDIAN] in callers
    for caller in callers:
        with refuses(desk.market, errors.AccessManagedUnauthorized, caller=caller):
            shut_down(desk, caller)


@before
def test_shutdown__by_governance__is_told(desk: Desk, paused: bool) -> None:
    if paused:
        pause(desk)
    receipt = shut_down(desk)
    assert desk.logged(receipt, desk.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.SHUTDOWN, "by": desk.market.roles[Role.ADMIN]}
    ]
    assert level(desk) is StopLevel.SHUTDOWN


@before
def test_shutdown__running_or_paused__refuses_all_that_is_new(desk: Desk, paused: bool) -> None:
    business = Business.begin(desk)
    if paused:
        pause(desk)
    shut_down(desk)
    assert_new_refused(desk, business, StopLevel.SHUTDOWN)


@before
def test_shutdown__running_or_paused__leaves_every_exit_open(desk: Desk, paused: bool) -> None:
    business = Business.begin(desk)
    if paused:
        pause(desk)
    shut_down(desk)
    assert_exits_open(desk, business)


def test_shutdown__with_settlement_shut_down_too__leaves_every_exit_open(desk: Desk) -> None:
    market = desk.market
    business = Business.begin(desk)
    shut_down(desk)
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    assert_exits_open(desk, business)


def test_shutdown__shut_down__is_refused(desk: Desk) -> None:
    shut_down(desk)
    with refuses(desk.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        shut_down(desk)
