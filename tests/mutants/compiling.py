"""Compiling contracts of which one file is changed, with the project's own compiler and settings.

Without the metadata at the code's end, which changes with every comment: equal code is then the
same contract.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from scripts._publish.builds import build_of
from tests.mutants.sites import Mutant
from tests.support.artifacts import ROOT

__all__ = ["Codes", "compiled", "depending_on", "sources", "trees"]

_SOLC = ROOT / ".solcx" / "solc-v0.8.30"
# Creation code by contract; of those that can be deployed.
Codes = Mapping[str, bytes]




@cache
def sources() -> Mapping[str, str]:
    """The project's own sources, mocks included, by name."""
    return {
        name: path.read_text()
        for path in sorted((ROOT / "contracts").rglob("*.sol"))
        if not (name := path.relative_to(ROOT).as_posix()).startswith("contracts/.cache/")
    }


@cache
def _imported(name: str) -> Mapping[str, str]:
    """A source, and all that it imports, by name."""
    return build_of("Settlement").build.sources(name)


@cache
def depending_on(name: str) -> Sequence[str]:
    """The project's sources whose code a change of this one may change."""
    return tuple(each for each in sources() if name in _imported(each))


def trees(names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The syntax trees of sources."""
    output = _solc(names, "", "ast")
    return {name: output["sources"][name]["ast"] for name in names}


def compiled(names: Sequence[str], mutant: Mutant | None = None) -> Codes | None:
    """The code of the contracts in these sources; None if they do not compile."""
    output = _solc(names, "*", "evm.bytecode.object", mutant)
    if any(error["severity"] == "error" for error in output.get("errors", ())):
        return None
    codes = {
        name: bytes.fromhex(entry["evm"]["bytecode"]["object"])
        for source in output.get("contracts", {}).values()
        for name, entry in source.items()
    }
    return {name: code for name, code in codes.items() if code}


def _solc(
    names: Sequence[str], contract: str, output: str, mutant: Mutant | None = None
) -> dict[str, Any]:
    content = {each: text for name in names for each, text in _imported(name).items()}
    if mutant is not None:
        content[mutant.source] = mutant.applied(content[mutant.source])
    task = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in content.items()},
        "settings": {
            **build_of("Settlement").build.settings,
            "metadata": {"appendCBOR": False},
            "outputSelection": {name: {contract: [output]} for name in names},
        },
    }
    done = subprocess.run(
        [_SOLC, "--standard-json"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
