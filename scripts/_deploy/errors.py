"""What goes wrong, as one line for people.

The commands import this file at once and all else when they run: Ape runs every command's file
whenever it lists them. And while it does, the project is on the path; afterwards Ape takes it
off, even where the environment had put it there, and only packages already imported are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from energy_grid.errors import EnergyGridError

__all__ = ["one_line"]


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what is raised on purpose, and a node that goes away, into a message without a trace."""
    import requests
    from ape.exceptions import ApeException
    from web3.exceptions import CannotHandleRequest, Web3Exception

    from scripts._deploy.transactions import reason

    try:
        yield
    except EnergyGridError as error:
        raise click.ClickException(str(error)) from error
    except ApeException as error:
        raise click.ClickException(f"Ape: {error}") from error
    except (requests.RequestException, ConnectionError, CannotHandleRequest) as error:
        raise click.ClickException("the node does not answer: run again to go on") from error
    except Web3Exception as error:
        raise click.ClickException(f"the node refused: {reason(error)}") from error
