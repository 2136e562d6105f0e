"""The command ``energy-grid``.

Every refusal that can be expected is one line on standard error: what a user typed exits with 2,
everything else with 1, Ctrl-C with 130.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from energy_grid import __version__
from energy_grid.cli import batch_records  # noqa: F401  (commands of `batch`)
from energy_grid.cli.assets import assets
from energy_grid.cli.batches import audits, batches
from energy_grid.cli.book import book
from energy_grid.cli.carbon import carbon
from energy_grid.cli.chain import chains
from energy_grid.cli.console import plain
from energy_grid.cli.demand_response import demand_response
from energy_grid.cli.gateways import gateways
from energy_grid.cli.govern import govern
from energy_grid.cli.grid import grid
from energy_grid.cli.keys import keys, signed
from energy_grid.cli.market import market
from energy_grid.cli.meters import meters
from energy_grid.cli.money import cash
from energy_grid.cli.offers import offers
from energy_grid.cli.operators import operators
from energy_grid.cli.oracles import oracles
from energy_grid.cli.orders import orders
from energy_grid.cli.participants import participants
from energy_grid.cli.roles import roles
from energy_grid.cli.safe import safe
from energy_grid.cli.slots import slots
from energy_grid.cli.tokens import tokens
from energy_grid.cli.transactions import transactions
from energy_grid.cli.wallet import wallet
from energy_grid.demo.command import demo
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["app", "main"]

_NAME = "energy-grid"
# More digits than an address has may be a key, or the most of one, which belongs on no screen.
_KEY = re.compile(r"(0x)?[0-9a-fA-F]{41,}")
_FAILED, _WRONG_ARGUMENTS, _INTERRUPTED, _TERMINATED = 1, 2, 130, 143

_commands = typer.Typer(
    name=_NAME,
    invoke_without_command=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
_commands.command(short_help="Trade one day of real energy on a local chain.")(demo)
for _group in (
    market,
    wallet,
    cash,
    tokens,
    participants,
    meters,
    slots,
    book,
    chains,
    orders,
    batches,
    transactions,
    audits,
    offers,
    assets,
    carbon,
    gateways,
    operators,
    grid,
    demand_response,
    oracles,
    roles,
    govern,
    safe,
    keys,
    signed,
):
    _commands.add_typer(_group.app)


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
    """A neighbourhood energy market on a blockchain."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str]) -> int:
    """Run a command; gives the exit code."""
    try:
        code = _commands(args=list(arguments), prog_name=_NAME, standalone_mode=False) or 0
    except typer.TyperException as error:
        return _fail(_KEY.sub("…", error.format_message()), error.exit_code)
    except InputError as error:
        return _fail(_KEY.sub("…", str(error)), _WRONG_ARGUMENTS)
    except EnergyGridError as error:
        return _fail(str(error), _FAILED)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        return _fail("stopped; nothing is left running", _INTERRUPTED)
    return int(code)


def app() -> None:
    """The entry point of the installed command."""
    # Ending by an exception stops what was started, which the signal's own way would not.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    sys.exit(main(sys.argv[1:]))


def _fail(message: str, code: int) -> int:
    print(f"{_NAME}: {plain(' '.join(message.split()))}", file=sys.stderr)
    return code
