"""concludeBuyout: sold if two thirds accepted in time, or the money goes back."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import ASSET, OWNER, PRICE, SHARES, Division, clone_of

HOLDER, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)


def test_conclude_buyout__two_thirds_exactly__sells(division: Division) -> None:
    division.share_out((HOLDER, 200))
    offer = division.offer(BIDDER, 101)
    division.do(HOLDER, "acceptBuyout", offer)
    receipt = division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    assert division.event(receipt, "BuyoutConcluded") == {"id": offer, "sold": True}
    price = 101 * SHARES
    assert division.event(receipt, "RevenueReceived") == {"amount": price, "total": price}
    assert division.asset_owner == BIDDER.address
    assert (division.number("state"), division.status(offer)) == (1, 1)
    assert (division.claim(HOLDER), division.claim(OWNER)) == (200 * 101, 100 * 101)
    assert division.number("refundOf", BIDDER.address) == 0
    assert division.number("totalSupply") == SHARES


def test_conclude_buyout__one_share_less__gives_the_money_back(division: Division) -> None:
    division.share_out((HOLDER, 199))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    receipt = division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    assert division.event(receipt, "BuyoutConcluded") == {"id": offer, "sold": False}
    assert not division.events(receipt, "RevenueReceived")
    assert division.asset_owner == division.address
    assert (division.number("state"), division.status(offer)) == (0, 2)
    assert division.number("refundOf", BIDDER.address) == PRICE * SHARES
    assert (division.claimable(HOLDER), division.claimable(OWNER)) == (0, 0)


@pytest.mark.parametrize(
    ("shares", "enough"), [(2, 2), (3, 2), (4, 3), (5, 4), (10**12, 666666666667)]
)
def test_conclude_buyout__shares_that_three_does_not_divide__two_thirds_are_rounded_up(
    division: Division, shares: int, enough: int
) -> None:
    market, registry = division.market, division.registry
    division.set_book_value(1)
    for accepted in (enough - 1, enough):
        one = clone_of(market, registry, division.implementation)
        named = (OWNER.address, "Mill", "MILL")
        asset = ASSET + 1 + accepted
        market.do(STRANGER, registry, "begin", one.address, asset, shares, *named)
        market.do(OWNER, one, "transfer", HOLDER.address, accepted)
        few = Division(market, registry, division.implementation, division.dollar, one)
        offer = few.offer(BIDDER, 1)
        few.do(HOLDER, "acceptBuyout", offer)
        few.at(few.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
        assert few.status(offer) == (1 if accepted == enough else 2)


def test_conclude_buyout__a_second_before_the_end__is_refused(division: Division) -> None:
    """However many have accepted."""
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    with refused(errors.AssetShares_BuyoutRunning, id=offer, ends_at=ends_at):
        division.at(ends_at - 1).do(BIDDER, "concludeBuyout", offer)
    division.at(ends_at).do(BIDDER, "concludeBuyout", offer)


def test_conclude_buyout__long_after_the_end__sells(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.at(division.ends_at(offer) + 10**8).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address


def test_conclude_buyout__shares_moved_after_the_end__price_is_of_who_holds_them(
    division: Division,
) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.market.go_to(division.ends_at(offer))
    division.give(OWNER, HOLDER, 100)
    division.do(STRANGER, "concludeBuyout", offer)
    assert division.accepted(offer) == SHARES
    assert (division.claim(HOLDER), division.claim(OWNER)) == (100 * PRICE, 200 * PRICE)


def test_conclude_buyout__shares_sold_on_between_two_offers__do_not_count_twice(
    division: Division,
) -> None:
    """A half that accepted an offer, was sold when it ended, and accepted the next one."""
    division.share_out((HOLDER, 150))
    first = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", first)
    division.market.go_to(division.ends_at(first) - 10)
    second = division.offer(RIVAL)
    division.at(division.ends_at(first)).give(HOLDER, STRANGER, 150)
    division.do(STRANGER, "acceptBuyout", second)
    division.do(STRANGER, "concludeBuyout", first)
    division.at(division.ends_at(second)).do(STRANGER, "concludeBuyout", second)
    assert (division.status(first), division.status(second)) == (2, 2)


def test_conclude_buyout__others_are_open__they_fail_at_once(division: Division) -> None:
    first = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", first)
    division.market.go_to(division.ends_at(first) - 100)
    second = division.offer(RIVAL, 5000)
    division.at(division.ends_at(first)).do(STRANGER, "concludeBuyout", first)
    receipt = division.do(RIVAL, "concludeBuyout", second)
    assert division.event(receipt, "BuyoutConcluded") == {"id": second, "sold": False}
    division.do(RIVAL, "withdrawRefund", RIVAL.address)
    assert division.wallet(RIVAL) == 5000 * SHARES
    assert division.asset_owner == BIDDER.address
    assert division.claim(OWNER) == PRICE * SHARES


@pytest.mark.parametrize("sold", [True, False])
def test_conclude_buyout__twice__is_refused(division: Division, sold: bool) -> None:
    offer = division.offer(BIDDER)
    if sold:
        division.do(OWNER, "acceptBuyout", offer)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    with refused(errors.AssetShares_BuyoutConcluded, id=offer, status=1 if sold else 2):
        division.do(STRANGER, "concludeBuyout", offer)


def test_conclude_buyout__no_such_offer__is_refused(division: Division) -> None:
    for missing in (0, 1):
        with refused(errors.AssetShares_NoSuchBuyout, id=missing):
            division.do(STRANGER, "concludeBuyout", missing)


def test_conclude_buyout__bidder_without_receiver_hook__gets_the_asset(division: Division) -> None:
    bidder = division.dollar.address
    division.fund(bidder, PRICE * SHARES)
    division.do(bidder, "offerBuyout", PRICE)
    division.do(OWNER, "acceptBuyout", 1)
    division.at(division.ends_at(1)).do(STRANGER, "concludeBuyout", 1)
    assert division.asset_owner == bidder


@pytest.mark.parametrize("level", [1, 2])
def test_conclude_buyout__stopped__passes(division: Division, level: int) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.set_stop_level(level)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address
    assert division.claim(OWNER) == PRICE * SHARES
    division.give(OWNER, HOLDER, 1)


def test_conclude_buyout__book_value_rose_since__the_price_stays(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.set_book_value(10**12)
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)
    assert division.asset_owner == BIDDER.address
