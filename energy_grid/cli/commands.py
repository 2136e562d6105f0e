"""Groups of commands, and the options that all commands share.

A command is a function whose first parameter is a `View` or a `Session`; its other parameters are
its own arguments and options. This module adds the options of market, sender and output form, so
that they are the same everywhere.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import IntEnum
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer

from energy_grid.cli.answers import Answer, word
from energy_grid.cli.groups import GROUPS
from energy_grid.cli.options import (
    AccountWord,
    AsJson,
    DeploymentFile,
    DryRun,
    NetworkName,
    NodeUrl,
    RelayFile,
    SignerWord,
)
from energy_grid.cli.running import act, pass_on, show, sign

if TYPE_CHECKING:
    from energy_grid.cli.session import Planned

__all__ = ["CommandGroup"]

Show = TypeVar("Show", bound=Callable[..., Answer])
Act = TypeVar("Act", bound=Callable[..., "Planned[Any]"])
Sign = TypeVar("Sign", bound=Callable[..., str])
Alone = TypeVar("Alone", bound=Callable[..., str])
Pass = TypeVar("Pass", bound=Callable[..., bytes])


# Parameters that nobody types.
_CONTEXTS = ("session", "view")


class CommandGroup:
    """A name on the command line with commands below it.

    Args:
        summary: one line; by default that of `GROUPS`.
    """

    def __init__(self, name: str, summary: str | None = None) -> None:
        summary = summary or GROUPS[name].summary
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
        """Commands without a group name."""
        group = cls.__new__(cls)
        group.app = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        return group

    def add(self, group: CommandGroup) -> None:
        """Put a group below this one."""
        self.app.add_typer(group.app)

    def shows(self, name: str) -> Callable[[Show], Show]:
        """Registers a command that reads: it returns an `Answer`."""

        def register(function: Show) -> Show:
            self._command(name, function, _reads, lambda **values: show(function, **values))
            return function

        return register

    def does(self, name: str) -> Callable[[Act], Act]:
        """Registers a command that sends: it returns a `Planned`."""

        def register(function: Act) -> Act:
            self._command(name, function, _sends, lambda **values: act(function, **values))
            return function

        return register

    def alone(self, name: str) -> Callable[[Alone], Alone]:
        """Registers a command that needs no market: it returns what it prints."""

        def register(function: Alone) -> Alone:
            self._command(name, function, _nothing, lambda **values: print(function(**values)))
            return function

        return register

    def passes_on(self, name: str) -> Callable[[Pass], Pass]:
        """Registers a command that sends a signed transaction; see `running.pass_on`."""

        def register(function: Pass) -> Pass:
            self._command(name, function, _passes, lambda **values: pass_on(function, **values))
            return function

        return register

    def signs(self, name: str) -> Callable[[Sign], Sign]:
        """Registers a command that needs a key and sends nothing: it returns what it prints."""

        def register(function: Sign) -> Sign:
            self._command(name, function, _signs, lambda **values: sign(function, **values))
            return function

        return register

    def _command(
        self,
        name: str,
        function: Callable[..., Any],
        common: Callable[..., None],
        run: Callable[..., None],
    ) -> None:
        own = list(inspect.signature(function, eval_str=True).parameters.values())
        own = [each for each in own if each.name not in _CONTEXTS]
        shared = inspect.signature(common, eval_str=True).parameters.values()
        parameters = [_typed_in(each) for each in (*own, *shared)]

        def command(**values: Any) -> None:
            run(**values)

        command.__doc__ = function.__doc__
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        self.app.command(name, short_help=str(function.__doc__).splitlines()[0])(command)


def _typed_in(parameter: Parameter) -> Parameter:
    """A parameter as it is typed: the input of a parser is text."""
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
    dry_run: DryRun = False,
    relay: RelayFile = None,
    network: NetworkName = None,
    rpc: NodeUrl = None,
    deployment: DeploymentFile = None,
    as_json: AsJson = False,
) -> None:
    """The options of every command that sends."""


def _passes(
    dry_run: DryRun = False,
    network: NetworkName = None,
    rpc: NodeUrl = None,
    deployment: DeploymentFile = None,
    as_json: AsJson = False,
) -> None:
    """The options of a command that sends a signed transaction."""


def _nothing() -> None:
    """The options of a command that needs no market."""


def _signs(
    account: SignerWord,
    network: NetworkName = None,
    rpc: NodeUrl = None,
    deployment: DeploymentFile = None,
) -> None:
    """The options of every command that needs a key and sends nothing."""
