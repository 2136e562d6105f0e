"""NatSpec comments, read as they stand in the sources, and put into Markdown.

The compiler's own extract has lost the lines of a comment, and with them its tables and drawings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

__all__ = ["Comment", "as_cell", "as_markdown", "read"]

# A tag may stand in the middle of a line, and name several parameters at once: `@param r,vs`.
_TAG = re.compile(r"@(title|notice|dev|param|return|inheritdoc)(?:\s+|$)")
_NAMES = re.compile(r"(\w+(?:,\w+)*)\s+(.*)", re.DOTALL)
_LINK = re.compile(r"\{(?:(I?[A-Z]\w*)-)?(\w+)\}")


@dataclass(slots=True)
class Comment:
    """What one comment says."""

    notice: str = ""
    inherits: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    returns: list[str] = field(default_factory=list)


def read(text: str) -> Comment:
    """A comment by its tags; what is for maintainers (``@dev``) is left out."""
    comment = Comment()
    lines = "\n".join(line.removeprefix(" ") for line in text.split("\n"))
    first, *parts = _TAG.split(lines)
    comment.notice = first.strip()
    for tag, content in zip(parts[::2], parts[1::2], strict=True):
        content = content.rstrip()
        if tag == "notice":
            comment.notice = content.strip("\n")
        elif tag == "inheritdoc":
            comment.inherits = content.strip()
        elif tag == "return":
            comment.returns.append(content)
        elif tag == "param" and (found := _NAMES.fullmatch(content)):
            for name in found[1].split(","):
                comment.parameters[name] = found[2]
    return comment


def as_markdown(text: str, link: Callable[[str, str], str]) -> str:
    """A comment's text with its drawings as code blocks and its references as links.

    Args:
        link: gives the target of a reference (contract or "", name), or "" if there is none.
    """
    paragraphs: list[str] = []
    for block in re.split(r"((?:^ {4,}\S.*\n?|^\n(?= {4}))+)", text, flags=re.MULTILINE):
        if not block.strip():
            continue
        if block.lstrip("\n").startswith("    "):
            lines = block.strip("\n").split("\n")
            paragraphs.append("```text\n" + "\n".join(line[4:] for line in lines) + "\n```")
        else:
            paragraphs.append(_prose(block.strip(), link))
    return "\n\n".join(paragraphs)


def as_cell(text: str, link: Callable[[str, str], str]) -> str:
    """A comment's text for a cell of a table: one line, without drawings."""
    prose = re.sub(r"\s+", " ", _prose(text, link)).strip()
    return prose.replace("|", "\\|")


def _prose(text: str, link: Callable[[str, str], str]) -> str:
    parts = text.split("`")
    parts[::2] = [_plain(part, link) for part in parts[::2]]
    return "`".join(parts)


def _plain(text: str, link: Callable[[str, str], str]) -> str:
    return _LINK.sub(partial(_reference, link), text.replace("<", "&lt;"))


def _reference(link: Callable[[str, str], str], found: re.Match[str]) -> str:
    contract, name = found[1] or "", found[2]
    target = link(contract, name)
    return f"[`{name}`]({target})" if target else f"`{name}`"
