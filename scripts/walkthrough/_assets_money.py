"""The assets' story: money that is not as one would wish. Shares elsewhere, with such tokens."""

from __future__ import annotations

from energy_grid.chain.contract import Contract
from energy_grid.client import errors
from energy_grid.contracts.asset_shares import AssetShares
from scripts._walkthrough.common import only, refuses_inside
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR

__all__ = ["tell_money"]

_SHARES = 3


def tell_money(stage: Stage) -> None:
    """Tokens that take a fee, that say no, that call back."""
    plant_owner = stage.person("the plant owner")
    stage.chapter("Money that takes a fee")
    stage.says("A market chooses its money. The next shares are in tokens that none should")
    stage.says("choose.")
    registry = stage.deploy("a registry with values that can be set", "AssetRegistryDouble")
    shares, token = _shares_in(stage, registry, 1, "FeeToken", 100)
    stage.does("the plant owner gets a dollar", plant_owner, token.prepare("faucet", DOLLAR))
    stage.does(
        "and lets them take it", plant_owner, token.prepare("approve", shares.address, DOLLAR)
    )
    stage.refuses(
        "it offers 1,000 units a share, of which one percent does not arrive",
        errors.AssetShares_Underpaid,
        plant_owner,
        shares.offer_buyout(1_000),
        received=2_970,
        due=3_000,
    )
    _money_that_says_no(stage, registry)
    _money_that_calls_back(stage, registry)


def _shares_in(
    stage: Stage, registry: Contract, asset: int, kind: str, *arguments: object
) -> tuple[AssetShares, Contract]:
    """Shares of the plant owner's in a token of some kind."""
    plant_owner = stage.person("the plant owner")
    token = stage.deploy("the money", kind, *arguments)
    code = stage.deploy("the code of shares in it", "AssetShares", registry.address, token.address)
    cloned = stage.does(
        "a clone of that", plant_owner, registry.prepare("clone", code.address), "Cloned"
    )
    shares = AssetShares(stage.node, only(cloned, "Cloned")["shares"])
    stage.watch("AssetShares", shares.address)
    terms = (asset, _SHARES, plant_owner.address, "Elsewhere", "ELSE")
    begin = shares.initialize(*terms)
    stage.refuses(
        "the plant owner begins them itself",
        errors.AssetShares_OnlyAssets,
        plant_owner,
        begin,
        caller=plant_owner.address,
    )
    stage.does(
        "the registry begins them",
        plant_owner,
        registry.prepare("begin", shares.address, *terms),
        within=[begin],
    )
    return shares, token


def _money_that_says_no(stage: Stage, registry: Contract) -> None:
    plant_owner = stage.person("the plant owner")
    stage.chapter("Money that says no, and goes on")
    shares, token = _shares_in(stage, registry, 2, "FalseToken")
    stage.does("it says no from now on", plant_owner, token.prepare("setFailing", True))
    stage.refuses(
        "an offer that would be open and not be paid",
        errors.SafeERC20FailedOperation,
        plant_owner,
        shares.offer_buyout(1_000),
        token=token.address,
    )


def _money_that_calls_back(stage: Stage, registry: Contract) -> None:
    plant_owner = stage.person("the plant owner")
    stage.chapter("Money that calls back")
    shares, token = _shares_in(stage, registry, 3, "HookToken")
    stage.does("the plant owner gets a dollar", plant_owner, token.prepare("faucet", DOLLAR))
    stage.does("90 units of it come in", plant_owner, token.prepare("transfer", shares.address, 90))
    claim = shares.claim_revenue(plant_owner.address)
    before = token.call("balanceOf", plant_owner.address)
    refuses_inside(
        stage,
        "the plant owner is paid, and the token calls for its money again in the middle of it",
        errors.ReentrancyGuardReentrantCall,
        plant_owner,
        claim,
        token,
        claim,
    )
    paid = token.call("balanceOf", plant_owner.address) - before
    stage.check(paid == 90, f"the plant owner was paid {paid} units of 90")
