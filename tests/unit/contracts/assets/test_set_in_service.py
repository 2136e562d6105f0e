"""EnergyAssetNFT.setInService."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import Permission
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    TERMS,
    assets_of,
    hand_over,
    logged,
    mint,
    permit,
    updates,
)

USER = actor("plant manager")
NOW = MONDAY + 1000


def put(market: Market, by: LocalAccount, asset: int, in_service: bool) -> Receipt:
    return market.send(by, assets_of(market).set_in_service(asset, in_service))


def test_set_in_service__no_such_asset__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        put(market, owner, 2, False)


@pytest.mark.parametrize("permission", [each for each in Permission if each < Permission.OPERATOR])
def test_set_in_service__by_who_may_not__refused(
    market: Market, owner: LocalAccount, asset: int, permission: Permission
) -> None:
    permit(market, owner, asset, USER, permission)

    with refused(
        errors.EnergyAssetNFT_NotPermitted,
        asset=asset,
        caller=USER.address,
        needed=Permission.OPERATOR,
    ):
        put(market, USER, asset, False)


def test_set_in_service__permission_over_or_of_a_former_owner__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market, owner, asset, USER, Permission.OPERATOR, NOW)
    put(market.at(NOW), USER, asset, False)
    refusal = {"asset": asset, "caller": USER.address, "needed": Permission.OPERATOR}
    with refused(errors.EnergyAssetNFT_NotPermitted, **refusal):
        put(market.at(NOW + 1), USER, asset, True)

    hand_over(market, owner, asset, actor("buyer").address)
    with refused(errors.EnergyAssetNFT_NotPermitted, **refusal | {"caller": owner.address}):
        put(market, owner, asset, True)


@pytest.mark.parametrize("permitted", [False, True])
def test_set_in_service__by_owner_or_operator__is_what_they_say(
    market: Market, owner: LocalAccount, asset: int, permitted: bool
) -> None:
    """Out of service and back; the rest of the asset, and other assets, stay."""
    author, other = USER if permitted else owner, mint(market, owner)
    if permitted:
        permit(market, owner, asset, USER, Permission.OPERATOR)
    for in_service in (False, True):
        receipt = put(market, author, asset, in_service)

        assert logged(market, receipt, "ServiceSet") == [
            {"asset": asset, "in_service": in_service, "by": author.address}
        ]
        assert updates(market, receipt) == [asset]
        found = assets_of(market).get_asset(asset)
        assert (found.in_service, found.terms) == (in_service, TERMS)
        assert assets_of(market).get_asset(other).in_service
