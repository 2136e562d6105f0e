"""The contracts that can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from energy_grid.chain.roles import PERMISSIONS, Role
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.cli.session import View
    from energy_grid.contracts.emergency_stop import EmergencyStop
    from energy_grid.domain.enums import StopLevel

__all__ = ["STOPPABLE", "at_level", "contracts_argument"]

STOPPABLE = tuple(name for name, found in PERMISSIONS[Role.GUARDIAN].items() if "pause" in found)

contracts_argument: Callable[[Any], Any] = click.argument(
    "contracts", nargs=-1, metavar="[CONTRACT]..."
)


def at_level(view: View, names: Sequence[str], level: StopLevel) -> list[EmergencyStop]:
    """Those of the named contracts, or of all, that are at a level.

    Raises:
        InputError: a name is not a contract that can be stopped.
    """
    from energy_grid.contracts.emergency_stop import EmergencyStop

    known = {name.lower(): name for name in STOPPABLE}
    for name in names:
        if name.lower() not in known:
            raise InputError(f"{name!r} is not one of {', '.join(STOPPABLE)}")
    chosen = [known[name.lower()] for name in names] or list(STOPPABLE)
    node, deployment = view.market.node, view.market.deployment
    found = [EmergencyStop(node, deployment.address(name), name) for name in dict.fromkeys(chosen)]
    return [one for one in found if one.stop_level() is level]
