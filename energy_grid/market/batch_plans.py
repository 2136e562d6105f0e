"""Batches as plans: what a keeper sends for the orders of a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.batch import Batch, Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.batches import BatchSession, Keeper, Settled
from energy_grid.market.keeper_chain import KeeperChain, newest_seed
from energy_grid.market.order_sets import Dropped, OrderSet, Seed
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market

__all__ = ["cleared", "trade_plan"]

_HOME_REGION = 1


def trade_plan(
    market: Market,
    keeper: Actor | str,
    orders: Iterable[SignedOrder],
    period: Period,
    *,
    region: str | None,
    stored: bool,
    seed: Seed | None,
    publish: Callable[[OrderSet], object],
    log: Callable[[str], object],
) -> Plan[BatchSession]:
    """The plan of `Orders.trade_batch`.

    It has one batch. The rest follows once that is in a block, since what became of it decides
    what is left to trade.
    """
    seed = seed or newest_seed(market.node)
    shown = seed.block if stored else None
    chain, book, dropped = _book(market, address_of(keeper), orders, period, region, shown, log)
    work = Keeper(chain, publish=publish, log=log)
    rounds = work.rounds(book, period, seed)

    def plan_of(batch: Batch, skip: bool) -> Plan[BatchSession] | None:
        try:
            call = chain.call(batch, skip=skip)
        except DecodedError as refusal:
            return next_plan(chain.refused(refusal))
        return Plan(
            market.sender,
            keeper,
            [Step(call=call, before_sending=work.publish_set)],
            lambda _: work.session,
            following=lambda done: next_plan(chain.outcome(batch, done.outcomes[0])),
        )

    def next_plan(outcome: Settled | Refused | None) -> Plan[BatchSession] | None:
        try:
            following = rounds.send(outcome)
        except StopIteration:
            if outcome is not None:
                work.publish_set()
            return None
        return plan_of(*following)

    first = next_plan(None)
    work.session.dropped[:0] = dropped
    return first or Plan(market.sender, keeper, (), lambda _: work.session)


def cleared(
    market: Market,
    keeper: str,
    orders: Iterable[SignedOrder],
    period: Period,
    *,
    region: str | None,
    stored: bool,
    log: Callable[[str], object],
) -> tuple[BatchSession, list[Batch]]:
    """What `trade_plan` would send now, all batches of it."""
    seed = newest_seed(market.node)
    shown = seed.block if stored else None
    chain, book, dropped = _book(market, keeper, orders, period, region, shown, log)
    work = Keeper(chain, log=log)
    batches = work.plan(book, period, seed)
    work.session.dropped[:0] = dropped
    return work.session, batches


def _book(
    market: Market,
    keeper: str,
    orders: Iterable[SignedOrder],
    period: Period,
    region: str | None,
    shown: int | None,
    log: Callable[[str], object],
) -> tuple[KeeperChain, list[OpenOrder], list[Dropped]]:
    """The open orders of a period in a region, and those that cannot trade there.

    Args:
        shown: the block up to which on-chain orders count; None for none of them.
    """
    known = KeeperChain(market.node, market.trading, market.settlement, keeper, log=log)
    own = known.signed(each for each in orders if each.terms.period == period)
    log(f"reading what is left of {len(own)} signed orders")
    seen = known.fetch([*own, *(known.stored(period, block=shown) if shown is not None else [])])
    book = [each for each in seen if not isinstance(each, Dropped)]
    dropped = [each for each in seen if isinstance(each, Dropped)]
    number = _HOME_REGION if region is None else market.tariffs.region_id(region)
    regions = known.regions(book)
    others = [each for each in book if regions[each.trader] != number]
    dropped += [Dropped(order=each, reason=Refusal.OTHER_REGION) for each in others]
    return known, [each for each in book if each not in others], dropped
