"""The roles of the backend: which there are, and the service of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from energy_grid.backend.api.keeping import ApiKeeping
from energy_grid.backend.grid_service.openadr.callbacks import Callbacks
from energy_grid.backend.grid_service.openadr.notifier import VenNotifier
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.grid_service.operator import MetricsReporter, OperatorReporter
from energy_grid.backend.grid_service.reporter import oracle_reporter
from energy_grid.backend.grid_service.responses import ResponseKeeper
from energy_grid.backend.grid_service.sources import metered_grid, prices_in, weather_in
from energy_grid.backend.grid_service.twin import TwinKeeper
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.meter_gateway.broker import HOST, EmbeddedBroker, embedded_port
from energy_grid.backend.meter_gateway.days import MeterDays
from energy_grid.backend.meter_gateway.devices import load_devices
from energy_grid.backend.meter_gateway.gateway import MeterGateway, clock_of, limits_of
from energy_grid.backend.meter_gateway.keeping import ReadingKeeping
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, broker_at
from energy_grid.backend.neighbourhood.chain import LivingChain
from energy_grid.backend.neighbourhood.service import Neighbourhood
from energy_grid.backend.pace import Pace
from energy_grid.backend.relay_service.service import RelayService
from energy_grid.backend.service import Service
from energy_grid.backend.settlement_service.service import SettlementService
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.inbox import Inbox
from energy_grid.chain.accounts import LOCAL_CHAINS, Account
from energy_grid.cli.accounts import account_of, address_of
from energy_grid.client import EnergyGrid
from energy_grid.domain.battery import Battery
from energy_grid.errors import InputError
from energy_grid.market.feeders import MeteredFeeder
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.serve.doors import invoicing_of
from energy_grid.serve.settings import AgentSettings, ReporterSettings, Settings

__all__ = ["ROLES", "Context", "makers_of"]

# These have the roles METER_GATEWAY and KEEPER there; the others need none.
_LOCAL_GATEWAY, _LOCAL_KEEPER, _LOCAL_SETTLER = "local:6", "local:7", "local:8"
_LOCAL_RELAY = "local:16"
# Three of the four that have the role REPORTER there, as many as a round needs, and the grid's
# operator.
_LOCAL_REPORTERS = [
    *(ReporterSettings(reports="grid", region="home", account=f"local:{n}") for n in (4, 12, 13)),
    ReporterSettings(reports="operator", region="home", account="local:29"),
]


# Each asks the node, and the database: so it is called once they answer.
_Makers = Mapping[str, Callable[[], Service]]


@dataclass(slots=True, kw_only=True)
class Context:
    """What services are made of.

    Attributes:
        connect: makes a connection to the market; each service has one of its own.
        log: gets lines of what services do.
        chain: the local one of a neighbourhood, once this process runs it.
        pace: of that chain.
        feeders: of regions, where they are known; before the services are made.
    """

    settings: Settings
    database: Database
    connect: Callable[[], EnergyGrid]
    log: Callable[[str], object]
    chain: LivingChain | None = None
    pace: Pace | None = None
    feeders: Mapping[str, MeteredFeeder] = field(default_factory=dict)
    # Whose each account is: services with one account would take each other's nonces.
    _owners: dict[str, str] = field(default_factory=dict)

    def own(self, setting: str, word: str) -> Account | None:
        """`account`, if the setting names one."""
        return self.account(setting, word) if word else None

    def account(self, setting: str, word: str) -> Account:
        """The account that a setting names; a password is asked for before anything runs.

        Raises:
            InputError: it is none, or another service has it.
        """
        try:
            found = account_of(word)
        except InputError as error:
            why = str(error).removeprefix("--account ")
            raise InputError(f"the configuration's {setting}: {why}", public=error.public) from None
        owner = self._owners.setdefault(found.address, setting)
        if owner != setting:
            raise InputError(
                f"the configuration's {setting} and {owner} are both {found.address}: give each"
                " service an account of its own"
            )
        return found


def _indexer(context: Context) -> _Makers:
    finality = context.settings.finality
    return {Indexer.name: lambda: Indexer(context.connect(), context.database, finality=finality)}


def _settlement(context: Context) -> _Makers:
    settings = context.settings
    own = context.own("settlement_account", settings.settlement_account)

    def make() -> Service:
        market = context.connect()
        collect_to, collect_from = _fees(market, settings)
        return SettlementService(
            market,
            context.database,
            own or _local_account(context, market, "settlement", _LOCAL_SETTLER),
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
    own = context.own("engine_account", settings.engine_account)

    def make() -> Service:
        market = context.connect()
        keeper = own or _local_account(context, market, "engine", _LOCAL_KEEPER)
        published = settings.published / "orders"
        return TradingEngine(
            market,
            database,
            keeper,
            published=published,
            gas_per_day=settings.engine_gas or None,
            log=context.log,
        )

    def make_inbox() -> Service:
        market = context.connect()
        known = ChainOrders(market.node, market.trading, market.settlement)
        folder = settings.folder / "orders"
        return Inbox(market, Door(market, database, known), folder, log=context.log)

    return {TradingEngine.name: make, Inbox.name: make_inbox}


def _meters(context: Context) -> _Makers:
    settings, database = context.settings, context.database
    own = context.own("gateway_account", settings.gateway_account)
    session = settings.mqtt_session
    place, devices = _broker(settings), load_devices(settings.folder / "devices", account_of)
    # Gateways of different sessions run beside each other, each with a leader of its own.
    is_usual = session == Settings.model_fields["mqtt_session"].default
    name = "meters" if is_usual else f"meters_{session}"

    def make() -> Service:
        market = context.connect()
        limits = limits_of(market)
        found = place
        if found is None:
            found = _local_broker(EmbeddedBroker(settings.folder).port)
            context.log(f"{name}: devices on this machine reach its broker at mqtt://{found}")
        return MeterGateway(
            database,
            limits,
            found,
            session=session,
            name=name,
            devices=devices,
            slot=market.settlement.slot_length(),
            home_assistant=settings.home_assistant,
            clock=clock_of(market),
            log=context.log,
        )

    def make_days() -> Service:
        market = context.connect()
        return MeterDays(
            market,
            database,
            own or context.account("gateway_account", _LOCAL_GATEWAY),
            folder=settings.leaves,
            published=settings.published,
            backup=settings.backup,
            wait=settings.late,
            sealed=settings.sealed,
            on_chain=settings.on_chain,
            log=context.log,
        )

    def make_keeping() -> Service:
        market = context.connect()
        days, finality = settings.reading_days, settings.finality
        return ReadingKeeping(market, database, days, finality, clock_of(market))

    found: dict[str, Callable[[], Service]] = {name: make, ReadingKeeping.name: make_keeping}
    if own is not None or not settings.rpc:
        found[MeterDays.name] = make_days
    return found


def _broker(settings: Settings) -> BrokerPlace | None:
    """The broker that the settings name; None: the one in the process of the role meters."""
    if not settings.mqtt:
        return None
    files = settings.mqtt_ca, settings.mqtt_certificate, settings.mqtt_key
    return broker_at(settings.mqtt, *files)


def _local_broker(port: int) -> BrokerPlace:
    return BrokerPlace(host=HOST, port=port, is_embedded=True)


def _local_account(context: Context, market: EnergyGrid, role: str, word: str) -> Account:
    """The account of a role whose setting names none."""
    if market.node.chain_id not in LOCAL_CHAINS:
        raise InputError(
            f"the role {role} needs an account that pays the gas: set {role}_account, or leave the"
            " role to another process with --role"
        )
    return context.account(f"{role}_account", word)


def _neighbourhood(context: Context) -> _Makers:
    settings = context.settings
    if settings.rpc:
        raise InputError("the neighbourhood lives on a chain of its own: leave out --rpc")
    place = _broker(settings)

    def make() -> Service:
        chain = context.chain
        assert chain is not None
        return Neighbourhood(
            context.connect(),
            context.database,
            chain.node,
            chain.village,
            broker=lambda: place or _local_broker(embedded_port(settings.folder)),
            leaves=settings.leaves,
            speed=settings.speed,
            days=settings.days,
            pace=context.pace,
            log=context.log,
        )

    return {Neighbourhood.name: make}


def _reporters(context: Context) -> _Makers:
    """A service for each reporter of the settings, called by its number; a neighbourhood has some
    of its own."""
    settings = context.settings
    local = [] if settings.rpc else _LOCAL_REPORTERS
    return {
        name: _reporter(context, wanted, name)
        for number, wanted in enumerate(settings.reporters or local, 1)
        if (name := f"{wanted.reports}_reporter_{number}")
    }


def _reporter(context: Context, wanted: ReporterSettings, name: str) -> Callable[[], Service]:
    who = context.account(f"{name}.account", wanted.account)
    region, place = wanted.region, wanted.source
    if wanted.reports not in ("metrics", "price", "demand") and not region:
        raise InputError(f"{name} needs a region")
    if wanted.reports in ("price", "weather") and not place:
        raise InputError(f"{name} needs a source: a file, or an address")

    def make() -> Service:
        market, database = context.connect(), context.database
        if wanted.reports == "metrics":
            published = context.settings.published
            return MetricsReporter(market, database, who, published, name=name)
        if wanted.reports == "demand":
            return ResponseKeeper(market, database, who, context.settings.leaves, name=name)
        if wanted.reports == "price":
            source: Callable[[int], Any] = prices_in(place, market.price_oracle.decimals())
        elif wanted.reports == "weather":
            source = weather_in(place)
        else:
            slot = market.settlement.slot_length()
            nominal = market.bands.bands_of(region).nominal_voltage
            feeder = context.feeders.get(region)
            capacity = feeder.feeder.rating_w // 1000 if feeder else None
            source = metered_grid(database, region, slot, nominal, capacity)
        often = {} if wanted.every is None else {"every": wanted.every}
        if wanted.reports == "operator":
            return OperatorReporter(market, database, who, source, name=name, **often)
        named: dict[str, Any] = {"region": region, "name": name, **often}
        return oracle_reporter(wanted.reports, market, database, who, source, **named)

    return make


def _relay(context: Context) -> _Makers:
    settings = context.settings
    own = context.own("relay_account", settings.relay_account)

    def make() -> Service:
        market = context.connect()
        return RelayService(
            market,
            context.database,
            own or _local_account(context, market, "relay", _LOCAL_RELAY),
            limits=settings.relay_limits,
            finality=settings.finality,
            log=context.log,
        )

    is_wanted = own is not None or not settings.rpc or RelayService.name in settings.roles
    return {RelayService.name: make} if is_wanted else {}


def _api(context: Context) -> _Makers:
    settings = context.settings

    def make() -> Service:
        market = context.connect()
        return ApiKeeping(
            context.database,
            settings.feed_days,
            invoicing_of(settings, context.database, market),
            finality=settings.finality,
            slot_seconds=market.settlement.slot_length(),
        )

    def make_notifier() -> Service:
        database = context.database
        return VenNotifier(database, Signals(context.connect(), database), Callbacks())

    return {ApiKeeping.name: make, VenNotifier.name: make_notifier}


def _twin(context: Context) -> _Makers:
    def make() -> Service:
        slot = context.connect().settlement.slot_length()
        return TwinKeeper(context.database, context.feeders, slot)

    is_known = context.settings.feeders or not context.settings.rpc
    return {TwinKeeper.name: make} if is_known else {}


def _forecaster(context: Context) -> _Makers:
    if find_spec("lightgbm") is None:
        context.log("forecaster: off, pip install 'energy-grid[foresight]' brings what it needs")
        return {}

    def make() -> Service:
        # What it imports is there with the extra alone.
        from energy_grid.backend.analytics.forecaster import Forecaster
        from energy_grid.backend.analytics.weather import Place

        buses = [bus for each in context.feeders.values() for bus in each.feeder.buses.values()]
        return Forecaster(
            context.database,
            Place.among(buses),
            context.log,
            context.settings.forecast_scheduler,
            context.settings.forecast_weather,
        )

    return {"forecaster": make}


def _agents(context: Context) -> _Makers:
    """A service for each agent of the settings, called by its number."""
    wanted = context.settings.agents
    if wanted and find_spec("scipy") is None:
        raise InputError("agents need more: pip install 'energy-grid[foresight]'")
    return {
        name: _agent(context, each, name)
        for number, each in enumerate(wanted, 1)
        if (name := f"agent_{number}")
    }


def _agent(context: Context, wanted: AgentSettings, name: str) -> Callable[[], Service]:
    settings, battery = context.settings, wanted.battery
    key = context.account(f"{name}.account", wanted.account) if wanted.preference else None
    place = _broker(settings)

    def make() -> Service:
        # What it imports is there with the extra alone.
        from energy_grid.backend.agent.service import Agent

        market = context.connect()
        return Agent(
            market,
            context.database,
            key.address if key else address_of(wanted.account, market.node.chain_id),
            name=name,
            clock=clock_of(market),
            key=key,
            preference=wanted.preference,
            battery=Battery(**battery.model_dump()) if battery else None,
            place=(place or _local_broker(embedded_port(settings.folder))) if battery else None,
            home_assistant=settings.home_assistant,
            log=context.log,
        )

    return make


ROLES: Mapping[str, Callable[[Context], _Makers]] = {
    "neighbourhood": _neighbourhood,
    "indexer": _indexer,
    "engine": _engine,
    "settlement": _settlement,
    "meters": _meters,
    "relay": _relay,
    "reporters": _reporters,
    "twin": _twin,
    "forecaster": _forecaster,
    "agents": _agents,
    "api": _api,
}


def makers_of(context: Context) -> _Makers:
    """What makes the services of the roles that the settings name, by their names.

    Raises:
        InputError: there is no such role, or a setting of one is wrong.
    """
    others = {"neighbourhood"} if context.settings.rpc else set()
    wanted = context.settings.roles or [name for name in ROLES if name not in others]
    for name in wanted:
        if name not in ROLES:
            raise InputError(f"there is no role {name!r}: the roles are {', '.join(ROLES)}")
    found: dict[str, Callable[[], Service]] = {}
    for name in wanted:
        found |= ROLES[name](context)
    return found
