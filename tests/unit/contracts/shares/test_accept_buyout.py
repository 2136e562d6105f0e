"""acceptBuyout: a holder accepts with all its shares, and only one running offer at a time."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, PRICE, Division

HOLDER, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)


def test_accept_buyout__running_offer__counts_all_shares(division: Division) -> None:
    division.share_out((HOLDER, 60))
    offer = division.offer(BIDDER)
    receipt = division.do(HOLDER, "acceptBuyout", offer)
    output = division.event(receipt, "BuyoutAccepted")
    assert output == {"id": offer, "account": HOLDER.address, "shares": 60, "accepted": 60}
    assert division.call("acceptedOf", HOLDER.address) == (offer, 60)
    output = division.event(division.do(OWNER, "acceptBuyout", offer), "BuyoutAccepted")
    assert output == {"id": offer, "account": OWNER.address, "shares": 240, "accepted": 300}
    assert division.accepted(offer) == 300
    assert division.held(HOLDER) == 60


def test_accept_buyout__by_the_bidder__counts(division: Division) -> None:
    division.share_out((BIDDER, 200))
    offer = division.offer(BIDDER)
    division.do(BIDDER, "acceptBuyout", offer)
    assert division.accepted(offer) == 200


def test_accept_buyout__no_such_offer__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    for missing in (0, offer + 1, 2**40 + offer, 2**256 - 1):
        with refused(errors.AssetShares_NoSuchBuyout, id=missing):
            division.do(OWNER, "acceptBuyout", missing)


def test_accept_buyout__time__ends_with_the_offer(division: Division) -> None:
    division.share_out((HOLDER, 60))
    offer = division.offer(BIDDER)
    ends_at = division.ends_at(offer)
    division.at(ends_at - 1).do(HOLDER, "acceptBuyout", offer)
    with refused(errors.AssetShares_BuyoutOver, id=offer, ends_at=ends_at):
        division.at(ends_at).do(OWNER, "acceptBuyout", offer)


def test_accept_buyout__failed_offer__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    with refused(errors.AssetShares_BuyoutConcluded, id=offer, status=2):
        division.do(OWNER, "acceptBuyout", offer)


def test_accept_buyout__twice__is_refused(division: Division) -> None:
    division.share_out((HOLDER, 60))
    offer, other = division.offer(BIDDER), division.offer(RIVAL)
    division.do(HOLDER, "acceptBuyout", offer)
    division.share_out((HOLDER, 10))
    for one in (offer, other):
        with refused(errors.AssetShares_AlreadyAccepted, id=offer, account=HOLDER.address):
            division.do(HOLDER, "acceptBuyout", one)
    division.do(HOLDER, "retractAcceptance", offer)
    division.do(HOLDER, "acceptBuyout", other)
    assert division.call("acceptedOf", HOLDER.address) == (other, 70)
    assert (division.accepted(offer), division.accepted(other)) == (0, 70)


def test_accept_buyout__first_offer_over__another_can_be_accepted(division: Division) -> None:
    """Nothing has to be retracted or concluded before."""
    division.share_out((HOLDER, 199))
    first = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", first)
    division.market.go_to(division.ends_at(first) - 10)
    second = division.offer(RIVAL)
    division.at(division.ends_at(first)).do(HOLDER, "acceptBuyout", second)
    assert division.call("acceptedOf", HOLDER.address) == (second, 199)
    assert (division.accepted(first), division.accepted(second)) == (199, 199)


def test_accept_buyout__another_offer_is_due__is_refused(division: Division) -> None:
    first = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", first)
    division.market.go_to(division.ends_at(first) - 10)
    second = division.offer(RIVAL, 2 * PRICE)
    with refused(errors.AssetShares_BuyoutDue, id=first):
        division.at(division.ends_at(first)).do(OWNER, "acceptBuyout", second)


def test_accept_buyout__no_shares__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    with refused(errors.AssetShares_NoShares, account=STRANGER.address):
        division.do(STRANGER, "acceptBuyout", offer)


def test_accept_buyout__sold_or_redeemed__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "redeem")
    with refused(errors.AssetShares_NotHeld, state=2):
        division.do(OWNER, "acceptBuyout", offer)


def test_accept_buyout__stopped__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    for level in (1, 2):
        division.set_stop_level(level)
        with refused(errors.EmergencyStop_Stopped, level=level):
            division.do(OWNER, "acceptBuyout", offer)
    division.set_stop_level(0)
    division.do(OWNER, "acceptBuyout", offer)
