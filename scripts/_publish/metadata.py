"""The compiler's metadata: sources by hash, settings, ABI and NatSpec of a contract, as JSON.

The IPFS hash of that text ends the code of the contract: whoever finds it there knows what the code
was compiled from. Explorers that compare it call that an exact match.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import solcx
from eth_utils.crypto import keccak

from energy_grid.errors import DeploymentError
from scripts._publish.builds import Build, Built

__all__ = ["hash_in", "ipfs_hash", "metadata_of", "require_proof"]

_COMPILER = "0.8.30"
_MULTIHASH = b"\xa2\x64ipfs\x58\x22\x12\x20"  # CBOR: a map, "ipfs", 34 bytes: SHA-256 of 32 bytes
_HASH_BYTES = 32
# IPFS cuts larger files in pieces, with a hash of the pieces' hashes.
_ONE_PIECE = 262_144


def metadata_of(contracts: Iterable[Built]) -> dict[str, str]:
    """The metadata of contracts, by name, to the letter."""
    found: dict[str, str] = {}
    by_build: dict[int, list[Built]] = {}
    for built in contracts:
        by_build.setdefault(id(built.build), []).append(built)
    for group in by_build.values():
        outputs = group[0].build.published or _analysed(group[0].build, group)
        for built in group:
            found[built.name] = outputs[built.source][built.name]["metadata"]
    return found


def _analysed(build: Build, group: Iterable[Built]) -> dict[str, Any]:
    """What the project's compiler writes about contracts of a build, without compiling them.

    Another version of it writes the same but for its name: if not, the hash in the code tells.
    """
    sources = {name: text for built in group for name, text in build.sources(built.source).items()}
    selection: dict[str, Any] = {}
    for built in group:
        selection.setdefault(built.source, {})[built.name] = ["metadata"]
    answer = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": {**build.settings, "outputSelection": selection},
        },
        solc_version=_COMPILER,
    )
    contracts: dict[str, Any] = answer["contracts"]
    for built in group:
        entry = contracts[built.source][built.name]
        named = json.loads(entry["metadata"])["compiler"]["version"]
        entry["metadata"] = entry["metadata"].replace(named, build.compiler)
    return contracts


def require_proof(
    name: str, metadata: str, standard_input: Mapping[str, Any], runtime: bytes
) -> None:
    """Pass if the code says that it was compiled from this input, and from nothing else.

    Raises:
        DeploymentError: it was not.
    """
    if hash_in(runtime) != ipfs_hash(metadata.encode()):
        raise DeploymentError(f"{name}: the sources here are not those that its code names")
    record = json.loads(metadata)
    hashes = {source: entry["keccak256"] for source, entry in record["sources"].items()}
    given = {
        source: "0x" + keccak(entry["content"].encode()).hex()
        for source, entry in standard_input["sources"].items()
    }
    if hashes != given:
        raise DeploymentError(f"{name}: its code names other sources than those it imports")


def hash_in(code: bytes) -> bytes | None:
    """The IPFS hash of the metadata that a contract's code ends with; None if it has none."""
    length = int.from_bytes(code[-2:], "big")
    record = code[-2 - length : -2]
    if not record.startswith(_MULTIHASH):
        return None
    return record[len(_MULTIHASH) : len(_MULTIHASH) + _HASH_BYTES]


def ipfs_hash(content: bytes) -> bytes:
    """SHA-256 of a file as IPFS keeps it: in a UnixFS node (a protobuf) of one piece.

    Raises:
        DeploymentError: it is larger than a piece.
    """
    if len(content) > _ONE_PIECE:
        raise DeploymentError(f"metadata of {len(content)} bytes are more than one piece of IPFS")
    size = _varint(len(content))
    node = b"\x08\x02\x12" + size + content + b"\x18" + size  # a file, its data, its size
    return hashlib.sha256(b"\x0a" + _varint(len(node)) + node).digest()


def _varint(number: int) -> bytes:
    """A number in groups of 7 bits, the lowest first."""
    groups = []
    while number >= 128:
        groups.append(number % 128 + 128)
        number //= 128
    return bytes([*groups, number])
