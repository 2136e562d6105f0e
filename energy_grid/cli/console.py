"""The terminal that commands print to."""

from __future__ import annotations

import os
from typing import Any

from rich.console import Console
from rich.text import Text

__all__ = ["console", "plain"]

# In a file or a pipe, no address of a table is broken into two lines.
_PLAIN_WIDTH = 200


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error; rich respects NO_COLOR."""
    # Names chosen by users can contain markup.
    found = _Plain(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PLAIN_WIDTH
    return found


def plain(text: str) -> str:
    """One line without control characters: strangers choose names, which must not move the cursor
    or reverse the text."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


class _Plain(Console):
    """Prints every text as `plain` does, but keeps its lines."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str("\n".join(map(plain, text.split("\n"))), **options)
