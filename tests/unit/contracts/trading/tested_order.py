"""One order under test in a batch of valid orders: what must happen when the chain refuses it."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.batch import Batch, Refusal
from energy_grid.domain.orders import OrderType
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import MONDAY, actor
from tests.support.settlement import incur_debt
from tests.unit.contracts.trading.auction import (
    ASK,
    BID,
    CLEARING,
    WIDEST,
    Auction,
    Named,
)
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, refuses

__all__ = [
    "NOW",
    "OTHER_WH",
    "TESTED",
    "WH",
    "against",
    "assert_left_out",
    "assert_taken",
    "block",
    "leave",
    "order",
    "place",
    "run_into_debt",
]

BUY, SELL = OrderType.BUY, OrderType.SELL
TESTED = actor("tested")
# Fills that no whole unit of money fits; the first is the tested order's.
WH, OTHER_WH = 1777, 1003
NOW = MONDAY + 1000


def order(
    auction: Auction, side: OrderType, *, trader: LocalAccount = TESTED, **terms: int
) -> SignedOrder:
    """The tested trader's signed order, or another trader's."""
    return auction.order(trader, side, **terms)


def place(auction: Auction, side: OrderType, **terms: int) -> int:
    """The tested trader's on-chain order, within the usual limits."""
    limit = BID if side is BUY else ASK
    asked = {"amount": AMOUNT, "price": limit, "start": auction.traders.start, **terms}
    return auction.traders.market.order(TESTED, side, **asked)


def against(auction: Auction, side: OrderType, tested: Named) -> tuple[Batch, SignedOrder]:
    """A batch in which one valid order trades with the tested one and with another valid one; and
    that order, the counterparty."""
    traders = auction.traders
    if side is SELL:
        bid = auction.bid(traders.buyer, 3000)
        fills = ((bid, tested, WH), (bid, auction.ask(traders.rival), OTHER_WH))
        return auction.batch(*fills), bid
    ask = auction.ask(traders.seller, 3000)
    fills = ((tested, ask, WH), (auction.bid(traders.rival), ask, OTHER_WH))
    return auction.batch(*fills), ask


def assert_left_out(
    auction: Auction, side: OrderType, tested: Named, reason: Refusal, *, time: int = NOW
) -> None:
    """Strict, the batch is refused for this order; otherwise all but the order trade, and nothing
    of the counterparty's money stays locked for it."""
    traders = auction.traders
    batch, counterparty = against(auction, side, tested)
    name = auction.name(tested)
    trader = TESTED.address if isinstance(tested, int) else tested.terms.trader
    before = auction.money(trader)
    status = _status(auction, tested)

    traders.market.at(time - 1)
    with refuses(traders.market, errors.EnergyTrading_Refused, order_id=name, reason=reason):
        auction.settle(batch)
    count = auction.count()

    traders.market.at(time)
    receipt = auction.settle(batch, skip=True)
    assert traders.emitted(receipt) == ["OrderSkipped", "OrdersMatched", "BatchSettled"]
    assert auction.skipped(receipt) == [(name, reason)]
    assert auction.count() == count + 1
    buyer, seller = (
        (traders.buyer, traders.rival) if side is SELL else (traders.rival, traders.seller)
    )
    made = (buyer.address, seller.address, OTHER_WH, CLEARING)
    assert auction.fills()[-1] == made
    paid, secured = auction.paid(OTHER_WH), auction.secured(OTHER_WH)
    assert auction.money(buyer) == (FUNDS - paid, paid)
    assert auction.money(seller) == (FUNDS - secured, secured)
    assert auction.status(counterparty) == (NonceState.PARTIAL, OTHER_WH)
    assert auction.money(trader) == before
    assert _status(auction, tested) == status


def _status(auction: Auction, tested: Named) -> object:
    if isinstance(tested, int):
        known = 0 < tested <= auction.trading.call("orderCount")
        return (auction.traders.order(tested), auction.traders.terms(tested)) if known else None
    return auction.status(tested) if tested.nonce < WIDEST else None


def assert_taken(auction: Auction, side: OrderType, tested: Named, *, time: int = NOW) -> None:
    """The batch is carried out, the order in it."""
    batch, _ = against(auction, side, tested)
    count = auction.count()
    auction.traders.market.at(time)
    auction.settle(batch)
    assert auction.count() == count + 2


def block(auction: Auction, side: OrderType) -> None:
    """The authority deactivates the tested trader on one side."""
    market = auction.traders.market
    market.do(TESTED, market.grid, "registerProducer", 1000, 0)
    market.do(TESTED, market.grid, "registerConsumer", 1000)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "deactivateParticipant", TESTED.address, side is SELL)


def leave(auction: Auction, amount: int) -> None:
    """The tested trader takes out all but so much."""
    market = auction.traders.market
    out = market.balance(TESTED) - amount
    market.do(TESTED, market.settlement, "withdraw", out, TESTED.address)


def run_into_debt(auction: Auction) -> None:
    """The tested trader spends everything, then consumes what it cannot pay for."""
    leave(auction, 0)
    assert incur_debt(auction.traders.market, TESTED) > 0
