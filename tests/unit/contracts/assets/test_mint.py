"""EnergyAssetNFT.mint."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.energy_asset_nft import Asset
from energy_grid.domain.enums import EnergyType
from tests.support.market import MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    NOBODY,
    TERMS,
    YEAR,
    as_registrar,
    assets_of,
    logged,
    mint,
    stop,
    terms,
    values_of,
)

DAY = 86_400
CENTURY = 100 * YEAR


def test_mint__by_others__refused(market: Market, owner: LocalAccount) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=owner.address):
        market.send(owner, assets_of(market).mint(owner.address, TERMS))


@pytest.mark.parametrize("level", [1, 2])
def test_mint__stopped__refused(market: Market, owner: LocalAccount, level: int) -> None:
    stop(market, level)

    with refused(errors.EmergencyStop_Stopped, level=level):
        mint(market, owner)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capacity", 0),
        ("capacity", 2**48),
        ("capacity", 2**256 - 1),
        ("value", 0),
        ("value", 2**96),
        ("value", 2**256 - 1),
        ("lifetime", 0),
        ("lifetime", DAY - 1),
        ("lifetime", CENTURY + 1),
        ("lifetime", 2**256 - 1),
    ],
)
def test_mint__a_number_out_of_range__refused(
    market: Market, owner: LocalAccount, name: str, value: int
) -> None:
    with refused(errors.EnergyAssetNFT_BadParameter, name=to_bytes32(name), value=value):
        mint(market, owner, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capacity", 1),
        ("capacity", 2**48 - 1),
        ("value", 1),
        ("value", 2**96 - 1),
        ("lifetime", DAY),
        ("lifetime", CENTURY),
        ("commissioned_at", 0),
        ("region", "R" * 32),
    ],
)
def test_mint__a_number_at_its_bound__kept_as_it_is(
    market: Market, owner: LocalAccount, name: str, value: Any
) -> None:
    asset = mint(market, owner, **{name: value})

    assert assets_of(market).get_asset(asset).terms == terms(**{name: value})


def test_mint__without_region__refused(market: Market, owner: LocalAccount) -> None:
    with refused(errors.EnergyAssetNFT_BadParameter, name=to_bytes32("region"), value=0):
        mint(market, owner, region="")


@pytest.mark.parametrize("late", [1, 2**255])
def test_mint__commissioned_in_the_future__refused(
    market: Market, owner: LocalAccount, late: int
) -> None:
    now = MONDAY + 100
    with refused(
        errors.EnergyAssetNFT_BadParameter, name=to_bytes32("commissionedAt"), value=now + late
    ):
        mint(market.at(now), owner, commissioned_at=now + late)


def test_mint__commissioned_now__registered(market: Market, owner: LocalAccount) -> None:
    now = MONDAY + 100
    asset = mint(market.at(now), owner, commissioned_at=now)

    assert assets_of(market).get_asset(asset).terms.commissioned_at == now


def test_mint__of_an_unknown_kind__refused(market: Market, owner: LocalAccount) -> None:
    values = (7, *values_of(TERMS)[1:])
    with refused(errors.UnknownRevert, data=b""):
        as_registrar(market, market.assets.prepare("mint", owner.address, values))


def test_mint__to_nobody__refused(market: Market) -> None:
    with refused(errors.ERC721InvalidReceiver, receiver=NOBODY):
        as_registrar(market, assets_of(market).mint(NOBODY, TERMS))


@pytest.mark.parametrize("kind", list(EnergyType))
def test_mint__of_each_kind__is_the_owners(
    market: Market, owner: LocalAccount, kind: EnergyType
) -> None:
    """In service, with no meters, no records, no shares and nobody permitted."""
    assets = assets_of(market)
    receipt = as_registrar(market, assets.mint(owner.address, terms(kind=kind)))

    assert logged(market, receipt, "AssetMinted") == [
        {"asset": 1, "to": owner.address, "kind": kind, "capacity": TERMS.capacity}
    ]
    assert logged(market, receipt, "Transfer") == [
        {"from": NOBODY, "to": owner.address, "token_id": 1}
    ]
    found = assets.get_asset(1)
    assert found.terms == terms(kind=kind)
    assert (found.in_service, found.shares) == (True, NOBODY)
    assert assets.owner_of(1) == owner.address
    assert assets.balance_of(owner.address) == 1
    assert assets.meters_of(1) == ()
    assert assets.maintenance_count(1) == 0
    assert assets.permission_of(1, owner.address) == (0, 0)


def test_mint__several__numbered_from_one(market: Market, owner: LocalAccount) -> None:
    assert assets_of(market).asset_count() == 0
    names = ["A", "B", "C"]
    assert [mint(market, owner, name=name) for name in names] == [1, 2, 3]
    another = assets_of(market).mint(owner.address, TERMS)
    assert market.assets.simulate(another, market.roles[Role.REGISTRAR]) == 4

    found = assets_of(market).call_many("getAsset", zip([1, 2, 3]), kind=Asset)
    assert [asset.terms.name for asset in found] == names
    assert assets_of(market).asset_count() == 3
    assert assets_of(market).balance_of(owner.address) == 3


def test_mint__to_a_contract__asks_it_nothing(market: Market) -> None:
    """The settlement knows no ERC-721, and would refuse if it was asked."""
    settlement = market.settlement.address
    as_registrar(market, assets_of(market).mint(settlement, TERMS))

    assert assets_of(market).owner_of(1) == settlement
