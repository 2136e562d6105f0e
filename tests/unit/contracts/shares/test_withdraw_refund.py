"""withdrawRefund: who did not get the asset gets its money, when it likes."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division

BIDDER, RIVAL, STRANGER = actor("bidder"), actor("rival"), actor("stranger")


def fail(division: Division, offer: int) -> None:
    division.market.go_to(max(division.market.now + 1, division.ends_at(offer)))
    division.do(STRANGER, "concludeBuyout", offer)


def test_withdraw_refund__offer_failed__pays_the_bidder(division: Division) -> None:
    fail(division, division.offer(BIDDER))
    assert division.number("withdrawRefund", BIDDER.address) == PRICE * SHARES
    receipt = division.do(STRANGER, "withdrawRefund", BIDDER.address)
    output = division.event(receipt, "RefundWithdrawn")
    assert output == {"bidder": BIDDER.address, "amount": PRICE * SHARES}
    assert division.wallet(BIDDER) == PRICE * SHARES
    assert (division.number("refundOf", BIDDER.address), division.holdings) == (0, 0)


def test_withdraw_refund__several_offers_failed__pays_all_at_once(division: Division) -> None:
    first, second, other = (
        division.offer(BIDDER, 100),
        division.offer(BIDDER, 150),
        division.offer(RIVAL, 100),
    )
    division.fund(BIDDER, 0)
    for offer in (first, second, other):
        fail(division, offer)
    assert division.number("refundOf", BIDDER.address) == 250 * SHARES
    division.do(BIDDER, "withdrawRefund", BIDDER.address)
    assert division.wallet(BIDDER) == 250 * SHARES
    assert division.number("refundOf", RIVAL.address) == division.holdings == 100 * SHARES


def test_withdraw_refund__twice__is_refused(division: Division) -> None:
    fail(division, division.offer(BIDDER))
    division.do(BIDDER, "withdrawRefund", BIDDER.address)
    with refused(errors.AssetShares_NothingToClaim, account=BIDDER.address):
        division.do(BIDDER, "withdrawRefund", BIDDER.address)


def test_withdraw_refund__open_or_sold__is_refused(division: Division) -> None:
    offer = division.offer(BIDDER)
    with refused(errors.AssetShares_NothingToClaim, account=BIDDER.address):
        division.do(BIDDER, "withdrawRefund", BIDDER.address)
    division.do(OWNER, "acceptBuyout", offer)
    fail(division, offer)
    with refused(errors.AssetShares_NothingToClaim, account=BIDDER.address):
        division.do(BIDDER, "withdrawRefund", BIDDER.address)


def test_withdraw_refund__stopped__pays(division: Division) -> None:
    fail(division, division.offer(BIDDER))
    division.set_stop_level(2)
    division.do(BIDDER, "withdrawRefund", BIDDER.address)
