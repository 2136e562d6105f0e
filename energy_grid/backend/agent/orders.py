"""Orders for an hour, from what its forecast is not sure of.

A trade is firm. Whoever sells a kWh and does not have it pays the price of a deficit; whoever buys
one and does not need it feeds it in. So each further kWh is riskier than the one before it, and has
a price of its own (the newsvendor's rule):

    sell  unsold + chance that it is missing x (short - unsold), and the fees
    buy   unbought - chance that it is not needed x (unbought - long)

The quantiles of a forecast are such chances: of what comes below the 10 % quantile is one kWh in
ten missing at most. Up to each quantile there is one order, whose limit is the price of its last
kWh. None loses at its limit on average, and each gains above it: that is the margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

from energy_grid.backend.agent.quantiles import LEVELS
from energy_grid.domain.orders import OrderType
from energy_grid.domain.preferences import Preference

__all__ = ["Bid", "Worth", "bids", "within"]

_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a kWh costs and earns in an hour without a trade, and beside one; money units.

    Attributes:
        unsold: what a surplus earns.
        unbought: what a deficit costs.
        short: what it costs to have sold too much.
        long: what it earns to have bought too much.
        fees: of a seller.
    """

    unsold: int
    unbought: int
    short: int
    long: int
    fees: int


@dataclass(frozen=True, slots=True)
class Bid:
    """An order of an hour: Wh of all its slots, and a limit price per kWh."""

    order_type: OrderType
    wh: int
    price: int


def bids(net: Sequence[float], worth: Worth, *, slots: int, least_wh: int) -> tuple[Bid, ...]:
    """The orders of an hour.

    Args:
        net: quantiles of the levels of `LEVELS`, Wh of the hour, export less import.
        slots: of the hour; each gets the same whole Wh.
        least_wh: an order of less is not worth its gas.
    """
    costly = max(worth.short - worth.unsold, 0)
    useless = max(worth.unbought - worth.long, 0)
    selling = [
        Bid(OrderType.SELL, wh, worth.unsold - (-level * costly // _PERCENT) + worth.fees)
        for level, wh in _rising(net, slots, least_wh)
    ]
    buying = [
        Bid(OrderType.BUY, wh, worth.unbought + (-level * useless // _PERCENT))
        for level, wh in _rising([-each for each in reversed(net)], slots, least_wh)
    ]
    return tuple(each for each in (*selling, *buying) if each.price > 0)


def within(preference: Preference, wanted: Sequence[Bid], slots: int) -> tuple[Bid, ...]:
    """The orders of an hour as a prosumer allows them: less energy, or a better price."""
    left = {
        OrderType.SELL: preference.sold_wh // slots * slots,
        OrderType.BUY: preference.bought_wh // slots * slots,
    }
    found = []
    for each in wanted:
        wh = min(each.wh, left[each.order_type])
        left[each.order_type] -= wh
        better = max if each.order_type is OrderType.SELL else min
        found.append(
            Bid(each.order_type, wh, better(each.price, preference.limit(each.order_type)))
        )
    return tuple(each for each in found if each.wh and each.price)


def _rising(net: Sequence[float], slots: int, least: int) -> Iterator[tuple[int, int]]:
    """For each level, the Wh that it has more than the one before."""
    known = 0
    for level, each in zip(LEVELS, net, strict=True):
        wh = max(floor(each / slots), 0) * slots - known
        if wh >= max(least, 1):
            known += wh
            yield level, wh
