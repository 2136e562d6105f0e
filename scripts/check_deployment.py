"""Check a deployment against the chain: `ape run check_deployment --network ...`."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI

from scripts._deploy.command import ChainCommand, chain_option, deployment_option


@click.command(cls=ChainCommand)
@chain_option()
@deployment_option()
def cli(provider: ProviderAPI, file: Path | None) -> None:
    """Prove that a deployment is wired as it must be, from the chain alone."""
    from scripts._deploy.run import check

    check(provider=provider, file=file, say=click.echo)
