"""The command ``energy-grid``.

Every error that can be expected is one line on standard error: what a user typed wrongly exits
with 2, everything else with 1, Ctrl-C with 130. A command that drafts calls for the owners of a
Safe exits with 3. With ``--json`` the line is a JSON object:
``error`` (the custom error of the contract, or the class of the exception), ``contract``,
``arguments``, ``message`` and ``exit_code``. Standard output then stays empty.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Collection, Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from energy_grid import __version__
from energy_grid.cli.groups import GROUPS
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["app", "command_tree", "group", "main"]

_NAME = "energy-grid"
# More digits than an address has may be a key, or the most of one, which belongs on no screen.
_KEY = re.compile(r"(0x)?([0-9a-fA-F]{41,})")
# The id of a proposal is a decimal number, mostly of more digits.
_KEY_DIGITS = 64
_FAILED, _WRONG_ARGUMENTS, _INTERRUPTED, _TERMINATED = 1, 2, 130, 143


class _Commands(TyperGroup):
    """Knows its commands by name and summary; the one that is called is imported then."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and group(str(name)), rest

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            entry = GROUPS.get(ctx.invoked_subcommand)
            if entry is None or not entry.extra:
                raise
            missing = f"{error.name} is missing: pip install 'energy-grid[{entry.extra}]'"
            raise EnergyGridError(missing) from None


_commands = typer.Typer(
    name=_NAME,
    cls=_Commands,
    invoke_without_command=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _name, _entry in GROUPS.items():
    _commands.command(_name, short_help=_entry.summary)(lambda: None)


@cache
def command_tree() -> Any:
    """The command ``energy-grid``, where each command below it has a name and a summary only."""
    return get_command(_commands)


@cache
def group(name: str) -> Any:
    """A group of commands, or a single command, with all it has.

    Raises:
        KeyError: there is none of this name.
    """
    entry = GROUPS[name]
    found = getattr(import_module(f"energy_grid.{entry.module}"), entry.attribute)
    return get_command(found.app)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"{_NAME} {__version__}")
        raise typer.Exit


@_commands.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """A neighbourhood energy market on a blockchain.

    Times are in UTC; with ENERGY_GRID_TZ=Europe/Berlin in the environment, in that time zone.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str]) -> int:
    """Run a command; gives the exit code."""
    as_json = "--json" in arguments
    try:
        code = command_tree()(list(arguments), _NAME, standalone_mode=False) or 0
    except typer.TyperException as error:
        return _fail(error, error.exit_code, as_json, _without_keys(_wrong_use(error)))
    except InputError as error:
        message = _without_keys(str(error), public=error.public)
        return _fail(error, _WRONG_ARGUMENTS, as_json, message)
    except EnergyGridError as error:
        # What was not typed comes from the chain.
        code = _INTERRUPTED if isinstance(error.__context__, KeyboardInterrupt) else _FAILED
        return _fail(error, code, as_json, _without_keys(str(error), only=arguments))
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        stopped = KeyboardInterrupt()
        return _fail(stopped, code, as_json, "stopped; no process is left running")
    return int(code)


def _wrong_use(error: typer.TyperException) -> str:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if context is None or not message.startswith("No such command"):
        return message
    return f"{message.removesuffix('.')}: {context.command_path} --help lists the commands"


def _without_keys(
    message: str, *, public: Collection[str] = (), only: Sequence[str] | None = None
) -> str:
    """A message without what can be a private key that was typed in a wrong place.

    Args:
        public: hashes that are no keys, since the chain knows them.
        only: the words in which a key can be; by default every word of the message can be one.
    """
    typed = None
    if only is not None:
        typed = [found[2].lower() for word in only for found in _KEY.finditer(word)]

    def hidden(found: re.Match[str]) -> str:
        text, digits = found[0], found[2].lower()
        is_decimal = not found[1] and digits.isdecimal() and len(digits) > _KEY_DIGITS
        # A message can have the first digits of a word only.
        is_typed = typed is None or any(each.startswith(digits) for each in typed)
        return text if is_decimal or text in public or not is_typed else "…"

    return _KEY.sub(hidden, message)


def app() -> None:
    """The entry point of the installed command."""
    # Ending by an exception stops what was started, which the signal's own way would not.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    sys.exit(main(sys.argv[1:]))


def _fail(error: BaseException, code: int, as_json: bool, message: str) -> int:
    from energy_grid.cli.console import plain

    line = plain(" ".join(message.split()))
    if as_json:
        from energy_grid.cli.answers import as_document
        from energy_grid.cli.hints import error_document

        document = {**error_document(error, line), "exit_code": code}
        print(json.dumps(as_document(document)), file=sys.stderr)
    else:
        print(f"{_NAME}: {line}", file=sys.stderr)
    return code
