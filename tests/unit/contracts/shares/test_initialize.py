"""initialize: the shares of an asset begin once, by the assets' contract."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import (
    ASSET,
    OWNER,
    SHARES,
    Division,
    clone_of,
)

STRANGER = actor("stranger")
NOBODY = "0x" + "00" * 20
TERMS = (ASSET + 1, 10, OWNER.address, "Mill", "MILL")


def test_initialize__by_the_assets__the_owner_has_all_shares(division: Division) -> None:
    contract, registry = division.contract, division.registry
    shares = clone_of(division.market, registry, division.implementation)
    receipt = division.market.do(STRANGER, registry, "begin", shares.address, *TERMS)
    (steward,) = division.market.events(receipt, shares, "StewardSet")
    assert steward.arguments == {"steward": OWNER.address, "by": registry.address}
    (minted,) = division.market.events(receipt, shares, "Transfer")
    assert minted.arguments == {"from": NOBODY, "to": OWNER.address, "value": 10}
    for one, terms in ((shares, TERMS), (contract, (ASSET, SHARES, OWNER.address))):
        assert one.call("asset") == terms[0]
        assert one.call("shareCount") == one.call("totalSupply") == terms[1]
        assert one.call("balanceOf", OWNER.address) == terms[1]
        assert one.call("steward") == OWNER.address
        assert one.call("state") == 0
        assert one.call("decimals") == 0
        assert one.call("ASSETS") == registry.address
        assert one.call("MONEY") == division.dollar.address
    assert (shares.call("name"), shares.call("symbol")) == ("Mill", "MILL")
    assert (contract.call("name"), contract.call("symbol")) == ("Roof of the school", "ROOF")


def test_initialize__by_a_stranger__is_refused(division: Division) -> None:
    shares = clone_of(division.market, division.registry, division.implementation)
    with refused(errors.AssetShares_OnlyAssets, caller=STRANGER.address):
        division.market.do(STRANGER, shares, "initialize", *TERMS)


@pytest.mark.parametrize("which", ["contract", "implementation"])
@pytest.mark.parametrize("who", ["registry", "stranger"])
def test_initialize__begun_already_or_the_implementation__is_refused(
    division: Division, which: str, who: str
) -> None:
    sender = division.registry.address if who == "registry" else STRANGER.address
    with refused(errors.InvalidInitialization):
        division.market.do(sender, getattr(division, which), "initialize", *TERMS)


@pytest.mark.parametrize(
    ("asset", "shares", "bits", "value"),
    [(ASSET + 1, 2**40, 40, 2**40), (2**64, 2, 64, 2**64)],
)
def test_initialize__more_than_fits__is_refused(
    division: Division, asset: int, shares: int, bits: int, value: int
) -> None:
    clone = clone_of(division.market, division.registry, division.implementation)
    named = (OWNER.address, "Mill", "MILL")
    with refused(errors.SafeCastOverflowedUintDowncast, bits=bits, value=value):
        sender, registry = STRANGER, division.registry
        division.market.do(sender, registry, "begin", clone.address, asset, shares, *named)
    fitting = (min(asset, 2**64 - 1), min(shares, 2**40 - 1))
    division.market.do(STRANGER, division.registry, "begin", clone.address, *fitting, *named)
    assert (clone.call("asset"), clone.call("shareCount")) == fitting


def test_initialize__for_nobody__is_refused(division: Division) -> None:
    shares = clone_of(division.market, division.registry, division.implementation)
    arguments = (shares.address, ASSET + 1, 10, NOBODY, "Mill", "MILL")
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        division.market.do(STRANGER, division.registry, "begin", *arguments)
