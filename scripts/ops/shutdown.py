"""Shut contracts down permanently: `ape run ops shutdown EnergyTrading --account WHO ...`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from scripts._ops.command import operation
from scripts._ops.stopping import contracts_argument

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@contracts_argument
def shutdown(view: View, contracts: Sequence[str]) -> list[Call]:
    """Propose the permanent shutdown of the named contracts; their exits stay open."""
    from energy_grid.domain.enums import StopLevel
    from energy_grid.errors import InputError
    from scripts._ops.stopping import STOPPABLE, at_level

    if not contracts:
        raise InputError(f"name the contracts to shut down: {', '.join(STOPPABLE)}")
    running = at_level(view, contracts, StopLevel.RUNNING)
    return [one.shutdown() for one in (*running, *at_level(view, contracts, StopLevel.PAUSED))]


cli: click.Command = operation(shutdown)
