"""Write what explorers and wallets take about a deployment: `ape run publish --network ...`."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI

from scripts._deploy.command import ChainCommand, chain_option, deployment_option


@click.command(cls=ChainCommand)
@chain_option()
@deployment_option()
def cli(provider: ProviderAPI, file: Path | None) -> None:
    """Write files for explorers and wallets into a folder beside the deployment file."""
    from scripts._publish.run import publish

    publish(provider=provider, file=file, say=click.echo)
