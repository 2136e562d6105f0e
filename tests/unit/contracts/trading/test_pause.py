"""EnergyTrading.pause."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import MONDAY
from tests.unit.contracts.trading.desk import Desk, refuses
from tests.unit.contracts.trading.stops import (
    Business,
    assert_exits_open,
    assert_new_refused,
    level,
    others,
    pause,
    shut_down,
    unpause,
)

DELAY = 3600


def test_pause__by_anyone_but_the_guardian__is_refused(desk: Desk) -> None:
    callers = others(desk, Role.GUARDIAN)
    assert {desk.market.roles[role] for role in (Role.ADMIN, Role.REPORTER)} <= set(callers)
    for caller in callers:
        with refuses(desk.market, errors.AccessManagedUnauthorized, caller=caller):
            pause(desk, caller)
    assert level(desk) is StopLevel.RUNNING


def test_pause__by_the_guardian__is_told(desk: Desk) -> None:
    receipt = pause(desk)
    assert desk.logged(receipt, desk.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.PAUSED, "by": desk.market.roles[Role.GUARDIAN]}
    ]
    assert level(desk) is StopLevel.PAUSED


def test_pause__running__refuses_all_that_is_new(desk: Desk) -> None:
    business = Business.begin(desk)
    pause(desk)
    assert_new_refused(desk, business, StopLevel.PAUSED)


def test_pause__running__leaves_every_exit_open(desk: Desk) -> None:
    business = Business.begin(desk)
    pause(desk)
    assert_exits_open(desk, business)
    assert level(desk) is StopLevel.PAUSED


def test_pause__of_trading__leaves_settlement_running(desk: Desk) -> None:
    pause(desk)
    assert desk.market.settlement.call("stopLevel") is StopLevel.RUNNING
    desk.market.deposit(desk.stranger, 5)
    assert desk.money(desk.stranger) == (5, 0)


def test_pause__of_settlement__leaves_trading_running(desk: Desk) -> None:
    market = desk.market
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    assert level(desk) is StopLevel.RUNNING
    assert desk.agree() == 1
    desk.produce(10_000, at=desk.start + 600)
    desk.settle(1)


def test_pause__paused__is_refused(desk: Desk) -> None:
    pause(desk)
    with refuses(desk.market, errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
        pause(desk)


def test_pause__shut_down__is_refused(desk: Desk) -> None:
    shut_down(desk)
    with refuses(desk.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        pause(desk)


def test_pause__by_a_guardian_with_a_delay__has_to_be_announced(desk: Desk) -> None:
    market, guardian = desk.market, desk.stranger
    governance = market.roles[Role.ADMIN]
    market.do(governance, market.access, "grantRole", Role.GUARDIAN, guardian.address, DELAY)
    call = market.trading.prepare("pause")
    operation = market.access.call("hashOperation", guardian.address, call.to, call.data)
    with refuses(market, errors.AccessManagerNotScheduled, operation_id=operation):
        pause(desk, guardian)

    announced = MONDAY + 1000
    market.at(announced).do(guardian, market.access, "schedule", call.to, call.data, 0)
    with refuses(market, errors.AccessManagerNotReady, operation_id=operation):
        market.at(announced + DELAY - 1)
        pause(desk, guardian)
    market.at(announced + DELAY)
    pause(desk, guardian)
    assert level(desk) is StopLevel.PAUSED
    # One announcement, one pause.
    unpause(desk)
    with refuses(market, errors.AccessManagerNotScheduled, operation_id=operation):
        pause(desk, guardian)
