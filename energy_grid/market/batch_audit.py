"""The audit of batches: whether a keeper has cleared the orders as well as possible.

The chain checks each fill of a batch, and publishes the root of the orders that the keeper has
considered. It does not check which of them trade, nor the price between their limits. This audit
clears the published orders again and compares.

    set       its root is the chain's, and each order's open energy is what the chain had
    seed      it is the hash of a block shortly before the first batch
    orders    each is signed; the orders that traded are in the set
    welfare   the batches realise all that the set offers, by another method (`welfare_bound`)
    price     it lies in the marginal interval
    shares    orders with equal limits got what is theirs, pro rata and by the seed
    left out  the orders that should have traded, and why the chain would have rejected them

The keeper is not at fault for an order that could not trade in its turn, such as a cancelled one.
Where welfare is missing, the audit queries the chain about every order that got less than the best
clearing gives it, at the block of its turn. The orders that the chain would have rejected are left
out of the best clearing. A price may still count such orders if they could have traded in the block
before the first batch: only later changes disturb a clearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import Cleared, OpenOrder, Pair, clear_orders, fills_of
from energy_grid.domain.periods import Period
from energy_grid.domain.units import format_wh
from energy_grid.market.balances import Balances
from energy_grid.market.batches import Match, deduplicate, unaffordable
from energy_grid.market.order_sets import Dropped, OrderSet, root_of
from energy_grid.market.welfare_bound import max_welfare

__all__ = ["AuditQueries", "BatchAudit", "FillQuery", "LeftOut", "Part", "audit", "written_id"]

Writer = Callable[[int], str]

_SHOWN = 3
_WH_PER_KWH = 1000
# A bound on the work: an honest batch needs at most two rounds of queries.
_ROUNDS = 20
# Seconds between the block of a seed and the first batch: a keeper may not choose among more.
_MAX_SEED_AGE = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A batch as the chain has it; several can belong to one order set.

    Attributes:
        time: of its block, Unix seconds.
    """

    transaction: str
    block: int
    time: int
    period: Period
    price: int
    order_set: bytes
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillQuery:
    """Whether so many Wh of an order could have traded at a price."""

    order: OpenOrder
    wh: int
    price: int


class AuditQueries(Protocol):
    """The chain queries of an auditor."""

    @property
    def slot_length(self) -> int:
        """Seconds of a slot."""

    def are_signed(self, orders: Sequence[OpenOrder], part: Part) -> list[bool]:
        """Whether each is its trader's, stored ones by being there."""

    def open_before(self, orders: Sequence[OpenOrder], part: Part) -> list[int]:
        """Wh that were open of each before the block of a batch."""

    def seed_of(self, block: int) -> tuple[bytes, int]:
        """The hash of a block, and its time."""

    def balances_before(self, orders: Sequence[OpenOrder], part: Part) -> Balances:
        """What the traders of orders could spend before the block of a batch."""

    def why_not(self, queries: Sequence[FillQuery], part: Part) -> list[Refusal]:
        """Why each could not have traded in the block of a batch, NONE if it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An order with a limit better than the price that did not get all it should have."""

    order: OpenOrder
    wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAudit:
    """The result of an audit.

    Attributes:
        root: of the order set, as the chain has it.
        prices: of the batches.
        low, high: the marginal interval of the best clearing.
        volume, best_volume: Wh.
        welfare, optimum: sum of (bid limit - ask limit) * Wh.
        left_out: orders that should have traded.
        excused: orders that could not, and why.
        findings: the faults, one line each.
    """

    root: bytes
    orders: int
    parts: int
    prices: tuple[int, ...]
    low: int
    high: int
    volume: int
    best_volume: int
    welfare: int
    optimum: int
    left_out: tuple[LeftOut, ...]
    excused: tuple[Dropped, ...]
    findings: tuple[str, ...]

    @property
    def is_optimal(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


def audit(
    published: OrderSet, parts: Sequence[Part], chain: AuditQueries, *, money: Writer, price: Writer
) -> BatchAudit:
    """Compare the batches of one order set with what could have been done.

    Args:
        parts: all batches with the audited root, the earliest first.
    """
    first = parts[0]
    findings = _of_the_set(published, first) + _of_the_seed(published, first, chain)
    signed = chain.are_signed(published.orders, first)
    genuine = [order for order, own in zip(published.orders, signed, strict=True) if own]
    forged = [order for order, own in zip(published.orders, signed, strict=True) if not own]
    if forged:
        findings.append(f"orders of the set without a valid signature: {_named(forged)}")
    left = chain.open_before(genuine, first)
    findings += _of_what_was_open(genuine, left)
    # More than was open could not trade, and a file can claim more than its traders can pay.
    genuine = [
        replace(order, open_wh=min(order.open_wh, wh))
        for order, wh in zip(genuine, left, strict=True)
    ]
    genuine, doubles = deduplicate(genuine)
    if doubles:
        named = _named([each.order for each in doubles])
        findings.append(f"of several orders with one nonce only one could trade: {named}")
    matches = [match for part in parts for match in part.matches]
    findings += _of_the_matches(published, matches)
    fills = fills_of(Pair(buy=one.buy, sell=one.sell, wh=one.wh) for one in matches)
    welfare = _welfare(published, matches)

    slots = _slots(first, chain)

    def clear(orders: Iterable[OpenOrder]) -> Cleared:
        return clear_orders(list(orders), slots, published.seed.hash)

    full = clear(genuine)
    explained, excuses = _explained(genuine, clear, fills, welfare, chain, parts)
    best, optimum = clear(explained), max_welfare(explained, slots)
    left_out = _left_out(genuine, best, fills) if welfare < optimum else ()
    if welfare < optimum:
        lost = money((optimum - welfare) // _WH_PER_KWH)
        shown = _share(welfare, optimum, best.volume)
        findings.append(f"welfare of {lost} was left: the best clearing makes {shown}")
    elif not excuses:
        findings += _of_the_shares(genuine, full, fills, chain, parts)
    if left_out:
        names = _named([one.order for one in left_out])
        findings.append(f"left out, though with a better limit than the price: {names}")
    meant = _meant(genuine, clear, fills, excuses, chain, first) if excuses else full
    findings += _of_the_prices(parts, (meant, best), price)
    findings += _of_what_was_dropped(published, chain, first)
    return BatchAudit(
        root=first.order_set,
        orders=len(published.orders),
        parts=len(parts),
        prices=tuple(dict.fromkeys(part.price for part in parts)),
        low=best.low,
        high=best.high,
        volume=sum(one.wh for one in matches),
        best_volume=best.volume,
        welfare=welfare,
        optimum=optimum,
        left_out=left_out,
        excused=tuple(Dropped(order=one.order, reason=why) for one, why in excuses),
        findings=tuple(findings),
    )


def _of_the_set(published: OrderSet, part: Part) -> list[str]:
    found = []
    if len({order.id for order in published.orders}) < len(published.orders):
        found.append("an order is in the set more than once")
    root = root_of(published.orders) if published.orders else bytes(32)
    if root != part.order_set:
        found.append(
            f"the orders of the file have the root 0x{root.hex()}, and the batch has"
            f" 0x{part.order_set.hex()}: this is not the set that was cleared"
        )
    if published.period != part.period:
        found.append(f"the file is about {published.period}, the batch about {part.period}")
    return found


def _of_the_seed(published: OrderSet, first: Part, chain: AuditQueries) -> list[str]:
    seed = published.seed
    if seed.block >= first.block:
        return [f"the seed is of block {seed.block}, and the batch is in block {first.block}"]
    known, time = chain.seed_of(seed.block)
    found = []
    if known != seed.hash:
        found.append(
            f"the seed is 0x{seed.hash.hex()}, and block {seed.block} has the hash 0x{known.hex()}"
        )
    if first.time - time > _MAX_SEED_AGE:
        found.append(
            f"the seed's block is {first.time - time} s older than the batch: more than"
            f" {_MAX_SEED_AGE} s let a keeper choose"
        )
    return found


def _of_what_was_open(orders: Sequence[OpenOrder], left: Sequence[int]) -> list[str]:
    less = [order for order, wh in zip(orders, left, strict=True) if order.open_wh < wh]
    return [f"the set has less than was open of: {_named(less)}"] if less else []


def _of_the_matches(published: OrderSet, matches: Sequence[Match]) -> list[str]:
    open_wh = {order.id: order.open_wh for order in published.orders}
    fills = fills_of(Pair(buy=one.buy, sell=one.sell, wh=one.wh) for one in matches)
    unexpected = [one for one in fills if one not in open_wh]
    more = [one for one, wh in fills.items() if wh > open_wh.get(one, wh)]
    found = []
    if unexpected:
        found.append(f"traded, but not in the set: {_listed(unexpected)}")
    if more:
        found.append(f"traded more than was open according to the set: {_listed(more)}")
    return found


def _of_the_prices(parts: Sequence[Part], clearings: Sequence[Cleared], price: Writer) -> list[str]:
    """A clearing that was disturbed goes on with the price of what is left."""
    intervals = {(one.low, one.high) for one in clearings if one.price is not None}
    off = {
        part.price
        for part in parts
        if intervals and not any(low <= part.price <= high for low, high in intervals)
    }
    low, high = clearings[-1].low, clearings[-1].high
    return [
        f"the price {price(each)} is outside the marginal interval, {price(low)} to {price(high)}"
        for each in sorted(off)
    ]


def _of_what_was_dropped(published: OrderSet, chain: AuditQueries, part: Part) -> list[str]:
    """Orders that the keeper dropped although they could have traded."""
    considered = {order.id for order in published.orders}
    nonces = {order.signed.sorting_key for order in published.orders if order.signed is not None}
    dropped = [
        each.order
        for each in published.dropped
        if each.order.id not in considered
        # Of several orders of one nonce one is considered, and the chain may have filled none.
        and (each.order.signed is None or each.order.signed.sorting_key not in nonces)
    ]
    if not dropped:
        return []
    queries = [FillQuery(order=one, wh=one.open_wh, price=part.price) for one in dropped]
    answers = chain.why_not(queries, part)
    fine = [one for one, why in zip(dropped, answers, strict=True) if why is Refusal.NONE]
    return [f"dropped, though the chain shows no reason: {_named(fine)}"] if fine else []


def _of_the_shares(
    orders: Sequence[OpenOrder],
    full: Cleared,
    fills: Mapping[int, int],
    chain: AuditQueries,
    parts: Sequence[Part],
) -> list[str]:
    """Equal limits that were served otherwise, though nothing disturbed the clearing."""
    book, less = {order.id: order for order in orders}, _missing(full, fills)
    meant = full.fills
    if not less or all(wh <= meant.get(one, 0) for one, wh in fills.items()):
        return []
    if any(why is not Refusal.NONE for _, why in _why_not(less, book, chain, parts)):
        return []
    named = _listed(list(less))
    return [f"got less than the seed gives them among equal limits: {named}"]


def _missing(best: Cleared, fills: Mapping[int, int]) -> dict[int, int]:
    """Wh by order of what the best clearing gives it on top."""
    return {one: wh - fills.get(one, 0) for one, wh in best.fills.items() if wh > fills.get(one, 0)}


def _why_not(
    missing: Mapping[int, int],
    book: Mapping[int, OpenOrder],
    chain: AuditQueries,
    parts: Sequence[Part],
) -> list[tuple[FillQuery, Refusal]]:
    """Why each could not have traded so many Wh more in its turn."""
    worst = _worst_limits(parts, book)
    turns = {one: _turn(book[one], worst) for one in missing}
    found: list[tuple[FillQuery, Refusal]] = []
    for at, part in enumerate(parts):
        due = [one for one in missing if turns[one] == at]
        queries = [FillQuery(order=book[one], wh=missing[one], price=part.price) for one in due]
        if queries:
            found += zip(queries, chain.why_not(queries, part), strict=True)
    return found


def _explained(
    orders: Sequence[OpenOrder],
    clear: Callable[[Iterable[OpenOrder]], Cleared],
    fills: dict[int, int],
    welfare: int,
    chain: AuditQueries,
    parts: Sequence[Part],
) -> tuple[list[OpenOrder], list[tuple[FillQuery, Refusal]]]:
    """What the chain would have let trade of the orders, and what it would have rejected."""
    book = {order.id: order for order in orders}
    excuses: list[tuple[FillQuery, Refusal]] = []
    asked: set[int] = set()
    for _ in range(_ROUNDS):
        best = clear(book.values())
        missing = {one: wh for one, wh in _missing(best, fills).items() if one not in asked}
        if welfare >= best.welfare or not missing:
            break
        asked |= missing.keys()
        for query, reason in _why_not(missing, book, chain, parts):
            if reason is not Refusal.NONE:
                order = query.order
                excuses.append((query, reason))
                book[order.id] = replace(order, open_wh=fills.get(order.id, 0))
    return list(book.values()), excuses


def _meant(
    orders: Sequence[OpenOrder],
    clear: Callable[[Iterable[OpenOrder]], Cleared],
    fills: dict[int, int],
    excuses: Sequence[tuple[FillQuery, Refusal]],
    chain: AuditQueries,
    first: Part,
) -> Cleared:
    """The clearing that an honest keeper began with: without what could not trade even before, nor
    what its traders could not pay together.

    Otherwise bids that nobody could pay would excuse any price.
    """
    book = {order.id: order for order in orders}
    queries = [query for query, _ in excuses]
    refusals = chain.why_not(queries, replace(first, block=first.block - 1))
    for query, reason in zip(queries, refusals, strict=True):
        if reason is not Refusal.NONE:
            order = query.order
            book[order.id] = replace(order, open_wh=fills.get(order.id, 0))
    balances = chain.balances_before(orders, first)
    cleared = clear(book.values())
    while poor := unaffordable(cleared, book, balances):
        for order in poor:
            del book[order.id]
        cleared = clear(book.values())
    return cleared


def _slots(part: Part, chain: AuditQueries) -> int:
    return len(part.period.slots(chain.slot_length))


def _worst_limits(
    parts: Sequence[Part], book: Mapping[int, OpenOrder]
) -> list[tuple[int | None, int | None]]:
    """The lowest bid and the highest ask that traded in each batch."""
    return [
        (
            min((book[one.buy].price for one in part.matches if one.buy in book), default=None),
            max((book[one.sell].price for one in part.matches if one.sell in book), default=None),
        )
        for part in parts
    ]


def _turn(order: OpenOrder, worst: Sequence[tuple[int | None, int | None]]) -> int:
    """The place of the batch in which an order should have traded at the latest: the first in which
    an order of its side with a worse limit did. What happened to it later is no excuse: otherwise a
    keeper could wait for it, and send another little batch.
    """
    for at, (bid, ask) in enumerate(worst):
        limit = bid if order.is_buy else ask
        if limit is not None and (limit < order.price if order.is_buy else limit > order.price):
            return at
    return len(worst) - 1


def _left_out(
    orders: Sequence[OpenOrder], best: Cleared, fills: dict[int, int]
) -> tuple[LeftOut, ...]:
    if best.price is None:
        return ()
    wanted = best.fills
    return tuple(
        LeftOut(order=order, wh=wanted[order.id] - fills.get(order.id, 0))
        for order in orders
        if wanted.get(order.id, 0) > fills.get(order.id, 0)
        and (order.price > best.price if order.is_buy else order.price < best.price)
    )


def _welfare(published: OrderSet, matches: Sequence[Match]) -> int:
    """Of the transactions between orders of the set."""
    limits = {order.id: order.price for order in published.orders}
    return sum(
        (limits[one.buy] - limits[one.sell]) * one.wh
        for one in matches
        if one.buy in limits and one.sell in limits
    )


def _share(welfare: int, optimum: int, volume: int) -> str:
    """``"1.5 kWh trade, and the batch realised 99.90 % of it"``."""
    points = welfare * 10_000 // optimum
    return (
        f"{format_wh(volume)} trade, and the batch realised {points // 100}.{points % 100:02}"
        " % of it"
    )


def _named(orders: Sequence[OpenOrder]) -> str:
    return _listed([order.id for order in orders])


def _listed(numbers: Sequence[int]) -> str:
    """The first of many orders, and how many more there are."""
    names = ", ".join(written_id(number) for number in numbers[:_SHOWN])
    more = len(numbers) - _SHOWN
    return f"{names} and {more} more" if more > 0 else names


def written_id(number: int) -> str:
    """An order as programs name it: a stored one by its number, a signed one by its whole hash."""
    return str(number) if number < 2**40 else f"0x{number:064x}"
