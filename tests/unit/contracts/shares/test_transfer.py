"""transfer, transferFrom: what came in before a move is of who held the shares then."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division

HOLDER, BUYER, STRANGER, BIDDER = (
    actor("holder"),
    actor("buyer"),
    actor("stranger"),
    actor("bidder"),
)
WAYS = ["transfer", "transferFrom"]


def move(division: Division, way: str, sender: object, to: object, shares: int) -> Receipt:
    if way == "transfer":
        return division.do(sender, "transfer", to.address, shares)
    division.do(sender, "approve", STRANGER.address, shares)
    return division.do(STRANGER, "transferFrom", sender.address, to.address, shares)


@pytest.mark.parametrize("way", WAYS)
def test_transfer__unnoticed_money__is_of_who_held_the_shares(division: Division, way: str) -> None:
    division.send(600)
    receipt = move(division, way, OWNER, HOLDER, 100)
    assert division.event(receipt, "RevenueReceived") == {"amount": 600, "total": 600}
    assert division.event(receipt, "Transfer") == {
        "from": OWNER.address,
        "to": HOLDER.address,
        "value": 100,
    }
    assert (division.claimable(OWNER), division.claimable(HOLDER)) == (600, 0)
    division.send(300)
    receipt = move(division, way, HOLDER, BUYER, 100)
    assert division.event(receipt, "RevenueReceived") == {"amount": 300, "total": 900}
    assert division.claimable(OWNER) == 800
    assert (division.claimable(HOLDER), division.claimable(BUYER)) == (100, 0)


def test_transfer__returns_true(division: Division) -> None:
    ask, sender = division.contract.call, OWNER.address
    assert ask("transfer", HOLDER.address, 1, sender=sender) is True
    assert ask("approve", STRANGER.address, 1, sender=sender) is True
    division.do(OWNER, "approve", STRANGER.address, 1)
    moved = ask("transferFrom", sender, HOLDER.address, 1, sender=STRANGER.address)
    assert moved is True


def test_transfer__nothing_new__notices_nothing(division: Division) -> None:
    assert not division.events(division.give(OWNER, HOLDER, 1), "RevenueReceived")


def test_transfer__to_oneself__changes_nothing(division: Division) -> None:
    division.send(300)
    division.give(OWNER, OWNER, SHARES)
    assert (division.held(OWNER), division.claimable(OWNER)) == (SHARES, 300)
    division.send(300)
    assert division.claim(OWNER) == 600


def test_transfer__of_nothing_by_a_stranger__takes_nothing(division: Division) -> None:
    division.share_out((HOLDER, 100))
    division.earn(100)
    division.do(STRANGER, "transferFrom", HOLDER.address, STRANGER.address, 0)
    assert (division.claimable(HOLDER), division.claimable(STRANGER)) == (33, 0)


def test_transfer__around_a_payout__nobody_is_paid_twice(division: Division) -> None:
    """The same shares go round, and each of their holders claims."""
    division.share_out((HOLDER, 100))
    division.send(300)
    assert division.claim(HOLDER) == 100
    for sender, to in ((HOLDER, BUYER), (BUYER, STRANGER), (STRANGER, HOLDER)):
        division.give(sender, to, 100)
        with refused(errors.AssetShares_NothingToClaim, account=to.address):
            division.claim(to)
    assert division.claim(OWNER) == 200


@pytest.mark.parametrize("way", WAYS)
def test_transfer__of_accepted_shares__is_refused(division: Division, way: str) -> None:
    division.share_out((HOLDER, 50))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    division.share_out((HOLDER, 10))
    values = {"account": HOLDER.address, "movable": 10, "amount": 11}
    with refused(errors.AssetShares_SharesAccepted, **values):
        move(division, way, HOLDER, BUYER, 11)
    move(division, way, HOLDER, BUYER, 10)
    with refused(errors.AssetShares_SharesAccepted, **values | {"movable": 0, "amount": 1}):
        move(division, way, HOLDER, BUYER, 1)
    move(division, way, HOLDER, BUYER, 0)


def test_transfer__accepted_shares_at_the_end_of_the_offer__are_free(division: Division) -> None:
    division.share_out((HOLDER, 50))
    offer = division.offer(BIDDER)
    division.do(HOLDER, "acceptBuyout", offer)
    ends_at = division.ends_at(offer)
    values = {"account": HOLDER.address, "movable": 0, "amount": 50}
    with refused(errors.AssetShares_SharesAccepted, **values):
        division.at(ends_at - 1).give(HOLDER, BUYER, 50)
    division.at(ends_at).give(HOLDER, BUYER, 50)
    assert division.held(BUYER) == 50


def test_transfer__accepted_another_offer_than_the_one_sold__is_free(division: Division) -> None:
    division.share_out((HOLDER, 50))
    first = division.offer(BIDDER)
    division.do(OWNER, "acceptBuyout", first)
    division.market.go_to(division.ends_at(first) - 10)
    second = division.offer(BUYER, 2 * PRICE)
    division.do(HOLDER, "acceptBuyout", second)
    division.at(division.ends_at(first)).do(BIDDER, "concludeBuyout", first)
    division.give(HOLDER, STRANGER, 50)
    assert division.call("acceptedOf", HOLDER.address) == (0, 0)


def test_transfer__of_more_than_is_held__is_refused(division: Division) -> None:
    values = {"sender": HOLDER.address, "balance": 0, "needed": 1}
    with refused(errors.ERC20InsufficientBalance, **values):
        division.give(HOLDER, BUYER, 1)


def test_transfer__from_somebody_without_allowance__is_refused(division: Division) -> None:
    values = {"spender": STRANGER.address, "allowance": 0, "needed": 1}
    with refused(errors.ERC20InsufficientAllowance, **values):
        division.do(STRANGER, "transferFrom", OWNER.address, STRANGER.address, 1)
