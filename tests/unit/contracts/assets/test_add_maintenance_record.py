"""EnergyAssetNFT.addMaintenanceRecord, maintenanceRecord, maintenanceCount."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts import errors
from energy_grid.contracts.energy_asset_nft import MaintenanceRecord
from energy_grid.domain.enums import Permission
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    DIGEST,
    assets_of,
    hand_over,
    logged,
    maintain,
    mint,
    permit,
    updates,
    with_text,
)

USER = actor("craftsman")
NOW = MONDAY + 1000


def test_add_maintenance_record__no_such_asset__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        maintain(market, owner, 2)


@pytest.mark.parametrize("permission", [Permission.NONE, Permission.VIEWER])
def test_add_maintenance_record__by_who_may_not__refused(
    market: Market, owner: LocalAccount, asset: int, permission: Permission
) -> None:
    permit(market, owner, asset, USER, permission)

    with refused(
        errors.EnergyAssetNFT_NotPermitted,
        asset=asset,
        caller=USER.address,
        needed=Permission.MAINTAINER,
    ):
        maintain(market, USER, asset)


def test_add_maintenance_record__permission_over_or_of_a_former_owner__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    permit(market, owner, asset, USER, Permission.MAINTAINER, NOW)
    maintain(market.at(NOW), USER, asset)
    refusal = {"asset": asset, "caller": USER.address, "needed": Permission.MAINTAINER}
    with refused(errors.EnergyAssetNFT_NotPermitted, **refusal):
        maintain(market.at(NOW + 1), USER, asset)

    permit(market, owner, asset, USER, Permission.MAINTAINER)
    hand_over(market, owner, asset, actor("buyer").address)
    with refused(errors.EnergyAssetNFT_NotPermitted, **refusal):
        maintain(market, USER, asset)
    with refused(errors.EnergyAssetNFT_NotPermitted, **refusal | {"caller": owner.address}):
        maintain(market, owner, asset)


def test_add_maintenance_record__without_document__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    call = assets_of(market).add_maintenance_record(asset, bytes(32), "cleaned")
    with refused(errors.EnergyAssetNFT_BadParameter, name=to_bytes32("documentHash"), value=0):
        market.send(owner, call)


@pytest.mark.parametrize("note", [b"", b"n" * 257, b"two\nlines", b"\xff", "\u202e".encode()])
def test_add_maintenance_record__with_a_note_that_is_none__refused(
    market: Market, owner: LocalAccount, asset: int, note: bytes
) -> None:
    call = assets_of(market).add_maintenance_record(asset, DIGEST, "x" * len(note))
    with refused(
        errors.EnergyAssetNFT_BadText, field=to_bytes32("note"), length=len(note), maximum=256
    ):
        market.send(owner, with_text(call, note))


@pytest.mark.parametrize("note", ["n", "n" * 256, 'Inverter "3" <replaced> & tested ✓'])
@pytest.mark.parametrize("permission", [None, Permission.MAINTAINER, Permission.OPERATOR])
def test_add_maintenance_record__by_who_may__is_kept(
    market: Market, owner: LocalAccount, asset: int, permission: Permission | None, note: str
) -> None:
    """By the owner, or by who is permitted that or more."""
    author = owner
    if permission:
        author = USER
        permit(market, owner, asset, USER, permission)
    receipt = maintain(market.at(NOW), author, asset, note)

    assert logged(market, receipt, "MaintenanceRecorded") == [
        {
            "asset": asset,
            "index": 0,
            "author": author.address,
            "document_hash": DIGEST,
            "note": note,
        }
    ]
    assert updates(market, receipt) == [asset]
    assert assets_of(market).maintenance_record(asset, 0) == MaintenanceRecord(
        author=author.address, time=NOW, document_hash=DIGEST, note=note
    )


def test_add_maintenance_record__several__numbered_by_asset(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    assets, other = assets_of(market), mint(market, owner)
    for note in ("one", "two"):
        maintain(market, owner, asset, note)
    receipt = maintain(market, owner, other, "three")

    assert logged(market, receipt, "MaintenanceRecorded")[0]["index"] == 0
    assert [assets.maintenance_count(each) for each in (asset, other)] == [2, 1]
    assert [assets.maintenance_record(asset, n).note for n in (0, 1)] == ["one", "two"]
    assert assets.maintenance_record(other, 0).note == "three"


def test_maintenance_record__the_asset_changes_hands__stays(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    maintain(market, owner, asset)
    hand_over(market, owner, asset, actor("buyer").address)

    assert assets_of(market).maintenance_count(asset) == 1
    assert assets_of(market).maintenance_record(asset, 0).author == owner.address


@pytest.mark.parametrize("index", [1, 2**256 - 1])
def test_maintenance_record__past_the_last__refused(
    market: Market, owner: LocalAccount, asset: int, index: int
) -> None:
    maintain(market, owner, asset)

    with refused(errors.EnergyAssetNFT_BadParameter, name=to_bytes32("index"), value=index):
        assets_of(market).maintenance_record(asset, index)
