"""What an account's day brings: rules 13 to 17 of the market, in exact integers.

    net        export less import of the meter (rule 3)
    position   bought less sold (rule 9)
    sharing    metered surplus and deficit that trades leave, by the dynamic or the static key
    rest       kept as credits or fed in; covered by credits or from the grid (rule 16)

    net + position + taken + drawn + from_grid == given + kept + fed_in     (rule 17)

Energy is in Wh, prices are base units per kWh, exact money is in thousandths of a base unit: every
product of Wh and a price is exact in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "ClosingPrices",
    "Flows",
    "settle_slot",
    "settle_slots",
    "share_slot",
    "shareable",
    "shared",
    "shared_price",
    "summed",
]

_BPS = 10_000
_MAX_CREDITS = 2**40 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPrices:
    """Prices that are the same in all slots of a day.

    Attributes:
        feed_in: of what is fed in.
        network_fee: of what is taken, beside the shared price.
        shared: what a taker pays a giver.
        credit_value: what an energy credit is worth when it is used.
    """

    feed_in: int
    network_fee: int
    shared: int
    credit_value: int


class Flows(NamedTuple):
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


def summed(flows: Iterable[Flows]) -> Flows:
    """All of them together."""
    return Flows(*map(sum, zip(*flows, strict=True)))


def shared_price(*, buy: int, feed_in: int, network_fee: int, theta: int) -> int:
    """What a taker pays a giver, rounded up; ``theta`` is in basis points."""
    return feed_in - (-theta * (buy - network_fee - feed_in) // _BPS)


def shareable(net: int, position: int) -> tuple[int, int]:
    """Surplus and deficit to share: only metered energy is, and of it what trades leave."""
    rest = net + position
    if net > 0:
        return max(min(rest, net), 0), 0
    return 0, max(min(-rest, -net), 0)


def shared(surplus: int, deficit: int, supply: int, demand: int) -> tuple[int, int]:
    """What an account takes and gives of all surplus and all deficit, each rounded down."""
    amount = min(supply, demand)
    return (
        deficit * amount // demand if demand else 0,
        surplus * amount // supply if supply else 0,
    )


def share_slot(
    members: Sequence[tuple[int, int]], coefficients: Sequence[int] | None = None
) -> list[tuple[int, int]]:
    """What each member takes and gives in a slot.

    Args:
        members: their `shareable` surplus and deficit.
        coefficients: of the static key, basis points of all surplus; None: the dynamic key.
    """
    supply = sum(surplus for surplus, _ in members)
    wanted = [deficit for _, deficit in members]
    if coefficients is not None:
        most = (supply * each // _BPS for each in coefficients)
        wanted = [min(pair) for pair in zip(wanted, most, strict=True)]
    demand = sum(wanted)
    return [
        shared(surplus, most, supply, demand)
        for (surplus, _), most in zip(members, wanted, strict=True)
    ]


def settle_slot(
    net: int,
    position: int,
    share: tuple[int, int],
    *,
    prices: ClosingPrices,
    deficit_price: int,
    credits_: int | None,
) -> Flows:
    """What a slot brings.

    Args:
        share: what is taken and given.
        deficit_price: of the slot.
        credits_: that the account has; None: it neither keeps nor uses them.
    """
    taken, given = share
    rest = net + position
    # A year of a community passes here millions of times: no calls that can be left out.
    surplus = (rest if rest > 0 else 0) - given
    deficit = (-rest if rest < 0 else 0) - taken
    kept = drawn = 0
    if credits_ is not None:
        kept = min(surplus, max(net, 0) - given, _MAX_CREDITS - credits_)
        drawn = min(deficit, max(-net, 0) - taken, credits_)
    fed_in, from_grid = surplus - kept, deficit - drawn
    money = (
        given * prices.shared
        - taken * (prices.shared + prices.network_fee)
        + fed_in * prices.feed_in
        - drawn * (deficit_price - prices.credit_value)
        - from_grid * deficit_price
    )
    return Flows(net, position, taken, given, drawn, kept, from_grid, fed_in, money)


def settle_slots(
    nets: Sequence[Sequence[int]],
    positions: Sequence[Sequence[int]],
    *,
    prices: ClosingPrices,
    deficit_prices: Sequence[int],
    coefficients: Sequence[int] | None,
    credits_: Sequence[int | None],
) -> Iterator[list[Flows]]:
    """What the slots of a community bring each member, one slot after the other.

    Args:
        nets, positions: Wh of each member, slot by slot.
        deficit_prices: slot by slot.
        coefficients: of the static key, basis points of each member; None: the dynamic key.
        credits_: that each has before the first slot; None: it neither keeps nor uses them.
    """
    held = list(credits_)
    rows, traded = zip(*nets, strict=True), zip(*positions, strict=True)
    for price, net, position in zip(deficit_prices, rows, traded, strict=bool(nets)):
        pairs = [*map(shareable, net, position)]
        flows = [
            settle_slot(own, at, share, prices=prices, deficit_price=price, credits_=has)
            for own, at, share, has in zip(
                net, position, share_slot(pairs, coefficients), held, strict=True
            )
        ]
        held = [
            has if has is None else has + each.kept - each.drawn
            for has, each in zip(held, flows, strict=True)
        ]
        yield flows
