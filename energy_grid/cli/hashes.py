"""Hashes on the command line: of transactions, orders, and sets of orders or readings."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from energy_grid.cli.options import reading
from energy_grid.errors import InputError

__all__ = ["TransactionHash", "hash_in", "parse_hash"]

_HASH = re.compile("0x[0-9a-f]{64}")


def hash_in(text: str) -> str | None:
    """A hash in lower case; None of what is none."""
    return text.lower() if _HASH.fullmatch(text.lower()) else None


def parse_hash(text: str) -> str:
    """A hash in lower case.

    Raises:
        InputError: it is none.
    """
    found = hash_in(text)
    if found is None:
        raise InputError(f"{text!r} is not a hash: write 0x and 64 digits")
    return found


TransactionHash = Annotated[
    str, typer.Argument(parser=reading(parse_hash), metavar="HASH", help="Its hash.")
]
