"""Slither over the contracts, with the project's own compiler: `python -m scripts._slither`.

Fails on any finding of high or medium impact that no comment in the sources answers. A comment
stands right above the line: ``// slither-disable-next-line <detector>: <why it is no fault>``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUT = ROOT / ".build/slither.json"
OPTIONS = (
    *("--filter-paths", "node_modules/"),
    *("--exclude-low", "--exclude-informational", "--exclude-optimization"),
    "--solc-disable-warnings",
)
# Slither 0.11.6 cannot read these functions of GridManagement, so it finds nothing in them.
UNREADABLE = {
    *("EnergyCertificates._read", "EnergyCertificates.correct"),
    *("GridManagement._consume", "GridManagement.reportProduction"),
}


def main() -> int:
    """0 if Slither has found nothing, and has read everything but what is known."""
    (compiler,) = ROOT.glob(".solcx/solc-v*")
    files = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("contracts/**/*.sol"))
        if not {".cache", "mocks"} & set(path.parts)
    ]
    code = ["abi", "evm.bytecode", "evm.deployedBytecode"]
    request = {
        "language": "Solidity",
        "sources": {file: {"content": (ROOT / file).read_text()} for file in files},
        "settings": {
            "remappings": ["@openzeppelin/=node_modules/@openzeppelin/"],
            "evmVersion": "cancun",
            "outputSelection": {"*": {"*": code, "": ["ast"]}},
        },
    }
    INPUT.parent.mkdir(exist_ok=True)
    INPUT.write_text(json.dumps(request))
    slither = Path(sys.executable).with_name("slither")
    found = subprocess.run(
        [slither, INPUT, "--compile-force-framework", "solc-json", "--solc", compiler, *OPTIONS],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    print(found.stdout, found.stderr, sep="")
    unread = set(re.findall(r"Impossible to generate IR for (\S+)", found.stdout + found.stderr))
    if unread != UNREADABLE:
        print(f"UNREADABLE is wrong about {sorted(unread ^ UNREADABLE)}")
        return 1
    return found.returncode


if __name__ == "__main__":
    sys.exit(main())
