"""Writes the pages of docs/ that follow from the sources, and builds the site: `make docs`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts._docs.pages import DOCS, generated

__all__ = ["build"]

_STRICT = ("--quiet", "--fail-on-warning", "--keep-going", "--fresh-env", "--jobs", "auto")


def main() -> None:
    """Write each page that has changed, and build all of them."""
    for path, text in generated().items():
        file = DOCS / path
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            print(file.relative_to(DOCS.parent))
    build(DOCS.parent / "site")
    print("site/index.html")


def build(site: Path) -> None:
    """Build the site from nothing.

    Raises:
        CalledProcessError: something leads nowhere, or Sphinx warns of anything else.
    """
    with TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "sphinx", *_STRICT, "--doctree-dir", cache]
        subprocess.run([*command, str(DOCS), str(site)], check=True)


if __name__ == "__main__":
    main()
