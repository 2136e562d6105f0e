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
    plant_owner, first_investor, second_investor = (
        stage.person(name)
        for name in ("the plant owner", "the first investor", "the second investor")
    )
    first_bidder = stage.person("the first bidder", money="3100")
    stage.chapter("Somebody wants all of them")
    stage.says("An offer is open for a week, at the book value or more; its money is paid in.")
    least = shares.minimum_price()
    stage.shows("the least for a share", dollars(least))
    stage.check(
        9 * DOLLAR < least <= 10 * DOLLAR, f"a share of 3,000 dollars by 300 costs {dollars(least)}"
    )
    stage.refuses(
        "the first bidder offers 9 dollars",
        errors.AssetShares_PriceTooLow,
        first_bidder,
        shares.offer_buyout(9 * DOLLAR),
        price_per_share=9 * DOLLAR,
    )
    stage.refuses(
        "more than there is of any money",
        errors.SafeCastOverflowedUintDowncast,
        first_bidder,
        shares.offer_buyout(2**128),
        bits=128,
    )
    _pays(stage, first_bidder, shares, 10)
    stage.does("it offers 10", first_bidder, shares.offer_buyout(10 * DOLLAR), "BuyoutOffered")
    stage.shows("offers so far", shares.buyout_count())
    stage.shows("the offer", shares.buyout(1))
    stage.does(
        "the plant owner accepts with its 120",
        plant_owner,
        shares.accept_buyout(1),
        "BuyoutAccepted",
    )
    accepted = shares.accepted_of(plant_owner.address)
    stage.shows("which offer the plant owner has accepted, with how many shares", accepted)
    stage.check(accepted == (1, 120), f"it has accepted {accepted}")
    stage.refuses(
        "it accepts twice",
        errors.AssetShares_AlreadyAccepted,
        plant_owner,
        shares.accept_buyout(1),
        id=1,
    )
    stage.refuses(
        "it sells one of the pledged shares to the first investor",
        errors.AssetShares_SharesAccepted,
        plant_owner,
        shares.transfer(first_investor.address, 1),
        movable=0,
        amount=1,
    )
    stage.refuses(
        "the first bidder, who has none, accepts",
        errors.AssetShares_NoShares,
        first_bidder,
        shares.accept_buyout(1),
        account=first_bidder.address,
    )
    stage.refuses(
        "the second investor retracts an acceptance that it never gave",
        errors.AssetShares_NotAccepted,
        second_investor,
        shares.retract_acceptance(1),
        account=second_investor.address,
    )
    stage.refuses(
        "a stranger accepts an offer that does not exist",
        errors.AssetShares_NoSuchBuyout,
        first_investor,
        shares.accept_buyout(9),
        id=9,
    )
    stage.does(
        "the plant owner thinks again", plant_owner, shares.retract_acceptance(1), "BuyoutRetracted"
    )
    left = shares.buyout(1).accepted, shares.accepted_of(plant_owner.address)
    stage.check(left == (0, (0, 0)), f"of its acceptance is left: {left}")
    stage.refuses(
        "the first bidder wants its money back before the week is over",
        errors.AssetShares_BuyoutRunning,
        first_bidder,
        shares.conclude_buyout(1),
        ends_at=shares.buyout(1).ends_at,
    )


def _it_fails(stage: Stage, shares: AssetShares) -> None:
    plant_owner, first_bidder = stage.person("the plant owner"), stage.person("the first bidder")
    stage.chapter("A week later: it has failed")
    stage.wait_until(shares.buyout(1).ends_at)
    stage.refuses(
        "the plant owner accepts after all",
        errors.AssetShares_BuyoutOver,
        plant_owner,
        shares.accept_buyout(1),
        id=1,
    )
    stage.does("anybody concludes it", plant_owner, shares.conclude_buyout(1), "BuyoutConcluded")
    status = shares.buyout(1).status
    stage.shows("what became of it", status)
    stage.check(status is BuyoutStatus.FAILED, f"it is {status.name}")
    stage.refuses(
        "it is concluded twice",
        errors.AssetShares_BuyoutConcluded,
        plant_owner,
        shares.conclude_buyout(1),
        status=BuyoutStatus.FAILED,
    )
    stage.shows(
        "what the first bidder can have back", dollars(shares.refund_of(first_bidder.address))
    )
    before = stage.market.money.balance_of(first_bidder.address)
    stage.does(
        "it is paid", first_bidder, shares.withdraw_refund(first_bidder.address), "RefundWithdrawn"
    )
    paid = stage.market.money.balance_of(first_bidder.address) - before
    stage.check(paid == 3_000 * DOLLAR, f"it has got {dollars(paid)} back")
    stage.refuses(
        "and once more",
        errors.AssetShares_NothingToClaim,
        first_bidder,
        shares.withdraw_refund(first_bidder.address),
    )


def _a_better_one(stage: Stage, shares: AssetShares) -> None:
    plant_owner, second_investor = (
        stage.person("the plant owner"),
        stage.person("the second investor"),
    )
    buyer = stage.person("the buyer", money="3300")
    stage.chapter("A better one: two thirds accept")
    _pays(stage, buyer, shares, 11)
    stage.does("the buyer offers 11", buyer, shares.offer_buyout(11 * DOLLAR), "BuyoutOffered")
    stage.does("the plant owner accepts with 120", plant_owner, shares.accept_buyout(2))
    stage.does(
        "the second investor with 100, which makes 220 of 300",
        second_investor,
        shares.accept_buyout(2),
    )
    stage.wait_until(shares.buyout(2).ends_at)
    stage.refuses(
        "the first bidder offers 12 after all, when the buyer's is as good as sold",
        errors.AssetShares_BuyoutDue,
        stage.person("the first bidder"),
        shares.offer_buyout(12 * DOLLAR),
        id=2,
    )


def _sold(stage: Stage, shares: AssetShares) -> None:
    market, buyer = stage.market, stage.person("the buyer")
    first_investor, second_investor = (
        stage.person("the first investor"),
        stage.person("the second investor"),
    )
    stage.chapter("Sold: the first investor's too, who never accepted")
    stage.does(
        "the roof is the buyer's",
        buyer,
        shares.conclude_buyout(2),
        "BuyoutConcluded",
        "RevenueReceived",
    )
    owner = market.assets.owner_of(BARN)
    stage.shows("whose it is", owner)
    stage.check(owner == buyer.address, "the roof is not the buyer's")
    state = shares.state()
    stage.shows("what that makes of the shares", state)
    stage.check(state is State.SOLD, f"the roof is {state.name}")
    due = shares.claimable_of(first_investor.address)
    stage.shows("what the first investor gets for its 80 shares", dollars(due))
    stage.check(due == 880 * DOLLAR, f"the first investor gets {dollars(due)} for 80 shares at 11")
    stage.does("it is paid", first_investor, shares.claim_revenue(first_investor.address))
    stage.does(
        "its shares still move: they are a claim to what may come",
        first_investor,
        shares.transfer(second_investor.address, 80),
    )
    stage.refuses(
        "but the roof can be bought out no more",
        errors.AssetShares_NotHeld,
        second_investor,
        shares.offer_buyout(20 * DOLLAR),
        state=State.SOLD,
    )


def _made_whole(stage: Stage) -> None:
    market, buyer, second_investor = (
        stage.market,
        stage.person("the buyer"),
        stage.person("the second investor"),
    )
    dairy = stage.person("the dairy")
    stage.chapter("Made whole: who has all shares redeems the plant")
    stage.does(
        "the buyer divides the roof anew",
        buyer,
        market.assets.fractionalize(BARN, 10, "the buyer's roof", "ROOF"),
        "Fractionalized",
    )
    shares = divided(stage, BARN)
    stage.does(
        "one share is the second investor's", buyer, shares.transfer(second_investor.address, 1)
    )
    stage.refuses(
        "the buyer takes the roof out with nine of ten",
        errors.AssetShares_NotAllShares,
        buyer,
        shares.redeem(),
        held=9,
        all=10,
    )
    stage.does(
        "the second investor gives it back", second_investor, shares.transfer(buyer.address, 1)
    )
    stage.does("now it can", buyer, shares.redeem(), "Redeemed")
    owner = market.assets.owner_of(BARN)
    stage.shows("whose it is", owner)
    stage.check(owner == buyer.address, "the roof is not the buyer's")
    stage.shows("what that makes of the shares", shares.state())
    stage.does(
        "the dairy pays to the old address",
        dairy,
        market.money.transfer(shares.address, 10 * DOLLAR),
    )
    due = shares.claimable_of(buyer.address)
    stage.shows("what of it is the buyer's", dollars(due))
    stage.check(due == 10 * DOLLAR, f"{dollars(due)} of 10 are the buyer's")
    stage.does("it is paid", buyer, shares.claim_revenue(buyer.address))
