"""What a stop of the spot market must refuse, and what it must leave open."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import OfferStatus, StopLevel, TradeStatus
from tests.support.market import MONDAY, Receipt
from tests.support.refusals import refused
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.traders import AMOUNT, CREDITS, FUNDS, PRICE, SpotTraders

levels = pytest.mark.parametrize("level", [StopLevel.PAUSED, StopLevel.SHUTDOWN])


def stop(traders: SpotTraders, level: StopLevel) -> Receipt:
    roles = traders.market.roles
    if level is StopLevel.PAUSED:
        return traders.do(roles[Role.GUARDIAN], "pause")
    return traders.do(roles[Role.ADMIN], "shutdown")


@pytest.mark.parametrize("function", ["pause", "unpause", "shutdown", "setAuthority"])
def test_stop__by_another__is_refused(traders: SpotTraders, function: str) -> None:
    roles = traders.market.roles
    allowed = {"pause": Role.GUARDIAN, "unpause": Role.GUARDIAN, "shutdown": Role.ADMIN}
    arguments = (roles[Role.ADMIN],) if function == "setAuthority" else ()
    holder = roles[allowed[function]] if function in allowed else None
    for caller in sorted({*roles.values(), traders.seller.address} - {holder}):
        with traders.refuses(errors.AccessManagedUnauthorized, caller=caller):
            traders.do(caller, function, *arguments)


def test_stop__step_does_not_fit__is_refused(traders: SpotTraders) -> None:
    roles = traders.market.roles
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        traders.do(roles[Role.GUARDIAN], "unpause")
    stop(traders, StopLevel.PAUSED)
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
        stop(traders, StopLevel.PAUSED)
    stop(traders, StopLevel.SHUTDOWN)
    for function, role in (("pause", Role.GUARDIAN), ("unpause", Role.GUARDIAN)):
        with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
            traders.do(roles[role], function)
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
        stop(traders, StopLevel.SHUTDOWN)


@levels
def test_stop__by_its_role__is_reported(traders: SpotTraders, level: StopLevel) -> None:
    by = traders.market.roles[Role.GUARDIAN if level is StopLevel.PAUSED else Role.ADMIN]
    receipt = stop(traders, level)
    assert traders.logged(receipt, "StopLevelChanged") == [{"level": level, "by": by}]
    assert traders.spot.call("stopLevel") is level


@levels
def test_stop__what_is_new__is_refused_whatever_else_is_wrong(
    traders: SpotTraders, level: StopLevel
) -> None:
    traders.offer()
    traders.trade()
    stop(traders, level)
    buyer = traders.buyer.address
    for sender, function, arguments in (
        (traders.seller, "createEnergyOffer", (AMOUNT, PRICE)),
        (traders.stranger, "createEnergyOffer", (0, 0)),
        (traders.seller, "createTrade", (buyer, AMOUNT, PRICE)),
        (traders.stranger, "createTrade", (buyer, 0, 0)),
        (traders.buyer, "acceptEnergyOffer", (1, AMOUNT)),
        (traders.stranger, "acceptEnergyOffer", (2, 0)),
        (traders.buyer, "acceptEnergyOfferAtMost", (1, AMOUNT, FUNDS)),
        (traders.buyer, "completeTrade", (1,)),
        (traders.buyer, "completeTradeAtMost", (1, FUNDS)),
        (traders.stranger, "completeTrade", (2,)),
    ):
        with traders.refuses(errors.EmergencyStop_Stopped, level=level):
            traders.do(sender, function, *arguments)


@levels
def test_stop__what_is_held__all_of_it_leaves(traders: SpotTraders, level: StopLevel) -> None:
    """With Settlement shut down too, of people who may deal no more and are in debt."""
    market = traders.market
    whole, part = traders.offer(), traders.offer()
    sellers, buyers = traders.trade(), traders.trade()
    traders.accept(part, 500)
    stop(traders, level)
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    traders.deactivate(traders.seller, producer=True)
    traders.deactivate(traders.buyer, producer=False)
    market.go_to(MONDAY + 86_400)
    for account in (traders.seller, traders.buyer):
        assert incur_debt(market, account, consumed=10 * CREDITS) > 0

    traders.do(traders.seller, "cancelEnergyOffer", whole)
    traders.do(traders.seller, "cancelEnergyOffer", part)
    traders.do(traders.seller, "cancelTrade", sellers)
    traders.do(traders.buyer, "cancelTrade", buyers)
    assert traders.held == 0
    assert traders.energy(traders.seller) == 4 * AMOUNT - 500
    assert [traders.offered(number).status for number in (1, 2)] == 2 * [OfferStatus.CANCELLED]
    assert [traders.agreed(number).status for number in (1, 2)] == 2 * [TradeStatus.CANCELLED]


def test_stop__paused_and_unpaused__has_more_where_it_was(traders: SpotTraders) -> None:
    offer, trade = traders.offer(), traders.trade()
    guardian = traders.market.roles[Role.GUARDIAN]
    stop(traders, StopLevel.PAUSED)
    receipt = traders.do(guardian, "unpause")
    assert traders.logged(receipt, "StopLevelChanged") == [
        {"level": StopLevel.RUNNING, "by": guardian}
    ]
    traders.accept(offer)
    traders.complete(trade)
    assert (traders.offer(), traders.trade()) == (2, 2)
    assert traders.money(traders.buyer) == FUNDS - 1_000_000


def test_stop__of_the_spot_market__leaves_the_others_running(traders: SpotTraders) -> None:
    stop(traders, StopLevel.SHUTDOWN)
    market = traders.market
    for contract in (market.settlement, market.trading):
        assert contract.call("stopLevel") is StopLevel.RUNNING
    market.deposit(traders.stranger, 5)
    assert market.buy(traders.buyer, 1000, 1000, start=MONDAY + 3600) == 1


def test_set_authority__another__decides(traders: SpotTraders) -> None:
    market = traders.market
    governance, successor = market.roles[Role.ADMIN], market.dollar.address
    with refused(errors.AccessManagedInvalidAuthority, authority=traders.stranger.address):
        market.do(
            governance,
            *(market.access, "updateAuthority", traders.spot.address, traders.stranger.address),
        )
    receipt = market.do(
        governance, market.access, "updateAuthority", traders.spot.address, successor
    )
    assert traders.logged(receipt, "AuthorityUpdated") == [{"authority": successor}]
    guardian = market.roles[Role.GUARDIAN]
    with traders.refuses(errors.AccessManagedUnauthorized, caller=guardian):
        stop(traders, StopLevel.PAUSED)
