"""The market: what it is, its periods, books and prices."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from energy_grid.api.models import (
    Book,
    Coin,
    GridPrice,
    Head,
    Kind,
    Level,
    MarketInfo,
    PeriodInfo,
    PricePoint,
    Prices,
    Quote,
    QuoteRequest,
)
from energy_grid.api.values import Time, time_of
from energy_grid.backend.api.documents import period_document
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.regions import Region, region_number
from energy_grid.backend.api.spans import span_of
from energy_grid.backend.api.visit import MAY_SIGN_IN, Visitor
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.events import table_of
from energy_grid.client import EnergyGrid
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.domain.signed_orders import typed_data
from energy_grid.errors import DomainError

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["market"])
_MOST_PERIODS, _MOST_DAYS = 200, 31


@ROUTER.get("/market")
def market(visit: Visitor) -> MarketInfo:
    """The market: chain, contracts, coin, slots, and how far the backend knows the chain."""
    backend = visit.backend
    market, node = backend.market, backend.market.node
    newest = node.block()
    with backend.database.reading() as connection:
        row = connection.execute(
            select(CHAIN.c.indexed_block, BLOCKS.c.time).outerjoin(
                BLOCKS, BLOCKS.c.number == CHAIN.c.indexed_block
            )
        ).one_or_none()
    return MarketInfo(
        chain_id=node.chain_id,
        network=market.deployment.network,
        coin=Coin(
            address=market.deployment.token,
            symbol=market.coin.symbol,
            decimals=market.coin.decimals,
        ),
        slot_seconds=market.time_of(1),
        horizon_seconds=market.tariffs.horizon(),
        regions=list(backend.regions),
        contracts={name: each.address for name, each in market.deployment.contracts.items()},
        head=Head(
            block=row.indexed_block if row else None,
            time=time_of(row.time) if row and row.time is not None else None,
            chain_block=int(newest["number"], 16),
            chain_time=time_of(int(newest["timestamp"], 16)),
        ),
    )


@ROUTER.get("/periods")
def periods(
    visit: Visitor,
    kind: Kind = "HOURLY",
    limit: Annotated[int, Query(ge=1, le=_MOST_PERIODS)] = 48,
) -> list[PeriodInfo]:
    """The next periods of a kind whose gate is open."""
    market = visit.backend.market
    now = market.node.time
    end = now + market.tariffs.horizon()
    period = Period.next(PeriodKind[kind], now)
    found: list[PeriodInfo] = []
    while period.end <= end and len(found) < limit:
        found.append(period_document(period))
        period = Period(kind=period.kind, start=period.end)
    return found


@ROUTER.get("/periods/{kind}/{start}/book")
def book(
    visit: Visitor,
    kind: Kind,
    start: Annotated[Time, Path()],
    region: Region = None,
) -> Book:
    """The depth of a period: its open signed orders by limit, and what clearing them now gives.

    Orders that came in the last two blocks are among them; whose they are is not told.
    """
    backend, period = visit.backend, _period(kind, start)
    number = region_number(backend, region)
    orders = backend.quotes.book(period, number)
    cleared = backend.quotes.cleared(period, orders)
    return Book(
        period=period_document(period),
        region=backend.regions[number - 1],
        bids=_levels([order for order in orders if order.is_buy])[::-1],
        asks=_levels([order for order in orders if not order.is_buy]),
        clearing_price_per_kwh=cleared.price,
        clearing_energy_wh=cleared.volume,
    )


@ROUTER.get("/prices")
def prices(
    visit: Visitor,
    start: Annotated[Time, Query(alias="from", description="The first moment.")],
    end: Annotated[Time, Query(alias="to", description="The first moment behind them.")],
    region: Region = None,
) -> Prices:
    """What energy costs: prices at which batches traded, and what the grid asks and pays, slot by
    slot, as far ahead as they are known."""
    backend = visit.backend
    market, number = backend.market, region_number(backend, region)
    first, last = span_of((start, end), market.node.time, _MOST_DAYS)
    batches = table_of("EnergyTrading", "BatchSettled").c
    wanted = (
        select(batches.period, batches.start, batches.price, batches.amount)
        .where(batches.start >= first, batches.start < last)
        .order_by(batches.start, batches.block, batches.log_index)
    )
    with backend.database.reading() as connection:
        traded = [
            PricePoint(
                period=period_document(Period(kind=PeriodKind(row.period), start=row.start)),
                price_per_kwh=row.price,
                energy_wh=row.amount,
            )
            for row in connection.execute(wanted)
        ]
    known = min(last, market.node.time + market.tariffs.horizon())
    slots = range(market.slot(first), market.slot(max(known - 1, first)) + 1)
    return Prices(
        region=backend.regions[number - 1], traded=traded, grid=_grid_prices(market, number, slots)
    )


@ROUTER.post("/quote", openapi_extra=MAY_SIGN_IN)
def quote(visit: Visitor, wanted: QuoteRequest) -> Quote:
    """What an order would bring after all fees, how likely it is to trade, and what to sign."""
    backend = visit.backend
    found = backend.quotes.quote(
        wanted.account,
        OrderType[wanted.side],
        energy=wanted.amount_wh,
        price=wanted.price_per_kwh,
        period=_period(wanted.period, wanted.start),
    )
    return Quote(
        at_limit=found.at_limit,
        reserved=found.reserved,
        available=found.available if visit.account == wanted.account else None,
        fills_now_wh=found.fills_now,
        price_now_per_kwh=found.price_now,
        money_now=found.money_now,
        grid_alone=found.grid_alone,
        past_periods=found.past,
        past_within_limit=found.past_within,
        typed_data=typed_data(found.terms, found.nonce, backend.market.trading_domain),
    )


def _grid_prices(market: EnergyGrid, region: int, slots: range) -> list[GridPrice]:
    """What the grid asks and pays in slots, as the contract computes it."""
    asked = market.tariffs.call_many("deficitPrice", [(region, slot) for slot in slots], kind=int)
    day_of = {slot: market.time_of(slot) // DAY_SECONDS for slot in slots}
    days = sorted({*day_of.values()})
    name = market.tariffs.region_at(region)
    of_days = dict(
        zip(
            days,
            market.tariffs.call_many("tariffOf", [(name, day) for day in days], kind=Tariff),
            strict=True,
        )
    )
    return [
        GridPrice(
            start=time_of(market.time_of(slot)),
            buy_per_kwh=price,
            feed_in_per_kwh=of_days[day_of[slot]].feed_in,
            network_fee_per_kwh=of_days[day_of[slot]].network_fee,
            protocol_fee_per_kwh=of_days[day_of[slot]].protocol_fee,
        )
        for slot, price in zip(slots, asked, strict=True)
    ]


def _period(kind: Kind, start: datetime) -> Period:
    try:
        return Period(kind=PeriodKind[kind], start=int(start.timestamp()))
    except DomainError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            str(error),
            field="start",
            next="GET /api/v1/periods lists those whose gate is open",
        ) from None


def _levels(orders: list[OpenOrder]) -> list[Level]:
    sums: dict[int, list[int]] = {}
    for order in orders:
        sums.setdefault(order.price, []).append(order.open_wh)
    return [
        Level(price_per_kwh=price, energy_wh=sum(found), orders=len(found))
        for price, found in sorted(sums.items())
    ]
