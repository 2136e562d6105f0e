"""retractAcceptance: until an offer ends, its acceptances can be taken back."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, Division

HOLDER, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)


def test_retract_acceptance__in_time__sets_the_shares_free(division: Division) -> None:
    division.share_out((HOLDER, 60))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    division.do(OWNER, "acceptBuyout", offer)
    division.give(OWNER, HOLDER, 0)
    receipt = division.do(HOLDER, "retractAcceptance", offer)
    output = division.event(receipt, "BuyoutRetracted")
    assert output == {"id": offer, "account": HOLDER.address, "shares": 60, "accepted": 240}
    assert division.call("acceptedOf", HOLDER.address) == (0, 0)
    assert division.accepted(offer) == 240
    division.give(HOLDER, STRANGER, 60)


def test_retract_acceptance__more_shares_since__takes_back_what_was_accepted(
    division: Division,
) -> None:
    division.share_out((HOLDER, 60))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    division.share_out((HOLDER, 100))
    division.do(HOLDER, "retractAcceptance", offer)
    assert division.accepted(offer) == 0


def test_retract_acceptance__below_two_thirds__the_offer_does_not_sell(division: Division) -> None:
    division.share_out((HOLDER, 1))
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    division.at(ends_at - 1).do(OWNER, "retractAcceptance", offer)
    receipt = division.at(ends_at).do(STRANGER, "concludeBuyout", offer)
    assert division.event(receipt, "BuyoutConcluded") == {"id": offer, "sold": False}


def test_retract_acceptance__below_two_thirds__nothing_is_due(division: Division) -> None:
    """Neither this offer nor, having been first, another in whose favour it was left."""
    first = division.offer(BIDDER)
    second = division.offer(RIVAL)
    division.do(OWNER, "acceptBuyout", first)
    division.do(OWNER, "retractAcceptance", first)
    division.market.go_to(division.ends_at(second))
    division.do(OWNER, "redeem")
    assert division.asset_owner == OWNER.address


def test_retract_acceptance__still_two_thirds__the_offer_stays_due(division: Division) -> None:
    division.share_out((HOLDER, 100))
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.do(HOLDER, "acceptBuyout", offer)
    division.do(HOLDER, "retractAcceptance", offer)
    division.market.go_to(division.ends_at(offer))
    division.give(HOLDER, OWNER, 100)
    with refused(errors.AssetShares_BuyoutDue, id=offer):
        division.do(OWNER, "redeem")


def test_retract_acceptance__from_another_than_the_leading_offer__that_stays_due(
    division: Division,
) -> None:
    division.share_out((HOLDER, 100))
    leading, other = division.offer(BIDDER), division.offer(RIVAL)
    division.do(OWNER, "acceptBuyout", leading)
    division.do(HOLDER, "acceptBuyout", other)
    division.do(HOLDER, "retractAcceptance", other)
    division.market.go_to(division.ends_at(leading))
    with refused(errors.AssetShares_BuyoutDue, id=leading):
        division.do(OWNER, "redeem")


def test_retract_acceptance__at_the_end__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    with refused(errors.AssetShares_BuyoutOver, id=offer, ends_at=ends_at):
        division.at(ends_at).do(OWNER, "retractAcceptance", offer)


def test_retract_acceptance__not_accepted__is_refused(division: Division) -> None:
    first, second = division.offer(BIDDER), division.offer(RIVAL)
    division.do(OWNER, "acceptBuyout", first)
    with refused(errors.AssetShares_NotAccepted, id=second, account=OWNER.address):
        division.do(OWNER, "retractAcceptance", second)
    with refused(errors.AssetShares_NotAccepted, id=first, account=STRANGER.address):
        division.do(STRANGER, "retractAcceptance", first)
    division.do(OWNER, "retractAcceptance", first)
    with refused(errors.AssetShares_NotAccepted, id=first, account=OWNER.address):
        division.do(OWNER, "retractAcceptance", first)


def test_retract_acceptance__no_such_offer__is_refused(division: Division) -> None:
    for missing in (0, 1):
        with refused(errors.AssetShares_NoSuchBuyout, id=missing):
            division.do(OWNER, "retractAcceptance", missing)


def test_retract_acceptance__concluded__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    with refused(errors.AssetShares_BuyoutConcluded, id=offer, status=2):
        division.do(OWNER, "retractAcceptance", offer)


def test_retract_acceptance__redeemed__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.do(OWNER, "redeem")
    with refused(errors.AssetShares_NotHeld, state=2):
        division.do(OWNER, "retractAcceptance", offer)


def test_retract_acceptance__stopped__passes(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.set_stop_level(2)
    division.do(OWNER, "retractAcceptance", offer)
