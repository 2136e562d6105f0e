"""Who can do what to whom: one share, a majority, and a bidder with two thirds."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division

HOLDER, MAJORITY, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("majority"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)


@pytest.mark.parametrize("shares", [1, 100])
def test_fairness__holder_of_a_third_or_less__cannot_prevent_a_buyout(
    division: Division, shares: int
) -> None:
    """Whatever it does: it accepts and retracts, and offers more which it then does not accept."""
    division.share_out((HOLDER, shares))
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.do(HOLDER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    division.market.go_to(ends_at - 10)
    division.do(HOLDER, "retractAcceptance", offer)
    rival = division.offer(HOLDER, 1000 * PRICE)
    division.do(HOLDER, "acceptBuyout", rival)
    division.at(ends_at).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address
    assert division.claim(HOLDER) == shares * PRICE


def test_fairness__holder_of_more_than_a_third__can(division: Division) -> None:
    division.share_out((HOLDER, 101))
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == division.address


def test_fairness__a_majority__cannot_sell_below_the_rule(division: Division) -> None:
    division.share_out((HOLDER, 1))
    division.give(OWNER, MAJORITY, SHARES - 1)
    division.fund(MAJORITY, PRICE * SHARES)
    with refused(errors.AssetShares_PriceTooLow, price_per_share=PRICE - 1, minimum=PRICE):
        division.do(MAJORITY, "offerBuyout", PRICE - 1)
    with refused(
        errors.AssetShares_NotAllShares, account=MAJORITY.address, held=SHARES - 1, all=SHARES
    ):
        division.do(MAJORITY, "redeem")


def test_fairness__bidder_with_two_thirds__pays_every_other_holder_the_price(
    division: Division,
) -> None:
    division.share_out((HOLDER, 1), (RIVAL, 99))
    division.give(OWNER, BIDDER, 200)
    offer = division.offer(BIDDER)
    division.do(BIDDER, "acceptBuyout", offer)
    division.at(division.ends_at(offer)).do(BIDDER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address
    assert (division.claim(HOLDER), division.claim(RIVAL)) == (PRICE, 99 * PRICE)
    assert division.claim(BIDDER) == 200 * PRICE


def test_fairness__who_bids_again_and_again__prevents_nothing(division: Division) -> None:
    """It has the money for any offer, and lets each of them lapse."""
    division.share_out((HOLDER, 100))
    offer = division.offer(BIDDER)
    for price in (1000, 2000, 3000):
        division.offer(RIVAL, price)
        division.fund(RIVAL, 0)
    division.do(OWNER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    division.fund(RIVAL, 9999 * SHARES)
    division.at(ends_at - 1).do(RIVAL, "offerBuyout", 9999)
    division.at(ends_at).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address
    assert division.claim(HOLDER) == 100 * PRICE


def test_fairness__offers_cost_the_holders_nothing__revenue_has_more(division: Division) -> None:
    division.share_out((HOLDER, 100))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    division.earn(300)
    assert (division.claim(HOLDER), division.claim(OWNER)) == (100, 200)
    assert division.holdings == PRICE * SHARES
