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
    ada = stage.person("Ada")
    stage.chapter("Money that takes a fee")
    stage.says("A market chooses its money. The next shares are in tokens that none should choose.")
    registry = stage.deploy("a registry that says what it is told to", "AssetRegistryDouble")
    shares, token = _shares_in(stage, registry, 1, "FeeToken", 100)
    stage.does("Ada gets a dollar", ada, token.prepare("faucet", DOLLAR))
    stage.does("and lets them take it", ada, token.prepare("approve", shares.address, DOLLAR))
    stage.refuses(
        "she offers 1,000 units a share, of which one percent does not arrive",
        errors.AssetShares_Underpaid,
        ada,
        shares.offer_buyout(1_000),
        received=2_970,
        due=3_000,
    )
    _money_that_says_no(stage, registry)
    _money_that_calls_back(stage, registry)


def _shares_in(
    stage: Stage, registry: Contract, asset: int, kind: str, *arguments: object
) -> tuple[AssetShares, Contract]:
    """Shares of Ada's in a token of some kind."""
    ada = stage.person("Ada")
    token = stage.deploy("the money", kind, *arguments)
    code = stage.deploy("the code of shares in it", "AssetShares", registry.address, token.address)
    cloned = stage.does("a clone of that", ada, registry.prepare("clone", code.address), "Cloned")
    shares = AssetShares(stage.node, only(cloned, "Cloned")["shares"])
    stage.watch("AssetShares", shares.address)
    terms = (asset, _SHARES, ada.address, "Elsewhere", "ELSE")
    begin = shares.initialize(*terms)
    stage.refuses(
        "Ada begins them herself", errors.AssetShares_OnlyAssets, ada, begin, caller=ada.address
    )
    stage.does(
        "the registry begins them",
        ada,
        registry.prepare("begin", shares.address, *terms),
        within=[begin],
    )
    return shares, token


def _money_that_says_no(stage: Stage, registry: Contract) -> None:
    ada = stage.person("Ada")
    stage.chapter("Money that says no, and goes on")
    shares, token = _shares_in(stage, registry, 2, "FalseToken")
    stage.does("it says no from now on", ada, token.prepare("setFailing", True))
    stage.refuses(
        "an offer that would be open and not be paid",
        errors.SafeERC20FailedOperation,
        ada,
        shares.offer_buyout(1_000),
        token=token.address,
    )


def _money_that_calls_back(stage: Stage, registry: Contract) -> None:
    ada = stage.person("Ada")
    stage.chapter("Money that calls back")
    shares, token = _shares_in(stage, registry, 3, "HookToken")
    stage.does("Ada gets a dollar", ada, token.prepare("faucet", DOLLAR))
    stage.does("90 units of it come in", ada, token.prepare("transfer", shares.address, 90))
    claim = shares.claim_revenue(ada.address)
    before = token.call("balanceOf", ada.address)
    refuses_inside(
        stage,
        "Ada is paid, and the token calls for her money again in the middle of it",
        errors.ReentrancyGuardReentrantCall,
        ada,
        claim,
        token,
        claim,
    )
    paid = token.call("balanceOf", ada.address) - before
    stage.check(paid == 90, f"Ada was paid {paid} units of 90")
