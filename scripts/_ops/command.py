"""The options and the execution of every command in scripts/ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from ape.api import ProviderAPI

from scripts._deploy.command import ChainCommand, chain_option, deployment_option
from scripts._deploy.errors import one_line

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call

    Prepare = Callable[..., Sequence[Call]]

__all__ = ["operation", "operations"]

_FILE = click.Path(dir_okay=False, path_type=Path)


def operation(prepare: Prepare) -> click.Command:
    """A command of a function that takes a `View` and its own options, and returns calls.

    The chain decides who makes the calls: a Safe, or governance, whose calls become a proposal.
    """

    @chain_option()
    @deployment_option()
    @click.option(
        "--account",
        metavar="WHO",
        help="The sender: safe:WHO,WHO for a Safe, or the proposer of a vote; an Ape account, a"
        " keystore file, env:NAME, or local:N on a local chain. Too few owners of the Safe draft"
        " the transaction as a file (exit code 3).",
    )
    @click.option("--dry-run", is_flag=True, help="Print the exact calls and their signers.")
    @click.option(
        "--safe-transaction",
        type=_FILE,
        help="Write the Safe's transaction instead, for energy-grid safe sign.",
    )
    @click.option(
        "--transaction-builder",
        type=_FILE,
        help="Write it for the Transaction Builder of the Safe's own app instead.",
    )
    @click.option("--because", default="", metavar="TEXT", help="The reason, for a vote.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def command(provider: ProviderAPI, **values: Any) -> None:
        import typer

        from scripts._ops.run import run

        try:
            with one_line():
                run(prepare, url=str(provider.uri), **values)
        except typer.Exit as end:
            click.get_current_context().exit(end.exit_code)

    command.__click_params__ += getattr(prepare, "__click_params__", [])  # type: ignore[attr-defined]
    return click.command(prepare.__name__, cls=ChainCommand, help=prepare.__doc__)(command)


def operations(summary: str, **functions: Prepare) -> click.Group:
    """A group of these commands by their names."""
    commands = {name.replace("_", "-"): operation(each) for name, each in functions.items()}
    return click.Group(help=summary, commands=commands)
