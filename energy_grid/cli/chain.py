"""``energy-grid chain``: a chain on this machine, which can be kept, or begin as a copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from energy_grid.cli.commands import CommandGroup
from energy_grid.errors import InputError

__all__ = ["chains"]

# As many as the parameters of the local network name.
_ACCOUNTS = 20

chains = CommandGroup("chain")


def start(
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            dir_okay=False,
            help="Go on with the chain of this file if there is one, and write it at the end.",
        ),
    ] = None,
    fork: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default=False,
            help="Begin as a copy of this node's chain, which never knows of it.",
        ),
    ] = None,
    chain_id: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            show_default=False,
            min=1,
            help="Of the chain; by default 31337, or that of the chain that it is a copy of.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=65_535, help="0 takes a free one.")
    ] = 8545,
) -> None:
    """Run a chain until Ctrl-C: 20 accounts with 10,000 ETH each, a block per transaction.

    Its clock goes on where that of the chain before it stood, and never back. The accounts are
    local:0 to local:19, whose keys everybody knows.
    """
    from energy_grid.chain.rpc.anvil import Anvil

    if state is not None and not state.absolute().parent.is_dir():
        raise InputError(f"there is no folder {state.parent} to keep the chain in")
    anvil = Anvil(accounts=_ACCOUNTS, chain_id=chain_id, fork=fork, port=port, state=state)
    with anvil as node:
        print(f"Chain {node.chain_id} at {node.url}, block {node.block_number}; Ctrl-C ends it")
        try:
            anvil.wait()
        except KeyboardInterrupt:
            anvil.stop()
    print(f"Written: {state}" if state else "Ended; nothing of it is kept")


chains.app.command("start", short_help="Run a chain until Ctrl-C.")(start)
