"""Signed orders and batches of Thursday's noon, as stories of trading make them."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.client import Account, OrderType, Period, PeriodKind, SignedOrder
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms
from energy_grid.market.signing import sign_order
from scripts._walkthrough.houses import DAY, HOUR
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT

__all__ = ["batch_of", "large_sale", "noon", "open_order", "signed", "terms_of"]

_PRICE = 26 * CENT
_UNKNOWN_SET = bytes(32)
# Who buys, who sells: signed orders, or numbers of stored ones.
Pair = tuple[SignedOrder | int, SignedOrder | int, int]


def noon(stage: Stage) -> Period:
    """The hour from 12 of the running day."""
    return Period(kind=PeriodKind.HOURLY, start=stage.now // DAY * DAY + 12 * HOUR)


def terms_of(stage: Stage, trader: Account, side: OrderType, wh: int, price: int) -> OrderTerms:
    """What a trader asks for, of noon, until then."""
    period = noon(stage)
    return OrderTerms(
        trader=trader.address,
        order_type=side,
        amount=wh,
        price=price,
        expiry=period.end - 1,
        period=period,
    )


def signed(
    stage: Stage, trader: Account, side: OrderType, wh: int, price: int, *, nonce: int
) -> SignedOrder:
    terms = terms_of(stage, trader, side, wh, price)
    return sign_order(trader, terms, nonce, stage.market.trading_domain)


def large_sale(stage: Stage) -> SignedOrder:
    """The prosumer's, of more than anybody wants."""
    return signed(stage, stage.person("the prosumer"), OrderType.SELL, 2**32, 25 * CENT, nonce=20)


def open_order(name: int, terms: OrderTerms) -> OpenOrder:
    return OpenOrder(
        id=name,
        trader=terms.trader,
        order_type=terms.order_type,
        price=terms.price,
        open_wh=terms.amount,
    )


def batch_of(stage: Stage, pairs: Sequence[Pair], order_set: bytes = _UNKNOWN_SET) -> Batch:
    """A batch of noon: orders in the order that it wants, and fills by places."""
    every = [order for buy, sell, _ in pairs for order in (buy, sell)]
    by_key = {one.sorting_key: one for one in every if isinstance(one, SignedOrder)}
    stored = sorted({one for one in every if isinstance(one, int)})
    places: list[object] = [*sorted(by_key), *stored]

    def place(order: SignedOrder | int) -> int:
        return places.index(order if isinstance(order, int) else order.sorting_key)

    return Batch(
        period=noon(stage),
        price=_PRICE,
        order_set=order_set,
        signed_orders=tuple(by_key[key] for key in sorted(by_key)),
        stored_orders=tuple(stored),
        fills=tuple(Fill(buy=place(buy), sell=place(sell), amount=wh) for buy, sell, wh in pairs),
    )
