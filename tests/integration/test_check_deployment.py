"""The check after a deployment: it finds whatever is not as it was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from web3 import Web3

from energy_grid.adapters.chain.abi import load
from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.anvil import Anvil
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.roles import PERMISSIONS, Role
from energy_grid.errors import DeploymentError
from scripts._artifacts import load_artifacts
from scripts._deploy.check import check_deployment
from scripts._deploy.plan import GROUP, MANAGED, STANDALONE
from scripts._deploy.record import Deployed, Deployment, read_deployment
from tests.support.artifacts import ROOT, artifact
from tests.support.deploying import run_script

DEPLOYER, GOVERNANCE, GUARDIAN = (Account.local(index).address for index in (0, 1, 3))
STRANGER = "0x00000000000000000000000000000000000000A1"


@pytest.fixture(scope="module")
def deployed() -> Iterator[tuple[DevNode, Path]]:
    path = ROOT / ".build" / "test-check.json"
    path.unlink(missing_ok=True)
    with Anvil() as node:
        done = run_script("deploy", f"ethereum:local:{node.url}", path)
        assert done.returncode == 0, done.stdout
        yield node, path
    path.unlink()
