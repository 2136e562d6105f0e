"""Deploy the market: `ape run deploy --network ethereum:local:http://127.0.0.1:8545`.

The parameters of each network are in scripts/_deploy/networks; the steps in scripts/_deploy/steps.
An interrupted deployment goes on where it stopped when this is run again.
"""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI

from scripts._deploy.command import ChainCommand, chain_option
from scripts._deploy.errors import one_line


def _known(ctx: click.Context, option: click.Parameter, alias: str | None) -> str | None:
    """Check the account before the first request to the chain."""
    from scripts._deploy.accounts import require_alias

    with one_line():
        require_alias(alias)
    return alias


@click.command(cls=ChainCommand)
@chain_option()
@click.option("--account", metavar="ALIAS", callback=_known, help="The Ape account that deploys.")
@click.option("--parameters", metavar="FILE", help="Parameter file, or its name; else the chain's.")
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="One parameter.")
@click.option(
    "--deployment-file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the deployment; else deployments/<network>.json.",
)
def cli(
    provider: ProviderAPI,
    account: str | None,
    parameters: str | None,
    overrides: tuple[str, ...],
    file: Path | None,
) -> None:
    """Deploy and wire the market's contracts, check them, and write where they are."""
    import os

    from scripts._deploy.run import deploy

    deploy(
        provider=provider,
        alias=account,
        parameters=parameters,
        overrides=overrides,
        file=file,
        environment=os.environ,
        say=click.echo,
    )
