"""What Sphinx is told beside docs/conf.py: the menu, pages from outside of docs/, and docstrings."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

from energy_grid.adapters.chain.event_log import EventLog
from scripts._docs.docstrings import as_rst
from scripts._docs.solidity import ROOT

__all__ = ["setup"]

_LINK = re.compile(r"\]\(([\w./-]+)\.md\)")
_AUTODOC = re.compile(r"^<!-- autodoc: (\S+) -->$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect all of it."""
    app.connect("source-read", _read)
    # Before napoleon, which takes the sections of a docstring apart.
    app.connect("autodoc-process-docstring", _docstring, priority=400)
    app.connect("autodoc-process-signature", _signature)
    app.connect("doctree-read", _without_lookups)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(_: Sphinx, page: str, content: list[str]) -> None:
    """Put what the site has and a reader of the Markdown does not need to see."""
    text = content[0]
    if page == "security":
        text = (ROOT / "SECURITY.md").read_text()
    text = re.sub(r"\]\(((?:\.\./)*)\.\./SECURITY\.md", r"](\1security.md", text)
    text = _AUTODOC.sub(lambda found: "\n".join(_reference(found[1])), text)
    if page.endswith("index"):
        text += "\n```{toctree}\n:hidden:\n\n" + "\n".join(_below(page, text)) + "\n```\n"
    content[0] = text


def _below(index: str, text: str) -> list[str]:
    """The menu below an index page: the pages of its folder that it links to, in their order."""
    linked = [normpath(join(dirname(index), link)) for link in _LINK.findall(text)]
    return [f"/{page}" for page in dict.fromkeys(linked) if _index_of(page) == index]


def _index_of(page: str) -> str:
    folder = dirname(page)
    return join(dirname(folder) if page.endswith("/index") else folder, "index")


def _reference(name: str) -> Iterator[str]:
    """A module, or with headings a class or each module of a package (`energy_grid.domain.*`)."""
    names = [name]
    if name.endswith(".*"):
        package = Path(ROOT, *name.split(".")[:-1])
        names = [name[:-1] + path.stem for path in sorted(package.glob("[a-z]*.py"))]
    for each in names:
        title = each.rpartition(".")[2]
        kind = "autoclass" if title[0].isupper() else "automodule"
        if kind == "autoclass" or each != name:
            yield f"## {title}\n"
        yield f"```{{eval-rst}}\n.. {kind}:: {each}\n```\n"


def _docstring(_: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    lines[:] = as_rst("\n".join(lines)).split("\n")


def _signature(
    _: Sphinx, _what: str, _name: str, kind: Any, _options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """What all errors, and all events, are made from is said once."""
    if not isinstance(kind, type) or not signature:
        return None
    if issubclass(kind, Exception):
        return "", returns
    if issubclass(kind, EventLog) and kind is not EventLog:
        own = kind.__dict__.get("__annotations__", {})
        fields = [each for each in dataclasses.fields(kind) if each.name in own]
        return f"({', '.join(f'{each.name}: {each.type}' for each in fields)})", returns
    return None


def _without_lookups(_: Sphinx, page: nodes.document) -> None:
    """Types of others lead nowhere: each would be looked for among all names that end so."""
    for found in list(page.findall(pending_xref)):
        if found.get("refdomain") == "py":
            if found["reftarget"].startswith("energy_grid."):
                del found["refspecific"]
            else:
                found.replace_self(found.children)
