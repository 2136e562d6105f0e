"""EnergyTrading.pause."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import MONDAY
from tests.unit.contracts.trading.emergency_stop import (
    OngoingTrade,
    assert_exits_open,
    assert_new_refused,
    level,
    others,
    pause,
    shut_down,
    unpause,
)
from tests.unit.contracts.trading.traders import Traders, refuses

DELAY = 3600


def test_pause__by_anyone_but_the_guardian__is_refused(traders: Traders) -> None:
    callers = others(traders, Role.GUARDIAN)
    assert {traders.market.roles[role] for role in (Role.ADMIN, Role.REPORTER)} <= set(callers)
    for caller in callers:
        with refuses(traders.market, errors.AccessManagedUnauthorized, caller=caller):
            pause(traders, caller)
    assert level(traders) is StopLevel.RUNNING


def test_pause__by_the_guardian__is_reported(traders: Traders) -> None:
    receipt = pause(traders)
    assert traders.logged(receipt, traders.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.PAUSED, "by": traders.market.roles[Role.GUARDIAN]}
    ]
    assert level(traders) is StopLevel.PAUSED


def test_pause__running__refuses_all_that_is_new(traders: Traders) -> None:
    ongoing = OngoingTrade.begin(traders)
    pause(traders)
    assert_new_refused(traders, ongoing, StopLevel.PAUSED)


def test_pause__running__leaves_every_exit_open(traders: Traders) -> None:
    ongoing = OngoingTrade.begin(traders)
    pause(traders)
    assert_exits_open(traders, ongoing)
    assert level(traders) is StopLevel.PAUSED


def test_pause__of_trading__leaves_settlement_running(traders: Traders) -> None:
    pause(traders)
    assert traders.market.settlement.call("stopLevel") is StopLevel.RUNNING
    traders.market.deposit(traders.stranger, 5)
    assert traders.money(traders.stranger) == (5, 0)


def test_pause__of_settlement__leaves_trading_running(traders: Traders) -> None:
    market = traders.market
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    assert level(traders) is StopLevel.RUNNING
    assert traders.agree() == 1
    traders.produce(10_000, at=traders.start + 600)
    traders.settle(1)


def test_pause__paused__is_refused(traders: Traders) -> None:
    pause(traders)
    with refuses(traders.market, errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
        pause(traders)


def test_pause__shut_down__is_refused(traders: Traders) -> None:
    shut_down(traders)
    with refuses(traders.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        pause(traders)


def test_pause__by_a_guardian_with_a_delay__has_to_be_announced(traders: Traders) -> None:
    market, guardian = traders.market, traders.stranger
    governance = market.roles[Role.ADMIN]
    market.do(governance, market.access, "grantRole", Role.GUARDIAN, guardian.address, DELAY)
    call = market.trading.prepare("pause")
    operation = market.access.call("hashOperation", guardian.address, call.to, call.data)
    with refuses(market, errors.AccessManagerNotScheduled, operation_id=operation):
        pause(traders, guardian)

    announced = MONDAY + 1000
    market.at(announced).do(guardian, market.access, "schedule", call.to, call.data, 0)
    with refuses(market, errors.AccessManagerNotReady, operation_id=operation):
        market.at(announced + DELAY - 1)
        pause(traders, guardian)
    market.at(announced + DELAY)
    pause(traders, guardian)
    assert level(traders) is StopLevel.PAUSED
    # One announcement, one pause.
    unpause(traders)
    with refuses(market, errors.AccessManagerNotScheduled, operation_id=operation):
        pause(traders, guardian)
