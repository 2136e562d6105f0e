"""The compiled contracts, certain to belong to the sources as they are.

Ape itself recompiles only the files that changed: contracts built on a changed library keep their
old code. scripts/setup/compile.sh compiles everything anew whenever anything changed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energy_grid.errors import DeploymentError

__all__ = ["Artifact", "Natspec", "load_artifacts", "load_interfaces"]

# "userdoc" and "devdoc".
Natspec = Mapping[str, Mapping[str, Any]]

_ROOT = Path(__file__).resolve().parents[1]
_BUILD = _ROOT / ".build/__local__.json"
_OPENZEPPELIN = _ROOT / "node_modules/@openzeppelin/contracts/build/contracts"
_SAFE = _ROOT / "node_modules/@safe-global/safe-smart-account/build/artifacts/contracts"
# Not compiled here: their authors publish their own builds with the sources.
_PUBLISHED = {
    "AccessManaged": _OPENZEPPELIN / "AccessManaged.json",
    "AccessManager": _OPENZEPPELIN / "AccessManager.json",
    "ERC2771Forwarder": _OPENZEPPELIN / "ERC2771Forwarder.json",
    "ERC20Permit": _OPENZEPPELIN / "ERC20Permit.json",
    "ERC721": _OPENZEPPELIN / "ERC721.json",
    "TimelockController": _OPENZEPPELIN / "TimelockController.json",
    "Safe": _SAFE / "Safe.sol/Safe.json",
    "SafeProxy": _SAFE / "proxies/SafeProxy.sol/SafeProxy.json",
    "SafeProxyFactory": _SAFE / "proxies/SafeProxyFactory.sol/SafeProxyFactory.json",
    "CompatibilityFallbackHandler": _SAFE
    / "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json",
    "MultiSendCallOnly": _SAFE / "libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A compiled contract.

    Attributes:
        creation: the code that deploys it, without constructor arguments; empty for interfaces.
        runtime: the deployed code, zero where immutables go.
        natspec: what its sources say, as the compiler gives it; nothing of published builds.
    """

    name: str
    abi: list[dict[str, Any]]
    creation: bytes
    runtime: bytes
    natspec: Natspec


def load_artifacts(names: Iterable[str]) -> dict[str, Artifact]:
    """The named contracts, compiled anew if they are out of date.

    Raises:
        DeploymentError: they do not compile (the compiler has printed why), or one does not exist.
    """
    compiled = _compile()
    artifacts = {}
    for name in names:
        if name in _PUBLISHED:
            artifacts[name] = _published(name)
        elif name in compiled:
            artifacts[name] = _compiled(name, compiled[name])
        else:
            raise DeploymentError(f"the project has no contract {name}")
    return artifacts


def load_interfaces(names: Iterable[str]) -> dict[str, Artifact]:
    """The interface of each named contract that has one of its own, by the contract's name.

    Raises:
        DeploymentError: they do not compile.
    """
    compiled = _compile()
    found = {name: compiled.get(f"I{name}") for name in names}
    return {name: _compiled(f"I{name}", each) for name, each in found.items() if each is not None}


def _compile() -> dict[str, Any]:
    if subprocess.run([_ROOT / "scripts/setup/compile.sh"], check=False).returncode:
        raise DeploymentError("the contracts do not compile")
    compiled: dict[str, Any] = json.loads(_BUILD.read_text())["contractTypes"]
    return compiled


def _compiled(name: str, contract: dict[str, Any]) -> Artifact:
    return Artifact(
        name=name,
        abi=contract["abi"],
        creation=_code(contract.get("deploymentBytecode")),
        runtime=_code(contract.get("runtimeBytecode")),
        natspec={part: contract.get(part) or {} for part in ("userdoc", "devdoc")},
    )


def _published(name: str) -> Artifact:
    build = json.loads(_PUBLISHED[name].read_text())
    return Artifact(
        name=name,
        abi=build["abi"],
        creation=bytes.fromhex(build["bytecode"][2:]),
        runtime=bytes.fromhex(build["deployedBytecode"][2:]),
        natspec={"userdoc": {}, "devdoc": {}},
    )


def _code(part: dict[str, str] | None) -> bytes:
    return bytes.fromhex((part or {}).get("bytecode", "0x")[2:])
