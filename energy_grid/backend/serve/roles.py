"""The roles of the backend: which there are, and the service of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from energy_grid.backend.grid_service.operator import MetricsReporter, OperatorReporter
from energy_grid.backend.grid_service.reporter import oracle_reporter
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
from energy_grid.cli.accounts import account_of, address_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError
from energy_grid.market.keeper_chain import ChainOrders

__all__ = ["ROLES", "Context", "makers_of"]

# The one has the role KEEPER there, the other needs none.
_LOCAL_KEEPER, _LOCAL_SETTLER = "local:7", "local:8"


# Each asks the node, and the database: so it is called once they answer.
_Makers = Mapping[str, Callable[[], Service]]


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


def _indexer(context: Context) -> _Makers:
    finality = context.settings.finality
    return {Indexer.name: lambda: Indexer(context.connect(), context.database, finality=finality)}


def _settlement(context: Context) -> _Makers:
    settings = context.settings
    own = _own_account(settings.settlement_account)

    def make() -> Service:
        market = context.connect()
        collect_to, collect_from = _fees(market, settings)
        return SettlementService(
            market,
            context.database,
            own or _local_account(market, "settlement", _LOCAL_SETTLER),
            published=settings.published,
            gas_per_day=settings.settlement_gas or None,
            collect_to=collect_to,
            collect_from=collect_from,
            log=context.log,
        )

    return {SettlementService.name: make}


def _fees(market: EnergyGrid, settings: Settings) -> tuple[str | None, int]:
    """Who gets the fees, if anybody, and from how many base units on."""
    if not settings.collect_to:
        return None, 0
    try:
        who = address_of(settings.collect_to, market.node.chain_id)
        return who, int(market.coins(settings.collect_from))
    except InputError as error:
        raise InputError(f"the configuration's collect_to, collect_from: {error}") from None


def _engine(context: Context) -> _Makers:
    settings, database = context.settings, context.database
    own = _own_account(settings.engine_account)

    def make() -> Service:
        market = context.connect()
        keeper = own or _local_account(market, "engine", _LOCAL_KEEPER)
        published = settings.published / "orders"
        return TradingEngine(market, database, keeper, published=published, log=context.log)

    def make_inbox() -> Service:
        market = context.connect()
        known = ChainOrders(market.node, market.trading, market.settlement)
        return Inbox(market, Door(market, database, known), settings.folder / "orders")

    return {TradingEngine.name: make, Inbox.name: make_inbox}


def _own_account(word: str) -> Account | None:
    """The account that a setting names; a password is asked for before anything runs."""
    return account_of(word) if word else None


def _local_account(market: EnergyGrid, role: str, word: str) -> Account:
    """The account of a role whose setting names none."""
    if market.node.chain_id not in LOCAL_CHAINS:
        raise InputError(
            f"the role {role} needs an account that pays the gas: set {role}_account, or leave the"
            " role to another process with --role"
        )
    return account_of(word)


def _neighbourhood(context: Context) -> _Makers:
    chain, settings = context.chain, context.settings
    if chain is None:
        raise InputError("the neighbourhood lives on a chain of its own: leave out --rpc")
    return {
        Neighbourhood.name: lambda: Neighbourhood(
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
    }


def _reporters(context: Context) -> _Makers:
    """A service for each reporter of the settings, called by its number."""
    return {
        name: _reporter(context, wanted, name)
        for number, wanted in enumerate(context.settings.reporters, 1)
        if (name := f"{wanted.reports}_reporter_{number}")
    }


def _reporter(context: Context, wanted: ReporterSettings, name: str) -> Callable[[], Service]:
    who, region, place = account_of(wanted.account), wanted.region, wanted.source
    if wanted.reports != "metrics" and wanted.reports != "price" and not region:
        raise InputError(f"{name} needs a region")
    if wanted.reports in ("price", "weather") and not place:
        raise InputError(f"{name} needs a source: a file, or an address")

    def make() -> Service:
        market, database = context.connect(), context.database
        if wanted.reports == "metrics":
            published = context.settings.published
            return MetricsReporter(market, database, who, published, name=name)
        if wanted.reports == "price":
            source: Callable[[int], Any] = prices_in(place, market.price_oracle.decimals())
        elif wanted.reports == "weather":
            source = weather_in(place)
        else:
            slot, nominal = market.settlement.slot_length(), market.meters.nominal_voltage()
            source = metered_grid(database, region, slot, nominal)
        if wanted.reports == "operator":
            return OperatorReporter(market, database, who, source, name=name, every=wanted.every)
        named: dict[str, Any] = {"region": region, "name": name, "every": wanted.every}
        return oracle_reporter(wanted.reports, market, database, who, source, **named)

    return make


ROLES: Mapping[str, Callable[[Context], _Makers]] = {
    "neighbourhood": _neighbourhood,
    "indexer": _indexer,
    "engine": _engine,
    "settlement": _settlement,
    "reporters": _reporters,
}


def makers_of(context: Context) -> _Makers:
    """What makes the services of the roles that the settings name, by their names.

    Raises:
        InputError: there is no such role, or a setting of one is wrong.
    """
    others = set() if context.chain else {"neighbourhood"}
    wanted = context.settings.roles or [name for name in ROLES if name not in others]
    for name in wanted:
        if name not in ROLES:
            raise InputError(f"there is no role {name!r}: the roles are {', '.join(ROLES)}")
    found: dict[str, Callable[[], Service]] = {}
    for name in wanted:
        found |= ROLES[name](context)
    if context.pace is not None:
        context.pace.roles |= found.keys() - {Neighbourhood.name}
    return found
