"""The assets' story: somebody buys all shares out, and somebody makes a plant whole again."""

from __future__ import annotations

from energy_grid.client import Account, errors
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.domain.enums import BuyoutStatus, State
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, dollars
from scripts.walkthrough._assets_shares import BARN, SHARES, divided

__all__ = ["tell_buyouts"]


def tell_buyouts(stage: Stage) -> AssetShares:
    """An offer that fails, one that is accepted, and shares that end; gives those that are sold."""
    shares = divided(stage, BARN)
    _an_offer(stage, shares)
    _it_fails(stage, shares)
    _a_better_one(stage, shares)
    _sold(stage, shares)
    _made_whole(stage)
    return shares


def _pays(stage: Stage, bidder: Account, shares: AssetShares, dollars: int) -> None:
    price = dollars * SHARES * DOLLAR
    stage.does(
        f"the shares may take {dollars * SHARES:,} dollars of the bidder's",
        bidder,
        stage.market.money.approve(shares.address, price),
    )


def _an_offer(stage: Stage, shares: AssetShares) -> None:
    ada, ben, carl = (stage.person(name) for name in ("Ada", "Ben", "Carl"))
    bruno = stage.person("Bruno", money="3100")
    stage.chapter("Somebody wants all of them")
    stage.says("An offer is open for a week, at the book value or more; its money is paid in.")
    least = shares.minimum_price()
    stage.shows("the least for a share", dollars(least))
    stage.check(
        9 * DOLLAR < least <= 10 * DOLLAR, f"a share of 3,000 dollars by 300 costs {dollars(least)}"
    )
    stage.refuses(
        "Bruno offers 9 dollars",
        errors.AssetShares_PriceTooLow,
        bruno,
        shares.offer_buyout(9 * DOLLAR),
        price_per_share=9 * DOLLAR,
    )
    stage.refuses(
        "more than there is of any money",
        errors.SafeCastOverflowedUintDowncast,
        bruno,
        shares.offer_buyout(2**128),
        bits=128,
    )
    _pays(stage, bruno, shares, 10)
    stage.does("he offers 10", bruno, shares.offer_buyout(10 * DOLLAR), "BuyoutOffered")
    stage.shows("offers so far", shares.buyout_count())
    stage.shows("his", shares.buyout(1))
    stage.does("Ada accepts with her 120", ada, shares.accept_buyout(1), "BuyoutAccepted")
    accepted = shares.accepted_of(ada.address)
    stage.shows("which offer she has accepted, with how many", accepted)
    stage.check(accepted == (1, 120), f"she has accepted {accepted}")
    stage.refuses(
        "she accepts twice",
        errors.AssetShares_AlreadyAccepted,
        ada,
        shares.accept_buyout(1),
        id=1,
    )
    stage.refuses(
        "she sells one of them to Ben meanwhile",
        errors.AssetShares_SharesAccepted,
        ada,
        shares.transfer(ben.address, 1),
        movable=0,
        amount=1,
    )
    stage.refuses(
        "Bruno, who has none, accepts",
        errors.AssetShares_NoShares,
        bruno,
        shares.accept_buyout(1),
        account=bruno.address,
    )
    stage.refuses(
        "Carl takes back what he has not said",
        errors.AssetShares_NotAccepted,
        carl,
        shares.retract_acceptance(1),
        account=carl.address,
    )
    stage.refuses(
        "somebody accepts an offer that there is not",
        errors.AssetShares_NoSuchBuyout,
        ben,
        shares.accept_buyout(9),
        id=9,
    )
    stage.does("Ada thinks again", ada, shares.retract_acceptance(1), "BuyoutRetracted")
    left = shares.buyout(1).accepted, shares.accepted_of(ada.address)
    stage.check(left == (0, (0, 0)), f"of her acceptance is left: {left}")
    stage.refuses(
        "Bruno wants his money back before the week is over",
        errors.AssetShares_BuyoutRunning,
        bruno,
        shares.conclude_buyout(1),
        ends_at=shares.buyout(1).ends_at,
    )


def _it_fails(stage: Stage, shares: AssetShares) -> None:
    ada, bruno = stage.person("Ada"), stage.person("Bruno")
    stage.chapter("A week later: it has failed")
    stage.wait_until(shares.buyout(1).ends_at)
    stage.refuses(
        "Ada accepts after all",
        errors.AssetShares_BuyoutOver,
        ada,
        shares.accept_buyout(1),
        id=1,
    )
    stage.does("anybody concludes it", ada, shares.conclude_buyout(1), "BuyoutConcluded")
    status = shares.buyout(1).status
    stage.shows("what became of it", status)
    stage.check(status is BuyoutStatus.FAILED, f"it is {status.name}")
    stage.refuses(
        "it is concluded twice",
        errors.AssetShares_BuyoutConcluded,
        ada,
        shares.conclude_buyout(1),
        status=BuyoutStatus.FAILED,
    )
    stage.shows("what Bruno can have back", dollars(shares.refund_of(bruno.address)))
    before = stage.market.money.balance_of(bruno.address)
    stage.does("he is paid", bruno, shares.withdraw_refund(bruno.address), "RefundWithdrawn")
    paid = stage.market.money.balance_of(bruno.address) - before
    stage.check(paid == 3_000 * DOLLAR, f"he has got {dollars(paid)} back")
    stage.refuses(
        "and once more",
        errors.AssetShares_NothingToClaim,
        bruno,
        shares.withdraw_refund(bruno.address),
    )


def _a_better_one(stage: Stage, shares: AssetShares) -> None:
    ada, carl = stage.person("Ada"), stage.person("Carl")
    bea = stage.person("Bea", money="3300")
    stage.chapter("A better one: two thirds accept")
    _pays(stage, bea, shares, 11)
    stage.does("Bea offers 11", bea, shares.offer_buyout(11 * DOLLAR), "BuyoutOffered")
    stage.does("Ada accepts with 120", ada, shares.accept_buyout(2))
    stage.does("Carl with 100, which makes 220 of 300", carl, shares.accept_buyout(2))
    stage.wait_until(shares.buyout(2).ends_at)
    stage.refuses(
        "Bruno offers 12 after all, when Bea's is as good as sold",
        errors.AssetShares_BuyoutDue,
        stage.person("Bruno"),
        shares.offer_buyout(12 * DOLLAR),
        id=2,
    )


def _sold(stage: Stage, shares: AssetShares) -> None:
    market, bea = stage.market, stage.person("Bea")
    ben, carl = stage.person("Ben"), stage.person("Carl")
    stage.chapter("Sold: Ben's too, who never accepted")
    stage.does(
        "the roof is Bea's", bea, shares.conclude_buyout(2), "BuyoutConcluded", "RevenueReceived"
    )
    owner = market.assets.owner_of(BARN)
    stage.shows("whose it is", owner)
    stage.check(owner == bea.address, "the roof is not Bea's")
    state = shares.state()
    stage.shows("what that makes of the shares", state)
    stage.check(state is State.SOLD, f"the roof is {state.name}")
    due = shares.claimable_of(ben.address)
    stage.shows("what Ben gets for his 80 shares", dollars(due))
    stage.check(due == 880 * DOLLAR, f"Ben gets {dollars(due)} for 80 shares at 11")
    stage.does("he is paid", ben, shares.claim_revenue(ben.address))
    stage.does(
        "his shares still move: they are a claim to what may come",
        ben,
        shares.transfer(carl.address, 80),
    )
    stage.refuses(
        "but the roof can be bought out no more",
        errors.AssetShares_NotHeld,
        carl,
        shares.offer_buyout(20 * DOLLAR),
        state=State.SOLD,
    )


def _made_whole(stage: Stage) -> None:
    market, bea, carl = stage.market, stage.person("Bea"), stage.person("Carl")
    dairy = stage.person("the dairy")
    stage.chapter("Made whole: who has all shares redeems the plant")
    stage.does(
        "Bea divides the roof anew",
        bea,
        market.assets.fractionalize(BARN, 10, "Bea's roof", "BEA"),
        "Fractionalized",
    )
    shares = divided(stage, BARN)
    stage.does("one share is Carl's", bea, shares.transfer(carl.address, 1))
    stage.refuses(
        "Bea takes the roof out with nine of ten",
        errors.AssetShares_NotAllShares,
        bea,
        shares.redeem(),
        held=9,
        all=10,
    )
    stage.does("Carl gives it back", carl, shares.transfer(bea.address, 1))
    stage.does("now she can", bea, shares.redeem(), "Redeemed")
    owner = market.assets.owner_of(BARN)
    stage.shows("whose it is", owner)
    stage.check(owner == bea.address, "the roof is not Bea's")
    stage.shows("what that makes of the shares", shares.state())
    stage.does(
        "the dairy pays to the old address",
        dairy,
        market.money.transfer(shares.address, 10 * DOLLAR),
    )
    due = shares.claimable_of(bea.address)
    stage.shows("what of it is Bea's", dollars(due))
    stage.check(due == 10 * DOLLAR, f"{dollars(due)} of 10 are Bea's")
    stage.does("she is paid", bea, shares.claim_revenue(bea.address))
