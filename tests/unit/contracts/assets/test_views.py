"""EnergyAssetNFT's views, but for those with a file of their own."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import TERMS, assets_of

USER = actor("stranger").address
OF_ASSETS: dict[str, tuple[Any, ...]] = {
    "getAsset": (),
    "getProductionHistory": (0, 0),
    "metersOf": (),
    "maintenanceCount": (),
    "maintenanceRecord": (0,),
    "permissionOf": (USER,),
    "isPermitted": (USER, 0),
    "bookValueOf": (),
    "tokenURI": (),
    "ownerOf": (),
    "getApproved": (),
}


@pytest.mark.parametrize("view", OF_ASSETS)
@pytest.mark.parametrize("unknown", [0, 2, 2**256 - 1])
def test_views__of_no_asset__refused(market: Market, asset: int, view: str, unknown: int) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=unknown):
        market.assets.call(view, unknown, *OF_ASSETS[view])


def test_get_asset__asked__as_registered(market: Market, asset: int) -> None:
    assert assets_of(market).get_asset(asset).terms == TERMS


@pytest.mark.parametrize("number", [0, 1, 2**256 - 1])
def test_asset_of_meter__that_is_linked_to_none__zero(
    market: Market, meter: LocalAccount, number: int
) -> None:
    assert assets_of(market).asset_of_meter(number) == 0


@pytest.mark.parametrize(
    ("identifier", "supported"),
    [
        ("01ffc9a7", True),  # ERC-165
        ("80ac58cd", True),  # ERC-721
        ("5b5e139f", True),  # its metadata
        ("49064906", True),  # ERC-4906
        ("780e9d63", False),  # ERC-721's enumeration
        ("2a55205a", False),  # ERC-2981
        ("ffffffff", False),
        ("00000000", False),
    ],
)
def test_supports_interface__of_standards__those_it_has(
    market: Market, identifier: str, supported: bool
) -> None:
    found = market.assets.call("supportsInterface", bytes.fromhex(identifier))
    assert found is supported


def test_views__fixed_at_deployment__as_deployed(market: Market) -> None:
    assets = assets_of(market)

    assert (assets.name_(), assets.symbol()) == ("Energy Asset", "ASSET")
    assert assets.meter() == market.meters.address
    assert assets.shares() == market.contracts["AssetShares"].address
    assert assets.metadata() == market.contracts["AssetMetadata"].address
    assert market.assets.call("authority") == market.access.address
    assert market.assets.call("isConsumingScheduledOp") == bytes(4)
    assert assets.asset_count() == 0
    assert assets.stop_level() == 0
