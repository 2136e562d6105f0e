"""EnergyTrading.setAuthority, of OpenZeppelin's AccessManaged."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.unit.contracts.trading.desk import Desk, refuses
from tests.unit.contracts.trading.stops import level, pause


def test_set_authority__by_anyone__is_refused(desk: Desk) -> None:
    market = desk.market
    callers = [*market.roles.values(), desk.buyer.address, desk.stranger.address]
    for caller in callers:
        with refuses(market, errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.trading, "setAuthority", caller)
    assert market.trading.call("authority") == market.access.address


def test_set_authority__to_no_contract__is_refused(desk: Desk) -> None:
    market = desk.market
    with refuses(market, errors.AccessManagedInvalidAuthority, authority=desk.stranger.address):
        market.do(
            market.roles[Role.ADMIN],
            *(market.access, "updateAuthority", market.trading.address, desk.stranger.address),
        )


def test_set_authority__to_another_contract__that_one_decides(desk: Desk) -> None:
    market = desk.market
    # Any contract will do to see that the manager is asked no more: this one answers nothing.
    successor = market.dollar.address
    receipt = market.do(
        market.roles[Role.ADMIN],
        *(market.access, "updateAuthority", market.trading.address, successor),
    )
    assert desk.logged(receipt, market.trading, "AuthorityUpdated") == [{"authority": successor}]
    assert market.trading.call("authority") == successor
    guardian = market.roles[Role.GUARDIAN]
    with refuses(market, errors.AccessManagedUnauthorized, caller=guardian):
        pause(desk)
    assert level(desk) is StopLevel.RUNNING
