"""Who compiled a contract, from which sources, with which settings.

Ours are compiled here. OpenZeppelin and Safe publish builds of theirs, made by other compilers, and
the sources in the same packages: under the names that they had there, these give the same code.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from energy_grid.errors import DeploymentError

__all__ = ["Build", "Built", "build_of"]

_ROOT = Path(__file__).resolve().parents[2]
_MANIFEST = _ROOT / ".build/__local__.json"
_PACKAGES = _ROOT / "node_modules"
_SAFE = _PACKAGES / "@safe-global/safe-smart-account"
_IMPORT = re.compile(r"""^import\s[^;]*?["']([^"']+)["']\s*;""", re.MULTILINE)

# As OpenZeppelin's repository builds release 5.7.0 (its hardhat.config.js).
_OPENZEPPELIN_COMPILER = "0.8.35+commit.47b9dedd"
_OPENZEPPELIN_SETTINGS = {"evmVersion": "osaka", "optimizer": {"enabled": True, "runs": 200}}
_OPENZEPPELIN_CONTRACTS = {
    "AccessManager": "contracts/access/manager/AccessManager.sol",
    "ERC2771Forwarder": "contracts/metatx/ERC2771Forwarder.sol",
    "TimelockController": "contracts/governance/TimelockController.sol",
}
_SAFE_CONTRACTS = {
    "Safe": "contracts/Safe.sol",
    "SafeProxy": "contracts/proxies/SafeProxy.sol",
    "SafeProxyFactory": "contracts/proxies/SafeProxyFactory.sol",
    "CompatibilityFallbackHandler": "contracts/handler/CompatibilityFallbackHandler.sol",
    "MultiSendCallOnly": "contracts/libraries/MultiSendCallOnly.sol",
}


@dataclass(frozen=True, kw_only=True)
class Build:
    """One run of a compiler over many sources.

    Attributes:
        compiler: its full version, such as ``0.8.30+commit.73712a01``.
        settings: of standard JSON, without the selection of outputs.
        folders: where the sources are whose names begin so; the first that fits counts.
        published: what the compiler wrote about each contract, by source and name, where the
            build's authors ship it.
    """

    compiler: str
    settings: Mapping[str, Any]
    folders: Mapping[str, Path]
    published: Mapping[str, Mapping[str, Any]] | None = None

    def sources(self, source: str) -> dict[str, str]:
        """A source and all that it imports, by name."""
        found: dict[str, str] = {}
        waiting = [source]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._path(name).read_text(encoding="utf-8")
                waiting += [self._resolved(name, to) for to in _IMPORT.findall(found[name])]
        return dict(sorted(found.items()))

    def _path(self, name: str) -> Path:
        for prefix, folder in self.folders.items():
            if name.startswith(prefix):
                return folder / name.removeprefix(prefix)
        raise DeploymentError(f"no package has the source {name}")

    def _resolved(self, importer: str, imported: str) -> str:
        """The name of an imported source, as the compiler finds it."""
        if imported.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(importer), imported))
        remappings = [text.split("=") for text in self.settings.get("remappings", [])]
        for prefix, target in sorted(remappings, key=lambda pair: -len(pair[0])):
            if imported.startswith(prefix):
                return str(target) + imported.removeprefix(prefix)
        return imported


@dataclass(frozen=True, kw_only=True)
class Built:
    """A contract of a build.

    Attributes:
        source: the name of the file that it is in.
    """

    build: Build
    source: str
    name: str


def build_of(name: str) -> Built:
    """How a contract of the market was compiled; the project's own have been, by now."""
    if name in _OPENZEPPELIN_CONTRACTS:
        return Built(build=_openzeppelin(), source=_OPENZEPPELIN_CONTRACTS[name], name=name)
    if name in _SAFE_CONTRACTS:
        return Built(build=_safe(), source=_SAFE_CONTRACTS[name], name=name)
    build, sources = _ours()
    return Built(build=build, source=sources[name], name=name)


@cache
def _ours() -> tuple[Build, dict[str, str]]:
    """The project's own build, and the source of each contract."""
    manifest = json.loads(_MANIFEST.read_text())
    (compiler,) = manifest["compilers"]
    settings = {
        name: compiler["settings"][name] for name in ("evmVersion", "optimizer", "remappings")
    }
    remapped = dict(text.split("=") for text in settings["remappings"])
    folders = {f"{target}/": _PACKAGES / package for package, target in remapped.items()}
    build = Build(
        compiler=compiler["version"],
        settings=settings,
        folders={**folders, "contracts/": _ROOT / "contracts"},
    )
    types = manifest["contractTypes"].items()
    return build, {name: contract["sourceId"] for name, contract in types}


@cache
def _openzeppelin() -> Build:
    return Build(
        compiler=_OPENZEPPELIN_COMPILER,
        settings=_OPENZEPPELIN_SETTINGS,
        folders={"contracts/": _PACKAGES / "@openzeppelin/contracts"},
    )


@cache
def _safe() -> Build:
    (path,) = (_SAFE / "build/artifacts/build-info").glob("*.json")
    info = json.loads(path.read_text())
    settings = info["input"]["settings"]
    return Build(
        compiler=info["solcLongVersion"],
        settings={name: value for name, value in settings.items() if name != "outputSelection"},
        folders={"contracts/": _SAFE / "contracts"},
        published=info["output"]["contracts"],
    )
