"""The API in front of a market on a test chain, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.sessions import Sessions
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.grid_service.desk import OperatorDesk
from energy_grid.backend.grid_service.openadr.callbacks import Callbacks
from energy_grid.backend.grid_service.openadr.door import VenDoor
from energy_grid.backend.grid_service.openadr.opting import Opting
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.invoicing.statements import Invoicing
from energy_grid.backend.invoicing.taxes import Tax
from energy_grid.backend.meter_gateway.door import MeterDoor
from energy_grid.backend.meter_gateway.gateway import clock_of
from energy_grid.backend.meter_gateway.judging import Limits
from energy_grid.backend.relay_service.budget import RelayLimits
from energy_grid.backend.relay_service.door import RelayDoor
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.quotes import Quotes
from energy_grid.chain.accounts import Account, message_digest
from energy_grid.client import EnergyGrid
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.frontend.application import add_pages
from energy_grid.market.order_file import document_of
from tests.integration.exchange import Exchange
from tests.support.feeders import STREET
from tests.support.market import Market

OPERATOR = Account.local(9)
ORIGIN = "https://grid.example"


@dataclass
class Api:
    """The API, asked without a network."""

    exchange: Exchange
    database: Database
    client: TestClient
    indexer: Indexer
    engine: TradingEngine
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, who: Account | None = None, **options: Any) -> Any:
        """Ask; the answer."""
        return self.client.get(f"/api/v1{path}", headers=self._headers(who), **options)

    def post(self, path: str, document: Any = None, who: Account | None = None) -> Any:
        """Send; the answer."""
        return self.client.post(f"/api/v1{path}", json=document, headers=self._headers(who))

    def place(self, order: SignedOrder) -> Any:
        """Place an order; the answer."""
        return self.post("/orders", document_of(order, self.exchange.grid.trading_domain))

    def sign_in(self, who: Account) -> str:
        """A token."""
        challenge = self.post("/session/challenge", {"account": who.address}).json()
        signed = {"message": challenge["message"], "signature": sign(who, challenge["message"])}
        found = self.post("/session", signed)
        assert found.status_code == 201, found.text
        return str(found.json()["token"])

    def live(self) -> None:
        """Let indexer and engine do what is due, in a block of their own each time."""
        for _ in range(4):
            self.exchange.market.node.mine()
            while not self.indexer.step():
                pass
            self.engine.step()
        while not self.indexer.step():
            pass
        self.engine.step()

    def _headers(self, who: Account | None) -> dict[str, str]:
        if who is None:
            return {}
        if who.address not in self.tokens:
            self.tokens[who.address] = self.sign_in(who)
        return {"Authorization": f"Bearer {self.tokens[who.address]}"}


def invoicing_of(grid: EnergyGrid, database: Database, taxes: list[Tax]) -> Invoicing:
    """What makes statements."""
    addresses = grid.money.address, grid.demand_response.address
    return Invoicing(database, *addresses, grid.settlement.slot_length(), taxes)


def sign(who: Account, message: str) -> str:
    """As personal_sign does."""
    return f"0x{who.sign(message_digest(message)).long.hex()}"


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


@pytest.fixture
def origin() -> str:
    """Of the pages that may sign in."""
    return ORIGIN


@pytest.fixture
def callbacks() -> Callbacks:
    """How VENs are told."""
    return Callbacks()


@pytest.fixture
def taxes() -> list[Tax]:
    """That statements name."""
    return []


@pytest.fixture
def api(
    exchange: Exchange,
    database: Database,
    file: Path,
    tmp_path: Path,
    origin: str,
    callbacks: Callbacks,
    taxes: list[Tax],
) -> Iterator[Api]:
    grid = exchange.grid
    relay = RelayDoor(grid, database, RelayLimits(gas=500_000_000, account_gas=2_000_000))
    backend = Backend(
        database=database,
        market=grid,
        door=Door(grid, database, exchange.known),
        sessions=Sessions(database, grid.node, [origin], 3600),
        quotes=Quotes(grid, database, ["home"]),
        regions=["home"],
        finality=8,
        relay=relay,
        published=tmp_path / "published",
        meters=MeterDoor(
            database, Limits(domain=grid.meter_domain, frequency=5000, voltage=2300), clock_of(grid)
        ),
        leaves=tmp_path / "leaves",
        slot_seconds=grid.settlement.slot_length(),
        desk=OperatorDesk(EnergyGrid.connect(grid.node.url, file), database, OPERATOR),
        feeders={"home": STREET},
        vens=VenDoor(database, Signals(grid, database), callbacks, Opting(grid, database, relay)),
        invoicing=invoicing_of(grid, database, taxes),
    )
    app = make_application(lambda: backend, APIRouter(), origins=[origin])
    add_pages(app)
    engine = TradingEngine(
        grid, database, exchange.keeper, published=tmp_path / "published", enough=1
    )
    indexer = Indexer(grid, database, finality=8)
    while not indexer.step():
        pass
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(exchange, database, client, indexer, engine)
