"""Shares of a real asset on the deployed market: divided, earning, bought, divided again."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets import operations
from tests.unit.contracts.shares.division import OWNER, SHARES

HOLDER, BIDDER, TECHNICIAN, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("technician"),
    actor("stranger"),
)


@pytest.fixture
def asset(market: Market) -> int:
    return operations.mint(market, OWNER)


@pytest.fixture
def shares(market: Market, asset: int) -> Contract:
    return divided(market, OWNER, asset)


def divided(market: Market, owner: LocalAccount, asset: int) -> Contract:
    shares = operations.divide(market, owner, asset, SHARES)
    market.coverage.watch("AssetShares", shares.address)
    return shares


def offer(market: Market, shares: Contract, price: int) -> int:
    """A bidder's offer of just this price; when it ends."""
    market.node.rpc("anvil_dealERC20", BIDDER.address, market.dollar.address, hex(price * SHARES))
    market.do(BIDDER, market.dollar, "approve", shares.address, 2**256 - 1)
    market.do(BIDDER, shares, "offerBuyout", price)
    return int(shares.call("buyout", shares.call("buyoutCount"))[2])


def owner_of(market: Market, asset: int) -> str:
    return str(market.assets.call("ownerOf", asset))


def test_shares__of_an_asset__own_it_and_know_their_contracts(
    market: Market, asset: int, shares: Contract
) -> None:
    assert owner_of(market, asset) == shares.address
    assert shares.call("ASSETS") == market.assets.address
    assert shares.call("MONEY") == market.dollar.address
    assert (shares.call("asset"), shares.call("balanceOf", OWNER.address)) == (asset, SHARES)
    arguments = (asset, 5, STRANGER.address, "Mine", "MINE")
    for one in (shares, market.shares(market.assets.call("SHARES"))):
        with refused(errors.InvalidInitialization):
            market.do(STRANGER, one, "initialize", *arguments)


def test_shares__sold_at_the_book_value__asset_and_money_change_hands(
    market: Market, asset: int, shares: Contract
) -> None:
    market.do(OWNER, shares, "transfer", HOLDER.address, 1)
    minimum = int(shares.call("minimumPrice"))
    book_value = int(market.assets.call("bookValueOf", asset))
    assert minimum == -(-book_value // SHARES)
    ends_at = offer(market, shares, minimum)
    market.do(OWNER, shares, "acceptBuyout", 1)
    market.at(ends_at).do(STRANGER, shares, "concludeBuyout", 1)
    assert owner_of(market, asset) == BIDDER.address
    market.do(STRANGER, shares, "claimRevenue", HOLDER.address)
    assert market.dollar.call("balanceOf", HOLDER.address) == minimum
    # The asset can be divided anew, and what it then earns is the new holders'.
    again = divided(market, BIDDER, asset)
    assert again.address != shares.address
    assert again.call("balanceOf", BIDDER.address) == SHARES


def test_shares__redeemed__the_asset_is_the_holders(
    market: Market, asset: int, shares: Contract
) -> None:
    market.do(OWNER, shares, "redeem")
    assert owner_of(market, asset) == OWNER.address


def test_shares__steward__gives_permissions_that_end_with_the_sale(
    market: Market, asset: int, shares: Contract
) -> None:
    until = MONDAY + 365 * 86_400
    market.do(OWNER, shares, "setPermission", TECHNICIAN.address, 2, until)
    assert market.assets.call("permissionOf", asset, TECHNICIAN.address) == (2, until)
    ends_at = offer(market, shares, int(shares.call("minimumPrice")))
    market.do(OWNER, shares, "acceptBuyout", 1)
    market.at(ends_at).do(STRANGER, shares, "concludeBuyout", 1)
    assert market.assets.call("permissionOf", asset, TECHNICIAN.address) == (0, 0)


def test_shares__assets_paused__no_offer_nor_acceptance_and_every_exit(
    market: Market, asset: int, shares: Contract
) -> None:
    minimum = int(shares.call("minimumPrice"))
    ends_at = offer(market, shares, minimum)
    market.do(OWNER, shares, "acceptBuyout", 1)
    market.do(market.roles[Role.GUARDIAN], market.assets, "pause")
    with refused(errors.EmergencyStop_Stopped, level=1):
        market.do(BIDDER, shares, "offerBuyout", minimum)
    with refused(errors.EmergencyStop_Stopped, level=1):
        market.do(OWNER, shares, "acceptBuyout", 1)
    market.at(ends_at).do(STRANGER, shares, "concludeBuyout", 1)
    assert owner_of(market, asset) == BIDDER.address
    market.do(OWNER, shares, "claimRevenue", OWNER.address)
    assert market.dollar.call("balanceOf", OWNER.address) == minimum * SHARES
