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
from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.cli.accounts import account_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError

__all__ = ["ROLES", "Context", "services_of"]

_LOCAL_KEEPER = "local:7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What services are made of.

    Attributes:
        connect: makes a connection to the market; each service has one of its own.
        chain: the local one of a neighbourhood, if this process runs it.
    """

    settings: Settings
    database: Database
    connect: Callable[[], EnergyGrid]
    chain: LivingChain | None = None


def _indexer(context: Context) -> Service:
    return Indexer(context.connect(), context.database, finality=context.settings.finality)


def _settlement(context: Context) -> Service:
    settings, market = context.settings, context.connect()
    is_local = market.node.chain_id in LOCAL_CHAINS
    word = settings.settlement_account or (_LOCAL_KEEPER if is_local else "")
    if not word:
        raise InputError(
            "the role settlement needs an account that pays the gas: set settlement_account, or"
            " leave the role to another process with --role"
        )
    return SettlementService(
        market, context.database, account_of(word), published=settings.published
    )


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
