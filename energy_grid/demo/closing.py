"""What the market's rules make of a day, computed anew from meters, trades and tariffs alone.

    net        export less import of the meter, as the settled leaves have it (rule 3)
    position   bought less sold (rule 9)
    sharing    metered surplus and deficit that trades leave, by the dynamic key (rule 13)
    rest       kept as credits or fed in; covered by credits or from the grid (rule 16)

    net + position + taken + drawn + from_grid == given + kept + fed_in     (rule 17)

Exact money is in thousandths of a base unit: every product of Wh and a price is exact in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from energy_grid.demo.records import MarketRecords, SlotKey

__all__ = ["Flows", "close_days", "positions_of", "shared_price", "summed", "sums_of"]

_BPS = 10_000
_MAX_CREDITS = 2**40 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """An account's energy of a slot, or of several: Wh, and the exact money that it brings."""

    net: int = 0
    position: int = 0
    taken: int = 0
    given: int = 0
    drawn: int = 0
    kept: int = 0
    from_grid: int = 0
    fed_in: int = 0
    money: int = 0

    def __add__(self, other: Flows) -> Flows:
        return Flows(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in _FIELDS}
        )


_FIELDS = fields(Flows)


def summed(flows: Iterable[Flows]) -> Flows:
    """All of them together."""
    return sum(flows, Flows())


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
            surplus, deficit = _shareable(records.nets.get(key, 0), positions.get(key, 0))
            before = sums[community, slot]
            sums[community, slot] = before[0] + surplus, before[1] + deficit
    return sums


def close_days(records: MarketRecords) -> dict[SlotKey, Flows]:
    """Every slot of every day that was closed."""
    nets, positions, together = records.nets, positions_of(records), records.together
    sums = sums_of(records, positions)
    credits: Counter[str] = Counter()
    flows = {}
    for closed in sorted(records.closed, key=lambda each: each.day):
        account = closed.account
        keeps = records.keeps[account, closed.day]
        community = together.get((account, closed.day))
        price = shared_price(records, community, closed.day)
        for slot in records.slots_of(closed.day):
            key = account, slot
            shared = (0, 0)
            if community is not None:
                shared = _shared(nets.get(key, 0), positions.get(key, 0), *sums[community, slot])
            found = _settle_slot(
                records,
                slot,
                net=nets.get(key, 0),
                position=positions.get(key, 0),
                shared=shared,
                price=price,
                credits_=credits[account] if keeps else None,
            )
            flows[key] = found
            credits[account] += found.kept - found.drawn
    return flows


def shared_price(records: MarketRecords, community: int | None, day: int) -> int:
    """What a taker pays a giver, per kWh."""
    if community is None:
        return 0
    tariff, theta = records.tariffs[day], records.thetas[community, day]
    room = tariff.buy - tariff.network_fee - tariff.feed_in
    return tariff.feed_in - (-theta * room // _BPS)


def _settle_slot(
    records: MarketRecords,
    slot: int,
    *,
    net: int,
    position: int,
    shared: tuple[int, int],
    price: int,
    credits_: int | None,
) -> Flows:
    """One slot; ``credits_`` is None for an account that neither keeps nor uses them."""
    day = slot // records.day_slots
    tariff, value = records.tariffs[day], records.credit_values[day]
    taken, given = shared
    surplus = max(net + position, 0) - given
    deficit = max(-net - position, 0) - taken
    kept = drawn = 0
    if credits_ is not None:
        kept = min(surplus, max(net, 0) - given, _MAX_CREDITS - credits_)
        drawn = min(deficit, max(-net, 0) - taken, credits_)
    fed_in, from_grid = surplus - kept, deficit - drawn
    buy = records.deficit_prices[slot]
    return Flows(
        net=net,
        position=position,
        taken=taken,
        given=given,
        drawn=drawn,
        kept=kept,
        from_grid=from_grid,
        fed_in=fed_in,
        money=given * price
        - taken * (price + tariff.network_fee)
        + fed_in * tariff.feed_in
        - drawn * (buy - value)
        - from_grid * buy,
    )


def _shareable(net: int, position: int) -> tuple[int, int]:
    """Only metered energy is shared: surplus and deficit that trades leave of it."""
    rest = net + position
    return min(max(rest, 0), max(net, 0)), min(max(-rest, 0), max(-net, 0))


def _shared(net: int, position: int, supply: int, demand: int) -> tuple[int, int]:
    """What an account takes and gives by the dynamic key."""
    surplus, deficit = _shareable(net, position)
    amount = min(supply, demand)
    return (
        deficit * amount // demand if demand else 0,
        surplus * amount // supply if supply else 0,
    )
