"""EnergyTrading.cancelSignedBelow, and signedFloorOf."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.signed_orders import NonceState
from tests.unit.contracts.trading.auction import WIDEST, Auction
from tests.unit.contracts.trading.emergency_stop import Stop, pause, shut_down
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, refuses


def state(auction: Auction, nonce: int) -> NonceState:
    return NonceState(auction.trading.call("nonceState", auction.traders.buyer.address, nonce))


@pytest.mark.parametrize("nonce", [1, 112, 113, 10**6, WIDEST - 1])
def test_cancel_signed_below__higher__voids_all_below_and_no_others(
    auction: Auction, nonce: int
) -> None:
    traders = auction.traders
    trader, settlement = traders.buyer, traders.market.settlement
    receipt = auction.cancel_below(trader, nonce)
    assert traders.emitted(receipt) == ["SignedFloorRaised", "SignedOrdersCancelledBelow"]
    assert traders.logged(receipt, auction.trading, "SignedOrdersCancelledBelow") == [
        {"trader": trader.address, "nonce": nonce}
    ]
    assert traders.logged(receipt, settlement, "SignedFloorRaised") == [
        {"account": trader.address, "nonce": nonce}
    ]
    for contract in (auction.trading, settlement):
        assert contract.call("signedFloorOf", trader.address) == nonce
        assert contract.call("signedFloorOf", traders.rival.address) == 0
    assert state(auction, 0) is state(auction, nonce - 1) is NonceState.CANCELLED
    assert state(auction, nonce) is NonceState.OPEN
    # It is beside the money, which it leaves alone.
    assert traders.money(trader) == (FUNDS, 0)


def test_cancel_signed_below__lasts_through_changes_of_the_balance(auction: Auction) -> None:
    traders, market = auction.traders, auction.traders.market
    auction.cancel_below(traders.buyer, 77)
    market.deposit(traders.buyer, 5)
    auction.trade((auction.bid(nonce=77), auction.ask(), 100))
    market.do(traders.buyer, market.settlement, "withdraw", 10, traders.buyer.address)
    assert auction.trading.call("signedFloorOf", traders.buyer.address) == 77
    assert state(auction, 76) is NonceState.CANCELLED


@pytest.mark.parametrize("nonce", [0, 1, 9, 10])
def test_cancel_signed_below__not_higher__is_refused(auction: Auction, nonce: int) -> None:
    trader = auction.traders.buyer
    auction.cancel_below(trader, 10)
    refusal = {"account": trader.address, "floor": 10, "nonce": nonce}
    with refuses(auction.traders.market, errors.Settlement_FloorNotHigher, **refusal):
        auction.cancel_below(trader, nonce)
    auction.cancel_below(trader, 11)


def test_cancel_signed_below__zero__is_never_higher(auction: Auction) -> None:
    trader = auction.traders.buyer
    refusal = {"account": trader.address, "floor": 0, "nonce": 0}
    with refuses(auction.traders.market, errors.Settlement_FloorNotHigher, **refusal):
        auction.cancel_below(trader, 0)


@pytest.mark.parametrize("nonce", [WIDEST, 2**256 - 1])
def test_cancel_signed_below__too_large__is_refused(auction: Auction, nonce: int) -> None:
    with refuses(auction.traders.market, errors.EnergyTrading_NonceTooLarge, nonce=nonce):
        auction.cancel_below(auction.traders.buyer, nonce)


def test_cancel_signed_below__without_an_account__is_refused(auction: Auction) -> None:
    traders = auction.traders
    unknown = {"account": traders.stranger.address}
    with refuses(traders.market, errors.Settlement_UnknownAccount, **unknown):
        auction.cancel_below(traders.stranger, 5)
    assert auction.trading.call("signedFloorOf", traders.stranger.address) == 0


def test_cancel_signed_below__filled_in_part__voids_the_rest(auction: Auction) -> None:
    traders = auction.traders
    bid = auction.bid(nonce=3)
    auction.trade((bid, auction.ask(), 700))
    auction.cancel_below(traders.buyer, 4)
    assert auction.status(bid) == (NonceState.CANCELLED, 700)
    refusal = {"order_id": auction.name(bid), "reason": Refusal.NONCE_SPENT}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, auction.ask(), 1))
    assert traders.money(traders.buyer) == (FUNDS - auction.paid(700), auction.paid(700))


def test_cancel_signed_below__filled__stays_filled(auction: Auction) -> None:
    bid = auction.bid(nonce=3)
    auction.trade((bid, auction.ask(), AMOUNT))
    auction.cancel_below(auction.traders.buyer, 4)
    assert auction.state(bid) is NonceState.FILLED


def test_cancel_signed_below__stored_orders__are_left_alone(auction: Auction) -> None:
    traders = auction.traders
    stored = traders.buy(AMOUNT)
    auction.cancel_below(traders.buyer, WIDEST - 1)
    auction.trade((stored, auction.ask(), 5), price=240_000)
    assert traders.terms(stored).remaining == AMOUNT - 5


@pytest.mark.parametrize("stop", [pause, shut_down])
def test_cancel_signed_below__stopped__is_open(auction: Auction, stop: Stop) -> None:
    market = auction.traders.market
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    stop(auction.traders)
    auction.cancel_below(auction.traders.buyer, 1)
    assert state(auction, 0) is NonceState.CANCELLED
