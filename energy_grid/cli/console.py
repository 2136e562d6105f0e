"""Where the commands print."""

from __future__ import annotations

import os
from typing import Any

from rich.console import Console
from rich.text import Text

__all__ = ["console", "plain"]

# What tables need where nobody looks at a terminal of a certain width.
_PLAIN_WIDTH = 100


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error; rich sees to NO_COLOR."""
    # What looks like markup is somebody's name.
    found = _Plain(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PLAIN_WIDTH
    return found


def plain(text: str) -> str:
    """One line as it is read: what moves a terminal's cursor or turns its text around shows as a
    mark. Anybody may have chosen the names in it."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


class _Plain(Console):
    """Shows every text, wherever it stands, as `plain` does; only its lines stay lines."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str("\n".join(map(plain, text.split("\n"))), **options)
