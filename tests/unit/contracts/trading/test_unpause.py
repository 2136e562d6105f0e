"""EnergyTrading.unpause."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import MONDAY
from tests.unit.contracts.trading.emergency_stop import level, others, pause, shut_down, unpause
from tests.unit.contracts.trading.traders import Traders, refuses


def test_unpause__by_anyone_but_the_guardian__is_refused(traders: Traders) -> None:
    pause(traders)
    for caller in others(traders, Role.GUARDIAN):
        with refuses(traders.market, errors.AccessManagedUnauthorized, caller=caller):
            unpause(traders, caller)
    assert level(traders) is StopLevel.PAUSED


def test_unpause__by_the_guardian__is_reported(traders: Traders) -> None:
    pause(traders)
    receipt = unpause(traders)
    assert traders.logged(receipt, traders.market.trading, "StopLevelChanged") == [
        {"level": StopLevel.RUNNING, "by": traders.market.roles[Role.GUARDIAN]}
    ]
    assert level(traders) is StopLevel.RUNNING


def test_unpause__paused__has_more_where_it_was(traders: Traders) -> None:
    expiry = MONDAY + 600
    expired, buy, sell = traders.buy(expiry=expiry), traders.buy(), traders.sell()
    pause(traders)
    traders.market.go_to(expiry)
    unpause(traders)
    with refuses(
        traders.market,
        errors.EnergyTrading_Expired,
        order_id=expired,
        expiry=expiry,
        time=expiry + 2,
    ):
        traders.market.at(expiry + 2)
        traders.market.match(expired, sell)
    assert traders.market.match(buy, sell) == 1
    assert traders.agree() == 2


def test_unpause__paused__can_be_paused_again(traders: Traders) -> None:
    for _ in range(3):
        pause(traders)
        assert level(traders) is StopLevel.PAUSED
        unpause(traders)
        assert level(traders) is StopLevel.RUNNING


def test_unpause__running__is_refused(traders: Traders) -> None:
    with refuses(traders.market, errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        unpause(traders)


def test_unpause__shut_down__is_refused(traders: Traders) -> None:
    pause(traders)
    shut_down(traders)
    with refuses(traders.market, errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        unpause(traders)
