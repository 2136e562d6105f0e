"""Writes what explorers and wallets take about a deployment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from energy_grid.chain.deployments import Deployment
from scripts._artifacts import load_artifacts
from scripts._deploy.check import check_code
from scripts._deploy.check.chain import Chain
from scripts._deploy.plan import SAFE_PROXY
from scripts._deploy.run import deployment_file
from scripts._publish.clear_signing import write_descriptors
from scripts._publish.verification import write_verification
from scripts._publish.wallets import write_wallet_files

if TYPE_CHECKING:
    from ape.api import ProviderAPI

__all__ = ["publish"]


def publish(*, provider: ProviderAPI, file: Path | None, say: Callable[[str], None]) -> None:
    """Write the files, into a folder beside the deployment file that is named as it is.

    Raises:
        DeploymentError: the deployment is another one, or was compiled from something else.
    """
    web3 = provider.web3
    target = file or deployment_file(web3.eth.chain_id)
    deployment = Deployment.load(target)
    artifacts = load_artifacts((*deployment.contracts, SAFE_PROXY))
    say(f"Checked: {check_code(web3, deployment, artifacts)}")
    folder = target.with_suffix("")
    number = write_verification(folder / "verification", web3, deployment, artifacts)
    chain = Chain(web3, deployment, artifacts)
    write_wallet_files(folder, web3, chain)
    write_descriptors(folder / "clear-signing", chain)
    say(f"Written: {os.path.relpath(folder)}/verification, sources of {number} contracts")
    say(f"Written: {os.path.relpath(folder)}, token list and metadata for wallets")
