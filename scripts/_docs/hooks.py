"""What MkDocs is told beside mkdocs.yml: pages that lie outside of docs/, and long menus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

__all__ = ["on_config", "on_files", "on_page_markdown"]

_SECURITY = "security.md"


def on_config(config: MkDocsConfig) -> None:
    """Fill the folders named in the menu with their pages."""
    config.nav = [_filled(Path(config.docs_dir), entry) for entry in config.nav or []]


def _filled(docs: Path, entry: Any) -> Any:
    if isinstance(entry, list):
        return [_filled(docs, each) for each in entry]
    if isinstance(entry, dict):
        return {title: _filled(docs, each) for title, each in entry.items()}
    if not entry.endswith("/"):
        return entry
    pages = sorted(path.name for path in (docs / entry).glob("*.md") if path.stem != "index")
    return [f"{entry}index.md", *(f"{entry}{page}" for page in pages)]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """SECURITY.md belongs to the repository's root, and on the site among the others."""
    text = (Path(config.config_file_path).parent / "SECURITY.md").read_text()
    files.append(File.generated(config, _SECURITY, content=text))


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links that lead there from docs/ lead there on the site."""
    up = "../" * page.file.src_uri.count("/")
    return markdown.replace(f"]({up}../SECURITY.md", f"]({up}{_SECURITY}")
