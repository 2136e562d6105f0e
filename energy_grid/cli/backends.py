"""Backends that a command asks instead of a chain, signed in as an account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from energy_grid.api.client import EnergyGridApi
    from energy_grid.api.models import MarketInfo

__all__ = ["signed_in"]


@contextmanager
def signed_in(backend: str, who: str) -> Iterator[tuple[EnergyGridApi, str, MarketInfo]]:
    """The interface of a backend, the account that is signed in there, and the market.

    Args:
        who: named like ``--account``.
    """
    from energy_grid.api.client import EnergyGridApi
    from energy_grid.chain.accounts import refuse_well_known
    from energy_grid.cli.accounts import account_of

    account = account_of(who)
    with EnergyGridApi(backend) as api:
        market = api.market()
        refuse_well_known([account.address], market.chain_id)
        api.sign_in(account)
        yield api, account.address, market
        api.sign_out()
