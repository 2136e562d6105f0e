"""Puts a market on a local chain of its own: a node, and the contracts deployed on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.demo.sender import GasCountingSender
from energy_grid.errors import DeploymentError

__all__ = ["LocalMarket", "local_market", "project_folder"]

# As on Ethereum today: a day's largest list of transactions fits a few blocks.
_BLOCK_GAS = 60_000_000
# Ape's own words, and where the temporary file is.
_NOISE = ("INFO", "Written")
_MARKER = "ape-config.yaml"
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMarket:
    """A running node and the market on it."""

    node: DevNode
    contracts: EnergyGrid


@contextmanager
def local_market(
    *,
    timestamp: int,
    parameters: Mapping[str, int],
    log: Callable[[str], None],
) -> Iterator[LocalMarket]:
    """A market on a fresh chain, which ends with the block.

    The node mines each transaction at once while contracts are deployed, and then only on request.

    Args:
        timestamp: Unix seconds of the chain's first block.
        parameters: parameters that differ from the local network's, by name.
        log: gets each line of the deployment.

    Raises:
        DeploymentError: the deployment failed, or this is no checkout of the project.
        ChainError: no node can be started.
    """
    project = project_folder()
    with (
        TemporaryDirectory(prefix="energy-grid-") as folder,
        Anvil(timestamp=timestamp, gas_limit=_BLOCK_GAS) as node,
    ):
        file = Path(folder) / "deployment.json"
        _deploy(project, node.url, file, parameters, log)
        node.set_automine(False)
        deployment = Deployment.load(file)
        deployment.verify(node)
        sender = GasCountingSender.on(node)
        yield LocalMarket(node=node, contracts=EnergyGrid(node, deployment, sender))


def project_folder() -> Path:
    """The folder of the project, which has the contracts and the scripts that deploy them.

    Raises:
        DeploymentError: there is none around the working directory or the package.
    """
    for folder in (Path.cwd(), *Path.cwd().parents, _PACKAGE_PARENT):
        if (folder / _MARKER).is_file():
            return folder
    raise DeploymentError(f"no {_MARKER} here or above: run this in a checkout of the project")


def _deploy(
    project: Path,
    url: str,
    file: Path,
    parameters: Mapping[str, int],
    log: Callable[[str], None],
) -> None:
    ape = Path(sys.executable).with_name("ape")
    if not ape.is_file():
        raise DeploymentError(f"{ape} is missing: run `make setup`")
    command = [str(ape), "run", "deploy", "--network", f"ethereum:local:{url}"]
    command += ["--deployment-file", str(file)]
    for name, value in parameters.items():
        command += ["--set", f"{name}={value}"]
    environment = {"APE_DATA_FOLDER": str(project / ".ape"), **os.environ}
    # A session of its own: Ctrl-C reaches this process alone, which then stops the other.
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        last = ""
        try:
            for line in process.stdout or ():
                last = line.strip() or last
                if not line.startswith(_NOISE):
                    log(line.rstrip())
        except BaseException:
            # The compiler that it may have started goes with it.
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if process.returncode:
        raise DeploymentError(f"the deployment failed: {last}")
