"""What shares say of themselves, their holders and offers."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division

HOLDER, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)


def test_claimable_of__money_just_sent__is_included(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.earn(100)
    division.send(200)
    assert (division.claimable(HOLDER), division.claimable(OWNER)) == (100, 200)
    assert division.claimable(STRANGER) == 0
    assert division.number("totalRevenue") == 300
    assert division.claim(HOLDER) == 100
    assert (division.claimable(HOLDER), division.claimable(OWNER)) == (0, 200)
    assert division.number("totalRevenue") == 300


def test_claimable_of__redeemed__is_all_the_redeemers(division: Division) -> None:
    division.do(OWNER, "redeem")
    division.send(1000)
    assert (division.claimable(OWNER), division.claimable(STRANGER)) == (1000, 0)


def test_buyout__through_its_life__is_reported(division: Division) -> None:
    for missing in (0, 1):
        with refused(errors.AssetShares_NoSuchBuyout, id=missing):
            division.call("buyout", missing)
    sold, failed = division.offer(BIDDER), division.offer(RIVAL, 2 * PRICE)
    division.do(OWNER, "acceptBuyout", sold)
    first = (BIDDER.address, PRICE, division.ends_at(sold))
    second = (RIVAL.address, 2 * PRICE, division.ends_at(failed))
    assert division.call("buyout", sold) == (*first, SHARES, 0)
    assert division.call("buyout", failed) == (*second, 0, 0)
    division.market.go_to(division.ends_at(failed))
    for offer in (sold, failed):
        division.do(STRANGER, "concludeBuyout", offer)
    assert division.call("buyout", sold) == (*first, SHARES, 1)
    assert division.call("buyout", failed) == (*second, 0, 2)
    assert division.number("buyoutCount") == 2


def test_accepted_of__through_an_offers_life__ends_with_it(division: Division) -> None:
    assert division.call("acceptedOf", OWNER.address) == (0, 0)
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    assert division.call("acceptedOf", OWNER.address) == (offer, SHARES)
    assert division.call("acceptedOf", STRANGER.address) == (0, 0)
    ends_at = division.ends_at(offer)
    division.market.go_to(ends_at - 1)
    assert division.call("acceptedOf", OWNER.address) == (offer, SHARES)
    division.market.go_to(ends_at)
    assert division.call("acceptedOf", OWNER.address) == (0, 0)


@pytest.mark.parametrize(
    ("book_value", "minimum"),
    [(1, 1), (SHARES, 1), (SHARES + 1, 2), (2**96 - 1, -(-(2**96 - 1) // SHARES))],
)
def test_minimum_price__book_value__is_divided_and_rounded_up(
    division: Division, book_value: int, minimum: int
) -> None:
    division.set_book_value(book_value)
    assert division.number("minimumPrice") == minimum
    assert minimum * SHARES >= book_value


def test_minimum_price__an_offer_is_open__is_the_same(division: Division) -> None:
    division.offer(BIDDER, 10 * PRICE)
    assert division.number("minimumPrice") == PRICE


def test_refund_of__nobody__is_nothing(division: Division) -> None:
    assert division.number("refundOf", STRANGER.address) == 0
    division.offer(BIDDER)
    assert division.number("refundOf", BIDDER.address) == 0


def test_state__held_sold_redeemed__is_reported(division: Division) -> None:
    assert division.number("state") == 0
    division.sell(BIDDER)
    assert division.number("state") == 1
