"""What the pages of the site have beyond their Markdown: menus, SECURITY.md, and docstrings."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import Any

from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx

from scripts._docs.python import reference
from scripts._docs.solidity import ROOT

__all__ = ["setup"]

_LINK = re.compile(r"\]\(([\w./-]+)\.md\)")
_AUTODOC = re.compile(r"^<!-- autodoc: (\S+) -->$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it."""
    app.connect("source-read", _read)
    # Before the theme draws the menu of a page.
    app.connect("html-page-context", _menu, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(_: Sphinx, page: str, content: list[str]) -> None:
    """Put what the site has and a reader of the Markdown does not need to see."""
    text = content[0]
    if page == "security":
        text = (ROOT / "SECURITY.md").read_text().replace("](docs/", "](")
    text = re.sub(r"\]\(((?:\.\./)*)\.\./SECURITY\.md", r"](\1security.md", text)
    text = _AUTODOC.sub(lambda found: reference(found[1]), text)
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


def _menu(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _: Any) -> None:
    """Let menus be made of titles alone: Sphinx copies all headings of all pages for each page."""
    env, drawn = app.env, context["toctree"]
    if not hasattr(env, "titles_alone"):
        env.titles_alone = {page: _title_of(toc) for page, toc in env.tocs.items()}

    def menu(**options: Any) -> str:
        tocs, env.tocs = env.tocs, env.titles_alone
        try:
            return str(drawn(**options))
        finally:
            env.tocs = tocs

    context["toctree"] = menu


def _title_of(toc: nodes.bullet_list) -> nodes.bullet_list:
    """A page's headings without those below its title, and with the pages below it."""
    toc = toc.deepcopy()
    title, *below = toc[0].children
    pages = [each for found in below for each in found.findall(toctree)]
    toc[0].children = [title]
    if pages:
        toc[0] += nodes.bullet_list("", *pages)
    return toc
