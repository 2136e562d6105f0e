"""claimRevenue: everybody takes its part, to the unit, when it likes."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import ASSET, OWNER, SHARES, Division, clone_of, divide

HOLDER, BUYER, STRANGER, BIDDER = (
    actor("holder"),
    actor("buyer"),
    actor("stranger"),
    actor("bidder"),
)


def test_claim_revenue__of_a_holder__pays_its_part(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.earn(1000)
    assert division.number("claimRevenue", HOLDER.address) == 333
    receipt = division.do(HOLDER, "claimRevenue", HOLDER.address)
    output = division.event(receipt, "RevenueClaimed")
    assert output == {"account": HOLDER.address, "amount": 333}
    assert not division.events(receipt, "RevenueReceived")
    assert division.wallet(HOLDER) == 333
    assert division.claim(OWNER) == 666
    assert division.holdings == 1


def test_claim_revenue__money_just_sent__counts(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.send(300)
    receipt = division.do(HOLDER, "claimRevenue", HOLDER.address)
    assert division.event(receipt, "RevenueReceived") == {"amount": 300, "total": 300}
    assert division.wallet(HOLDER) == 100


def test_claim_revenue__rest_of_rounding__is_paid_later(division: Division) -> None:
    division.share_out((HOLDER, 100))
    paid = []
    for _ in range(3):
        division.earn(100)
        paid.append(division.claim(HOLDER))
    assert paid == [33, 33, 34]
    assert division.claim(OWNER) == 200
    assert division.holdings == 0


def test_claim_revenue__for_somebody_else__pays_the_holder(division: Division) -> None:
    division.earn(300)
    division.do(STRANGER, "claimRevenue", OWNER.address)
    assert division.wallet(OWNER) == 300
    assert division.wallet(STRANGER) == 0


@pytest.mark.parametrize("account", [OWNER, STRANGER])
def test_claim_revenue__nothing_due__is_refused(division: Division, account: object) -> None:
    with refused(errors.AssetShares_NothingToClaim, account=account.address):
        division.do(STRANGER, "claimRevenue", account.address)


def test_claim_revenue__less_than_a_unit_due__is_refused_until_it_is_one(
    division: Division,
) -> None:
    division.share_out((HOLDER, 1))
    division.earn(SHARES - 1)
    with refused(errors.AssetShares_NothingToClaim, account=HOLDER.address):
        division.claim(HOLDER)
    division.earn(1)
    assert division.claim(HOLDER) == 1


def test_claim_revenue__twice__pays_once(division: Division) -> None:
    division.earn(300)
    assert division.claim(OWNER) == 300
    with refused(errors.AssetShares_NothingToClaim, account=OWNER.address):
        division.claim(OWNER)


def test_claim_revenue__after_giving_shares_away__pays_what_came_before(
    division: Division,
) -> None:
    division.send(300)
    division.give(OWNER, HOLDER, SHARES)
    division.send(600)
    assert division.claim(OWNER) == 300
    assert division.claim(HOLDER) == 600
    assert division.holdings == 0


def test_claim_revenue__sold__pays_the_price_and_what_was_due(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.send(300)
    division.sell(BIDDER, 120)
    assert division.claim(HOLDER) == 100 + 100 * 120
    assert division.claim(OWNER) == 200 + 200 * 120
    assert division.holdings == 0


def test_claim_revenue__sold_then_late_revenue__is_of_who_holds_shares(division: Division) -> None:
    division.sell(BIDDER)
    division.claim(OWNER)
    division.give(OWNER, BUYER, 100)
    division.send(600)
    assert division.claim(BUYER) == 200
    assert division.claim(OWNER) == 400


def test_claim_revenue__redeemed_then_late_revenue__is_all_the_redeemers(
    division: Division,
) -> None:
    division.share_out((HOLDER, 100))
    division.earn(300)
    division.give(HOLDER, OWNER, 100)
    division.send(3)
    division.do(OWNER, "redeem")
    division.send(1000)
    assert division.claim(HOLDER) == 100
    assert division.claim(OWNER) == 200 + 3 + 1000
    division.send(1)
    assert division.claim(OWNER) == 1
    assert division.holdings == 0
    assert division.asset_owner == OWNER.address


def test_claim_revenue__money_sent_before_the_shares_began__is_the_first_holders(
    market: Market,
) -> None:
    division = divide(market)
    registry, implementation = division.registry, division.implementation
    early = clone_of(market, registry, implementation)
    division.fund(STRANGER, 300)
    market.do(STRANGER, division.dollar, "transfer", early.address, 300)
    named = (OWNER.address, "Roof", "ROOF")
    market.do(OWNER, registry, "begin", early.address, ASSET + 1, 3, *named)
    market.do(OWNER, early, "transfer", HOLDER.address, 1)
    assert early.call("claimableOf", OWNER.address) == 300
    assert early.call("claimableOf", HOLDER.address) == 0


def test_claim_revenue__shares_that_the_contract_itself_has__go_round(division: Division) -> None:
    """Shares sent to their own contract: what they earn is revenue again."""
    division.give(OWNER, division.address, 150)
    division.send(300)
    division.do(STRANGER, "claimRevenue", division.address)
    assert division.number("totalRevenue") == 450
    assert division.claim(OWNER) == 225
    assert division.holdings == 75
