"""EnergyTrading.cancelSigned."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.signed_orders import NonceState
from tests.unit.contracts.trading.auction import WIDEST, Auction
from tests.unit.contracts.trading.emergency_stop import Stop, pause, shut_down
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, of_batch, refuses


def states(auction: Auction, trader: str, *nonces: int) -> list[NonceState]:
    return [NonceState(auction.trading.call("nonceState", trader, nonce)) for nonce in nonces]


@pytest.mark.parametrize("nonces", [(0,), (111,), (112,), (WIDEST - 1,), (3, 1, 2), (0, 111, 112)])
def test_cancel_signed__open__voids_these_and_no_others(
    auction: Auction, nonces: tuple[int, ...]
) -> None:
    trader, stranger = auction.traders.buyer, auction.traders.rival
    around = {near for nonce in nonces for near in (nonce - 1, nonce + 1, nonce ^ 112)}
    around -= {-1, WIDEST, *nonces}
    receipt = auction.cancel(trader, *nonces)
    assert auction.traders.emitted(receipt) == ["SignedOrderCancelled"] * len(nonces)
    assert auction.traders.logged(receipt, auction.trading, "SignedOrderCancelled") == [
        {"trader": trader.address, "nonce": nonce} for nonce in nonces
    ]
    assert set(states(auction, trader.address, *nonces)) == {NonceState.CANCELLED}
    assert set(states(auction, trader.address, *around)) == {NonceState.OPEN}
    # Nobody else's of the same nonce.
    assert set(states(auction, stranger.address, *nonces)) == {NonceState.OPEN}


def test_cancel_signed__none__does_nothing(auction: Auction) -> None:
    assert auction.traders.emitted(auction.cancel(auction.traders.buyer)) == []


def test_cancel_signed__filled_in_part__voids_the_rest(auction: Auction) -> None:
    traders = auction.traders
    bid = auction.bid(nonce=1)
    auction.trade((bid, auction.ask(), 700))
    auction.cancel(traders.buyer, 1)
    assert auction.status(bid) == (NonceState.CANCELLED, 700)
    # What was agreed stays agreed.
    assert traders.money(traders.buyer) == (FUNDS - auction.paid(700), auction.paid(700))
    refusal = {"order_id": auction.name(bid), "reason": Refusal.NONCE_SPENT}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, auction.ask(), 1))


@pytest.mark.parametrize("together", [False, True])
def test_cancel_signed__twice__is_refused(auction: Auction, together: bool) -> None:
    trader = auction.traders.buyer
    if not together:
        auction.cancel(trader, 5)
    spent = {"trader": trader.address, "nonce": 5}
    with refuses(auction.traders.market, errors.EnergyTrading_NonceSpent, **spent):
        auction.cancel(trader, *((5, 5) if together else (5,)))


def test_cancel_signed__filled__is_refused(auction: Auction) -> None:
    trader = auction.traders.buyer
    auction.trade((auction.bid(), auction.ask(), AMOUNT))
    spent = {"trader": trader.address, "nonce": 0}
    with refuses(auction.traders.market, errors.EnergyTrading_NonceSpent, **spent):
        auction.cancel(trader, 0)


def test_cancel_signed__one_of_several_spent__is_refused_as_a_whole(auction: Auction) -> None:
    trader = auction.traders.buyer
    auction.cancel(trader, 7)
    spent = {"trader": trader.address, "nonce": 7}
    with refuses(auction.traders.market, errors.EnergyTrading_NonceSpent, **spent):
        auction.cancel(trader, 6, 7, 8)
    assert set(states(auction, trader.address, 6, 8)) == {NonceState.OPEN}


@pytest.mark.parametrize("nonce", [WIDEST, WIDEST + 1, 2**256 - 1])
def test_cancel_signed__too_large__is_refused(auction: Auction, nonce: int) -> None:
    with refuses(auction.traders.market, errors.EnergyTrading_NonceTooLarge, nonce=nonce):
        auction.cancel(auction.traders.buyer, 1, nonce)


def test_cancel_signed__below_the_floor__is_voided_twice_over(auction: Auction) -> None:
    # The floor is not looked at: what is void by it can be cancelled by its nonce, too.
    trader = auction.traders.buyer
    auction.cancel_below(trader, 10)
    auction.cancel(trader, 9)
    assert states(auction, trader.address, 9) == [NonceState.CANCELLED]


def test_cancel_signed__by_somebody_without_an_account__holds_once_it_has_one(
    auction: Auction,
) -> None:
    traders = auction.traders
    bid = auction.bid(traders.stranger)
    auction.cancel(traders.stranger, 0)
    traders.market.deposit(traders.stranger, FUNDS)
    refusal = {"order_id": auction.name(bid), "reason": Refusal.NONCE_SPENT}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, auction.ask(), 1))
    # Its number is noted beside what was cancelled.
    other = auction.bid(traders.stranger, nonce=1)
    auction.trade((other, auction.ask(), 1))
    assert traders.transaction(of_batch(1)).buyer == traders.stranger.address
    assert states(auction, traders.stranger.address, 0, 1) == [
        *(NonceState.CANCELLED, NonceState.PARTIAL),
    ]


@pytest.mark.parametrize("stop", [pause, shut_down])
def test_cancel_signed__stopped__is_open(auction: Auction, stop: Stop) -> None:
    stop(auction.traders)
    auction.cancel(auction.traders.buyer, 1)
    assert states(auction, auction.traders.buyer.address, 1) == [NonceState.CANCELLED]
