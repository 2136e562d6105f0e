"""The recorded deployment is today's, and a fresh Anvil takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.backend.local_market import deploy_local, recorded
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.client import EnergyGrid
from energy_grid.domain.hashing import keccak
from energy_grid.errors import DeploymentError
from tests.support.chain import deployed_files
from tests.support.market import MONDAY


def test_recorded__is_what_the_scripts_send() -> None:
    files, record = deployed_files(3600, verificationTime=86_400), recorded()
    sent = [each["transactionHash"] for each in json.loads(files.history.read_text())["receipts"]]
    kept = ["0x" + keccak(bytes.fromhex(raw[2:])).hex() for raw in record["transactions"]]
    assert kept == sent, "run `make contracts`"
    # The network's name has the node's address, which is another one each time.
    now, then = json.loads(files.deployment.read_text()), record["deployment"]
    assert {**now, "network": ""} == {**then, "network": ""}


def test_deploy_local__on_a_fresh_anvil__is_the_market(tmp_path: Path) -> None:
    file = tmp_path / "new" / "deployment.json"
    with Anvil(timestamp=MONDAY) as node:
        deploy_local(node, file)
        market = EnergyGrid.connect(node.url, file)
        assert market.settlement.slot_length() == 3600
        assert market.demand_response.verification_time() == 86_400
        # Once more it cannot be: the numbers of the transactions are used.
        with pytest.raises(DeploymentError, match="only be deployed on a fresh Anvil"):
            deploy_local(node, file)
