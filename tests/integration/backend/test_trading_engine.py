"""The trading engine on a chain and on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.signed_orders import SignedOrder
from tests.integration.exchange import BUY, HOUR, SELL, Exchange
from tests.support.databases import new_database
from tests.support.market import Market


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


def engine_of(exchange: Exchange, database: Database, *, lead: int = 7200) -> TradingEngine:
    return TradingEngine(exchange.grid, database, exchange.keeper, lead=lead)


def state(engine: TradingEngine, exchange: Exchange, order: SignedOrder) -> OrderState:
    return engine.order(exchange.id_of(order).to_bytes(32, "big")).state


def test_step__orders_of_both_sides__trade_once_and_are_audited(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    bid, ask = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 700, 200_000)
    number = exchange.market.order(exchange.traders[3], 1, 200, 210_000, start=HOUR.start)
    assert engine.submit(bid).state is OrderState.RECEIVED
    assert engine.submit(ask).state is OrderState.RECEIVED
    engine.step()
    # Nobody who signed them could know the seed yet.
    assert exchange.grid.trading.batch_count() == 0
    exchange.market.node.mine(2)
    engine.step()
    assert exchange.grid.trading.batch_count() == 1
    assert state(engine, exchange, bid) is OrderState.PARTLY_FILLED
    assert state(engine, exchange, ask) is OrderState.MATCHED
    assert engine.submit(bid).filled == 900
    assert exchange.grid.trading.get_order(number).status == 1
    engine.step()
    assert exchange.grid.trading.batch_count() == 1
    log = exchange.market.trading.events
    assert log is not None
