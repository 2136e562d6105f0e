"""A market of its own on any settlement token, beside the one that the scripts deployed.

Its contracts get what the deployment's plan gives them. The AccessManager, the forwarder,
governance and the holders of roles are shared.
"""

from __future__ import annotations

from dataclasses import replace

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import PERMISSIONS, Role
from scripts._deploy.plan import GROUP, constructor_arguments
from scripts._deploy.settings import load_settings, network_file
from tests.support.market import Market, actor

__all__ = ["create_address", "deploy_stack", "give_role"]

_GOVERNANCE = ("GovernanceToken", "TimelockController", "GridGovernor")
_OWN = tuple(name for name in GROUP if name not in _GOVERNANCE)


def deploy_stack(market: Market, token: Contract, **parameters: int) -> Market:
    """Deploy a market whose money is `token`, which its `dollar` then is.

    Args:
        parameters: by their names in scripts/_deploy/defaults.yaml; hourly slots unless said
            otherwise, and for the rest as on a local chain.

    Raises:
        ContractError: a constructor refused.
    """
    chain = market.node.chain_id
    deployer = actor("deployer of another market").address
    settings = load_settings(
        network_file(chain, None),
        chain_id=chain,
        deployer=deployer,
        overrides={"slotLength": 3600, **parameters},
        environment={},
    )
    nonce = market.node.nonce(deployer)
    planned = {name: create_address(deployer, nonce + later) for later, name in enumerate(_OWN)}
    shared = {name: contract.address for name, contract in market.contracts.items()}
    addresses = {**shared, **planned}
    arguments = constructor_arguments(replace(settings, token=token.address), deployer, addresses)
    contracts = {name: market.deploy(name, *arguments[name], sender=deployer) for name in _OWN}
    assert {name: contract.address for name, contract in contracts.items()} == planned
    _assign_functions(market, contracts)
    return replace(
        market,
        contracts={**market.contracts, **contracts, "TestDollar": token},
        slot_length=settings.parameters["slotLength"],
        grace=settings.parameters["grace"],
    )


def create_address(deployer: str, nonce: int) -> str:
    """Where a deployer's transaction of this nonce puts its contract."""
    return to_checksum_address(keccak(rlp.encode([bytes.fromhex(deployer[2:]), nonce]))[12:])


def give_role(market: Market, role: Role, account: str) -> None:
    """Governance gives an account a role, without delay."""
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", role, account, 0)


def _assign_functions(market: Market, contracts: dict[str, Contract]) -> None:
    for role, targets in PERMISSIONS.items():
        for name, functions in targets.items():
            if name not in contracts:  # governance is shared
                continue
            contract = contracts[name]
            selectors = [
                function.selector
                for function in contract.abi.functions.values()
                if function.name in functions
            ]
            market.do(
                market.roles[Role.ADMIN],
                market.access,
                *("setTargetFunctionRole", contract.address, selectors, role),
            )
