"""Pause contracts: `ape run ops pause --network ethereum:local:URL --account safe:WHO,WHO`."""

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
def pause(view: View, contracts: Sequence[str]) -> list[Call]:
    """Pause the named contracts, by default all; their exits stay open."""
    from energy_grid.domain.enums import StopLevel
    from scripts._ops.stopping import at_level

    return [one.pause() for one in at_level(view, contracts, StopLevel.RUNNING)]


cli: click.Command = operation(pause)
