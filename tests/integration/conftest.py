"""What tests of a deployed market share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.adapters.chain.abi import load
from energy_grid.adapters.chain.accounts import Account
from tests.support.market import Market

# Of the deployment to a local chain: more than one holder, unlike the other roles.
_REPORTERS = (4, 6, 7, 8)


@pytest.fixture
def file(market: Market, tmp_path: Path) -> Path:
    """The deployment file of the market."""
    contracts: dict[str, Any] = {
        name: {
            "address": contract.address,
            "block": 1,
            "transaction": "0x" + "0" * 64,
            "arguments": [],
            "abiHash": load(name).digest,
        }
        for name, contract in market.contracts.items()
    }
    contracts["SettlementToken"] = {"address": market.dollar.address}
    path = tmp_path / "local.json"
    document = {
        "format": 1,
        "network": "ethereum:local:foundry",
        "chainId": 31337,
        "deployer": Account.local(0).address,
        "parameters": {"slotLength": 3600},
        "contracts": contracts,
        "roles": {role.name: [holder] for role, holder in market.roles.items()}
        | {"REPORTER": [Account.local(number).address for number in _REPORTERS]},
    }
    path.write_text(json.dumps(document))
    return path
