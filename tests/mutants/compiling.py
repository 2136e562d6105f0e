"""Compiling contracts of which one file is changed, with the project's compiler and settings."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from scripts._publish.builds import build_of
from tests.mutants.sites import Mutant
from tests.support.artifacts import ROOT, artifact

__all__ = ["Codes", "changed_codes", "sources", "trees"]

_SOLC = ROOT / ".solcx" / "solc-v0.8.30"
# Of the sources, comments included, in the metadata at the end of a contract's code.
_METADATA_HASH = re.compile(rb"(?<=\xa2dipfsX\x22\x12\x20).{32}(?=dsolc)", re.DOTALL)
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
def _depending_on(name: str) -> Sequence[str]:
    """The project's sources whose code a change of this one may change."""
    return tuple(each for each in sources() if name in _imported(each))


def trees(names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The syntax trees of sources."""
    output = _solc(names, "", "ast")
    return {name: output["sources"][name]["ast"] for name in names}


def changed_codes(mutant: Mutant) -> Codes | None:
    """The code of the contracts that it changes; None if they do not compile."""
    output = _solc(_depending_on(mutant.source), "*", "evm.bytecode.object", mutant)
    if any(error["severity"] == "error" for error in output.get("errors", ())):
        return None
    codes = {
        name: bytes.fromhex(entry["evm"]["bytecode"]["object"])
        for source in output.get("contracts", {}).values()
        for name, entry in source.items()
    }
    return {
        name: code
        for name, code in codes.items()
        if code and _without_hash(code) != _without_hash(artifact(name).bytecode)
    }


def _without_hash(code: bytes) -> bytes:
    return _METADATA_HASH.sub(b"", code)


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
