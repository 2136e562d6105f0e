"""Paused or shut down: nothing new is registered or divided, everything else goes on."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import Permission
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    assets_of,
    divide,
    hand_over,
    link,
    maintain,
    mint,
    new_meter,
    permit,
    stop,
    unlink,
)

BUYER = actor("buyer")


@pytest.mark.parametrize("level", [1, 2])
def test_stop__at_each_level__only_what_is_new_is_refused(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount, level: int
) -> None:
    divided = mint(market, owner)
    shares = divide(market, owner, divided)
    link(market, asset, meter)
    stop(market, level)
    assets = assets_of(market)
    assert assets.stop_level() == level

    for new in (lambda: mint(market, owner), lambda: divide(market, owner, asset)):
        with refused(errors.EmergencyStop_Stopped, level=level):
            new()

    unlink(market, asset, 1)
    link(market, asset, new_meter(market, "second"))
    permit(market, owner, asset, BUYER, Permission.OPERATOR)
    market.send(BUYER, assets.set_in_service(asset, False))
    maintain(market, BUYER, asset)
    market.send(owner, assets.approve(BUYER.address, asset))
    market.send(BUYER, assets.transfer_from(owner.address, BUYER.address, asset))
    hand_over(market, BUYER, asset, owner.address)
    market.do(owner, shares, "redeem")
    assert assets.owner_of(divided) == assets.owner_of(asset) == owner.address
    assert assets.token_uri(asset).startswith("data:")


def test_unpause__after_a_pause__new_assets_again(market: Market, owner: LocalAccount) -> None:
    stop(market, 1)
    receipt = market.do(market.roles[Role.GUARDIAN], market.assets, "unpause")
    (event,) = market.events(receipt, market.assets, "StopLevelChanged")
    assert event["level"] == 0

    divide(market, owner, mint(market, owner))


def test_stop__from_the_wrong_level__refused(market: Market) -> None:
    guardian, admin = market.roles[Role.GUARDIAN], market.roles[Role.ADMIN]
    with refused(errors.EmergencyStop_WrongLevel, level=0):
        market.do(guardian, market.assets, "unpause")
    stop(market, 1)
    with refused(errors.EmergencyStop_WrongLevel, level=1):
        market.do(guardian, market.assets, "pause")
    stop(market, 2)
    for function in ("pause", "unpause"):
        with refused(errors.EmergencyStop_WrongLevel, level=2):
            market.do(guardian, market.assets, function)
    with refused(errors.EmergencyStop_WrongLevel, level=2):
        market.do(admin, market.assets, "shutdown")
