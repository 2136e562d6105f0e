"""EnergyTrading.unpause."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import MONDAY
from tests.unit.contracts.trading.desk import Desk, refuses
from tests.unit.contracts.trading.stops import level, others, pause, shut_down, unpause


def test_unpause__by_anyone_but_the_guardian__is_refused(desk: Desk) -> None:
    pause(desk)
    for caller in others(desk, Role.GUARDIAN):
        with refuses(desk.market, errors.AccessManagedUnauthorized, caller=caller):
            unpause(desk, caller)
    assert level(desk) is StopLevel.PAUSED


def test_unpause__by_the_guardian__is_told(desk: Desk) -> None:
    pause(desk)
    receipt = unpause(desk)
    assert desk.logged(receipt, desk.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.RUNNING, "by": desk.market.roles[Role.GUARDIAN]}
    ]
    assert level(desk) is StopLevel.RUNNING


def test_unpause__paused__has_more_where_it_was(desk: Desk) -> None:
    expiry = MONDAY + 600
    expired, buy, sell = desk.buy(expiry=expiry), desk.buy(), desk.sell()
    pause(desk)
    desk.market.go_to(expiry)
    unpause(desk)
    with refuses(
        desk.market,
        errors.EnergyTrading_Expired,
        order_id=expired,
        expiry=expiry,
        time=expiry + 2,
    ):
        desk.market.at(expiry + 2)
        desk.market.match(expired, sell)
    assert desk.market.match(buy, sell) == 1
    assert desk.agree() == 2


def test_unpause__paused__can_be_paused_again(desk: Desk) -> None:
    for _ in range(3):
        pause(desk)
        assert level(desk) is StopLevel.PAUSED
        unpause(desk)
        assert level(desk) is StopLevel.RUNNING


def test_unpause__running__is_refused(desk: Desk) -> None:
    with refuses(desk.market, errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        unpause(desk)


def test_unpause__shut_down__is_refused(desk: Desk) -> None:
    pause(desk)
    shut_down(desk)
    with refuses(desk.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        unpause(desk)
