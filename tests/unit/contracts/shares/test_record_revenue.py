"""recordRevenue: money that was sent here is noticed."""

from __future__ import annotations

from tests.support.market import actor
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division, clone_of

HOLDER, BIDDER, STRANGER = actor("holder"), actor("bidder"), actor("stranger")


def test_record_revenue__money_was_sent__counts_it_once(division: Division) -> None:
    division.send(500)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": 500, "total": 500}
    assert not division.events(division.do(STRANGER, "recordRevenue"), "RevenueReceived")
    division.send(1)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": 1, "total": 501}


def test_record_revenue__returns__what_was_new(division: Division) -> None:
    division.send(500)
    assert division.number("recordRevenue") == 500
    division.do(STRANGER, "recordRevenue")
    assert division.number("recordRevenue") == 0


def test_record_revenue__money_of_bidders__is_not_revenue(division: Division) -> None:
    """Neither that of an open offer nor refunds, before and after they are paid."""
    first = division.offer(BIDDER)
    division.do(STRANGER, "recordRevenue")
    division.at(division.ends_at(first)).do(STRANGER, "concludeBuyout", first)
    division.send(300)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": 300, "total": 300}
    division.do(STRANGER, "withdrawRefund", BIDDER.address)
    assert not division.events(division.do(STRANGER, "recordRevenue"), "RevenueReceived")
    assert division.holdings == 300


def test_record_revenue__part_was_claimed__counts_nothing_twice(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.earn(1000)
    division.claim(HOLDER)
    assert not division.events(division.do(STRANGER, "recordRevenue"), "RevenueReceived")
    assert division.number("totalRevenue") == 1000


def test_record_revenue__token_shrinks_holdings__nothing_new_until_they_grew_again(
    division: Division,
) -> None:
    """A rebasing token: the others' claims are what suffers, no move of shares."""
    division.earn(1000)
    division.fund(division.address, 400)
    division.give(OWNER, HOLDER, 100)
    assert division.number("totalRevenue") == 1000
    division.send(600)
    assert division.number("totalRevenue") == 1000
    division.send(3)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": 3, "total": 1003}
    assert (division.claim(OWNER), division.claim(HOLDER)) == (1002, 1)


def test_record_revenue__token_grows_holdings__the_growth_is_revenue(division: Division) -> None:
    division.earn(1000)
    division.fund(division.address, 1100)
    assert division.claim(OWNER) == 1100


def test_record_revenue__more_than_fits__is_counted_as_far_as_it_fits(division: Division) -> None:
    """No money in the world is that much; shares can still be moved and claims paid."""
    most = 2**128 - 1
    division.fund(division.address, most - 1)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": most - 1, "total": most - 1}
    division.fund(division.address, most + 1)
    receipt = division.do(STRANGER, "recordRevenue")
    assert division.event(receipt, "RevenueReceived") == {"amount": 1, "total": most}
    division.give(OWNER, HOLDER, 100)
    assert division.claim(OWNER) == most
    assert division.holdings == 1


def test_record_revenue__most_shares_and_most_money__points_fit(division: Division) -> None:
    market, most = division.market, 2**128 - 1
    shares = clone_of(market, division.registry, division.implementation)
    named = (OWNER.address, "Dam", "DAM")
    market.do(STRANGER, division.registry, "begin", shares.address, 8, 10**12, *named)
    rpc = market.node.rpc
    rpc("anvil_dealERC20", shares.address, division.dollar.address, hex(most))
    market.do(OWNER, shares, "transfer", HOLDER.address, 10**12 - 1)
    assert shares.call("claimableOf", OWNER.address) == most
    market.do(STRANGER, shares, "claimRevenue", OWNER.address)
    assert division.wallet(OWNER) == most


def test_record_revenue__an_offers_price__is_exact_beside_it(division: Division) -> None:
    division.send(77)
    division.offer(BIDDER)
    assert division.number("totalRevenue") == 77
    assert division.holdings == 77 + PRICE * SHARES
