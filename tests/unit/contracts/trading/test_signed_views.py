"""The views of signed orders: hashOrder, nonceState, filled, SIGNATURE_GAS, eip712Domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState
from tests.support.examples import on_chain
from tests.support.market import MONDAY
from tests.support.refusals import refused
from tests.support.signed_orders import digest, order_args, sign
from tests.unit.contracts.trading.auction import WIDEST, Auction
from tests.unit.contracts.trading.traders import AMOUNT, FOREVER, HOUR

BUY, SELL = OrderType.BUY, OrderType.SELL
_TYPE = (
    "EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,"
    "uint256 deliveryStart,uint256 validUntil,uint256 nonce)"
)
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_NAME = "EnergyGrid EnergyTrading"
_WORD = st.integers(0, FOREVER)


def hash_of(auction: Auction, terms: OrderTerms, nonce: int) -> bytes:
    """What the contract says; signatures are not looked at."""
    order = sign(auction.traders.market, auction.traders.stranger, terms, nonce)
    period = terms.period
    return bytes(
        auction.trading.call("hashOrder", order_args(order, []), period.kind, period.start)
    )


# hashOrder


@on_chain
@given(
    trader=st.binary(min_size=20, max_size=20),
    side=st.sampled_from(OrderType),
    numbers=st.tuples(_WORD, _WORD, _WORD, _WORD),
    kind=st.sampled_from(PeriodKind),
    start=st.integers(0, 10**6),
)
def test_hash_order__any_order__is_what_a_wallet_signs(
    auction: Auction,
    trader: bytes,
    side: OrderType,
    numbers: tuple[int, int, int, int],
    kind: PeriodKind,
    start: int,
) -> None:
    amount, price, expiry, nonce = numbers
    # Weeks begin on Mondays, and so can all others.
    period = Period(kind=kind, start=MONDAY + start * 7 * 24 * HOUR)
    terms = auction.terms("0x" + trader.hex(), side, amount, price, expiry=expiry, period=period)
    found = hash_of(auction, terms, nonce)
    assert found == digest(auction.traders.market, terms, nonce)

    # And field by field, with no library.
    market = auction.traders.market
    domain = encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [
            *(keccak(text=_DOMAIN), keccak(text=_NAME), keccak(text="1")),
            *(market.node.chain_id, auction.trading.address),
        ],
    )
    struct = encode(
        ["bytes32", "address", "bytes32", "uint256", "uint256", "bytes32"] + ["uint256"] * 3,
        [
            *(keccak(text=_TYPE), terms.trader, keccak(text=side.name), amount, price),
            *(keccak(text=kind.name), period.start, expiry, nonce),
        ],
    )
    assert found == keccak(b"\x19\x01" + keccak(domain) + keccak(struct))


def test_hash_order__anything_changed__is_another(auction: Auction) -> None:
    terms = auction.terms(auction.traders.buyer, BUY, expiry=5)
    changes: list[dict[str, Any]] = [
        {"trader": auction.traders.seller.address},
        {"order_type": SELL},
        {"amount": AMOUNT + 1},
        {"price": terms.price + 1},
        {"expiry": 6},
        {"period": Period(kind=PeriodKind.HOURLY, start=MONDAY)},
        {"period": Period(kind=PeriodKind.DAILY, start=MONDAY)},
    ]
    hashes = {hash_of(auction, replace(terms, **change), 0) for change in [{}, *changes]}
    hashes.add(hash_of(auction, terms, 1))
    assert len(hashes) == len(changes) + 2


# nonceState


def test_nonce_state__of_an_order__is_what_has_become_of_it(auction: Auction) -> None:
    traders = auction.traders
    bid = auction.bid(nonce=5)
    assert auction.state(bid) is NonceState.OPEN
    auction.trade((bid, auction.ask(), 1))
    assert auction.state(bid) is NonceState.PARTIAL
    auction.trade((bid, auction.ask(), AMOUNT - 1))
    assert auction.state(bid) is NonceState.FILLED
    auction.cancel(traders.buyer, 6)
    assert auction.state(auction.bid(nonce=6)) is NonceState.CANCELLED


def test_nonce_state__below_the_floor__is_cancelled_unless_filled(auction: Auction) -> None:
    auction.trade((auction.bid(nonce=0), auction.ask(), 1))
    auction.trade((auction.bid(nonce=1, amount=5), auction.ask(), 5))
    auction.cancel(auction.traders.buyer, 2, 4)
    auction.cancel_below(auction.traders.buyer, 4)
    found = [auction.state(auction.bid(nonce=nonce)) for nonce in range(6)]
    assert found == [
        *(NonceState.CANCELLED, NonceState.FILLED, NonceState.CANCELLED),
        *(NonceState.CANCELLED, NonceState.CANCELLED, NonceState.OPEN),
    ]


def test_nonce_state__of_somebody_unknown__is_open(auction: Auction) -> None:
    stranger = auction.traders.stranger.address
    for nonce in (0, WIDEST - 1):
        assert auction.trading.call("nonceState", stranger, nonce) == NonceState.OPEN


@pytest.mark.parametrize("nonce", [WIDEST, FOREVER])
def test_nonce_state__too_large__is_refused(auction: Auction, nonce: int) -> None:
    with refused(errors.EnergyTrading_NonceTooLarge, nonce=nonce):
        auction.trading.call("nonceState", auction.traders.buyer.address, nonce)


# filled


def test_filled__in_parts__adds_them_up(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    assert auction.filled(bid) == 0
    total = 0
    for part in (1, 700, 1299):
        auction.trade((bid, ask, part))
        total += part
        assert auction.filled(bid) == auction.filled(ask) == total
    assert auction.state(bid) is NonceState.FILLED


def test_filled__at_once_or_of_no_order__is_nothing(auction: Auction) -> None:
    bid = auction.bid()
    auction.trade((bid, auction.ask(), AMOUNT))
    assert (auction.filled(bid), auction.state(bid)) == (0, NonceState.FILLED)
    for unknown in (bytes(32), b"\xff" * 32):
        assert auction.trading.call("filled", unknown) == 0


# The rest


def test_signed_floor_of__of_somebody_unknown__is_zero(auction: Auction) -> None:
    assert auction.trading.call("signedFloorOf", auction.traders.stranger.address) == 0


def test_signature_gas__is_what_a_wallet_has(auction: Auction) -> None:
    assert auction.trading.call("SIGNATURE_GAS") == 100_000


def test_eip712_domain__is_the_contracts_own(auction: Auction) -> None:
    # 0x0f: the first four of EIP-712's five fields.
    chain_id = auction.traders.market.node.chain_id
    assert auction.trading.call("eip712Domain") == (
        *(b"\x0f", _NAME, "1", chain_id, auction.trading.address, bytes(32), ()),
    )
