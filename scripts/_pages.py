"""Build what browsers load, from ``energy_grid/frontend/web`` into ``energy_grid/frontend/built``,
and bring every language's file up to the texts that the pages say.

make pages
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from energy_grid.backend.store.kpis import KPIS

__all__ = ["LOCALES", "REPORT", "build", "said", "updated"]

ROOT = Path(__file__).resolve().parents[1]
_FRONTEND = ROOT / "energy_grid/frontend"
# What the demo puts into its report.
_REPORT = ROOT / "energy_grid/demo/report"
REPORT = ("report.js", "report.css")
_WEB, _BUILT, LOCALES = _FRONTEND / "web", _FRONTEND / "built", _FRONTEND / "locales"
# What pages load by name; what these load in turn are files of their own.
_PROGRAMS = ("early", "main", "worker")
_ESBUILD = str(ROOT / "node_modules/.bin/esbuild")
_SMALL = (
    *("--minify", "--target=es2022,chrome123"),
    *("--legal-comments=none", "--charset=utf8", "--log-level=warning"),
)
_METHODS = [("**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def build(folder: Path) -> None:
    """Build everything into a folder."""
    subprocess.run(
        [
            _ESBUILD,
            *(str(_WEB / f"{name}.ts") for name in _PROGRAMS),
            str(_WEB / "style.css"),
            *("--bundle", "--splitting", "--format=esm", *_SMALL),
            f"--outdir={folder}",
        ],
        check=True,
        cwd=ROOT,
    )
    subprocess.run(
        [
            *(_ESBUILD, str(_WEB / "report.ts"), str(_WEB / "report.css")),
            *("--bundle", "--format=iife", *_SMALL, f"--outdir={folder}"),
        ],
        check=True,
        cwd=ROOT,
    )
    for file in (*_WEB.glob("*.svg"), *_WEB.glob("*.png")):
        shutil.copy(file, folder / file.name)


def said() -> Catalog:
    """Every text of the pages."""
    found = Catalog()
    texts = extract_from_dir(_FRONTEND, _METHODS, _OPTIONS, keywords={"_": None, "say": None})
    for file, _, text, comments, _ in texts:
        found.add(text, locations=[(file, None)], auto_comments=comments)  # type: ignore[list-item]
    for kpi in KPIS:
        for text in (kpi.title, kpi.definition):
            found.add(text, locations=[("pages/analytics.py", None)])  # type: ignore[list-item]
    return found


def updated(file: Path) -> Catalog:
    """The catalogue of a language with every text of the pages, and no others; what nobody has
    translated yet is empty."""
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=file.stem)
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    """Build it anew."""
    shutil.rmtree(_BUILT, ignore_errors=True)
    build(_BUILT)
    for name in REPORT:
        shutil.move(_BUILT / name, _REPORT / name)
    for file in sorted(LOCALES.glob("*.po")):
        catalogue = updated(file)
        with file.open("wb") as opened:
            write_po(opened, catalogue, width=100, sort_output=True, omit_header=True)


if __name__ == "__main__":
    main()
