"""The compiled contracts, as `make compile` leaves them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import Abi

__all__ = ["BUILD", "MANIFEST", "ROOT", "Artifact", "artifact", "compiled_names"]

ROOT = Path(__file__).resolve().parents[2]
# Another one than the project's own has the contracts of a mutant: see tests/mutants.
BUILD = Path(os.environ.get("TESTED_BUILD", ROOT / ".build"))
MANIFEST = BUILD / "__local__.json"
_OPENZEPPELIN = ROOT / "node_modules/@openzeppelin/contracts/build/contracts"


@dataclass(frozen=True)
class Artifact:
    """A compiled contract: its interface, the code that deploys it, and where its source is."""

    name: str
    abi: Abi
    bytecode: bytes
    runtime_size: int
    source: str

    @property
    def is_deployable(self) -> bool:
        """Interfaces and abstract contracts have no code."""
        return bool(self.bytecode)

    def creation_code(self, *arguments: Any) -> bytes:
        """What a transaction sends to deploy it."""
        constructor = [entry for entry in self.abi.entries if entry["type"] == "constructor"]
        if not constructor:
            return self.bytecode
        inputs = {"type": "function", "name": "constructor", "outputs": [], **constructor[0]}
        encoder = Abi(self.name, [{**inputs, "type": "function"}]).function("constructor")
        return self.bytecode + encoder.inputs.encode(arguments)


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract of this name, or OpenZeppelin's own build of theirs."""
    if name not in _manifest():
        return _published(name)
    entry = _manifest()[name]
    code = entry["deploymentBytecode"].get("bytecode") or "0x"
    runtime = entry["runtimeBytecode"].get("bytecode") or "0x"
    return Artifact(
        name=name,
        abi=Abi(name, entry["abi"]),
        bytecode=bytes.fromhex(code[2:]),
        runtime_size=len(runtime) // 2 - 1,
        source=entry["sourceId"],
    )


def _published(name: str) -> Artifact:
    build = json.loads((_OPENZEPPELIN / f"{name}.json").read_text())
    return Artifact(
        name=name,
        abi=Abi(name, build["abi"]),
        bytecode=bytes.fromhex(build["bytecode"][2:]),
        runtime_size=len(build["deployedBytecode"]) // 2 - 1,
        source=build["sourceName"],
    )


@cache
def compiled_names() -> tuple[str, ...]:
    """All compiled contracts of the project."""
    return tuple(sorted(_manifest()))


@cache
def _manifest() -> Mapping[str, Any]:
    if not MANIFEST.exists():
        raise FileNotFoundError("the contracts are not compiled: run `make compile`")
    contracts: Mapping[str, Any] = json.loads(MANIFEST.read_text())["contractTypes"]
    return contracts
