"""The assets' story: money that is not as one would wish. Shares elsewhere, with such tokens."""

from __future__ import annotations

from energy_grid.adapters.chain.contract import Contract
from energy_grid.adapters.chain.shares import AssetShares
from energy_grid.client import errors
from scripts._walkthrough.common import only, refuses_inside
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR

__all__ = ["tell_money"]

_SHARES = 3


def tell_money(stage: Stage) -> None:
    """Tokens that take a fee, that lie, that call back."""
    stage.chapter("Money that is not as one would wish")
    stage.says("A market chooses its money. Here are shares in tokens that nobody should choose.")
    registry = stage.deploy("a registry that says what it is told to", "AssetRegistryDouble")
    _a_fee(stage, registry)
    _a_lie(stage, registry)
    _a_call_back(stage, registry)


def _shares_in(
    stage: Stage, registry: Contract, asset: int, kind: str, *arguments: object
) -> tuple[AssetShares, Contract]:
    """Shares of Ada's in a token of some kind, of which she has a dollar that they may take."""
    ada = stage.person("Ada")
    token = stage.deploy(f"money that is a {kind}", kind, *arguments)
    code = stage.deploy("shares in it", "AssetShares", registry.address, token.address)
    cloned = stage.does("a clone of them", ada, registry.prepare("clone", code.address), "Cloned")
    shares = AssetShares(stage.node, only(cloned, "Cloned")["shares"])
    stage.watch("AssetShares", shares.address)
    terms = (asset, _SHARES, ada.address, "Elsewhere", "ELSE")
    if asset == 1:
        stage.refuses(
            "begun by Ada, which is the registry's to do",
            errors.AssetShares_OnlyAssets,
            ada,
            shares.initialize(*terms),
            caller=ada.address,
        )
    stage.does(
        "the registry begins them",
        ada,
        registry.prepare("begin", shares.address, *terms),
        within=[shares.initialize(*terms)],
    )
    stage.does("Ada gets a dollar", ada, token.prepare("faucet", DOLLAR))
    stage.does("and lets them take it", ada, token.prepare("approve", shares.address, DOLLAR))
    return shares, token


def _a_fee(stage: Stage, registry: Contract) -> None:
    shares, _ = _shares_in(stage, registry, 1, "FeeToken", 100)
    stage.refuses(
        "an offer of which one percent does not arrive",
        errors.AssetShares_Underpaid,
        stage.person("Ada"),
        shares.offer_buyout(1_000),
        received=2_970,
        due=3_000,
    )


def _a_lie(stage: Stage, registry: Contract) -> None:
    ada = stage.person("Ada")
    shares, token = _shares_in(stage, registry, 2, "FalseToken")
    stage.does("it will say no from now on", ada, token.prepare("setFailing", True))
    stage.refuses(
        "an offer that the token answers with no, and goes on",
        errors.SafeERC20FailedOperation,
        ada,
        shares.offer_buyout(1_000),
        token=token.address,
    )


def _a_call_back(stage: Stage, registry: Contract) -> None:
    ada = stage.person("Ada")
    shares, token = _shares_in(stage, registry, 3, "HookToken")
    stage.does("90 units come in", ada, token.prepare("transfer", shares.address, 90))
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
