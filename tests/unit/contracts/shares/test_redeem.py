"""redeem: who holds all shares takes the asset out."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, SHARES, Division

HOLDER, BIDDER, RIVAL, STRANGER = (
    actor("holder"),
    actor("bidder"),
    actor("rival"),
    actor("stranger"),
)
NOBODY = "0x" + "00" * 20


def test_redeem__of_all_shares__gives_the_asset(division: Division) -> None:
    division.give(OWNER, HOLDER, SHARES)
    receipt = division.do(HOLDER, "redeem")
    assert division.event(receipt, "Redeemed") == {"holder": HOLDER.address}
    assert division.event(receipt, "Transfer") == {
        "from": HOLDER.address,
        "to": NOBODY,
        "value": SHARES,
    }
    assert division.asset_owner == HOLDER.address
    assert division.number("state") == 2
    assert (division.number("totalSupply"), division.number("shareCount")) == (0, SHARES)


def test_redeem__one_share_less__is_refused(division: Division) -> None:
    division.share_out((HOLDER, 1))
    values = {"account": OWNER.address, "held": SHARES - 1, "all": SHARES}
    with refused(errors.AssetShares_NotAllShares, **values):
        division.do(OWNER, "redeem")
    with refused(
        errors.AssetShares_NotAllShares, **values | {"account": STRANGER.address, "held": 0}
    ):
        division.do(STRANGER, "redeem")
    division.give(HOLDER, OWNER, 1)
    division.do(OWNER, "redeem")


def test_redeem__to_a_contract_without_receiver_hook__passes(division: Division) -> None:
    without_hook = division.dollar.address
    division.do(OWNER, "transfer", without_hook, SHARES)
    division.do(without_hook, "redeem")
    assert division.asset_owner == without_hook


def test_redeem__twice__is_refused(division: Division) -> None:
    division.do(OWNER, "redeem")
    with refused(errors.AssetShares_NotHeld, state=2):
        division.do(OWNER, "redeem")


def test_redeem__sold__is_refused(division: Division) -> None:
    division.sell(BIDDER)
    with refused(errors.AssetShares_NotHeld, state=1):
        division.do(OWNER, "redeem")


def test_redeem__open_offers__fail_and_are_paid_back(division: Division) -> None:
    """Also where the redeemer's own shares have accepted one."""
    first, second = division.offer(BIDDER, 100), division.offer(RIVAL, 200)
    division.do(OWNER, "acceptBuyout", second)
    division.do(OWNER, "redeem")
    for bidder, offer, price in ((BIDDER, first, 100), (RIVAL, second, 200)):
        receipt = division.do(STRANGER, "concludeBuyout", offer)
        assert division.event(receipt, "BuyoutConcluded") == {"id": offer, "sold": False}
        assert division.number("refundOf", bidder.address) == price * SHARES
        division.do(STRANGER, "withdrawRefund", bidder.address)
        assert division.wallet(bidder) == price * SHARES
    assert division.asset_owner == OWNER.address
    assert division.holdings == division.claimable(OWNER) == 0


def test_redeem__an_offer_accepted_in_time_waits__is_refused(division: Division) -> None:
    division.share_out((HOLDER, 100))
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.market.go_to(division.ends_at(offer))
    division.give(HOLDER, OWNER, 100)
    with refused(errors.AssetShares_BuyoutDue, id=offer):
        division.do(OWNER, "redeem")
    division.do(STRANGER, "concludeBuyout", offer)
    with refused(errors.AssetShares_NotHeld, state=1):
        division.do(OWNER, "redeem")
    assert division.asset_owner == BIDDER.address


def test_redeem__just_before_an_accepted_offer_ends__passes(division: Division) -> None:
    offer = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", offer)
    division.at(division.ends_at(offer) - 1).do(OWNER, "redeem")
    assert division.asset_owner == OWNER.address


def test_redeem__an_offer_not_accepted_in_time_waits__passes(division: Division) -> None:
    division.share_out((HOLDER, 199))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    division.market.go_to(division.ends_at(offer))
    division.give(HOLDER, OWNER, 199)
    division.do(OWNER, "redeem")
    division.do(STRANGER, "concludeBuyout", offer)
    assert division.number("refundOf", BIDDER.address) == 100 * SHARES
