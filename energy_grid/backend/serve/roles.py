"""The roles of the backend: which there are, and the service of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from energy_grid.backend.grid_service.operator import MetricsReporter, OperatorReporter
from energy_grid.backend.grid_service.reporter import (
    grid_reporter,
    price_reporter,
    weather_reporter,
)
from energy_grid.backend.grid_service.sources import metered_grid, prices_in, weather_in
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.neighbourhood.chain import LivingChain
from energy_grid.backend.neighbourhood.service import Neighbourhood
from energy_grid.backend.pace import Pace
from energy_grid.backend.serve.settings import ReporterSettings, Settings
from energy_grid.backend.service import Service
from energy_grid.backend.settlement_service.service import SettlementService
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.inbox import Inbox
from energy_grid.chain.accounts import LOCAL_CHAINS, Account
from energy_grid.cli.accounts import account_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError
from energy_grid.market.keeper_chain import ChainOrders

__all__ = ["ROLES", "Context", "services_of"]

# The one has the role KEEPER there, the other needs none.
_LOCAL_KEEPER, _LOCAL_SETTLER = "local:7", "local:8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What services are made of.

    Attributes:
        connect: makes a connection to the market; each service has one of its own.
        log: gets lines of what services do.
        chain: the local one of a neighbourhood, if this process runs it.
        pace: of that chain.
    """

    settings: Settings
    database: Database
    connect: Callable[[], EnergyGrid]
    log: Callable[[str], object]
    chain: LivingChain | None = None
    pace: Pace | None = None


def _indexer(context: Context) -> Sequence[Service]:
    return [Indexer(context.connect(), context.database, finality=context.settings.finality)]


def _settlement(context: Context) -> Sequence[Service]:
    settings, market = context.settings, context.connect()
    service = SettlementService(
        market,
        context.database,
        _account(market, "settlement", settings.settlement_account, _LOCAL_SETTLER),
        published=settings.published,
        gas_per_day=settings.settlement_gas or None,
        log=context.log,
    )
    return [service]


def _engine(context: Context) -> Sequence[Service]:
    settings, market, own = context.settings, context.connect(), context.connect()
    keeper = _account(market, "engine", settings.engine_account, _LOCAL_KEEPER)
    published = settings.published / "orders"
    door = Door(own, context.database, ChainOrders(own.node, own.trading, own.settlement))
    return [
        TradingEngine(market, context.database, keeper, published=published, log=context.log),
        Inbox(own, door, settings.folder / "orders"),
    ]


def _account(market: EnergyGrid, role: str, word: str, local: str) -> Account:
    """The account of a role; on a local chain there is one without a word."""
    if not word and market.node.chain_id not in LOCAL_CHAINS:
        raise InputError(
            f"the role {role} needs an account that pays the gas: set {role}_account, or leave the"
            " role to another process with --role"
        )
    return account_of(word or local)


def _neighbourhood(context: Context) -> Sequence[Service]:
    chain, settings = context.chain, context.settings
    if chain is None:
        raise InputError("the neighbourhood lives on a chain of its own: leave out --rpc")
    service = Neighbourhood(
        context.connect(),
        context.database,
        chain.node,
        chain.village,
        chain.community,
        folder=settings.folder / "gateway",
        published=settings.published,
        speed=settings.speed,
        days=settings.days,
        pace=context.pace,
    )
    return [service]


def _reporters(context: Context) -> Sequence[Service]:
    """A service for each reporter of the settings, called by its number."""
    return [
        _reporter(context, wanted, f"{wanted.reports}_reporter_{number}")
        for number, wanted in enumerate(context.settings.reporters, 1)
    ]


def _reporter(context: Context, wanted: ReporterSettings, name: str) -> Service:
    market, database = context.connect(), context.database
    who, region, place = account_of(wanted.account), wanted.region, wanted.source
    if wanted.reports != "metrics" and wanted.reports != "price" and not region:
        raise InputError(f"{name} needs a region")
    if wanted.reports in ("price", "weather") and not place:
        raise InputError(f"{name} needs a source: a file, or an address")
    if wanted.reports == "metrics":
        return MetricsReporter(market, database, who, name=name)
    named: dict[str, Any] = {"name": name, "every": wanted.every}
    if wanted.reports == "price":
        prices = prices_in(place, market.price_oracle.decimals())
        return price_reporter(market, database, who, prices, **named)
    if wanted.reports == "weather":
        weather = weather_in(place)
        return weather_reporter(market, database, who, region, weather, **named)
    slot, nominal = market.settlement.slot_length(), market.meters.nominal_voltage()
    state = metered_grid(database, region, slot, nominal)
    if wanted.reports == "operator":
        return OperatorReporter(market, database, who, state, **named)
    return grid_reporter(market, database, who, region, state, **named)


ROLES: Mapping[str, Callable[[Context], Sequence[Service]]] = {
    "neighbourhood": _neighbourhood,
    "indexer": _indexer,
    "engine": _engine,
    "settlement": _settlement,
    "reporters": _reporters,
}


def services_of(context: Context) -> Sequence[Service]:
    """The services of the roles that the settings name.

    Raises:
        InputError: there is no such role.
    """
    others = set() if context.chain else {"neighbourhood"}
    wanted = context.settings.roles or [name for name in ROLES if name not in others]
    for name in wanted:
        if name not in ROLES:
            raise InputError(f"there is no role {name!r}: the roles are {', '.join(ROLES)}")
    found = [service for name in dict.fromkeys(wanted) for service in ROLES[name](context)]
    if context.pace is not None:
        context.pace.roles |= {each.name for each in found} - {Neighbourhood.name}
    return found
