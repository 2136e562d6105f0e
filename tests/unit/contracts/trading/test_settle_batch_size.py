"""EnergyTrading.settleBatch: a large batch fits into a block."""

from __future__ import annotations

from energy_grid.domain.signed_orders import NonceState
from tests.support.market import actor
from tests.unit.contracts.trading.auction import CLEARING, Auction

PAIRS = 100
AMOUNT = 1_777
# Of one transaction, where the chain bounds it (EIP-7825); and what is promised.
MOST_GAS, PROMISED_GAS = 2**24, 8_000_000


def test_settle_batch__a_hundred_pairs_of_two_hundred_traders__fit_into_a_transaction(
    auction: Auction,
) -> None:
    desk, market = auction.desk, auction.desk.market
    traders = [actor(f"household {number}") for number in range(2 * PAIRS)]
    funds = auction.paid(AMOUNT)
    market.give_money(desk.stranger, 2 * PAIRS * funds)
    for trader in traders:
        market.do(desk.stranger, market.settlement, "depositFor", trader.address, funds)
    pairs = [
        (auction.bid(buyer, AMOUNT), auction.ask(seller, AMOUNT))
        for buyer, seller in zip(traders[:PAIRS], traders[PAIRS:], strict=True)
    ]
    receipt = auction.trade(*((bid, ask, AMOUNT) for bid, ask in pairs))
    assert receipt.gas_used < PROMISED_GAS < MOST_GAS

    assert auction.count() == PAIRS
    addresses = [trader.address for trader in traders]
    assert auction.fills() == [
        (buyer, seller, AMOUNT, CLEARING)
        for buyer, seller in zip(addresses[:PAIRS], addresses[PAIRS:], strict=True)
    ]
    locked = market.settlement.call_many("lockedOf", [(address,) for address in addresses])
    assert locked == [funds] * PAIRS + [auction.secured(AMOUNT)] * PAIRS
    assert {auction.state(order) for pair in pairs for order in pair} == {NonceState.FILLED}
