"""What the HTTP side of ``energy-grid serve`` is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus

from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.sessions import Sessions
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.grid_service.desk import OperatorDesk
from energy_grid.backend.grid_service.openadr.callbacks import Callbacks
from energy_grid.backend.grid_service.openadr.door import VenDoor
from energy_grid.backend.grid_service.openadr.opting import Opting
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.invoicing.statements import Invoicing
from energy_grid.backend.meter_gateway.door import MeterDoor
from energy_grid.backend.meter_gateway.gateway import clock_of, limits_of
from energy_grid.backend.relay_service.door import RelayDoor
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.quotes import Quotes
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import from_bytes32
from energy_grid.client import EnergyGrid
from energy_grid.market.feeders import MeteredFeeder
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.serve.settings import Settings

__all__ = ["SHARED_SECONDS", "Doors", "invoicing_of", "origins_of"]

SHARED_SECONDS = 0.25
"""As often as streams look for news, reads that everybody may see are answered anew."""
_MINUTE = 60


class Doors:
    """The `Backend` of the API, made once the chain answers and the tables are there.

    Args:
        connect: makes a connection to the market.
        operator: whose balancing actions this process sends; None: nobody's.
        feeders: of regions, where they are known.
        is_ready: whether the tables are there.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        connect: Callable[[], EnergyGrid],
        is_ready: Callable[[], bool],
        operator: Account | None,
        feeders: Mapping[str, MeteredFeeder],
    ) -> None:
        self._settings, self._database = settings, database
        self._connect, self._is_ready, self._operator = connect, is_ready, operator
        self._feeders = feeders
        self._lock = threading.Lock()
        self._made: Backend | None = None

    def __call__(self) -> Backend:
        """What paths answer from.

        Raises:
            ProblemError: it is not ready.
            ChainError: the node does not answer.
        """
        if self._made is not None:
            return self._made
        if not self._is_ready():
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "starting",
                "the backend has just been started",
                next="ask again in some seconds: /ready says when it is ready",
            )
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Backend:
        settings, database, market = self._settings, self._database, self._connect()
        relay = RelayDoor(market, database, settings.relay_limits)
        count = market.tariffs.region_count()
        names = market.tariffs.call_many("regionAt", zip(range(1, count + 1)), kind=bytes)
        regions = [from_bytes32(name) for name in names]
        known = ChainOrders(market.node, market.trading, market.settlement)
        return Backend(
            database=database,
            market=market,
            door=Door(market, database, known),
            sessions=Sessions(
                database, market.node, origins_of(settings), settings.session_minutes * _MINUTE
            ),
            quotes=Quotes(market, database, regions),
            regions=regions,
            finality=settings.finality,
            relay=relay,
            published=settings.published / "orders",
            meters=MeterDoor(database, limits_of(market), clock_of(market)),
            leaves=settings.leaves,
            slot_seconds=market.settlement.slot_length(),
            desk=self._desk(),
            feeders=self._feeders,
            vens=VenDoor(
                database, Signals(market, database), Callbacks(), Opting(market, database, relay)
            ),
            invoicing=invoicing_of(settings, database, market),
        )

    def _desk(self) -> OperatorDesk | None:
        if self._operator is None:
            return None
        return OperatorDesk(self._connect(), self._database, self._operator)


def invoicing_of(settings: Settings, database: Database, market: EnergyGrid) -> Invoicing:
    """What makes statements."""
    return Invoicing(
        database,
        market.money.address,
        market.demand_response.address,
        market.settlement.slot_length(),
        settings.taxes,
    )


def origins_of(settings: Settings) -> list[str]:
    """The addresses of pages that may use the API: those of the settings, else this machine's."""
    hosts = "127.0.0.1", "localhost"
    return settings.origins or [f"http://{host}:{settings.port}" for host in hosts]
