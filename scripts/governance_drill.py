"""Show that nobody rules alone: `ape run governance_drill --network ethereum:local:URL`.

On a local chain with the market deployed: a tariff changed by a vote, and the market paused and
started again by two owners of the Safe; each with what is refused on the way.
"""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI

from scripts._deploy.command import ChainCommand, chain_option


@click.command(cls=ChainCommand)
@chain_option()
@click.option(
    "--deployment-file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("deployments/local.json"),
    show_default=True,
    help="The deployment.",
)
def cli(provider: ProviderAPI, file: Path) -> None:
    """Carry a tariff through a vote, and pause the market with the Safe, on a local chain."""
    from scripts._drill import drill

    drill(url=str(provider.uri), file=file, say=click.echo)
