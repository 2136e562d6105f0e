"""Proves a deployment: everything is read from the chain and compared with what was asked for.

code        each contract is the compiled one, made with the arguments recorded
modules     the contracts point at each other, and hold the numbers asked for
governance  only the vote proposes to the timelock; who was given votes, and nobody the quorum
multisig    each Safe's owners, how many must sign, no way past them; no keys that hold two
roles       who holds which role, no single key but reporters; which role may call which function;
            the deployer holds none
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from energy_grid.chain.deployments import Deployment
from energy_grid.errors import DeploymentError
from scripts._artifacts import Artifact
from scripts._deploy.check import code, governance, modules, multisig, roles
from scripts._deploy.check.chain import Chain

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["check_code", "check_deployment"]


def check_deployment(
    web3: Web3, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> list[str]:
    """Check everything; a line on each thing that was proven.

    Raises:
        DeploymentError: with one line on the first thing that is wrong.
    """
    chain = _chain(web3, deployment, artifacts)
    parts = (code, modules, governance, multisig, roles)
    return [part.check(chain) for part in parts]


def check_code(web3: Web3, deployment: Deployment, artifacts: Mapping[str, Artifact]) -> str:
    """Check what nobody can change: the contracts themselves. Returns what was proven.

    Raises:
        DeploymentError: with one line on the first thing that is wrong.
    """
    return code.check(_chain(web3, deployment, artifacts))


def _chain(web3: Web3, deployment: Deployment, artifacts: Mapping[str, Artifact]) -> Chain:
    if (chain_id := web3.eth.chain_id) != deployment.chain_id:
        raise DeploymentError(
            f"the deployment is on chain {deployment.chain_id}, this is chain {chain_id}"
        )
    return Chain(web3, deployment, artifacts)
