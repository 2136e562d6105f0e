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
    shares, ada = divided(stage, BARN), stage.person("Ada")
    show_erc20(stage, shares, ada, 10)
    show_permits(stage, shares, ada, 10)
    _revenue(stage, shares)
    _the_steward(stage, shares)


def _division(stage: Stage) -> None:
    assets, ada, mia = stage.market.assets, stage.person("Ada"), stage.person("Mia")
    stage.chapter("A plant is divided")
    stage.says("It is locked in a contract of its own, and its owner gets all shares of that.")
    stage.refuses(
        "two shares, of which either could prevent that all are bought",
        errors.EnergyAssetNFT_BadShares,
        ada,
        assets.fractionalize(BARN, 2, "Barn roof", "BARN"),
        minimum=3,
    )
    stage.refuses(
        "shares without a symbol",
        errors.EnergyAssetNFT_BadText,
        ada,
        assets.fractionalize(BARN, SHARES, "Barn roof", ""),
        field=to_bytes32("symbol"),
    )
    stage.does(
        "300 shares of the roof",
        ada,
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
    held = assets.permission_of(BARN, mia.address)
    stage.shows("what Mia may still do, now that it has changed hands", held)
    stage.check(held == (Permission.NONE, 0), "Mia's permission outlives the owner's tenure")
    stage.refuses(
        "a stranger begins the shares again, as all his",
        errors.InvalidInitialization,
        stage.person("a stranger"),
        shares.initialize(BARN, SHARES, stage.person("a stranger").address, "Mine", "MINE"),
    )


def _revenue(stage: Stage, shares: AssetShares) -> None:
    money = stage.market.money
    ada, ben, carl = (stage.person(name) for name in ("Ada", "Ben", "Carl"))
    dairy = stage.person("the dairy", money="100")
    stage.chapter("What a plant earns is its holders'")
    stage.does("Ada sells Ben 100 shares", ada, shares.transfer(ben.address, 100))
    stage.does("and Carl 80", ada, shares.transfer(carl.address, 80))
    stage.refuses(
        "Ben claims before anything has come in",
        errors.AssetShares_NothingToClaim,
        ben,
        shares.claim_revenue(ben.address),
        account=ben.address,
    )
    stage.does(
        "the dairy pays 90 dollars for a month's energy to the shares' address",
        dairy,
        money.transfer(shares.address, 90 * DOLLAR),
    )
    parts = {one: shares.claimable_of(stage.person(one).address) for one in ("Ada", "Ben", "Carl")}
    stage.shows("what each of them is due", {one: dollars(part) for one, part in parts.items()})
    stage.check(
        parts == {"Ada": 36 * DOLLAR, "Ben": 30 * DOLLAR, "Carl": 24 * DOLLAR},
        "a share is not due 0.30",
    )
    stage.does("anybody writes it down", dairy, shares.record_revenue(), "RevenueReceived")
    stage.does("Ben sells Carl 20 of his shares", ben, shares.transfer(carl.address, 20))
    due = shares.claimable_of(ben.address)
    stage.shows("what came in before stays his", dollars(due))
    stage.check(due == 30 * DOLLAR, f"Ben is due {dollars(due)}")
    before = money.balance_of(ben.address)
    stage.does("he is paid", ben, shares.claim_revenue(ben.address), "RevenueClaimed")
    stage.check(money.balance_of(ben.address) == before + 30 * DOLLAR, "Ben was not paid")
    stage.does("somebody else has Carl paid", ben, shares.claim_revenue(carl.address))
    stage.shows("what has come in, ever", dollars(shares.total_revenue()))


def _the_steward(stage: Stage, shares: AssetShares) -> None:
    assets = stage.market.assets
    ada, ben, mia = (stage.person(name) for name in ("Ada", "Ben", "Mia"))
    until = stage.now + 30 * 86_400
    stage.chapter("A steward permits for all")
    stage.shows("who that is, at first who divided the plant", shares.steward())
    stage.does(
        "Ada has Mia maintain the roof again",
        ada,
        shares.set_permission(mia.address, Permission.MAINTAINER, until),
        "PermissionSet",
    )
    stage.check(
        assets.is_permitted(BARN, mia.address, Permission.MAINTAINER), "Mia may not maintain it"
    )
    stage.refuses(
        "Ben, who has less than half, names himself",
        errors.AssetShares_NotSteward,
        ben,
        shares.set_steward(ben.address),
        caller=ben.address,
    )
    stage.does("Ada names him", ada, shares.set_steward(ben.address), "StewardSet")
    stage.refuses(
        "he names nobody",
        errors.AssetShares_BadSteward,
        ben,
        shares.set_steward(NOBODY.address),
        steward=NOBODY.address,
    )
