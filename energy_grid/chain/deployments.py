"""Deployments: where the market's contracts are on a chain, as ``deployments/<network>.json`` says.

The deployment scripts write that file; `Deployment.verify` holds it against a node.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import checksum, load
from energy_grid.chain.networks import (
    NoDeploymentError,
    WrongChainError,
    is_url,
    network_named,
)
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.domain.hashing import keccak
from energy_grid.errors import DeploymentError, InputError

__all__ = ["Deployed", "Deployment", "SafeAccount", "deployment_beside", "located"]

_FORMAT = 2
# Infinity, which Python's JSON has, is an OverflowError as an integer.
_MALFORMED = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_TOKEN = "SettlementToken"
# The Safe runs its code as its own, so another one could do anything with it: Keccak-256 of that
# of Safe 1.5.0, which is the same on every chain.
_MULTI_SEND = "MultiSendCallOnly"
_MULTI_SEND_CODE = "cdbdcec38d2f1c7d961b0029ff8416b7e86e9974d6f0e9c9580c7d17fcfb6663"
_NEEDED = (
    "AccessManager",
    "AssetShares",
    "BalancingCoordination",
    "CarbonCredits",
    "DemandBaselines",
    "DemandEnrolments",
    "DemandResponse",
    "EnergyAssetNFT",
    "EnergyToken",
    "EnergyTrading",
    "GovernanceToken",
    "GridBands",
    "GridGovernor",
    "GridManagement",
    "GridOperatorVerification",
    "GridOracle",
    "LoadMonitoring",
    "PeerToPeerTrading",
    "PriceOracle",
    "Settlement",
    "SmartMeter",
    "StabilityMaintenance",
    "TimelockController",
    "WeatherOracle",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A contract, and how it came there.

    Attributes:
        arguments: of its constructor.
        abi_hash: SHA-256 of its canonical ABI (`Abi.digest`).
    """

    address: str
    block: int
    transaction: str
    arguments: Sequence[Any]
    abi_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeAccount:
    """A Safe: an account that acts when enough of its owners have signed.

    Attributes:
        owners: those that it was made with.
        threshold: how many of them must sign.
    """

    address: str
    owners: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A finished deployment.

    Attributes:
        network: its name, such as ``ethereum:local:foundry``.
        parameters: as they were used.
        contracts: by name, those that were deployed.
        token: address of the settlement token, deployed or found.
        roles: who was given each role.
        safes: those that were deployed with the market, by their names (`roles.SAFES`).
    """

    network: str
    chain_id: int
    deployer: str
    parameters: Mapping[str, Any]
    contracts: Mapping[str, Deployed]
    token: str
    roles: Mapping[Role, tuple[str, ...]]
    safes: Mapping[str, SafeAccount]

    @classmethod
    def load(cls, path: Path) -> Deployment:
        """Read a deployment file.

        Raises:
            DeploymentError: there is none, it is something else, or it lacks a contract.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise DeploymentError(f"{path} has format {document['format']}, not {_FORMAT}")
            deployment = cls._of(document)
        except OSError:
            raise NoDeploymentError(f"there is no deployment file {path}") from None
        except _MALFORMED as error:
            raise DeploymentError(f"{path} is no deployment file ({error!r})") from None
        missing = [name for name in _NEEDED if name not in deployment.contracts]
        if missing:
            raise DeploymentError(f"{path} names no {missing[0]}")
        return deployment

    @property
    def first_block(self) -> int:
        """The block that events can begin in."""
        return min(deployed.block for deployed in self.contracts.values())

    def address(self, contract: str) -> str:
        """Where a contract is.

        Raises:
            DeploymentError: it was not deployed.
        """
        if contract not in self.contracts:
            raise DeploymentError(f"{self.network} has no {contract}")
        return self.contracts[contract].address

    def verify(self, node: Node) -> None:
        """Pass if a node's chain is the one, has the contracts, and this package speaks to them.

        Raises:
            DeploymentError: the first thing that is not so.
        """
        if node.chain_id != self.chain_id:
            raise WrongChainError(
                f"{self.network} is on chain {self.chain_id}, this node is on {node.chain_id}"
            )
        for name, deployed in self.contracts.items():
            if load(name).digest != deployed.abi_hash:
                raise DeploymentError(
                    f"{name} was deployed from other sources than this package is made for"
                )
        places = [*((name, one.address) for name, one in self.contracts.items())]
        places.append((_TOKEN, self.token))
        places += [(f"Safe of the {name}", each.address) for name, each in self.safes.items()]
        codes = node.rpc_batch([("eth_getCode", [address, "latest"]) for _, address in places])
        for (name, address), code in zip(places, codes, strict=True):
            if isinstance(code, RpcError):
                raise code
            if code == "0x":
                raise DeploymentError(f"there is no {name} at {address} on chain {self.chain_id}")
            if name == _MULTI_SEND and keccak(bytes.fromhex(code[2:])).hex() != _MULTI_SEND_CODE:
                raise DeploymentError(f"what is at {address} is not the {name} of Safe 1.5.0")

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Deployment:
        contracts = dict(document["contracts"])
        token = contracts.pop(_TOKEN)["address"]
        return cls(
            network=str(document["network"]),
            chain_id=int(document["chainId"]),
            deployer=checksum(document["deployer"]),
            parameters=dict(document["parameters"]),
            contracts={
                name: Deployed(
                    address=checksum(entry["address"]),
                    block=int(entry["block"]),
                    transaction=str(entry["transaction"]),
                    arguments=tuple(entry["arguments"]),
                    abi_hash=str(entry["abiHash"]),
                )
                for name, entry in contracts.items()
            },
            token=checksum(token),
            roles={
                Role[name]: tuple(checksum(holder) for holder in holders)
                for name, holders in document["roles"].items()
            },
            safes={
                str(name): SafeAccount(
                    address=checksum(safe["address"]),
                    owners=tuple(checksum(owner) for owner in safe["owners"]),
                    threshold=int(safe["threshold"]),
                )
                for name, safe in document["safes"].items()
            },
        )


def located(
    place: str, deployment: Deployment | Path | str | None, rpc: str | None
) -> tuple[str, Deployment]:
    """The address of a node and a deployment, by what of them is known; see `EnergyGrid.connect`.

    Raises:
        InputError: there is no such network, or what is missing cannot be guessed.
        DeploymentError: there is no such file, or it is of another network.
    """
    if is_url(place):
        return place, deployment_beside(deployment, rpc)
    network = network_named(place)
    named = network.deployment if deployment is None else deployment
    found = _loaded(named)
    network.require(found.chain_id, found.network if named is found else named)
    return rpc or network.node, found


def deployment_beside(deployment: Deployment | Path | str | None, rpc: str | None) -> Deployment:
    """The deployment that is named beside a node.

    Raises:
        InputError: none is named, or another node is.
        DeploymentError: there is no such file.
    """
    if deployment is None or rpc is not None:
        raise InputError("name the network, or one node and the deployment file")
    return _loaded(deployment)


def _loaded(deployment: Deployment | Path | str) -> Deployment:
    return deployment if isinstance(deployment, Deployment) else Deployment.load(Path(deployment))
