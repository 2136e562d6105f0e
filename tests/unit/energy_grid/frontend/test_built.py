"""What browsers load is what its sources say, and is small."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

from energy_grid.frontend.site import BUILT
from scripts._pages import REPORT, ROOT, build

_MOST_BYTES = 100_000


def test_built__is_what_make_pages_writes(tmp_path: Path) -> None:
    build(tmp_path)
    there = {Path(str(file)).name: file.read_bytes() for file in BUILT.iterdir()}
    there |= {name: (ROOT / "energy_grid/demo/report" / name).read_bytes() for name in REPORT}
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == there


def test_programs__have_no_findings_of_a_type_checker() -> None:
    subprocess.run([ROOT / "node_modules/.bin/tsc", "-p", ROOT], check=True)


def test_program_of_all_pages__together__is_below_100_kb() -> None:
    sizes = {
        each.name: len(gzip.compress(each.read_bytes()))
        for each in BUILT.iterdir()
        if each.name.endswith(".js") and not re.match("accounts-", each.name)
    }
    assert sum(sizes.values()) < _MOST_BYTES, sizes
