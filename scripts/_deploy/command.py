"""A command on the chain that `--network` names: what is wrong with that is one line, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from ape.cli import ConnectedProviderCommand
from ape.cli.options import NETWORK_META_KEY, network_option

from energy_grid.errors import DeploymentError, InputError
from scripts._deploy.errors import one_line

if TYPE_CHECKING:
    from ape.api import ProviderAPI

__all__ = ["ChainCommand", "chain_option", "deployment_option"]

_SECONDS = 10  # that a node has to answer in


def chain_option() -> Callable[[Any], Any]:
    """`--network`, without a default: Ape's is a chain that it stops when the command ends."""
    return network_option(
        default=None, help="The chain, as ecosystem:network:provider or ecosystem:network:URL."
    )


def deployment_option() -> Callable[[Any], Any]:
    """`--deployment-file` of what reads one."""
    return click.option(
        "--deployment-file",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The deployment; else deployments/<network>.json of the chain's network.",
    )


class ChainCommand(ConnectedProviderCommand):
    """Connects to a node that answers; an error is one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Ape answers an unknown name with the list of all that it knows: one line of it."""
        try:
            with one_line():
                return super().parse_args(ctx, args)
        except click.BadParameter as error:
            if error.param is None or error.param.name != "network":
                raise
            what = error.message.splitlines()[0].removesuffix(" Options:").rstrip(".")
            message = f"--network: {what} (see `ape networks list`)"
            raise click.ClickException(message) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, connected."""
        with one_line():
            _require_node(ctx.meta.get(NETWORK_META_KEY, {}).get("provider"))
            return super().invoke(ctx)


def _require_node(provider: ProviderAPI | None) -> None:
    """Check the node first: if none answers, Ape tries to start one.

    Raises:
        InputError: no chain is named, or none that outlives the command.
        DeploymentError: there is no node.
    """
    from ape.api import TestProviderAPI
    from ape.logging import sanitize_url
    from ape_ethereum.provider import EthereumNodeProvider

    if provider is None:
        raise InputError("which chain? pass --network ecosystem:network:provider")
    network = provider.network
    if not isinstance(provider, EthereumNodeProvider):
        if isinstance(provider, TestProviderAPI):
            raise InputError(
                f"{network.choice}:{provider.name} ends with this command: start a node (`anvil`) "
                f"and pass --network {network.choice}:http://127.0.0.1:8545"
            )
        return
    # Ape would take any public node it knows of, another one in every run.
    if not network.is_dev and provider.network_choice == f"{network.choice}:{provider.name}":
        raise InputError(
            f"no node is known for {network.choice}: pass --network {network.choice}:https://..."
        )
    uri = provider.uri
    if uri.startswith("ws"):
        raise InputError(f"{sanitize_url(uri)} is no HTTP node: pass its http:// or https:// URL")
    if uri.startswith("http") and not _answers(uri):
        raise DeploymentError(f"no node answers at {sanitize_url(uri)}: is it running?")


def _answers(uri: str) -> bool:
    from web3 import HTTPProvider

    node = HTTPProvider(
        uri, request_kwargs={"timeout": _SECONDS}, exception_retry_configuration=None
    )
    try:
        return node.is_connected()
    except ValueError:  # it speaks HTTP, and something else than JSON
        return False
