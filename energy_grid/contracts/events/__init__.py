"""Every event of every contract as a class: ``events.Settlement_Deposited``.

A class is called by its contract and its event; what a token or a Safe tells is written down once
for each contract, since where to look for it differs. Each contract's module says which units its
values are in, and is only read when it is asked for.
"""

# ruff: noqa: F403
from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from energy_grid.chain.event_log import EventLog, module_of

if TYPE_CHECKING:
    from energy_grid.contracts.events.access_manager import *
    from energy_grid.contracts.events.asset_shares import *
    from energy_grid.contracts.events.balancing_coordination import *
    from energy_grid.contracts.events.carbon_credits import *
    from energy_grid.contracts.events.demand_response import *
    from energy_grid.contracts.events.energy_asset_nft import *
    from energy_grid.contracts.events.energy_token import *
    from energy_grid.contracts.events.energy_trading import *
    from energy_grid.contracts.events.governance_token import *
    from energy_grid.contracts.events.grid_governor import *
    from energy_grid.contracts.events.grid_management import *
    from energy_grid.contracts.events.grid_operator_verification import *
    from energy_grid.contracts.events.grid_oracle import *
    from energy_grid.contracts.events.load_monitoring import *
    from energy_grid.contracts.events.peer_to_peer_trading import *
    from energy_grid.contracts.events.price_oracle import *
    from energy_grid.contracts.events.safe import *
    from energy_grid.contracts.events.safe_proxy_factory import *
    from energy_grid.contracts.events.settlement import *
    from energy_grid.contracts.events.smart_meter import *
    from energy_grid.contracts.events.stability_maintenance import *
    from energy_grid.contracts.events.test_dollar import *
    from energy_grid.contracts.events.timelock_controller import *
    from energy_grid.contracts.events.weather_oracle import *

__all__ = ["EventLog"]


def __getattr__(name: str) -> Any:
    contract, _, event = name.partition("_")
    if not contract or not event:
        raise AttributeError(name)
    try:
        return getattr(import_module(module_of(contract)), name)
    except (ModuleNotFoundError, AttributeError):
        raise AttributeError(f"no contract has an event {name}") from None
