"""``energy-grid chain``: a local chain, which can be saved, start as a fork, and skip time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from energy_grid.cli.answers import Answer, facts
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import reading
from energy_grid.cli.session import View
from energy_grid.cli.times import format_time
from energy_grid.domain.units import parse_duration
from energy_grid.errors import InputError

__all__ = ["chains"]

chains = CommandGroup("chain")


def start(
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            dir_okay=False,
            help="Continue the chain of this file if it exists, and write the file at the end.",
        ),
    ] = None,
    fork: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default=False,
            help="Fork the chain of this node; the node itself does not change.",
        ),
    ] = None,
    chain_id: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            show_default=False,
            min=1,
            help="The chain id; by default 31337, or that of the forked chain.",
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(metavar="NUMBER", min=0, max=65_535, help="The port; 0 chooses a free one."),
    ] = 8545,
) -> None:
    """Run a chain until Ctrl-C: 30 accounts with 10,000 ETH each, a block per transaction.

    A continued chain keeps its clock. The accounts are local:0 to local:29; their keys are public.
    """
    from energy_grid.chain.rpc.anvil import Anvil

    if state is not None and not state.absolute().parent.is_dir():
        raise InputError(
            f"the folder {state.parent} does not exist: create it, or name another FILE"
        )
    anvil = Anvil(chain_id=chain_id, fork=fork, port=port, state=state)
    with anvil as node:
        try:
            # Whoever reads this line may press Ctrl-C before the next one is reached.
            print(f"Chain {node.chain_id} at {node.url}, block {node.block_number}; Ctrl-C ends it")
            anvil.wait()
        except KeyboardInterrupt:
            anvil.stop()
    print(f"Written: {state}" if state else "Ended; the chain is not saved")


chains.app.command("start", short_help="Run a chain until Ctrl-C.")(start)


@chains.shows("advance")
def advance(
    view: View,
    by: Annotated[
        int,
        typer.Argument(
            metavar="DURATION", parser=reading(parse_duration), help="Such as 90s, 15min, 2h or 3d."
        ),
    ],
) -> Answer:
    """Move the clock of a local chain on, as if the time had passed."""
    from energy_grid.chain.accounts import LOCAL_CHAINS
    from energy_grid.chain.rpc.node import DevNode

    node = view.market.node
    if node.chain_id not in LOCAL_CHAINS:
        raise InputError(f"time passes by itself on chain {node.chain_id}: it is no local one")
    DevNode(node.transport, hooks=node.hooks).set_time(node.time + by)
    shown = facts({"now": format_time(node.time), "block": str(node.block_number)})
    return Answer(document={"time": node.time, "block": node.block_number}, shown=shown)
