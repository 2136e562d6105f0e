"""What explorers verify sources with: one folder per contract, and an index of them.

verification/index.json                    by contract: where, by whom compiled, arguments
verification/Settlement/standard-input.json  sources and settings, for the compiler
verification/Settlement/metadata.json        what the compiler wrote about it, to the letter
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_grid.chain.deployments import Deployment
from scripts._artifacts import Artifact
from scripts._deploy.encoding import encode_arguments
from scripts._deploy.journal import write_atomically, write_text_atomically
from scripts._deploy.plan import SAFE_PROXY
from scripts._publish.builds import Built, build_of
from scripts._publish.metadata import metadata_of, require_proof

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["write_verification"]

_OUTPUTS = [
    "abi",
    "metadata",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
]


def write_verification(
    folder: Path, web3: Web3, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> int:
    """Write the artefacts of every contract of a deployment; gives how many they are.

    Raises:
        DeploymentError: a contract's code was compiled from something else.
    """
    places = {name: entry.address for name, entry in deployment.contracts.items()}
    # All Safes have the same code: explorers know the others by one of them.
    for safe in tuple(deployment.safes.values())[:1]:
        places[SAFE_PROXY] = safe.address
    builts = {name: build_of(name) for name in places}
    metadata = metadata_of(builts.values())
    index = {}
    for name, built in builts.items():
        code = bytes(web3.eth.get_code(places[name]))  # type: ignore[arg-type]
        standard_input = _standard_input(built)
        require_proof(name, metadata[name], standard_input, code)
        write_atomically(folder / name / "standard-input.json", standard_input)
        write_text_atomically(folder / name / "metadata.json", metadata[name])
        index[name] = {
            "address": places[name],
            "creationTransaction": _transaction(deployment, name),
            "contract": f"{built.source}:{name}",
            "compiler": f"v{built.build.compiler}",
            "constructorArguments": _arguments(deployment, artifacts[name]).hex(),
            "libraries": {},
            "license": json.loads(metadata[name])["sources"][built.source]["license"],
        }
    write_atomically(
        folder / "index.json",
        {"network": deployment.network, "chainId": deployment.chain_id, "contracts": index},
    )
    return len(index)


def _standard_input(built: Built) -> dict[str, Any]:
    sources = built.build.sources(built.source)
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**built.build.settings, "outputSelection": {"*": {"*": _OUTPUTS}}},
    }


def _transaction(deployment: Deployment, name: str) -> str | None:
    """The one that created a contract; None for a Safe, which its factory creates."""
    entry = deployment.contracts.get(name)
    return entry.transaction if entry else None


def _arguments(deployment: Deployment, artifact: Artifact) -> bytes:
    entry = deployment.contracts.get(artifact.name)
    values = entry.arguments if entry else [deployment.address("Safe")]
    return encode_arguments(artifact.abi, values)
