"""The site builds, leads nowhere that is not there, and loads nothing from elsewhere."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from energy_grid import client
from energy_grid.chain.contract import Contract
from scripts._docs.__main__ import build
from scripts._docs.python import as_markdown
from tests.support.artifacts import ROOT

# What a browser fetches by itself, and where it says from where.
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "link": "href",
}
# Relations of <link> that only name something.
NAMED = {"canonical", "next", "prev"}


class Page(HTMLParser):
    """The anchors of a page, where it leads, and what a browser fetches for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors.update(filter(None, (values.get("id"), values.get("name"))))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in FETCHED and not NAMED & set(values.get("rel", "").split()):
            self.fetched.append(values.get(FETCHED[tag], ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once by whichever worker is the first to need it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    built = folder / "site"
    with (folder / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            try:
                build(built)
            except BaseException:
                shutil.rmtree(built, ignore_errors=True)
                raise
    return built


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_site__every_link__leads_to_a_page_and_an_anchor(pages: dict[Path, Page]) -> None:
    assert len(pages) > 50
    broken, followed = [], 0
    for path, page in pages.items():
        for link in (*page.links, *page.fetched):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            followed += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = {"", *(pages[target].anchors if target in pages else ())}
            if not target.is_file() or parts.fragment not in anchors:
                broken.append(f"{path.name}: {link}")
    assert followed > 1000
    assert broken == []


def test_site__search__finds_a_function_without_a_server(site: Path) -> None:
    # Scripts are all that a browser loads for a page that was opened as a file.
    page = Page(site / "search.html")
    assert {"searchindex.js", "_static/searchtools.js"} <= {
        link.partition("?")[0] for link in page.fetched
    }
    script = (site / "searchindex.js").read_text()
    index = json.loads(script.removeprefix("Search.setIndex(").removesuffix(")"))
    found = index["alltitles"]["createOrder"]
    names = [(index["docnames"][page], anchor) for page, anchor in found]
    assert names == [("reference/contracts/EnergyTrading", "createorder")]
    assert (site / "reference/contracts/EnergyTrading.html").exists()
    assert len(index["docnames"]) == len(list(site.rglob("*.html"))) - 1  # search.html itself


def test_site__tables_code_and_drawings__scroll_in_themselves(site: Path) -> None:
    wide = {"table": "table-wrapper", "pre": "highlight"}
    counted = dict.fromkeys(wide, 0)
    for path in site.rglob("*.html"):
        text = path.read_text()
        for tag, outer in wide.items():
            there = len(re.findall(rf"<{tag}\b", text))
            assert len(re.findall(rf'<div class="{outer}[^>]*>\s*<{tag}\b', text)) == there, path
            counted[tag] += there
    assert min(counted.values()) > 100
    style = (site / "_static/site.css").read_text()
    assert "article p:has(> img) { overflow-x: auto; }" in style


def test_site__commands__are_broken_into_lines_that_fit(site: Path) -> None:
    style = (site / "_static/site.css").read_text()
    assert ".highlight-sh pre, .highlight-console pre { white-space: pre-wrap;" in style
    usage = (site / "reference/cli/carbon.html").read_text()
    assert re.search(r'class="highlight-console[^>]*><div[^>]*><pre>(<[^>]*>)*energy-grid', usage)


def test_site__python_pages__have_the_public_face(pages: dict[Path, Page]) -> None:
    known = {anchor for page in pages.values() for anchor in page.anchors}
    classes = [name for name in client.__all__ if isinstance(getattr(client, name), type)]
    face = {f"energy_grid.client.{name}" for name in classes}
    assert face <= known
    for package in ("domain", "contracts"):
        dotted = f"energy_grid/{package}".replace("/", ".")
        modules = {path.stem for path in (ROOT / "energy_grid" / package).glob("[a-z]*.py")}
        assert len(modules) > 10
        assert {f"{dotted}.{name}" for name in modules} <= known


def test_site__every_wrapper_of_a_contract__is_on_its_page(site: Path) -> None:
    wrappers = [
        kind
        for path in (ROOT / "energy_grid/contracts").glob("[a-z]*.py")
        for kind in vars(import_module(f"energy_grid.contracts.{path.stem}")).values()
        if isinstance(kind, type) and issubclass(kind, Contract) and kind.__name__[0] != "_"
    ]
    anchors = Page(site / "reference/python/contracts.html").anchors
    assert len(set(wrappers)) > 20
    assert {f"{kind.__module__}.{kind.__qualname__}" for kind in wrappers} <= anchors


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            "Do.\n\nRaises:\n    AError: when.\n    BError: if\n        so.\n\nMore.",
            "Do.\n\n**Raises**\n\n- `AError`: when.\n- `BError`: if so.\n\nMore.",
        ),
        (
            "Do.\n\nRaises: One_A, BError;\n    else `CError`.",
            "Do.\n\n**Raises** One_A, BError;\n    else `CError`.",
        ),
        (
            "Do.\n\nRaises:\n    AError, what\n    `x` raises.",
            "Do.\n\n**Raises** AError, what `x` raises.\n",
        ),
        ("Do.\n\nReturns:\n    What: so\n    many.", "Do.\n\n**Returns** What: so many.\n"),
        (
            "Drawn:\n    a <b>\n\n    c\nOf <x> and ``<y>``.",
            "Drawn:\n\n    a <b>\n\n    c\nOf &lt;x> and `<y>`.",
        ),
        ("Do.\n\n- one\n    more", "Do.\n\n- one\n    more"),
    ],
)
def test_docstring__is_markdown(written: str, read: str) -> None:
    assert as_markdown(written) == read


def test_site__no_page__loads_anything_from_another_host(
    pages: dict[Path, Page], site: Path
) -> None:
    fetched = [link for page in pages.values() for link in page.fetched if link]
    assert len(fetched) > 100
    assert [link for link in fetched if urlsplit(link).netloc] == []
    for style in site.rglob("*.css"):
        text = style.read_text()
        assert "url(http" not in text
        assert "url(//" not in text
        assert "@import" not in text
