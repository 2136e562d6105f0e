"""Docstrings, which are plain text with a little Markdown, as reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["as_rst"]

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields):")
# A bar, or an underscore behind a word, means something there.
_SPECIAL = re.compile(r"(?<!\\)(\||(?<=\w)_(?!\w))")
_ERROR = re.compile(r"(?<![\w`.])([A-Z]\w*(?:Error|_\w+))\b(?!`)")


def as_rst(docstring: str) -> str:
    """The docstring with drawings, which are indented, as they are, and errors as a paragraph."""
    return "\n".join(_lines(docstring.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    section, drawn = "", False
    for line in lines:
        indented = line.startswith("    ")
        if line and not indented:
            if drawn:
                yield ""
            found = _SECTION.match(line)
            section, drawn = found[0] if found else "", False
            if found and line != section:
                section = "prose"
        elif indented and not section and not drawn:
            drawn = True
            yield from ("", "::", "")
        if section == "prose":
            line = _ERROR.sub(r"`\1`", line.strip())
        yield line if drawn else _escaped(line)


def _escaped(line: str) -> str:
    parts = line.split("`")
    parts[::2] = [_SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
