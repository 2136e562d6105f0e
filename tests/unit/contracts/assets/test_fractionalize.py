"""EnergyAssetNFT.fractionalize, and what it leaves behind."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts import errors
from energy_grid.domain.enums import Permission
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    NOBODY,
    assets_of,
    divide,
    hand_over,
    logged,
    mint,
    permit,
    stop,
    updates,
    with_text,
)

MAX_SHARES = 10**12


@pytest.mark.parametrize("level", [1, 2])
def test_fractionalize__stopped__refused(
    market: Market, owner: LocalAccount, asset: int, level: int
) -> None:
    stop(market, level)

    with refused(errors.EmergencyStop_Stopped, level=level):
        divide(market, owner, asset)


def test_fractionalize__no_such_asset__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        divide(market, owner, 2)


@pytest.mark.parametrize("caller", ["stranger", "approved", "manager", "operator"])
def test_fractionalize__by_others__refused(
    market: Market, owner: LocalAccount, asset: int, caller: str
) -> None:
    """Not even by who may move the asset: the shares would be another's."""
    assets = assets_of(market)
    market.send(owner, assets.approve(actor("approved").address, asset))
    market.send(owner, assets.set_approval_for_all(actor("manager").address, True))
    permit(market, owner, asset, actor("operator"), Permission.OPERATOR)

    with refused(errors.EnergyAssetNFT_NotOwner, asset=asset, caller=actor(caller).address):
        divide(market, actor(caller), asset)


@pytest.mark.parametrize("shares", [0, 2, MAX_SHARES + 1, 2**256 - 1])
def test_fractionalize__into_too_few_or_many__refused(
    market: Market, owner: LocalAccount, asset: int, shares: int
) -> None:
    with refused(errors.EnergyAssetNFT_BadShares, shares=shares, minimum=3, maximum=MAX_SHARES):
        divide(market, owner, asset, shares)


@pytest.mark.parametrize("name", ["", "N" * 65, "two\nlines", "\u202e"])
def test_fractionalize__under_a_name_that_is_none__refused(
    market: Market, owner: LocalAccount, asset: int, name: str
) -> None:
    with refused(
        errors.EnergyAssetNFT_BadText,
        field=to_bytes32("name"),
        length=len(name.encode()),
        maximum=64,
    ):
        market.send(owner, assets_of(market).fractionalize(asset, 100, name, "ROOF"))


@pytest.mark.parametrize("symbol", [b"", b"S" * 17, b"A\tB", b"\xff"])
def test_fractionalize__under_a_symbol_that_is_none__refused(
    market: Market, owner: LocalAccount, asset: int, symbol: bytes
) -> None:
    call = assets_of(market).fractionalize(asset, 100, "School Roof", "x" * len(symbol))
    with refused(
        errors.EnergyAssetNFT_BadText, field=to_bytes32("symbol"), length=len(symbol), maximum=16
    ):
        market.send(owner, with_text(call, symbol))


@pytest.mark.parametrize(
    ("shares", "name", "symbol"),
    [(3, "N", "S"), (100, "School <Roof>", "ROOF"), (MAX_SHARES, "N" * 64, "S" * 16)],
)
def test_fractionalize__by_the_owner__who_gets_all_shares(
    market: Market, owner: LocalAccount, asset: int, shares: int, name: str, symbol: str
) -> None:
    assets = assets_of(market)
    market.send(owner, assets.approve(actor("approved").address, asset))
    call = assets.fractionalize(asset, shares, name, symbol)
    returned = market.assets.simulate(call, owner.address)
    receipt = market.send(owner, call)

    (event,) = logged(market, receipt, "Fractionalized")
    contract = market.shares(event.pop("shares"))
    assert contract.address == returned
    assert event == {"asset": asset, "owner": owner.address, "amount": shares}
    assert logged(market, receipt, "Transfer") == [
        {"from": owner.address, "to": contract.address, "token_id": asset}
    ]
    assert updates(market, receipt) == [asset]
    assert assets.owner_of(asset) == assets.get_asset(asset).shares == contract.address
    assert assets.get_approved(asset) == NOBODY
    assert contract.call("balanceOf", owner.address) == shares
    assert contract.call("totalSupply") == contract.call("shareCount") == shares
    assert (contract.call("name"), contract.call("symbol")) == (name, symbol)
    assert contract.call("asset") == asset
    assert contract.call("steward") == owner.address


def test_fractionalize__several__each_has_a_contract_of_its_own(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    contracts = [divide(market, owner, each) for each in (asset, mint(market, owner))]

    assert [one.call("asset") for one in contracts] == [1, 2]
    assert contracts[0].address != contracts[1].address
    assert market.assets.call("SHARES") not in {one.address for one in contracts}


def test_fractionalize__divided_already__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    """It is the shares' now."""
    divide(market, owner, asset)

    with refused(errors.EnergyAssetNFT_NotOwner, asset=asset, caller=owner.address):
        divide(market, owner, asset)


def test_fractionalize__redeemed__is_undivided_and_can_be_divided_anew(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    former = divide(market, owner, asset)
    receipt = market.do(owner, former, "redeem")

    assert updates(market, receipt) == [asset]
    assert assets_of(market).owner_of(asset) == owner.address
    assert assets_of(market).get_asset(asset).shares == NOBODY
    again = divide(market, owner, asset, 7)
    assert assets_of(market).get_asset(asset).shares == again.address != former.address


def test_fractionalize__redeemed_and_sent_to_the_former_shares__is_not_divided(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    """They own it like anybody, and stand for nothing."""
    former = divide(market, owner, asset)
    market.do(owner, former, "redeem")
    hand_over(market, owner, asset, former.address)

    assert assets_of(market).get_asset(asset).shares == NOBODY


def test_fractionalize__divided__the_steward_permits_for_all_holders(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    contract, user = divide(market, owner, asset), actor("craftsman")
    market.do(owner, contract, "setPermission", user.address, Permission.MAINTAINER, 2**64 - 1)

    assert assets_of(market).is_permitted(asset, user.address, Permission.MAINTAINER)
    assert not assets_of(market).is_permitted(asset, owner.address, Permission.VIEWER)
