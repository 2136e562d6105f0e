"""Money that is not as one would wish: fees, blacklists, false for an error."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import error_data, refused
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division, divide

HOLDER, BUYER, BIDDER, STRANGER = (
    actor("holder"),
    actor("buyer"),
    actor("bidder"),
    actor("stranger"),
)


def fail(division: Division, offer: int) -> None:
    division.at(division.ends_at(offer)).do(STRANGER, "concludeBuyout", offer)


# A fee on every transfer: 1 %


@pytest.fixture
def taxed(market: Market) -> Division:
    return divide(market, "FeeToken", 100)


def test_fee_token__revenue__what_arrived_counts(taxed: Division) -> None:
    taxed.send(1000)
    assert taxed.number("totalRevenue") == 990
    taxed.do(STRANGER, "claimRevenue", OWNER.address)
    assert taxed.wallet(OWNER) == 990 - 9
    assert taxed.holdings == 0


def test_fee_token__buyout__is_refused(taxed: Division) -> None:
    due = PRICE * SHARES
    taxed.fund(BIDDER, 2 * due)
    with refused(errors.AssetShares_Underpaid, received=due - due // 100, due=due):
        taxed.do(BIDDER, "offerBuyout", PRICE)


# A blacklist


@pytest.fixture
def listed(market: Market) -> Division:
    return divide(market, "BlacklistToken")


def put_on_list(division: Division, account: LocalAccount, on_it: bool = True) -> None:
    division.market.do(STRANGER, division.dollar, "setListed", account.address, on_it)


def refuses(division: Division, account: LocalAccount, function: str) -> None:
    """The token's own error comes through."""
    listed = error_data(division.dollar, "BlacklistToken_Listed", account.address)
    with refused(errors.UnknownRevert, data=listed):
        division.do(STRANGER, function, account.address)


def test_blacklist__a_holder__the_others_are_paid_and_it_later(listed: Division) -> None:
    listed.share_out((HOLDER, 100))
    listed.earn(300)
    put_on_list(listed, HOLDER)
    refuses(listed, HOLDER, "claimRevenue")
    assert listed.claim(OWNER) == 200
    listed.earn(300)
    assert listed.claimable(HOLDER) == 200
    put_on_list(listed, HOLDER, False)
    assert listed.claim(HOLDER) == 200


def test_blacklist__a_holder__its_shares_still_move(listed: Division) -> None:
    listed.share_out((HOLDER, 100))
    put_on_list(listed, HOLDER)
    listed.earn(300)
    listed.give(HOLDER, BUYER, 100)
    listed.earn(300)
    assert listed.claim(BUYER) == 100
    assert listed.claimable(HOLDER) == 100


def test_blacklist__a_bidder__blocks_nobody_and_is_paid_later(listed: Division) -> None:
    first, other = listed.offer(BIDDER), listed.offer(BUYER)
    put_on_list(listed, BIDDER)
    fail(listed, first)
    refuses(listed, BIDDER, "withdrawRefund")
    listed.market.go_to(listed.ends_at(other))
    listed.do(STRANGER, "concludeBuyout", other)
    listed.do(STRANGER, "withdrawRefund", BUYER.address)
    assert listed.wallet(BUYER) == PRICE * SHARES
    put_on_list(listed, BIDDER, False)
    listed.do(STRANGER, "withdrawRefund", BIDDER.address)
    assert listed.wallet(BIDDER) == PRICE * SHARES


def test_blacklist__a_bidder_whose_offer_was_accepted__the_asset_is_sold(listed: Division) -> None:
    offer = listed.offer(BIDDER)
    listed.do(OWNER, "acceptBuyout", offer)
    put_on_list(listed, BIDDER)
    fail(listed, offer)
    assert listed.asset_owner == BIDDER.address
    assert listed.claim(OWNER) == PRICE * SHARES


# Neither true nor an error


@pytest.fixture
def old(market: Market) -> Division:
    return divide(market, "FalseToken")


def test_false_token__returns_nothing__everything_passes(old: Division) -> None:
    old.earn(300)
    assert old.claim(OWNER) == 300
    fail(old, old.offer(BIDDER))
    old.do(STRANGER, "withdrawRefund", BIDDER.address)
    assert old.wallet(BIDDER) == PRICE * SHARES


def test_false_token__returns_false__is_refused(old: Division) -> None:
    old.earn(300)
    offer = old.offer(BIDDER)
    fail(old, offer)
    old.fund(BUYER, PRICE * SHARES)
    old.market.do(STRANGER, old.dollar, "setFailing", True)
    token = old.dollar.address
    for sender, function, argument in (
        (STRANGER, "claimRevenue", OWNER.address),
        (STRANGER, "withdrawRefund", BIDDER.address),
        (BUYER, "offerBuyout", PRICE),
    ):
        with refused(errors.SafeERC20FailedOperation, token=token):
            old.do(sender, function, argument)
    old.market.do(STRANGER, old.dollar, "setFailing", False)
    assert old.claim(OWNER) == 300
