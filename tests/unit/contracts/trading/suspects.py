"""An order under suspicion, in a batch of honest ones: what must happen when it is refused."""

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
from tests.unit.contracts.trading.desk import AMOUNT, FUNDS, refuses

__all__ = [
    "NOW",
    "OTHER_WH",
    "SUSPECT",
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
SUSPECT = actor("suspect")
# Fills that no whole unit of money fits; the first is the suspect's.
WH, OTHER_WH = 1777, 1003
NOW = MONDAY + 1000


def order(
    auction: Auction, side: OrderType, *, trader: LocalAccount = SUSPECT, **terms: int
) -> SignedOrder:
    """The suspect's signed order, or another trader's."""
    return auction.order(trader, side, **terms)


def place(auction: Auction, side: OrderType, **terms: int) -> int:
    """The suspect's stored order, within the usual limits."""
    limit = BID if side is BUY else ASK
    asked = {"amount": AMOUNT, "price": limit, "start": auction.desk.start, **terms}
    return auction.desk.market.order(SUSPECT, side, **asked)


def against(auction: Auction, side: OrderType, suspect: Named) -> tuple[Batch, SignedOrder]:
    """A batch in which one honest order trades with a suspect one and with another honest one; and
    that order, the counterparty."""
    desk = auction.desk
    if side is SELL:
        bid = auction.bid(desk.buyer, 3000)
        fills = ((bid, suspect, WH), (bid, auction.ask(desk.rival), OTHER_WH))
        return auction.batch(*fills), bid
    ask = auction.ask(desk.seller, 3000)
    fills = ((suspect, ask, WH), (auction.bid(desk.rival), ask, OTHER_WH))
    return auction.batch(*fills), ask


def assert_left_out(
    auction: Auction, side: OrderType, suspect: Named, reason: Refusal, *, time: int = NOW
) -> None:
    """Strict, the batch is refused for this order; otherwise all but the order trade, and nothing
    of the counterparty's money stays locked for it."""
    desk = auction.desk
    batch, counterparty = against(auction, side, suspect)
    name = auction.name(suspect)
    trader = SUSPECT.address if isinstance(suspect, int) else suspect.terms.trader
    before = auction.money(trader)
    standing = _standing(auction, suspect)

    desk.market.at(time - 1)
    with refuses(desk.market, errors.EnergyTrading_Refused, order_id=name, reason=reason):
        auction.settle(batch)
    count = auction.count()

    desk.market.at(time)
    receipt = auction.settle(batch, skip=True)
    assert desk.emitted(receipt) == ["OrderSkipped", "OrdersMatched", "BatchSettled"]
    assert auction.skipped(receipt) == [(name, reason)]
    assert auction.count() == count + 1
    buyer, seller = (desk.buyer, desk.rival) if side is SELL else (desk.rival, desk.seller)
    made = (buyer.address, seller.address, OTHER_WH, CLEARING)
    assert auction.fills()[-1] == made
    paid, secured = auction.paid(OTHER_WH), auction.secured(OTHER_WH)
    assert auction.money(buyer) == (FUNDS - paid, paid)
    assert auction.money(seller) == (FUNDS - secured, secured)
    assert auction.standing(counterparty) == (NonceState.PARTIAL, OTHER_WH)
    assert auction.money(trader) == before
    assert _standing(auction, suspect) == standing


def _standing(auction: Auction, suspect: Named) -> object:
    if isinstance(suspect, int):
        known = 0 < suspect <= auction.trading.call("orderCount")
        return (auction.desk.order(suspect), auction.desk.terms(suspect)) if known else None
    return auction.standing(suspect) if suspect.nonce < WIDEST else None


def assert_taken(auction: Auction, side: OrderType, suspect: Named, *, time: int = NOW) -> None:
    """The batch is carried out, the order in it."""
    batch, _ = against(auction, side, suspect)
    count = auction.count()
    auction.desk.market.at(time)
    auction.settle(batch)
    assert auction.count() == count + 2


def block(auction: Auction, side: OrderType) -> None:
    """The authority deactivates the suspect on one side."""
    market = auction.desk.market
    market.do(SUSPECT, market.grid, "registerProducer", 1000, 0)
    market.do(SUSPECT, market.grid, "registerConsumer", 1000)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "deactivateParticipant", SUSPECT.address, side is SELL)


def leave(auction: Auction, amount: int) -> None:
    """The suspect takes out all but so much."""
    market = auction.desk.market
    out = market.balance(SUSPECT) - amount
    market.do(SUSPECT, market.settlement, "withdraw", out, SUSPECT.address)


def run_into_debt(auction: Auction) -> None:
    """The suspect spends everything, then consumes what it cannot pay for."""
    leave(auction, 0)
    assert incur_debt(auction.desk.market, SUSPECT) > 0
