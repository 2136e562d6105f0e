"""Somebody with two wallets who trades in a circle gains nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import on_chain, rewound
from tests.support.market import actor
from tests.support.settlement import holdings, liabilities
from tests.unit.contracts.spot.traders import CREDITS, SpotTraders, fund, give_credits

MONEY = 10**15
WALLETS = (actor("left wallet"), actor("right wallet"))

amounts = st.integers(1, 30) | st.sampled_from([999, 1000, 1001, 4_999])
prices = st.sampled_from([1, 7, 99, 999, 1000, 1001, 250_001, 10**9 + 1])
# Who sells, how much, at which price, in how many parts, and as a trade or an offer.
moves = st.tuples(st.booleans(), amounts, prices, st.integers(1, 4), st.booleans())


def endow(traders: SpotTraders) -> None:
    """Two wallets who are producers and consumers, with the same money and energy."""
    market = traders.market
    for wallet in WALLETS:
        market.do(wallet, market.grid, "registerProducer", 1, 0)
        market.do(wallet, market.grid, "registerConsumer", 1)
        market.do(wallet, market.energy_token, "approve", traders.spot.address, 2**256 - 1)
        give_credits(market, wallet, CREDITS)
        fund(market, wallet, MONEY)


def sell(
    traders: SpotTraders, to_right: bool, amount: int, price: int, parts: int, *, trade: bool
) -> None:
    """One wallet sells to the other."""
    seller, buyer = WALLETS if to_right else WALLETS[::-1]
    if trade:
        traders.complete(traders.trade(amount, price, seller=seller, buyer=buyer), buyer=buyer)
        return
    offer = traders.offer(amount, price, seller=seller)
    for part in cut(amount, parts):
        traders.accept(offer, part, buyer=buyer)


def cut(amount: int, parts: int) -> list[int]:
    """An amount in so many parts, the last ones of 1 Wh."""
    ones = min(parts, amount) - 1
    return [amount - ones, *([1] * ones)]


def balances(traders: SpotTraders) -> tuple[int, int]:
    """All the money and energy of both wallets."""
    return sum(map(traders.money, WALLETS)), sum(map(traders.energy, WALLETS))


@settings(on_chain, max_examples=15)
@given(circle=st.lists(moves, min_size=1, max_size=5), fees=st.booleans())
def test_wallets__any_circle__costs_what_the_fees_are(
    traders: SpotTraders, circle: list[tuple[bool, int, int, int, bool]], fees: bool
) -> None:
    market = traders.market
    with rewound(market):
        endow(traders)
        if fees:
            traders.set_fees(33, 10_001)
        money, energy = balances(traders)
        for to_right, amount, price, parts, trade in circle:
            sell(traders, to_right, amount, price, parts, trade=trade)
        left, kept = balances(traders)
        assert kept == energy
        assert left == money - market.settlement.call("treasuryOwed")[0] <= money
        assert holdings(market) == liabilities(market)


def test_wallets__an_offer_that_nobody_takes__costs_nothing(traders: SpotTraders) -> None:
    endow(traders)
    traders.set_fees(100, 100_000)
    before = balances(traders)
    offer = traders.offer(5, 10**9, seller=WALLETS[0])
    trade = traders.trade(5, 10**9, seller=WALLETS[0], buyer=WALLETS[1])
    traders.do(WALLETS[0], "cancelEnergyOffer", offer)
    traders.do(WALLETS[1], "cancelTrade", trade)
    assert balances(traders) == before
