"""What the market's rules make of a day, computed anew from meters, trades and tariffs alone.

The rules of a slot are `energy_grid.domain.closing`; a community shares by the dynamic key.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from energy_grid.demo.records import MarketRecords, SlotKey
from energy_grid.domain.closing import (
    ClosingPrices,
    Flows,
    settle_slot,
    shareable,
    shared,
    shared_price,
)

__all__ = ["close_days", "positions_of", "prices_on", "sums_of"]


def positions_of(records: MarketRecords) -> Mapping[SlotKey, int]:
    """Bought less sold in each slot."""
    positions: Counter[SlotKey] = Counter()
    for trade in records.trades:
        for slot in trade.slots:
            positions[trade.buyer, slot] += trade.wh
            positions[trade.seller, slot] -= trade.wh
    return positions


def sums_of(
    records: MarketRecords, positions: Mapping[SlotKey, int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Surplus and deficit of the members of a community in each slot of the days that they closed
    together, by community and slot."""
    sums: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (account, day), community in records.together.items():
        for slot in records.slots_of(day):
            key = account, slot
            surplus, deficit = shareable(records.nets.get(key, 0), positions.get(key, 0))
            before = sums[community, slot]
            sums[community, slot] = before[0] + surplus, before[1] + deficit
    return sums


def close_days(records: MarketRecords) -> dict[SlotKey, Flows]:
    """Every slot of every day that was closed."""
    positions = positions_of(records)
    sums = sums_of(records, positions)
    credits: Counter[str] = Counter()
    flows = {}
    for closed in sorted(records.closed, key=lambda each: each.day):
        account = closed.account
        keeps = records.keeps[account, closed.day]
        community = records.together.get((account, closed.day))
        prices = prices_on(records, community, closed.day)
        for slot in records.slots_of(closed.day):
            key = account, slot
            net, position, share = records.nets.get(key, 0), positions.get(key, 0), (0, 0)
            if community is not None:
                share = shared(*shareable(net, position), *sums[community, slot])
            found = settle_slot(
                net,
                position,
                share,
                prices=prices,
                deficit_price=records.deficit_prices[slot],
                credits_=credits[account] if keeps else None,
            )
            flows[key] = found
            credits[account] += found.kept - found.drawn
    return flows


def prices_on(records: MarketRecords, community: int | None, day: int) -> ClosingPrices:
    """The prices of a day, for who closes it with a community or alone."""
    tariff, price = records.tariffs[day], 0
    if community is not None:
        price = shared_price(
            buy=tariff.buy,
            feed_in=tariff.feed_in,
            network_fee=tariff.network_fee,
            theta=records.thetas[community, day],
        )
    return ClosingPrices(
        feed_in=tariff.feed_in,
        network_fee=tariff.network_fee,
        shared=price,
        credit_value=records.credit_values[day],
    )
