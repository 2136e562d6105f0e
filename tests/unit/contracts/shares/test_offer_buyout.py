"""offerBuyout: a price for all shares, at least the book value's, paid in at once."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import BUYOUT_PERIOD, OWNER, PRICE, SHARES, Division

BIDDER, RIVAL, HOLDER, STRANGER = (
    actor("bidder"),
    actor("rival"),
    actor("holder"),
    actor("stranger"),
)
NOW = MONDAY + 5000


def test_offer_buyout__at_the_minimum__is_open_for_a_week(division: Division) -> None:
    division.fund(BIDDER, PRICE * SHARES + 5)
    assert division.contract.call("offerBuyout", PRICE, sender=BIDDER.address) == 1
    receipt = division.at(NOW).do(BIDDER, "offerBuyout", PRICE)
    assert division.event(receipt, "BuyoutOffered") == {
        "id": 1,
        "bidder": BIDDER.address,
        "price_per_share": PRICE,
        "ends_at": NOW + BUYOUT_PERIOD,
    }
    assert division.call("buyout", 1) == (BIDDER.address, PRICE, NOW + BUYOUT_PERIOD, 0, 0)
    assert division.number("buyoutCount") == 1
    assert (division.wallet(BIDDER), division.holdings) == (5, PRICE * SHARES)


def test_offer_buyout__one_below_the_minimum__is_refused(division: Division) -> None:
    division.fund(BIDDER, PRICE * SHARES)
    with refused(errors.AssetShares_PriceTooLow, price_per_share=PRICE - 1, minimum=PRICE):
        division.do(BIDDER, "offerBuyout", PRICE - 1)


@pytest.mark.parametrize(("book_value", "minimum"), [(29_999, 100), (30_000, 100), (30_001, 101)])
def test_offer_buyout__book_value__is_rounded_up_per_share(
    division: Division, book_value: int, minimum: int
) -> None:
    division.set_book_value(book_value)
    division.fund(BIDDER, minimum * SHARES)
    values = {"price_per_share": minimum - 1, "minimum": minimum}
    with refused(errors.AssetShares_PriceTooLow, **values):
        division.do(BIDDER, "offerBuyout", minimum - 1)
    division.do(BIDDER, "offerBuyout", minimum)


def test_offer_buyout__beside_others__stands_by_itself(division: Division) -> None:
    """Neither higher nor lower offers are in its way, nor it in theirs."""
    first = division.offer(BIDDER, 200)
    division.do(OWNER, "acceptBuyout", first)
    second, third = division.offer(RIVAL, 100), division.offer(BIDDER, 1000)
    assert (first, second, third) == (1, 2, 3)
    assert [division.accepted(offer) for offer in (first, second, third)] == [300, 0, 0]
    assert division.holdings == 1300 * SHARES


def test_offer_buyout__money_sent_before__stays_revenue(division: Division) -> None:
    division.send(300)
    division.offer(BIDDER)
    assert division.claim(OWNER) == 300


@pytest.mark.parametrize("missing", ["money", "allowance"])
def test_offer_buyout__cannot_pay__is_refused(division: Division, missing: str) -> None:
    due = PRICE * SHARES
    division.fund(BIDDER, due - 1 if missing == "money" else due)
    if missing == "money":
        values = {"sender": BIDDER.address, "balance": due - 1, "needed": due}
        error = errors.ERC20InsufficientBalance
    else:
        division.market.do(BIDDER, division.dollar, "approve", division.address, due - 1)
        values = {"spender": division.address, "allowance": due - 1, "needed": due}
        error = errors.ERC20InsufficientAllowance
    with refused(error, **values):
        division.do(BIDDER, "offerBuyout", PRICE)


def test_offer_buyout__price_that_does_not_fit__is_refused(division: Division) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=128, value=2**128):
        division.do(BIDDER, "offerBuyout", 2**128)
    most = (2**128 - 1) * SHARES
    values = {"spender": division.address, "allowance": 0, "needed": most}
    with refused(errors.ERC20InsufficientAllowance, **values):
        division.do(BIDDER, "offerBuyout", 2**128 - 1)


def test_offer_buyout__sold_or_redeemed__is_refused(division: Division) -> None:
    division.do(OWNER, "redeem")
    with refused(errors.AssetShares_NotHeld, state=2):
        division.do(BIDDER, "offerBuyout", PRICE)


def test_offer_buyout__an_offer_accepted_in_time_waits__is_refused(division: Division) -> None:
    first = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", first)
    ends_at = division.ends_at(first)
    division.fund(RIVAL, 2 * PRICE * SHARES)
    division.at(ends_at - 1).do(RIVAL, "offerBuyout", PRICE)
    with refused(errors.AssetShares_BuyoutDue, id=first):
        division.at(ends_at).do(RIVAL, "offerBuyout", PRICE)


def test_offer_buyout__another_failed__passes(division: Division) -> None:
    first = division.offer(BIDDER)
    division.market.go_to(division.ends_at(first))
    assert division.offer(RIVAL) == 2


def test_offer_buyout__stopped__is_refused(division: Division) -> None:
    division.fund(BIDDER, PRICE * SHARES)
    for level in (1, 2):
        division.set_stop_level(level)
        with refused(errors.EmergencyStop_Stopped, level=level):
            division.do(BIDDER, "offerBuyout", PRICE)
    division.set_stop_level(0)
    division.do(BIDDER, "offerBuyout", PRICE)


def test_offer_buyout__on_the_implementation__is_refused(division: Division) -> None:
    """It has no shares to divide a price by."""
    with pytest.raises(errors.Panic):
        division.market.do(BIDDER, division.implementation, "offerBuyout", PRICE)
