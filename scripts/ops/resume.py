"""End a pause: `ape run ops resume --network ethereum:local:URL --account safe:WHO,WHO`."""

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
def resume(view: View, contracts: Sequence[str]) -> list[Call]:
    """Resume the named contracts, by default all paused ones."""
    from energy_grid.domain.enums import StopLevel
    from scripts._ops.stopping import at_level

    return [one.unpause() for one in at_level(view, contracts, StopLevel.PAUSED)]


cli: click.Command = operation(resume)
