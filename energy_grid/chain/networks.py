"""The networks known by name, and the deployment files of their markets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from energy_grid.errors import DeploymentError, InputError

__all__ = [
    "NETWORKS",
    "Network",
    "NoDeploymentError",
    "WrongChainError",
    "is_url",
    "native_coin",
    "network_named",
]

_RPC = "ENERGY_GRID_RPC"


class NoDeploymentError(DeploymentError):
    """There is no deployment file of the market."""


class WrongChainError(DeploymentError):
    """Something is on another chain than it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network.

    Attributes:
        name: as in ``scripts/_deploy/networks``, and of the file of its deployment.
        chain_ids: of chains that are this network; the first is the usual one.
        rpc: a public node; of the local network, where Anvil listens.
        ape: what Ape calls it, as in ``ape run deploy --network ...``.
        explorer: a page about its blocks; None where there is none.
        coin: symbol of the money that its gas is paid in.
    """

    name: str
    chain_ids: tuple[int, ...]
    rpc: str
    ape: str
    explorer: str | None
    coin: str

    @property
    def node(self) -> str:
        """The address of the node to use: that in ENERGY_GRID_RPC, or else `rpc`."""
        return os.environ.get(_RPC) or self.rpc

    @property
    def deployment(self) -> Path:
        """The file that the deployment to this network writes, from the working directory."""
        return Path("deployments") / f"{self.name}.json"

    def require(self, chain_id: int, what: object) -> None:
        """Pass if something is on this network.

        Raises:
            WrongChainError: it is on another.
        """
        if chain_id not in self.chain_ids:
            chains = " or ".join(map(str, self.chain_ids))
            raise WrongChainError(
                f"{what} is on chain {chain_id}, and the network {self.name} is chain {chains}"
            )


NETWORKS: Mapping[str, Network] = {
    network.name: network
    for network in (
        Network(
            name="local",
            chain_ids=(31337, 1337),
            rpc="http://127.0.0.1:8545",
            ape="ethereum:local:http://127.0.0.1:8545",
            explorer=None,
            coin="ETH",
        ),
        Network(
            name="sepolia",
            chain_ids=(11155111,),
            rpc="https://ethereum-sepolia-rpc.publicnode.com",
            ape="ethereum:sepolia:node",
            explorer="https://sepolia.etherscan.io",
            coin="ETH",
        ),
        Network(
            name="base_sepolia",
            chain_ids=(84532,),
            rpc="https://sepolia.base.org",
            ape="base:sepolia:node",
            explorer="https://sepolia.basescan.org",
            coin="ETH",
        ),
        Network(
            name="volta",
            chain_ids=(73799,),
            rpc="https://volta-rpc.energyweb.org",
            ape="energyweb:volta:node",
            explorer="https://volta-explorer.energyweb.org",
            coin="VT",
        ),
    )
}


def native_coin(chain_id: int) -> str:
    """The symbol of the money that gas is paid in on a chain; "coins" where it is unknown."""
    return next((each.coin for each in NETWORKS.values() if chain_id in each.chain_ids), "coins")


def network_named(name: str) -> Network:
    """The network of a name.

    Raises:
        InputError: none has it; the message lists those that there are.
    """
    found = NETWORKS.get(name)
    if found is None:
        raise InputError(
            f"{name[:50]!r} is no network: name one of {', '.join(NETWORKS)}; the address of a node"
            " begins with http:// or https://"
        )
    return found


def is_url(place: str) -> bool:
    """Whether a text is the address of a node."""
    return place.startswith(("http://", "https://"))
