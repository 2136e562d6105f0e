"""The file that a finished deployment leaves: deployments/<network>.json."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from energy_grid.chain.deployments import Deployed, Deployment, SafeAccount
from energy_grid.errors import DeploymentError
from scripts._deploy.context import Context
from scripts._deploy.journal import write_atomically
from scripts._deploy.plan import TEST_DOLLAR, constructor_arguments

__all__ = ["deployment_of", "write_deployment"]

_FORMAT = 2


def deployment_of(context: Context, network: str) -> Deployment:
    """The record of what a context has deployed.

    Raises:
        DeploymentError: that is not everything.
    """
    journal, settings = context.journal, context.settings
    addresses = context.addresses
    arguments = constructor_arguments(settings, journal.deployer, addresses)
    contracts = {}
    for name, planned in journal.contracts.items():
        if planned.transaction is None or planned.block is None:
            raise DeploymentError(f"{name} is not deployed")
        contracts[name] = Deployed(
            address=planned.address,
            block=planned.block,
            transaction=planned.transaction,
            arguments=tuple(arguments[name]),
            abi_hash=context.abi(name).digest,
        )
    return Deployment(
        network=network,
        chain_id=journal.chain_id,
        deployer=journal.deployer,
        parameters=settings.parameters,
        contracts=contracts,
        token=settings.token or addresses[TEST_DOLLAR],
        roles=context.roles,
        safes={
            name: SafeAccount(
                address=context.safes[name], owners=one.addresses, threshold=one.threshold
            )
            for name, one in settings.safes.items()
        },
    )


def write_deployment(deployment: Deployment, path: Path) -> None:
    """Write it, all or nothing, so that `Deployment.load` can read it."""
    contracts: dict[str, Any] = {}
    for name, entry in deployment.contracts.items():
        contracts[name] = asdict(entry)
        contracts[name]["abiHash"] = contracts[name].pop("abi_hash")
    contracts["SettlementToken"] = {"address": deployment.token}
    write_atomically(
        path,
        {
            "format": _FORMAT,
            "network": deployment.network,
            "chainId": deployment.chain_id,
            "deployer": deployment.deployer,
            "parameters": dict(deployment.parameters),
            "contracts": contracts,
            "roles": {role.name: list(holders) for role, holders in deployment.roles.items()},
            "safes": {name: asdict(safe) for name, safe in deployment.safes.items()},
        },
    )
