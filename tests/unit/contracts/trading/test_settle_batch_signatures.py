"""EnergyTrading.settleBatch: what a trader's key has signed (threats 19, 21, 23 and 24)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import MONDAY, Market, compact
from tests.support.permits import sign_permit
from tests.support.signed_orders import batch_args, deploy_wallet, sign
from tests.unit.contracts.trading.auction import CLEARING, Auction, forged
from tests.unit.contracts.trading.tested_order import TESTED, WH, assert_left_out, assert_taken
from tests.unit.contracts.trading.traders import AMOUNT, DAY, FUNDS, HOUR, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL
# The order of the curve's group.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PARITY = 2**255
NOBODY = "0x" + 40 * "0"
OTHER_CHAIN = 246


@pytest.fixture(autouse=True)
def tested(auction: Auction) -> None:
    """One more trader with money."""
    auction.traders.market.deposit(TESTED, FUNDS)


def with_words(order: SignedOrder, r: int, vs: int) -> SignedOrder:
    return replace(order, signature=r.to_bytes(32) + vs.to_bytes(32))


def words(order: SignedOrder) -> tuple[int, int]:
    r, vs = compact(order.signature)
    return int.from_bytes(r), int.from_bytes(vs)


# The form


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize("v", [27, 28])
def test_settle_batch__signed_with_either_parity__is_taken(
    auction: Auction, side: OrderType, v: int
) -> None:
    orders = (auction.order(TESTED, side, nonce=nonce) for nonce in range(100))
    assert_taken(auction, side, next(order for order in orders if order.signature[64] == v))


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__other_parity__is_refused(auction: Auction, side: OrderType) -> None:
    order = auction.order(TESTED, side)
    r, vs = words(order)
    wrong = with_words(order, r, vs ^ PARITY)
    assert_left_out(auction, side, wrong, Refusal.WRONG_SIGNATURE)


def test_settle_batch__signature_turned_into_its_malleable_copy__is_refused(
    auction: Auction,
) -> None:
    # (r, n - s) of the other parity is the same point; the compact form has no room for its s.
    order = auction.ask(TESTED)
    r, vs = words(order)
    s, parity = vs % PARITY, vs // PARITY
    malleated = N - s
    for wrong in (
        malleated,
        malleated ^ PARITY,
        malleated % PARITY,
        malleated % PARITY | (1 - parity) * PARITY,
    ):
        _assert_not_signed(auction, with_words(order, r, wrong))
    # What little room there is above half of n is refused, too.
    for high in (N // 2 + 1, PARITY - 1, (N // 2 + 1) | PARITY):
        _assert_not_signed(auction, with_words(order, r, high))


@pytest.mark.parametrize("r", [0, N, N + 1, 2**256 - 1])
def test_settle_batch__r_that_no_signature_has__is_refused(auction: Auction, r: int) -> None:
    order = auction.ask(TESTED)
    _assert_not_signed(auction, with_words(order, r, words(order)[1]))


@pytest.mark.parametrize("vs", [1, PARITY, PARITY + 1, 2**256 - 1])
def test_settle_batch__s_of_another_point__is_refused(auction: Auction, vs: int) -> None:
    order = auction.ask(TESTED)
    _assert_not_signed(auction, with_words(order, words(order)[0], vs))


def test_settle_batch__any_byte_of_a_signature_changed__is_refused(auction: Auction) -> None:
    order = auction.ask(TESTED)
    r, vs = words(order)
    right = r.to_bytes(32) + vs.to_bytes(32)
    assert auction.trading.call("settleBatch", _raw(auction, order), False, sender=auction.keeper)
    for place in range(64):
        bit = 1 << place % 8
        wrong = bytearray(right)
        wrong[place] ^= bit
        _assert_not_signed(auction, replace(order, signature=bytes(wrong)))


@pytest.mark.parametrize(
    ("r", "vs"), [(0, 1), (0, PARITY), (1, N // 2 + 1), (N, 1), (5, 2**256 - 1)]
)
def test_settle_batch__nobodys_order__is_refused(auction: Auction, r: int, vs: int) -> None:
    # A signature that recovers to nobody is not nobody's: the zero address signs nothing.
    order = sign(auction.traders.market, TESTED, auction.terms(NOBODY, SELL), 0)
    _assert_not_signed(auction, with_words(order, r, vs))


def _raw(auction: Auction, order: SignedOrder) -> list[Any]:
    return batch_args(auction.batch((auction.bid(), order, WH)))


def _assert_not_signed(auction: Auction, order: SignedOrder) -> None:
    """Asked without a transaction, strict and not."""
    with pytest.raises(errors.EnergyTrading_Refused) as refusal:
        auction.trading.call("settleBatch", _raw(auction, order), False, sender=auction.keeper)
    assert refusal.value.arguments == {
        "order_id": auction.name(order),
        "reason": Refusal.WRONG_SIGNATURE,
    }
    raw = _raw(auction, order)
    assert auction.trading.call("settleBatch", raw, True, sender=auction.keeper) == 0


# What was signed


@pytest.mark.parametrize(
    "terms",
    [
        {"amount": AMOUNT + 1},
        {"amount": AMOUNT - 1},
        {"price": CLEARING - 2},
        {"price": CLEARING},
        {"expiry": MONDAY + DAY},
        {"order_type": BUY},
    ],
)
def test_settle_batch__terms_changed__is_refused(auction: Auction, terms: dict[str, Any]) -> None:
    order = auction.ask(TESTED, price=CLEARING - 1, expiry=MONDAY + DAY - 1)
    if terms.get("order_type") is BUY:
        # The seller signed a SELL at a price that a BUY would have allowed, too.
        order = auction.ask(TESTED, price=CLEARING)
        assert_left_out(auction, BUY, forged(order, **terms), Refusal.WRONG_SIGNATURE)
    else:
        assert_left_out(auction, SELL, forged(order, **terms), Refusal.WRONG_SIGNATURE)


def test_settle_batch__nonce_or_trader_changed__is_refused(auction: Auction) -> None:
    order = auction.ask(TESTED, nonce=3)
    for wrong in (
        replace(order, nonce=4),
        replace(order, nonce=2),
        forged(order, trader=auction.traders.rival.address),
    ):
        _assert_not_signed(auction, wrong)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__signed_for_another_period__is_refused(
    auction: Auction, side: OrderType
) -> None:
    for other in (
        Period(kind=PeriodKind.HOURLY, start=auction.traders.start + HOUR),
        Period(kind=PeriodKind.HOURLY, start=auction.traders.start - HOUR),
        Period(kind=PeriodKind.DAILY, start=MONDAY),
        Period(kind=PeriodKind.WEEKLY, start=MONDAY),
    ):
        order = auction.order(TESTED, side, period=other)
        # The batch says which period it is for: the order is taken as one of that.
        batch = auction.batch(*_pair(auction, order))
        name = auction.name(forged(order, period=auction.period))
        refusal = {"order_id": name, "reason": Refusal.WRONG_SIGNATURE}
        with refuses(auction.traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.settle(batch)
        assert auction.skipped(auction.settle(batch, skip=True)) == [(name, refusal["reason"])]
        assert auction.money(TESTED) == (FUNDS, 0)
    assert auction.count() == 0


def test_settle_batch__signed_for_another_kind_with_the_same_start__is_refused(
    auction: Auction,
) -> None:
    periods = [Period(kind=kind, start=MONDAY) for kind in list(PeriodKind)[:3]]
    for signed in periods:
        order = auction.ask(TESTED, period=signed, nonce=signed.kind)
        for period in periods:
            bid = auction.bid(period=period, nonce=3 * signed.kind + period.kind)
            raw = batch_args(auction.batch((bid, order, 10), period=period))
            if period == signed:
                auction.settle(raw)
                continue
            name = auction.name(forged(order, period=period))
            with refuses(
                auction.traders.market,
                errors.EnergyTrading_Refused,
                order_id=name,
                reason=Refusal.WRONG_SIGNATURE,
            ):
                auction.settle(raw)


def _pair(auction: Auction, order: SignedOrder) -> list[tuple[SignedOrder, SignedOrder, int]]:
    if order.terms.order_type is BUY:
        return [(order, auction.ask(), WH)]
    return [(auction.bid(), order, WH)]


# The domain


@pytest.mark.parametrize(
    "domain",
    [
        {"name": "EnergyGrid SmartMeter"},
        {"name": "EnergyGrid EnergyTrading "},
        {"version": "2"},
        {"version": ""},
        {"chainId": 1},
        {"chainId": OTHER_CHAIN},
        {"verifyingContract": "0x" + 40 * "1"},
        {"salt": bytes(32)},
    ],
    ids=lambda domain: "-".join(map(str, domain.items())),
)
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__signed_in_another_domain__is_refused(
    auction: Auction, side: OrderType, domain: dict[str, Any]
) -> None:
    market = auction.traders.market
    order = sign(market, TESTED, auction.terms(TESTED, side), 0, **domain)
    assert_left_out(auction, side, order, Refusal.WRONG_SIGNATURE)


def test_settle_batch__signed_for_settlement__is_refused(auction: Auction) -> None:
    market = auction.traders.market
    for contract in (market.settlement, market.meters, market.spot):
        domain = {"verifyingContract": contract.address}
        _assert_not_signed(auction, sign(market, TESTED, auction.terms(TESTED, SELL), 0, **domain))


@pytest.mark.anvil
def test_settle_batch__after_a_fork_of_the_chain__takes_what_was_signed_for_the_new_one(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    asked = [
        (traders.buyer, auction.terms(traders.buyer, BUY)),
        (TESTED, auction.terms(TESTED, SELL)),
    ]
    old = [sign(market, trader, terms, 0) for trader, terms in asked]
    new = [sign(market, trader, terms, 0, chainId=OTHER_CHAIN) for trader, terms in asked]
    old_batch, new_batch = (auction.batch((bid, ask, WH)) for bid, ask in (old, new))
    names = auction.name(old_batch.signed_orders[0])

    with _chain_id(market, OTHER_CHAIN):
        with pytest.raises(errors.EnergyTrading_Refused) as refusal:
            auction.settle(old_batch)
        assert refusal.value.arguments["reason"] == Refusal.WRONG_SIGNATURE
        # The order is another one there: it has another hash.
        assert refusal.value.arguments["order_id"] != names
        auction.settle(new_batch)
        assert auction.count() == 1
        assert auction.trading.call("eip712Domain")[3] == OTHER_CHAIN
    # Back on the first chain, where the state is the fork's: neither is good any more.
    for batch in (old_batch, new_batch):
        with pytest.raises(errors.EnergyTrading_Refused):
            auction.settle(batch)
    later = auction.ask(TESTED, nonce=1)
    auction.trade((auction.bid(nonce=1), later, WH))
    assert auction.state(later) is NonceState.PARTIAL


@contextmanager
def _chain_id(market: Market, number: int) -> Iterator[None]:
    """The chain has another number inside."""
    before = market.node.chain_id
    market.node.rpc("anvil_setChainId", number)
    try:
        yield
    finally:
        market.node.rpc("anvil_setChainId", before)


# Accounts with code, and money that comes by a permit


@pytest.mark.anvil
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__account_that_has_lent_itself_code__signs_with_its_key(
    auction: Auction, side: OrderType
) -> None:
    """EIP-7702, whatever the code says to signatures."""
    market = auction.traders.market
    wallet = deploy_wallet(market, auction.traders.rival)
    market.do(auction.traders.rival, wallet, "behave", 1, 0)
    _lend_code(market, TESTED.address, wallet.address)
    assert_taken(auction, side, auction.order(TESTED, side))


@pytest.mark.anvil
def test_settle_batch__account_that_has_lent_itself_code__is_not_signed_for_by_others(
    auction: Auction,
) -> None:
    market, rival = auction.traders.market, auction.traders.rival
    wallet = deploy_wallet(market, rival)
    _lend_code(market, TESTED.address, wallet.address)
    # The wallet's owner is in the wallet's storage, not in the account's.
    _assert_not_signed(auction, auction.of_wallet(TESTED.address, rival, SELL))
    _assert_not_signed(auction, auction.order(TESTED, SELL, key=rival))


@pytest.mark.anvil
def test_settle_batch__account_that_has_lent_itself_code__can_answer_by_it(
    auction: Auction,
) -> None:
    market, rival = auction.traders.market, auction.traders.rival
    wallet = deploy_wallet(market, rival)
    _lend_code(market, TESTED.address, wallet.address)
    own = type(wallet)(market.node, TESTED.address, "WalletDouble")
    market.do(TESTED, own, "setOwner", rival.address)
    assert_taken(auction, SELL, auction.of_wallet(TESTED.address, rival, SELL))


def _lend_code(market: Market, account: str, code: str) -> None:
    market.node.rpc("anvil_setCode", account, "0xef0100" + code[2:].lower())


def test_settle_batch__permit_used_first_by_a_third_party__is_paid_all_the_same(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    newcomer, settlement = traders.stranger, market.settlement
    cost = auction.paid(WH)
    market.do(newcomer, market.dollar, "faucet", cost)
    deadline = market.now + HOUR
    permit = sign_permit(market.dollar, newcomer, settlement.address, cost, deadline=deadline)
    signed = (permit.deadline, permit.v, permit.r, permit.s)
    bid = auction.bid(newcomer)

    market.do(
        traders.rival, market.dollar, "permit", newcomer.address, settlement.address, cost, *signed
    )
    market.do(newcomer, settlement, "depositWithPermit", cost, *signed)
    auction.trade((bid, auction.ask(), WH))
    assert traders.money(newcomer) == (0, cost)
