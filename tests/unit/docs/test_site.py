"""The site builds, leads nowhere that is not there, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from energy_grid import client
from energy_grid.chain.contract import Contract
from scripts._docs.docstrings import understood
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
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_site__every_link__leads_to_a_page_and_an_anchor(pages: dict[Path, Page]) -> None:
    assert len(pages) > 50
    broken, followed = [], 0
    for path, page in pages.items():
        for link in (*page.links, *page.fetched):
            parts = urlsplit(link)
            # The page of what is not there does not know from where it is asked.
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            followed += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = {"", *(pages[target].anchors if target in pages else ())}
            if not target.is_file() or parts.fragment not in anchors:
                broken.append(f"{path.name}: {link}")
    assert followed > 1000
    assert broken == []


def test_site__python_pages__have_the_public_face(pages: dict[Path, Page]) -> None:
    known = {anchor for page in pages.values() for anchor in page.anchors}
    classes = [name for name in client.__all__ if isinstance(getattr(client, name), type)]
    face = {f"energy_grid.client.{name}" for name in classes}
    assert face <= known
    for package in ("domain", "contracts"):
        dotted = f"energy_grid/{package}".replace("/", ".")
        modules = {path.stem for path in (ROOT / "energy_grid" / package).glob("[a-z]*.py")}
        assert len(modules) > 20
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
        ("Do.\n\nRaises:\n    AError: when.\n    BError: if\n        so.", None),
        (
            "Do.\n\nRaises: One_A, BError;\n    else `CError`.",
            "**Raises** `One_A`, `BError`; else `CError`.",
        ),
        (
            "Do.\n\nRaises:\n    AError, what\n    `x` raises.\n",
            "**Raises** `AError`, what `x` raises.\n",
        ),
        (
            "Do.\n\nArgs:\n    a, b: more\n        of it.\n    c: d",
            "Args:\n    a: more\n        of it.\n    b: more\n        of it.\n    c: d",
        ),
    ],
)
def test_docstring__is_put_as_the_tool_reads_it(written: str, read: str | None) -> None:
    assert understood(written) == (written if read is None else f"Do.\n\n{read}")


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
