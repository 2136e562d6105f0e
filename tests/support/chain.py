"""The chain of a test run, with the market deployed on it by the product's own scripts.

Deploying, on an Anvil, takes some seconds, so its outcome is kept below `.build`, by what went into
it: sources of the contracts, the deployment's scripts and its parameters. Tests continue from there
in this process (`local_market`) or on an Anvil (`anvil_market`).
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from tests.support.artifacts import BUILD, ROOT, compiled_names
from tests.support.coverage import InterfaceCoverage
from tests.support.deploying import run_script
from tests.support.evm import Evm, Genesis
from tests.support.market import MONDAY, Market, TestedContract

__all__ = ["DeployedFiles", "anvil_market", "deployed_files", "local_market", "save_chain"]

_STATES = BUILD / "test-chains"
# What the deployment rests on.
_INPUTS = ("contracts/**/*.sol", "scripts/_deploy/**/*", "scripts/*.py", "ape-config.yaml")


@contextmanager
def local_market(coverage: InterfaceCoverage, *, slot_length: int = 3600) -> Iterator[Market]:
    """A market on a chain of its own, at the first second of `MONDAY`; every block is one second
    after the one before, whatever the clock on the wall says, and is mined on request."""
    files = deployed_files(slot_length)
    node = Evm(_genesis(files), hooks=[coverage])
    node.set_time(MONDAY)
    yield _market(node, files, coverage)


@contextmanager
def anvil_market(coverage: InterfaceCoverage, *, slot_length: int = 3600) -> Iterator[Market]:
    """As `local_market`, on an Anvil, which others can speak to as well."""
    files = deployed_files(slot_length)
    with Anvil(timestamp=MONDAY - 3600, hooks=[coverage], mining=False) as node:
        node.rpc("anvil_loadState", files.state.read_text())
        node.rpc("anvil_setBlockTimestampInterval", 1)
        node.rpc("anvil_autoImpersonateAccount", True)
        node.set_time(MONDAY)
        yield _market(node, files, coverage)


@dataclass(frozen=True)
class DeployedFiles:
    """What a deployment left: the state as Anvil dumps it, blocks and receipts, addresses."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state.hex"

    @property
    def history(self) -> Path:
        return self.folder / "history.json"

    @property
    def deployment(self) -> Path:
        return self.folder / "deployment.json"


def _genesis(files: DeployedFiles) -> Genesis:
    dump = gzip.decompress(bytes.fromhex(files.state.read_text()[2:]))
    return Genesis(accounts=json.loads(dump)["accounts"], **json.loads(files.history.read_text()))


def _market(node: DevNode, files: DeployedFiles, coverage: InterfaceCoverage) -> Market:
    deployment = json.loads(files.deployment.read_text())
    contracts: dict[str, Contract] = {}
    for name, entry in deployment["contracts"].items():
        if name == "SettlementToken":
            continue
        contract_type = TestedContract if name in compiled_names() else Contract
        contracts[name] = contract_type(node, entry["address"], name)
        coverage.watch(name, entry["address"])
    _watch_made(contracts, coverage)
    roles = {Role[name]: holders[0] for name, holders in deployment["roles"].items() if holders}
    settlement = contracts["Settlement"]
    return Market(
        node=node,
        contracts=contracts,
        roles=roles,
        coverage=coverage,
        slot_length=settlement.call("SLOT_LENGTH"),
        grace=contracts["EnergyAccounts"].call("GRACE"),
    )


def _watch_made(contracts: dict[str, Contract], coverage: InterfaceCoverage) -> None:
    """The contracts that others make in their constructors, which no deployment names."""
    assets = contracts["EnergyAssetNFT"]
    metadata = TestedContract(assets.node, assets.call("METADATA"), "AssetMetadata")
    contracts[metadata.name] = metadata
    coverage.watch(metadata.name, metadata.address)


def deployed_files(slot_length: int, **others: int) -> DeployedFiles:
    """What a deployment with these parameters left, made if it is not there."""
    parameters = {"slotLength": slot_length, **others}
    name = "-".join([_fingerprint(), *("{}{}".format(*each) for each in parameters.items())])
    files = DeployedFiles(_STATES / name)
    _STATES.mkdir(parents=True, exist_ok=True)
    with (_STATES / "lock").open("w") as lock:
        # Several test processes start at once; one of them deploys.
        fcntl.flock(lock, fcntl.LOCK_EX)
        # The history is written last.
        if not files.history.exists():
            files.folder.mkdir(exist_ok=True)
            with Anvil(timestamp=MONDAY - 3600) as node:
                _deploy(node.url, files.deployment, parameters)
                save_chain(node, files)
    return files


def save_chain(node: DevNode, files: DeployedFiles) -> None:
    """Write down what tests continue from."""
    files.state.write_text(node.rpc("anvil_dumpState"))
    files.history.write_text(json.dumps(_history(node)))


def _history(node: DevNode) -> dict[str, list[dict[str, Any]]]:
    blocks = [node.block(number) for number in range(node.block_number + 1)]
    names = [name for block in blocks for name in block["transactions"]]
    return {"blocks": blocks, "receipts": [node.receipt(name) for name in names]}


def _deploy(url: str, deployment: Path, parameters: Mapping[str, int]) -> None:
    options = [word for each in parameters.items() for word in ("--set", "{}={}".format(*each))]
    done = run_script("deploy", f"ethereum:local:{url}", deployment, *options)
    if done.returncode:
        raise RuntimeError(f"the deployment failed:\n{done.stdout}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]
