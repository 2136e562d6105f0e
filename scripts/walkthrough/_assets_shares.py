"""The assets' story: a plant is divided, and earns for all who have a share of it."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.domain.enums import Permission
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, NOBODY, dollars, show_erc20, show_permits

__all__ = ["BARN", "MILL", "SHARES", "divided", "tell_shares"]

# Plants by their numbers, in the order in which they are registered.
BARN, MILL = 1, 2
SHARES = 300


def divided(stage: Stage, asset: int) -> AssetShares:
    """The shares of a plant that is divided now; their calls count."""
    shares = stage.market.shares(asset)
    stage.watch("AssetShares", shares.address)
    return shares


def tell_shares(stage: Stage) -> None:
    """Division, the token that shares are, revenue, the steward."""
    _division(stage)
    shares, plant_owner = divided(stage, BARN), stage.person("the plant owner")
    show_erc20(stage, shares, plant_owner, 10)
    show_permits(stage, shares, plant_owner, 10)
    _revenue(stage, shares)
    _the_steward(stage, shares)


def _division(stage: Stage) -> None:
    assets, plant_owner, maintainer = (
        stage.market.assets,
        stage.person("the plant owner"),
        stage.person("the maintainer"),
    )
    stage.chapter("A plant is divided")
    stage.says("It is locked in a contract of its own, and its owner gets all shares of that.")
    stage.refuses(
        "two shares, of which either could prevent that all are bought",
        errors.EnergyAssetNFT_BadShares,
        plant_owner,
        assets.fractionalize(BARN, 2, "Barn roof", "BARN"),
        minimum=3,
    )
    stage.refuses(
        "shares without a symbol",
        errors.EnergyAssetNFT_BadText,
        plant_owner,
        assets.fractionalize(BARN, SHARES, "Barn roof", ""),
        field=to_bytes32("symbol"),
    )
    stage.does(
        "300 shares of the roof",
        plant_owner,
        assets.fractionalize(BARN, SHARES, "Barn roof", "BARN"),
        "Fractionalized",
    )
    shares = divided(stage, BARN)
    owner = assets.owner_of(BARN)
    stage.shows("who owns the roof now", owner)
    stage.check(owner == shares.address, "the shares do not own the roof")
    stage.shows("how many there are", shares.share_count())
    stage.shows("of which plant", shares.asset())
    stage.shows("of which registry", shares.assets())
    stage.shows("in which money they are paid", shares.money())
    stage.shows("whether the plant is still theirs", shares.state())
    held = assets.permission_of(BARN, maintainer.address)
    stage.shows("what the maintainer may still do, now that it has changed hands", held)
    stage.check(
        held == (Permission.NONE, 0), "the maintainer's permission outlives the owner's tenure"
    )
    stage.refuses(
        "a stranger begins the shares again, as its own",
        errors.InvalidInitialization,
        stage.person("a stranger"),
        shares.initialize(BARN, SHARES, stage.person("a stranger").address, "Mine", "MINE"),
    )


def _revenue(stage: Stage, shares: AssetShares) -> None:
    money = stage.market.money
    plant_owner, first_investor, second_investor = (
        stage.person(name)
        for name in ("the plant owner", "the first investor", "the second investor")
    )
    dairy = stage.person("the dairy", money="100")
    stage.chapter("What a plant earns is its holders'")
    stage.does(
        "the plant owner sells the first investor 100 shares",
        plant_owner,
        shares.transfer(first_investor.address, 100),
    )
    stage.does(
        "and the second investor 80", plant_owner, shares.transfer(second_investor.address, 80)
    )
    stage.refuses(
        "the first investor claims before anything has come in",
        errors.AssetShares_NothingToClaim,
        first_investor,
        shares.claim_revenue(first_investor.address),
        account=first_investor.address,
    )
    stage.does(
        "the dairy pays 90 dollars for a month's energy to the shares' address",
        dairy,
        money.transfer(shares.address, 90 * DOLLAR),
    )
    parts = {
        one: shares.claimable_of(stage.person(one).address)
        for one in ("the plant owner", "the first investor", "the second investor")
    }
    stage.shows("what each of them is due", {one: dollars(part) for one, part in parts.items()})
    stage.check(
        parts
        == {
            "the plant owner": 36 * DOLLAR,
            "the first investor": 30 * DOLLAR,
            "the second investor": 24 * DOLLAR,
        },
        "a share is not due 0.30",
    )
    stage.does("anybody writes it down", dairy, shares.record_revenue(), "RevenueReceived")
    stage.does(
        "the first investor sells the second investor 20 of its shares",
        first_investor,
        shares.transfer(second_investor.address, 20),
    )
    due = shares.claimable_of(first_investor.address)
    stage.shows("its part of what came in before the sale", dollars(due))
    stage.check(due == 30 * DOLLAR, f"the first investor is due {dollars(due)}")
    before = money.balance_of(first_investor.address)
    stage.does(
        "it is paid", first_investor, shares.claim_revenue(first_investor.address), "RevenueClaimed"
    )
    stage.check(
        money.balance_of(first_investor.address) == before + 30 * DOLLAR,
        "the first investor was not paid",
    )
    stage.does(
        "a stranger has the second investor paid",
        first_investor,
        shares.claim_revenue(second_investor.address),
    )
    stage.shows("what has come in, ever", dollars(shares.total_revenue()))


def _the_steward(stage: Stage, shares: AssetShares) -> None:
    assets = stage.market.assets
    plant_owner, first_investor, maintainer = (
        stage.person(name) for name in ("the plant owner", "the first investor", "the maintainer")
    )
    until = stage.now + 30 * 86_400
    stage.chapter("A steward permits for all")
    stage.shows("who that is, at first who divided the plant", shares.steward())
    stage.does(
        "the plant owner has the maintainer maintain the roof again",
        plant_owner,
        shares.set_permission(maintainer.address, Permission.MAINTAINER, until),
        "PermissionSet",
    )
    stage.check(
        assets.is_permitted(BARN, maintainer.address, Permission.MAINTAINER),
        "the maintainer may not maintain it",
    )
    stage.refuses(
        "the first investor, who has less than half, names itself",
        errors.AssetShares_NotSteward,
        first_investor,
        shares.set_steward(first_investor.address),
        caller=first_investor.address,
    )
    stage.does(
        "the plant owner names the first investor",
        plant_owner,
        shares.set_steward(first_investor.address),
        "StewardSet",
    )
    stage.refuses(
        "it names the zero address",
        errors.AssetShares_BadSteward,
        first_investor,
        shares.set_steward(NOBODY.address),
        steward=NOBODY.address,
    )
