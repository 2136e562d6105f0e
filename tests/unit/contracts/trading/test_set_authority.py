"""EnergyTrading.setAuthority, of OpenZeppelin's AccessManaged."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.unit.contracts.trading.emergency_stop import level, pause
from tests.unit.contracts.trading.traders import Traders, refuses


def test_set_authority__by_anyone__is_refused(traders: Traders) -> None:
    market = traders.market
    callers = [*market.roles.values(), traders.buyer.address, traders.stranger.address]
    for caller in callers:
        with refuses(market, errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.trading, "setAuthority", caller)
    assert market.trading.call("authority") == market.access.address


def test_set_authority__to_no_contract__is_refused(traders: Traders) -> None:
    market = traders.market
    with refuses(market, errors.AccessManagedInvalidAuthority, authority=traders.stranger.address):
        market.do(
            market.roles[Role.ADMIN],
            *(market.access, "updateAuthority", market.trading.address, traders.stranger.address),
        )


def test_set_authority__to_another_contract__that_one_decides(traders: Traders) -> None:
    market = traders.market
    # Any contract will do to see that the manager is asked no more: this one answers nothing.
    successor = market.dollar.address
    receipt = market.do(
        market.roles[Role.ADMIN],
        *(market.access, "updateAuthority", market.trading.address, successor),
    )
    assert traders.logged(receipt, market.trading, "AuthorityUpdated") == [{"authority": successor}]
    assert market.trading.call("authority") == successor
    guardian = market.roles[Role.GUARDIAN]
    with refuses(market, errors.AccessManagedUnauthorized, caller=guardian):
        pause(traders)
    assert level(traders) is StopLevel.RUNNING
