"""Groups of commands, and what all commands have in common.

A command is a function whose first parameter is a `View` or a `Desk`; the rest of its parameters
are its own arguments and options. The options that say which market, who sends, and in what form
are added here, so that they are the same everywhere.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from contextlib import closing
from enum import IntEnum
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer

from energy_grid.adapters.chain.networks import NETWORKS
from energy_grid.entrypoints.cli.answers import Answer, as_document, word
from energy_grid.entrypoints.cli.console import console, plain
from energy_grid.entrypoints.cli.options import (
    AccountWord,
    AsJson,
    DeploymentFile,
    NetworkName,
    NodeUrl,
)

if TYPE_CHECKING:
    from energy_grid.client import EnergyGrid

__all__ = ["CommandGroup"]

Show = TypeVar("Show", bound=Callable[..., Answer])
Act = TypeVar("Act", bound=Callable[..., str])
_PLACE = ("network", "rpc", "deployment")
# Tables with whole addresses, where nobody looks at a terminal of a certain width.
_WIDTH = 160


class CommandGroup:
    """A name on the command line with commands below it."""

    def __init__(self, name: str, summary: str) -> None:
        self.app = typer.Typer(
            name=name,
            help=summary,
            short_help=summary,
            invoke_without_command=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        self.app.callback()(_help)

    @classmethod
    def at_the_top(cls) -> CommandGroup:
        """Commands with no group in front of their names."""
        group = cls.__new__(cls)
        group.app = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        return group

    def add(self, group: CommandGroup) -> None:
        """Put a group below this one."""
        self.app.add_typer(group.app)

    def shows(self, name: str) -> Callable[[Show], Show]:
        """Registers a command that reads: it gives an `Answer`."""

        def register(function: Show) -> Show:
            self._command(name, function, _reads, lambda **values: _show(function, **values))
            return function

        return register

    def does(self, name: str) -> Callable[[Act], Act]:
        """Registers a command that sends: it gives the line that says what happened."""

        def register(function: Act) -> Act:
            self._command(name, function, _sends, lambda **values: _act(function, **values))
            return function

        return register

    def _command(
        self,
        name: str,
        function: Callable[..., Any],
        common: Callable[..., None],
        run: Callable[..., None],
    ) -> None:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        shared = inspect.signature(common, eval_str=True).parameters.values()
        parameters = [_typed_in(each) for each in (*own, *shared)]

        def command(**values: Any) -> None:
            run(**values)

        command.__doc__ = function.__doc__
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        self.app.command(name, short_help=str(function.__doc__).splitlines()[0])(command)


def _typed_in(parameter: Parameter) -> Parameter:
    """A parameter as it is typed: what a parser reads is text, whatever comes out of it."""
    default = parameter.default
    if isinstance(default, IntEnum):
        default = word(default)
    annotation = parameter.annotation
    if get_args(annotation) and getattr(get_args(annotation)[1], "parser", None) is not None:
        annotation = Annotated[str, get_args(annotation)[1]]
    return parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


def _reads(
    network: NetworkName = None,
    rpc: NodeUrl = None,
    deployment: DeploymentFile = None,
    as_json: AsJson = False,
) -> None:
    """The options of every command that reads."""


def _sends(
    account: AccountWord,
    network: NetworkName = None,
    rpc: NodeUrl = None,
    deployment: DeploymentFile = None,
) -> None:
    """The options of every command that sends."""


def _show(function: Callable[..., Answer], *, as_json: bool, **values: Any) -> None:
    from energy_grid.entrypoints.cli.desk import View

    place, values = _place(values)
    with closing(_connect(**place)) as market:
        answer = function(View(market), **values)
    if as_json:
        print(json.dumps(as_document(answer.document)))
    else:
        console(width=_WIDTH).print(answer.shown)
    if answer.code:
        raise typer.Exit(answer.code)


def _act(function: Callable[..., str], *, account: str, **values: Any) -> None:
    from energy_grid.entrypoints.cli.accounts import Owners, actor_of
    from energy_grid.entrypoints.cli.desk import Desk
    from energy_grid.entrypoints.cli.drafts import Drafted, open_desk

    who = actor_of(account)
    place, values = _place(values)
    with closing(_connect(**place)) as market:
        desk = open_desk(market, who.accounts) if isinstance(who, Owners) else Desk(market, who)
        try:
            line = function(desk, **values)
        except Drafted as draft:
            line = str(draft)
    print(f"{plain(line)} ({desk.sent()})" if desk.receipts else plain(line))


def _place(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which market, and the rest of what was typed."""
    return (
        {name: value for name, value in values.items() if name in _PLACE},
        {name: value for name, value in values.items() if name not in _PLACE},
    )


def _connect(network: str | None, rpc: str | None, deployment: Path | None) -> EnergyGrid:
    # It takes a moment to import: help and refusals need not wait for it.
    from energy_grid.client import EnergyGrid

    if network is not None:
        return EnergyGrid.connect(network, deployment, rpc=rpc)
    local = NETWORKS["local"]
    return EnergyGrid.connect(rpc or local.rpc, deployment or local.deployment)
