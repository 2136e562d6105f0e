"""A whole deployment: settings, steps, check, record."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from web3.exceptions import Web3RPCError

from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.chain.deployments import Deployment
from energy_grid.errors import DeploymentError
from scripts._artifacts import Artifact, load_artifacts
from scripts._deploy.accounts import find_deployer, unlock
from scripts._deploy.check import check_deployment
from scripts._deploy.context import Context
from scripts._deploy.journal import Journal, journal_path, read_journal
from scripts._deploy.plan import COMPILED, SAFE_PROXY, TOKEN_PROBE, votes_of
from scripts._deploy.record import deployment_of, write_deployment
from scripts._deploy.role_assignments import Owners, resolved
from scripts._deploy.settings import Settings, load_settings, network_file, parse_overrides
from scripts._deploy.steps import STEPS
from scripts._deploy.transactions import Sender, reason

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from web3 import Web3

__all__ = ["check", "deploy", "deployment_file"]

_DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments"

Say = Callable[[str], None]

# PUSH0 PUSH0 PUSH0 MCOPY PUSH0 PUSH0 TSTORE STOP: does nothing, but not before Cancun.
_CANCUN_PROBE = "0x5f5f5f5e5f5f5d00"


def deploy(
    *,
    provider: ProviderAPI,
    alias: str | None,
    parameters: str | None,
    overrides: Iterable[str],
    file: Path | None,
    environment: Mapping[str, str],
    say: Say,
) -> None:
    """Deploy the market, or go on where an earlier run stopped.

    Args:
        alias: of the Ape account that deploys; on a local chain its first test account if None.
        parameters: name or path of the parameter file, else the one of the chain.
        overrides: parameters from the command line, ``name=value``.
        file: where the deployment is written, else deployments/<network>.json.

    Raises:
        DeploymentError: it cannot be done, in one line.
        InputError: the parameters are wrong, with one line for each mistake.
    """
    chain_id = provider.web3.eth.chain_id
    account = find_deployer(alias, chain_id)
    source = network_file(chain_id, parameters)
    settings = load_settings(
        source,
        chain_id=chain_id,
        deployer=account.address,
        overrides=parse_overrides(overrides),
        environment=environment,
    )
    target = file or _default_file(settings.network)
    _require_cancun(provider.web3, account.address)
    artifacts = load_artifacts((*COMPILED, TOKEN_PROBE))
    journal = Journal(
        path=journal_path(target),
        chain_id=chain_id,
        deployer=account.address,
        fingerprint=_fingerprint(settings, artifacts),
    )
    if _is_deployed(provider, target, settings, artifacts, say):
        journal.path.unlink(missing_ok=True)
        return
    found = read_journal(journal.path)
    if found is not None and found.belongs_to(journal):
        say(f"Going on with {_short(journal.path)}")
        journal = found
    elif found is not None:
        say(f"Beginning anew: {_short(journal.path)} is of a deployment of something else")
    say(f"Deploying to {settings.network} (chain {chain_id}) from {account.address}")
    unlock(account)
    context = Context(
        settings=settings,
        artifacts=artifacts,
        sender=Sender(provider, account, chain_id),
        journal=journal,
        say=say,
    )
    for step in STEPS:
        step(context)
    deployment = deployment_of(context, f"{provider.network.choice}:{provider.name}")
    _report(check_deployment(provider.web3, deployment, artifacts), say)
    write_deployment(deployment, target)
    journal.path.unlink(missing_ok=True)
    say(f"Written: {_short(target)}")


def check(*, provider: ProviderAPI, file: Path | None, say: Say) -> None:
    """Check a finished deployment against the chain.

    Raises:
        DeploymentError: with one line on what is wrong.
    """
    deployment = Deployment.load(file or deployment_file(provider.web3.eth.chain_id))
    artifacts = load_artifacts((*deployment.contracts, SAFE_PROXY))
    _report(check_deployment(provider.web3, deployment, artifacts), say)


def _is_deployed(
    provider: ProviderAPI,
    target: Path,
    settings: Settings,
    artifacts: Mapping[str, Artifact],
    say: Say,
) -> bool:
    """Whether the file's deployment is on this very chain, and is what was asked for."""
    if not target.is_file():
        return False
    deployment = Deployment.load(target)
    if deployment.chain_id != (chain_id := provider.web3.eth.chain_id):
        raise DeploymentError(
            f"{_short(target)} is of chain {deployment.chain_id}, this is chain {chain_id}: "
            "name another file with --deployment-file"
        )
    if not _is_present(provider.web3, deployment):
        if chain_id not in LOCAL_CHAINS:
            raise DeploymentError(
                f"the contracts of {_short(target)} are not on this chain; move the file away to "
                "deploy anew"
            )
        say(f"{_short(target)} is of a local chain that is gone, and will be replaced")
        return False
    try:
        if not _is_as_asked(deployment, settings):
            raise DeploymentError("other parameters or roles were asked for")
        proven = check_deployment(provider.web3, deployment, artifacts)
    except DeploymentError as error:
        raise DeploymentError(
            f"{_short(target)} is deployed already, but {error}; move the file away to deploy anew"
        ) from None
    say(f"Deployed already: {_short(target)}")
    _report(proven, say)
    return True


def _is_as_asked(deployment: Deployment, settings: Settings) -> bool:
    """Whether a deployment has the parameters, roles, Safes and voters of the settings."""
    safes = deployment.safes
    owners = {
        name: Owners(addresses=safe.owners, threshold=safe.threshold)
        for name, safe in safes.items()
    }
    timelock = deployment.address("TimelockController")
    places = {name: safe.address for name, safe in safes.items()}
    roles = resolved(settings.roles, timelock=timelock, safes=places)
    _authority, _cap, *votes = deployment.contracts["GovernanceToken"].arguments
    return (
        deployment.parameters == settings.parameters
        and deployment.roles == roles
        and owners == settings.safes
        and votes == votes_of(settings)
    )


def _is_present(web3: Web3, deployment: Deployment) -> bool:
    return any(
        web3.eth.get_code(entry.address)  # type: ignore[arg-type]
        for entry in deployment.contracts.values()
    )


def _require_cancun(web3: Web3, deployer: str) -> None:
    try:
        web3.eth.call({"from": deployer, "data": _CANCUN_PROBE})  # type: ignore[typeddict-item]
    except Web3RPCError as error:
        raise DeploymentError(
            f"this chain does not run Cancun code, to which the contracts are compiled "
            f"({reason(error)})"
        ) from None


def _fingerprint(settings: Settings, artifacts: Mapping[str, Artifact]) -> str:
    """Hash of everything that decides what is deployed."""
    document = {
        "settings": asdict(settings),
        "code": {name: artifact.creation.hex() for name, artifact in artifacts.items()},
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def deployment_file(chain_id: int) -> Path:
    """Where the deployment to a chain is written, unless another file is named.

    Raises:
        InputError: no parameters are known for the chain.
    """
    return _default_file(network_file(chain_id, None).stem)


def _default_file(network: str) -> Path:
    return _DEPLOYMENTS / f"{network}.json"


def _report(proven: Iterable[str], say: Say) -> None:
    for line in proven:
        say(f"Checked: {line}")


def _short(path: Path) -> str:
    return os.path.relpath(path)
