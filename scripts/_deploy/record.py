"""The file that a finished deployment leaves: deployments/<network>.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from energy_grid.adapters.chain.roles import Role
from energy_grid.errors import DeploymentError
from scripts._deploy.context import Context
from scripts._deploy.journal import write_atomically
from scripts._deploy.plan import TEST_DOLLAR, constructor_arguments

__all__ = ["Deployed", "Deployment", "deployment_of", "read_deployment"]

_FORMAT = 1
_TOKEN = "SettlementToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A contract of a deployment, and how it came there."""

    address: str
    block: int
    transaction: str
    arguments: list[Any]
    abi_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A finished deployment.

    Attributes:
        network: by the name that Ape has for it.
        parameters: as they were used.
        contracts: those deployed, by name.
        token: address of the settlement token.
        roles: who holds each role.
    """

    network: str
    chain_id: int
    deployer: str
    parameters: Mapping[str, int]
    contracts: Mapping[str, Deployed]
    token: str
    roles: Mapping[str, list[str]]

    def write(self, path: Path) -> None:
        """Write it, all or nothing."""
        contracts: dict[str, Any] = {}
        for name, entry in self.contracts.items():
            contracts[name] = asdict(entry)
            contracts[name]["abiHash"] = contracts[name].pop("abi_hash")
        contracts[_TOKEN] = {"address": self.token}
        write_atomically(
            path,
            {
                "format": _FORMAT,
                "network": self.network,
                "chainId": self.chain_id,
                "deployer": self.deployer,
                "parameters": dict(self.parameters),
                "contracts": contracts,
                "roles": dict(self.roles),
            },
        )


def deployment_of(context: Context, network: str) -> Deployment:
    """The record of what a context has deployed."""
    journal, settings = context.journal, context.settings
    addresses = {name: planned.address for name, planned in journal.contracts.items()}
    arguments = constructor_arguments(settings, journal.deployer, addresses)
    contracts = {}
    for name, planned in journal.contracts.items():
        if planned.transaction is None or planned.block is None:
            raise DeploymentError(f"{name} is not deployed")
        contracts[name] = Deployed(
            address=planned.address,
            block=planned.block,
            transaction=planned.transaction,
            arguments=arguments[name],
            abi_hash=context.abi(name).digest,
        )
    return Deployment(
        network=network,
        chain_id=journal.chain_id,
        deployer=journal.deployer,
        parameters=settings.parameters,
        contracts=contracts,
        token=settings.token or addresses[TEST_DOLLAR],
        roles={role.name: list(settings.roles[role]) for role in Role},
    )


def read_deployment(path: Path) -> Deployment:
    """Read the file of a finished deployment.

    Raises:
        DeploymentError: there is none, or it is something else.
    """
    try:
        document = json.loads(path.read_text())
        if document["format"] != _FORMAT:
            raise DeploymentError(f"{path} has format {document['format']}, not {_FORMAT}")
        contracts = dict(document["contracts"])
        token = contracts.pop(_TOKEN)["address"]
        return Deployment(
            network=document["network"],
            chain_id=document["chainId"],
            deployer=document["deployer"],
            parameters=document["parameters"],
            contracts={
                name: Deployed(
                    address=entry["address"],
                    block=entry["block"],
                    transaction=entry["transaction"],
                    arguments=entry["arguments"],
                    abi_hash=entry["abiHash"],
                )
                for name, entry in contracts.items()
            },
            token=token,
            roles=document["roles"],
        )
    except FileNotFoundError:
        raise DeploymentError(f"there is no {path}: run `ape run deploy` first") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeploymentError(f"{path} is no deployment file: {error!r}") from None
