"""The roles of the backend: which there are, and the service of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.neighbourhood.chain import LivingChain
from energy_grid.backend.neighbourhood.service import Neighbourhood
from energy_grid.backend.serve.settings import Settings
from energy_grid.backend.service import Service
from energy_grid.backend.settlement_service.service import SettlementService
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.chain.accounts import LOCAL_CHAINS, Account
from energy_grid.cli.accounts import account_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError

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
    """

    settings: Settings
    database: Database
    connect: Callable[[], EnergyGrid]
    log: Callable[[str], object]
    chain: LivingChain | None = None


def _indexer(context: Context) -> Service:
    return Indexer(context.connect(), context.database, finality=context.settings.finality)


def _settlement(context: Context) -> Service:
    settings, market = context.settings, context.connect()
    return SettlementService(
        market,
        context.database,
        _account(market, "settlement", settings.settlement_account, _LOCAL_SETTLER),
        published=settings.published,
        gas_per_day=settings.settlement_gas or None,
        log=context.log,
    )


def _engine(context: Context) -> Service:
    settings, market = context.settings, context.connect()
    keeper = _account(market, "engine", settings.engine_account, _LOCAL_KEEPER)
    return TradingEngine(
        market, context.database, keeper, published=settings.order_sets, log=context.log
    )


def _account(market: EnergyGrid, role: str, word: str, local: str) -> Account:
    """The account of a role; on a local chain there is one without a word."""
    if not word and market.node.chain_id not in LOCAL_CHAINS:
        raise InputError(
            f"the role {role} needs an account that pays the gas: set {role}_account, or leave the"
            " role to another process with --role"
        )
    return account_of(word or local)


def _neighbourhood(context: Context) -> Service:
    chain, settings = context.chain, context.settings
    if chain is None:
        raise InputError("the neighbourhood lives on a chain of its own: leave out --rpc")
    return Neighbourhood(
        context.connect(),
        chain.node,
        chain.village,
        chain.community,
        folder=settings.folder / "gateway",
        published=settings.published,
        speed=settings.speed,
    )


ROLES: Mapping[str, Callable[[Context], Service]] = {
    "neighbourhood": _neighbourhood,
    "indexer": _indexer,
    "engine": _engine,
    "settlement": _settlement,
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
    return [ROLES[name](context) for name in dict.fromkeys(wanted)]
