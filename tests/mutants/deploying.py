"""A build folder whose contracts are a mutant's: artifacts, and the chains that tests begin with.

The market is deployed by the transactions of its own deployment, sent once more with the mutant's
code in place of the original; so its constructors run, and every address stays what it was.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from tests.mutants.compiling import Codes
from tests.support.artifacts import BUILD, MANIFEST, artifact
from tests.support.chain import DeployedFiles, deployed_files, save_chain
from tests.support.market import MONDAY

__all__ = ["DeploymentRefusedError", "deployment", "write_build"]

_SLOT_LENGTHS = (3600, 900)
_SENT = ("from", "to", "input", "value", "gas")


class DeploymentRefusedError(Exception):
    """A transaction of the deployment reverted, or a contract is elsewhere."""


def deployment() -> Mapping[Path, list[dict[str, Any]]]:
    """The transactions, with the time of their block, that made the chains of the tests, by the
    folders where these are; made if they are not there."""
    made = [deployed_files(length) for length in _SLOT_LENGTHS]
    return {files.folder: _transactions(files) for files in made}


def _transactions(files: DeployedFiles) -> list[dict[str, Any]]:
    with _chain() as node:
        node.rpc("anvil_loadState", files.state.read_text())
        blocks = [
            node.rpc("eth_getBlockByNumber", hex(number), True)
            for number in range(1, node.block_number + 1)
        ]
    return [
        {**sent, "time": int(block["timestamp"], 16)}
        for block in blocks
        for sent in block["transactions"]
    ]


def write_build(folder: Path, codes: Codes, sent: Mapping[Path, list[dict[str, Any]]]) -> None:
    """Write a build with these contracts changed into a folder, over the one that is there.

    Raises:
        DeploymentRefusedError: they could not be deployed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    manifest = json.loads(MANIFEST.read_text())
    for name, code in codes.items():
        manifest["contractTypes"][name]["deploymentBytecode"]["bytecode"] = "0x" + code.hex()
    (folder / MANIFEST.name).write_text(json.dumps(manifest))
    for original, transactions in sent.items():
        files = DeployedFiles(folder / original.relative_to(BUILD))
        files.folder.mkdir(parents=True)
        shutil.copy(DeployedFiles(original).deployment, files.deployment)
        with _chain() as node:
            for transaction in transactions:
                _send(node, transaction, codes)
            save_chain(node, files)


@contextmanager
def _chain() -> Iterator[DevNode]:
    """As the deployment found it."""
    with Anvil(timestamp=MONDAY - 3600) as node:
        node.rpc("anvil_autoImpersonateAccount", True)
        yield node


def _send(node: DevNode, transaction: Mapping[str, Any], codes: Codes) -> None:
    request = {name: transaction[name] for name in _SENT if transaction[name] is not None}
    if transaction["to"] is None:
        request["input"] = _changed(request["input"], codes)
    node.set_next_time(transaction["time"])
    receipt = node.receipt(node.rpc("eth_sendTransaction", request))
    if int(receipt["status"], 16) == 0:
        raise DeploymentRefusedError


def _changed(creation: str, codes: Codes) -> str:
    """The code of a creation and its arguments, with the code exchanged."""
    for name, code in codes.items():
        original = "0x" + artifact(name).bytecode.hex()
        if creation.startswith(original):
            return "0x" + code.hex() + creation.removeprefix(original)
    return creation
