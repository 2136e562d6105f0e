"""Where the commands print."""

from __future__ import annotations

import os

from rich.console import Console

__all__ = ["console"]

# What tables need where nobody looks at a terminal of a certain width.
_PLAIN_WIDTH = 100


def console(*, stderr: bool = False, width: int = _PLAIN_WIDTH) -> Console:
    """A console on standard output or error, so wide where it is no terminal."""
    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = width
    return found
