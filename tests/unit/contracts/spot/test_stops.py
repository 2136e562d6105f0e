"""What a stop of the spot market must refuse, and what it must leave open."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.spot import OfferStatus, TradeStatus
from tests.support.market import MONDAY, Receipt
from tests.support.refusals import refused
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.floor import AMOUNT, BANKED, FUNDS, PRICE, Floor

levels = pytest.mark.parametrize("level", [StopLevel.PAUSED, StopLevel.SHUTDOWN])


def stop(floor: Floor, level: StopLevel) -> Receipt:
    roles = floor.market.roles
    if level is StopLevel.PAUSED:
        return floor.do(roles[Role.GUARDIAN], "pause")
    return floor.do(roles[Role.ADMIN], "shutdown")


@pytest.mark.parametrize("function", ["pause", "unpause", "shutdown", "setAuthority"])
def test_stop__by_another__is_refused(floor: Floor, function: str) -> None:
    roles = floor.market.roles
    allowed = {"pause": Role.GUARDIAN, "unpause": Role.GUARDIAN, "shutdown": Role.ADMIN}
    arguments = (roles[Role.ADMIN],) if function == "setAuthority" else ()
    holder = roles[allowed[function]] if function in allowed else None
    for caller in sorted({*roles.values(), floor.seller.address} - {holder}):
        with floor.refuses(errors.AccessManagedUnauthorized, caller=caller):
            floor.do(caller, function, *arguments)


def test_stop__step_does_not_fit__is_refused(floor: Floor) -> None:
    roles = floor.market.roles
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        floor.do(roles[Role.GUARDIAN], "unpause")
    stop(floor, StopLevel.PAUSED)
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
        stop(floor, StopLevel.PAUSED)
    stop(floor, StopLevel.SHUTDOWN)
    for function, role in (("pause", Role.GUARDIAN), ("unpause", Role.GUARDIAN)):
        with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
            floor.do(roles[role], function)
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        stop(floor, StopLevel.SHUTDOWN)


@levels
def test_stop__by_its_role__is_told(floor: Floor, level: StopLevel) -> None:
    by = floor.market.roles[Role.GUARDIAN if level is StopLevel.PAUSED else Role.ADMIN]
    receipt = stop(floor, level)
    assert floor.logged(receipt, "StopLevelChanged") == [{"level": level, "by": by}]
    assert floor.spot.call("stopLevel") is level


@levels
def test_stop__what_is_new__is_refused_whatever_else_is_wrong(
    floor: Floor, level: StopLevel
) -> None:
    floor.offer()
    floor.trade()
    stop(floor, level)
    buyer = floor.buyer.address
    for sender, function, arguments in (
        (floor.seller, "createEnergyOffer", (AMOUNT, PRICE)),
        (floor.stranger, "createEnergyOffer", (0, 0)),
        (floor.seller, "createTrade", (buyer, AMOUNT, PRICE)),
        (floor.stranger, "createTrade", (buyer, 0, 0)),
        (floor.buyer, "acceptEnergyOffer", (1, AMOUNT)),
        (floor.stranger, "acceptEnergyOffer", (2, 0)),
        (floor.buyer, "acceptEnergyOfferAtMost", (1, AMOUNT, FUNDS)),
        (floor.buyer, "completeTrade", (1,)),
        (floor.buyer, "completeTradeAtMost", (1, FUNDS)),
        (floor.stranger, "completeTrade", (2,)),
    ):
        with floor.refuses(errors.EmergencyStop_Stopped, level=level):
            floor.do(sender, function, *arguments)


@levels
def test_stop__what_is_held__all_of_it_leaves(floor: Floor, level: StopLevel) -> None:
    """With Settlement shut down too, of people who may deal no more and are in debt."""
    market = floor.market
    whole, part = floor.offer(), floor.offer()
    sellers, buyers = floor.trade(), floor.trade()
    floor.accept(part, 500)
    stop(floor, level)
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    floor.deactivate(floor.seller, producer=True)
    floor.deactivate(floor.buyer, producer=False)
    market.go_to(MONDAY + 86_400)
    for account in (floor.seller, floor.buyer):
        assert incur_debt(market, account, consumed=10 * BANKED) > 0

    floor.do(floor.seller, "cancelEnergyOffer", whole)
    floor.do(floor.seller, "cancelEnergyOffer", part)
    floor.do(floor.seller, "cancelTrade", sellers)
    floor.do(floor.buyer, "cancelTrade", buyers)
    assert floor.held == 0
    assert floor.energy(floor.seller) == 4 * AMOUNT - 500
    assert [floor.offered(number).status for number in (1, 2)] == 2 * [OfferStatus.CANCELLED]
    assert [floor.agreed(number).status for number in (1, 2)] == 2 * [TradeStatus.CANCELLED]


def test_stop__paused_and_unpaused__has_more_where_it_was(floor: Floor) -> None:
    offer, trade = floor.offer(), floor.trade()
    guardian = floor.market.roles[Role.GUARDIAN]
    stop(floor, StopLevel.PAUSED)
    receipt = floor.do(guardian, "unpause")
    assert floor.logged(receipt, "StopLevelChanged") == [
        {"level": StopLevel.RUNNING, "by": guardian}
    ]
    floor.accept(offer)
    floor.complete(trade)
    assert (floor.offer(), floor.trade()) == (2, 2)
    assert floor.money(floor.buyer) == FUNDS - 1_000_000


def test_stop__of_the_spot_market__leaves_the_others_running(floor: Floor) -> None:
    stop(floor, StopLevel.SHUTDOWN)
    market = floor.market
    for contract in (market.settlement, market.trading):
        assert contract.call("stopLevel") is StopLevel.RUNNING
    market.deposit(floor.stranger, 5)
    assert market.buy(floor.buyer, 1000, 1000, start=MONDAY + 3600) == 1


def test_set_authority__another__decides(floor: Floor) -> None:
    market = floor.market
    governance, successor = market.roles[Role.ADMIN], market.dollar.address
    with refused(errors.AccessManagedInvalidAuthority, authority=floor.stranger.address):
        market.do(
            governance,
            *(market.access, "updateAuthority", floor.spot.address, floor.stranger.address),
        )
    receipt = market.do(governance, market.access, "updateAuthority", floor.spot.address, successor)
    assert floor.logged(receipt, "AuthorityUpdated") == [{"authority": successor}]
    guardian = market.roles[Role.GUARDIAN]
    with floor.refuses(errors.AccessManagedUnauthorized, caller=guardian):
        stop(floor, StopLevel.PAUSED)
