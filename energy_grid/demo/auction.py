"""The auction of one delivery period, and what of it the chain can carry out.

Clearing finds one price for all trades. The chain matches pair by pair, as far as both orders go,
and each pair trades at the limit of its earlier order. Both give every order exactly the same
energy (``clear_auction`` asserts it), and both keep to every limit; only how the gain is divided
within a pair differs. So two prices are reported: the clearing price, and the average of what was
agreed on the chain, weighted by volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from energy_grid.domain.clearing import Clearing, OrderColumns, clear
from energy_grid.domain.orders import OrderType
from energy_grid.errors import DomainError

__all__ = ["Auction", "Pair", "PairsDifferError", "PlacedOrder", "clear_auction"]


class PairsDifferError(DomainError):
    """Matching the pairs one by one does not give the fills of the clearing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order with the id that the chain gave it; the lower id is the earlier order."""

    id: int
    household: int
    order_type: OrderType
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two orders to match: how many Wh go over, and at what price per kWh."""

    buy_id: int
    sell_id: int
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """The outcome of one period.

    Attributes:
        price: the clearing price per kWh, None where nothing trades.
        pairs: in the order in which they are to be matched.
        unfilled: ids of the orders with something left.
    """

    price: int | None
    pairs: tuple[Pair, ...]
    unfilled: tuple[int, ...]


def clear_auction(orders: Sequence[PlacedOrder]) -> Auction:
    """Clear one period: maximal welfare, one price, and the pairs that carry it out.

    Raises:
        PairsDifferError: the pairs would not carry it out.
    """
    bids, asks = (
        [order for order in orders if order.order_type is order_type] for order_type in OrderType
    )
    clearing = clear(_columns(bids), _columns(asks))
    by_id = {order.id: order for order in orders}
    remaining = {order.id: order.wh for order in orders}
    pairs = []
    for buy_id, sell_id in zip(
        clearing.pair_buy_ids.tolist(), clearing.pair_sell_ids.tolist(), strict=True
    ):
        wh = min(remaining[buy_id], remaining[sell_id])
        price = by_id[min(buy_id, sell_id)].price
        remaining[buy_id] -= wh
        remaining[sell_id] -= wh
        pairs.append(Pair(buy_id=buy_id, sell_id=sell_id, wh=wh, price=price))
    _check_fills(bids, asks, clearing, pairs, remaining)
    return Auction(
        price=clearing.price,
        pairs=tuple(pairs),
        unfilled=tuple(order.id for order in orders if remaining[order.id]),
    )


def _columns(side: Sequence[PlacedOrder]) -> OrderColumns:
    return OrderColumns.of_rows((order.id, order.price, order.wh) for order in side)


def _check_fills(
    bids: Sequence[PlacedOrder],
    asks: Sequence[PlacedOrder],
    clearing: Clearing,
    pairs: Sequence[Pair],
    remaining: dict[int, int],
) -> None:
    for side, fills in ((bids, clearing.bid_fills), (asks, clearing.ask_fills)):
        for order, fill in zip(side, fills.tolist(), strict=True):
            if order.wh - remaining[order.id] != fill:
                raise PairsDifferError(
                    f"order {order.id} clears {fill} Wh, its pairs give"
                    f" {order.wh - remaining[order.id]} Wh"
                )
    if not np.array_equal(clearing.pair_wh, np.array([pair.wh for pair in pairs], np.int64)):
        raise PairsDifferError("the pairs carry other amounts than the clearing says")
