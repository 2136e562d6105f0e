"""What tests of a deployed market share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid
from tests.integration.terminal import AUTHORITY, OPERATOR, Terminal
from tests.support.market import Market

# Of the deployment to a local chain.
_REPORTERS, _THRESHOLD = (4, 12, 13, 14), 2
_SAFES = {
    "authority": (Role.GRID_AUTHORITY, (20, 21, 22)),
    "registrar": (Role.METER_REGISTRAR, (1, 2, 3)),
    "treasury": (Role.TREASURY, (23, 24, 25)),
    "guardian": (Role.GUARDIAN, (26, 27, 28)),
}
# Those with a client, and enough owners of each Safe; those of the registrar's under a short name.
BUYER, SELLER = Account.local(10), Account.local(11)
OWNERS = [Account.local(1), Account.local(3)]
AUTHORITY_OWNERS = [Account.local(20), Account.local(22)]
TREASURY_OWNERS = [Account.local(23), Account.local(25)]
GUARDIAN_OWNERS = [Account.local(26), Account.local(28)]


@pytest.fixture(scope="session")
def hourly_market(hourly_anvil: Market) -> Market:
    """On an Anvil, which clients reach."""
    return hourly_anvil


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
        if name in contract_names()
    }
    contracts["SettlementToken"] = {"address": market.dollar.address}
    path = tmp_path / "local.json"
    document = {
        "format": 2,
        "network": "ethereum:local:foundry",
        "chainId": 31337,
        "deployer": Account.local(0).address,
        "parameters": {"slotLength": 3600, "roleDelay": 90_000},
        "contracts": contracts,
        "roles": {role.name: [holder] for role, holder in market.roles.items()}
        | {
            "REPORTER": [Account.local(number).address for number in _REPORTERS],
            "GRID_AUTHORITY": [market.roles[Role.GRID_AUTHORITY], market.roles[Role.ADMIN]],
        },
        "safes": {
            name: {
                "address": market.roles[role],
                "owners": [Account.local(number).address for number in owners],
                "threshold": _THRESHOLD,
            }
            for name, (role, owners) in _SAFES.items()
        },
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def grid(market: Market, file: Path) -> Iterator[EnergyGrid]:
    """A client whose accounts have gas and test money; what it sends is mined at once."""
    market.mine_at_once(True)
    for account in (BUYER, SELLER, *OWNERS, *AUTHORITY_OWNERS, *TREASURY_OWNERS, *GUARDIAN_OWNERS):
        market.node.set_balance(account.address, 10**21)
    with EnergyGrid.connect(market.node.url, file) as grid:
        for account in (BUYER, SELLER):
            grid.plan(account, grid.money.faucet(100_000_000)).execute()
        yield grid
    market.mine_at_once(False)


@pytest.fixture
def terminal(market: Market, file: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal in front of a market whose accounts have gas, and whose chain mines at once."""
    market.mine_at_once(True)
    for number in range(1, 30):
        market.node.set_balance(Account.local(number).address, 10**21)
    yield Terminal(market, file, capsys)
    market.mine_at_once(False)


@pytest.fixture
def operated(terminal: Terminal) -> Terminal:
    """A terminal, and a verified operator of the village, who may do everything."""
    terminal.does(OPERATOR, "operator register 'Village Grid' village --capacity 2MW")
    terminal.does(AUTHORITY, f"operator verify {OPERATOR}")
    terminal.does(AUTHORITY, f"operator score {OPERATOR} 100")
    return terminal
