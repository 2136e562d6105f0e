"""Build what browsers load, from ``energy_grid/frontend/web`` into ``energy_grid/frontend/built``.

python -m scripts._pages
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_WEB, _BUILT = (ROOT / "energy_grid/frontend" / name for name in ("web", "built"))
# Programs that pages name; what these import by themselves are files of their own.
_PROGRAMS = ("main",)


def build(folder: Path) -> None:
    """Build everything into a folder."""
    subprocess.run(
        [
            str(ROOT / "node_modules/.bin/esbuild"),
            *(str(_WEB / f"{name}.ts") for name in _PROGRAMS),
            str(_WEB / "style.css"),
            *("--bundle", "--splitting", "--format=esm", "--minify", "--target=es2022,chrome123"),
            *("--legal-comments=none", "--charset=utf8", "--log-level=warning"),
            f"--outdir={folder}",
        ],
        check=True,
        cwd=ROOT,
    )
    for file in _WEB.glob("*.svg"):
        shutil.copy(file, folder / file.name)


def main() -> None:
    """Build it anew."""
    shutil.rmtree(_BUILT, ignore_errors=True)
    build(_BUILT)


if __name__ == "__main__":
    main()
