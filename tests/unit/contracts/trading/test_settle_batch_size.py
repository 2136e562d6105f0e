"""EnergyTrading.settleBatch: a large batch fits into a block."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import actor
from tests.unit.contracts.trading.auction import CLEARING, Auction

PAIRS = 100
AMOUNT = 1_777
# What a transaction can have where the chain bounds it (EIP-7825), and what these batches need: of
# each trader's first order, and of a later one, whose nonces have their storage word already.
MOST_GAS = 2**24
FIRST_GAS, LATER_GAS = 10_200_000, 6_200_000
# The target of a pair, its share of the whole transaction included.
STEADY_GAS_PER_PAIR = 60_000


@pytest.mark.anvil
def test_settle_batch__a_hundred_pairs_of_two_hundred_traders__fit_into_a_transaction(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    households = [actor(f"household {number}") for number in range(2 * PAIRS)]
    funds = 2 * auction.paid(AMOUNT)
    market.give_money(traders.stranger, 2 * PAIRS * funds)
    for trader in households:
        market.do(traders.stranger, market.settlement, "depositFor", trader.address, funds)
    first, later = (_pairs(auction, households, nonce) for nonce in (0, 1))
    used = [
        auction.trade(*((*pair, AMOUNT) for pair in pairs)).gas_used for pairs in (first, later)
    ]
    assert used[0] < FIRST_GAS < MOST_GAS
    assert used[1] < LATER_GAS
    assert used[1] <= STEADY_GAS_PER_PAIR * PAIRS

    assert auction.count() == 2 * PAIRS
    addresses = [trader.address for trader in households]
    assert auction.fills() == 2 * [
        (buyer, seller, AMOUNT, CLEARING)
        for buyer, seller in zip(addresses[:PAIRS], addresses[PAIRS:], strict=True)
    ]
    locked = market.settlement.call_many("lockedOf", [(address,) for address in addresses])
    assert locked == [funds] * PAIRS + [auction.secured(AMOUNT, AMOUNT)] * PAIRS
    assert {auction.state(order) for pair in (*first, *later) for order in pair} == {
        NonceState.FILLED
    }


def _pairs(
    auction: Auction, traders: list[LocalAccount], nonce: int
) -> list[tuple[SignedOrder, SignedOrder]]:
    """An order of each trader, until the end of its period: the first half buys of the second. An
    expiry of 32 bytes that are not zero would cost some 340 gas more an order."""
    terms = {"nonce": nonce, "expiry": auction.traders.end - 1}
    return [
        (auction.bid(buyer, AMOUNT, **terms), auction.ask(seller, AMOUNT, **terms))
        for buyer, seller in zip(traders[:PAIRS], traders[PAIRS:], strict=True)
    ]
