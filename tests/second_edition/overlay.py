"""Compile the second edition: `contracts/` with what stands in `second_edition/contracts/` over it.

`python -m tests.second_edition.overlay` prints what each contract takes of the 24,576 bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from tests.support.artifacts import BUILD, ROOT

__all__ = ["Compiled", "contracts"]

_OVER = ROOT / "contracts"
_UNDER = ROOT / "contracts"
_MODULES = ROOT / "node_modules"
_SOLC = ROOT / ".solcx" / "solc-v0.8.30"
# What tests deploy, and nothing of the overlay imports.
_FOR_TESTS = (
    "contracts/grid/GridOperatorVerification.sol",
    "contracts/mocks/BlacklistToken.sol",
    "contracts/mocks/FalseToken.sol",
    "contracts/mocks/FeeToken.sol",
    "contracts/mocks/HookToken.sol",
    "contracts/mocks/TestDollar.sol",
    "contracts/mocks/WalletDouble.sol",
    "contracts/oracles/WeatherOracle.sol",
    "contracts/tokens/EnergyToken.sol",
    "@openzeppelin/contracts/access/manager/AccessManager.sol",
    "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol",
)
_IMPORT = re.compile(r'^\s*(?:import|\} from)\b[^"]*"([^"]+)";', re.M)
# The package knows the enums of the first edition by their names.
_ENUM = re.compile(r'"internalType":"enum [^"]+"')
_SETTINGS = {
    "evmVersion": "cancun",
    "optimizer": {"enabled": True, "runs": 500},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
}

Compiled = dict[str, Any]


def _read(name: str) -> str:
    if name.startswith("@"):
        return (_MODULES / name).read_text()
    inside = PurePosixPath(name).relative_to("contracts")
    over = _OVER / inside
    return (over if over.exists() else _UNDER / inside).read_text()


def _imported(name: str, text: str) -> list[str]:
    found = []
    for path in _IMPORT.findall(text):
        if not path.startswith("."):
            found.append(path)
            continue
        parts = list(PurePosixPath(name).parent.parts)
        for part in PurePosixPath(path).parts:
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        found.append("/".join(parts))
    return found


def _sources() -> dict[str, str]:
    roots = [f"contracts/{path.relative_to(_OVER)}" for path in sorted(_OVER.rglob("*.sol"))]
    found: dict[str, str] = {}
    waiting = [*roots, *_FOR_TESTS]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _read(name)
            waiting += _imported(name, found[name])
    return found


def _compile(sources: dict[str, str]) -> dict[str, Compiled]:
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(sources.items())},
        "settings": _SETTINGS,
    }
    done = subprocess.run(
        [_SOLC, "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(_ENUM.sub('"internalType":"uint8"', done.stdout))
    errors = [each for each in answer.get("errors", []) if each["severity"] == "error"]
    if errors:
        raise SystemExit("\n".join(each["formattedMessage"] for each in errors))
    return {
        name: contract for file in answer["contracts"].values() for name, contract in file.items()
    }


@cache
def contracts() -> dict[str, Compiled]:
    """ABI and code by the contract's name; compiled anew only when a source has changed."""
    sources = _sources()
    mark = sha256(json.dumps([sources, _SETTINGS], sort_keys=True).encode()).hexdigest()
    stored = BUILD / "second_edition.json"
    if stored.exists():
        known: dict[str, Any] = json.loads(stored.read_text())
        if known["mark"] == mark:
            return dict(known["contracts"])
    compiled = _compile(sources)
    BUILD.mkdir(exist_ok=True)
    stored.write_text(json.dumps({"mark": mark, "contracts": compiled}))
    return compiled


def _size(contract: Compiled) -> int:
    return len(contract["evm"]["deployedBytecode"]["object"]) // 2


def main(names: list[str]) -> None:
    """Print the sizes of the contracts named, or of all."""
    for name, contract in sorted(contracts().items()):
        if _size(contract) and (not names or name in names):
            print(f"{_size(contract):>7,} {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
