"""Docstrings as the tool that shows them understands them.

It takes `name: what` apart, of one name at a time, and would leave out errors in prose.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

__all__ = ["Understood", "understood"]

# With names on the line itself, or below it.
_RAISES = re.compile(r"^( *)Raises:(.*)((?:\n\1 +\S.*|\n(?=\n\1 +\S))*)", re.MULTILINE)
_SEVERAL = re.compile(r"^    (\w+(?:, \w+)+): (.*(?:\n     +\S.*)*)", re.MULTILINE)
_PAIR = re.compile(r"[\w.]+: \S")


class Understood(griffe.Extension):
    """Rewrites docstrings as they are read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Of a module, a class, a function or an attribute."""
        if obj.docstring is not None:
            obj.docstring.value = understood(obj.docstring.value)


def understood(docstring: str) -> str:
    """The docstring with errors in prose as a paragraph, and `one, other: what` as two entries."""
    return _SEVERAL.sub(_entries, _RAISES.sub(_paragraph, docstring))


def _entries(found: re.Match[str]) -> str:
    return "\n".join(f"    {name}: {found[2]}" for name in found[1].split(", "))


def _paragraph(found: re.Match[str]) -> str:
    lines = [line for line in found[3].split("\n") if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    heads = [line.strip() for line in lines if line[indent] != " "]
    if not found[2].strip() and all(map(_PAIR.match, heads)):
        return found[0]
    words = " ".join(line.strip() for line in (found[2], *lines)).strip()
    named = re.sub(r"(?<![\w`.])([A-Z]\w*(?:Error|_\w+))\b(?!`)", r"`\1`", words)
    return f"{found[1]}**Raises** {named}"
