"""EnergyAssetNFT.setPermission."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import Permission
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    FOREVER,
    NOBODY,
    as_registrar,
    assets_of,
    divide,
    hand_over,
    logged,
    mint,
    permit,
    updates,
)

USER = actor("craftsman")
BUYER = actor("buyer")
NOW = MONDAY + 1000


def held(market: Market, asset: int, user: LocalAccount = USER) -> tuple[Permission, int]:
    return assets_of(market).permission_of(asset, user.address)


def may(market: Market, asset: int, user: LocalAccount = USER) -> list[bool]:
    """For every permission, from NONE on."""
    return [assets_of(market).is_permitted(asset, user.address, each) for each in Permission]


def test_set_permission__no_such_asset__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        permit(market, owner, 2, USER, Permission.VIEWER)


@pytest.mark.parametrize("caller", ["stranger", "approved", "manager", "operator", "registrar"])
def test_set_permission__by_others__refused(
    market: Market, owner: LocalAccount, asset: int, caller: str
) -> None:
    """Not even by who may move the asset, or may do everything else with it."""
    assets = assets_of(market)
    market.send(owner, assets.approve(actor("approved").address, asset))
    market.send(owner, assets.set_approval_for_all(actor("manager").address, True))
    permit(market, owner, asset, actor("operator"), Permission.OPERATOR)
    call = assets.set_permission(asset, USER.address, Permission.VIEWER, FOREVER)

    if caller == "registrar":
        with pytest.raises(errors.EnergyAssetNFT_NotOwner):
            as_registrar(market, call)
    else:
        address = actor(caller).address
        with refused(errors.EnergyAssetNFT_NotOwner, asset=asset, caller=address):
            market.send(address, call)


@pytest.mark.parametrize("permission", list(Permission))
def test_set_permission__for_nobody__refused(
    market: Market, owner: LocalAccount, asset: int, permission: Permission
) -> None:
    until = 0 if permission is Permission.NONE else FOREVER
    with refused(errors.EnergyAssetNFT_BadPermission, user=NOBODY, until=until, time=NOW):
        call = assets_of(market).set_permission(asset, NOBODY, permission, FOREVER)
        market.at(NOW).send(owner, call)


@pytest.mark.parametrize("until", [NOW - 1, 0])
def test_set_permission__over_already__refused(
    market: Market, owner: LocalAccount, asset: int, until: int
) -> None:
    with refused(errors.EnergyAssetNFT_BadPermission, user=USER.address, until=until, time=NOW):
        permit(market.at(NOW), owner, asset, USER, Permission.VIEWER, until)


def test_set_permission__an_unknown_one__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    with refused(errors.UnknownRevert, data=b""):
        market.do(owner, market.assets, "setPermission", asset, USER.address, 4, FOREVER)


@pytest.mark.parametrize("permission", [each for each in Permission if each])
@pytest.mark.parametrize("until", [NOW, NOW + 500, FOREVER])
def test_set_permission__until_a_time__includes_those_before_it(
    market: Market, owner: LocalAccount, asset: int, permission: Permission, until: int
) -> None:
    receipt = permit(market.at(NOW), owner, asset, USER, permission, until)

    assert logged(market, receipt, "PermissionSet") == [
        {"asset": asset, "user": USER.address, "permission": permission, "until": until}
    ]
    assert updates(market, receipt) == []
    assert held(market, asset) == (permission, until)
    assert may(market, asset) == [each <= permission for each in Permission]
    assert may(market, asset, actor("stranger")) == [True, False, False, False]


def test_set_permission__its_last_second__is_over_in_the_next(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market.at(NOW), owner, asset, USER, Permission.OPERATOR, NOW + 60)

    market.go_to(NOW + 60)
    assert held(market, asset) == (Permission.OPERATOR, NOW + 60)
    assert all(may(market, asset))
    market.go_to(NOW + 61)
    assert held(market, asset) == (Permission.NONE, 0)
    assert may(market, asset) == [True, False, False, False]


def test_set_permission__again__replaces_the_one_before(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market, owner, asset, USER, Permission.OPERATOR)
    permit(market, owner, asset, USER, Permission.VIEWER, NOW)

    assert held(market, asset) == (Permission.VIEWER, NOW)


@pytest.mark.parametrize("until", [0, FOREVER])
def test_set_permission__none__takes_it_away(
    market: Market, owner: LocalAccount, asset: int, until: int
) -> None:
    permit(market, owner, asset, USER, Permission.OPERATOR)
    receipt = permit(market, owner, asset, USER, Permission.NONE, until)

    assert logged(market, receipt, "PermissionSet") == [
        {"asset": asset, "user": USER.address, "permission": Permission.NONE, "until": 0}
    ]
    assert held(market, asset) == (Permission.NONE, 0)


def test_set_permission__of_one_asset__is_none_of_another(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    other = mint(market, owner)
    permit(market, owner, asset, USER, Permission.OPERATOR)

    assert held(market, other) == (Permission.NONE, 0)


def test_is_permitted__the_owner__everything_without_a_permission(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    assert may(market, asset, owner) == [True] * 4
    assert held(market, asset, owner) == (Permission.NONE, 0)


def test_permission__the_asset_changes_hands__ends_for_good(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    """Also when the asset comes back; and the former owner has nothing left."""
    permit(market, owner, asset, USER, Permission.OPERATOR)
    hand_over(market, owner, asset, BUYER.address)
    assert held(market, asset) == (Permission.NONE, 0)
    assert may(market, asset, owner) == [True, False, False, False]
    with refused(errors.EnergyAssetNFT_NotOwner, asset=asset, caller=owner.address):
        permit(market, owner, asset, USER, Permission.VIEWER)

    permit(market, BUYER, asset, USER, Permission.VIEWER)
    hand_over(market, BUYER, asset, owner.address)
    assert held(market, asset) == (Permission.NONE, 0)
    assert may(market, asset) == [True, False, False, False]


def test_permission__handed_to_the_owner_itself__stays(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market, owner, asset, USER, Permission.OPERATOR)
    hand_over(market, owner, asset, owner.address)

    assert held(market, asset) == (Permission.OPERATOR, FOREVER)


def test_permission__the_asset_is_divided__ends(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market, owner, asset, USER, Permission.OPERATOR)
    divide(market, owner, asset)

    assert held(market, asset) == (Permission.NONE, 0)
