"""The vote decides and nothing else: token, governor and timelock are as asked for, and alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.role_assignments import TOKEN

__all__ = ["check"]

_TIMELOCK, _GOVERNOR, _TOKEN = "TimelockController", "GridGovernor", "GovernanceToken"
_ADMIN = "DEFAULT_ADMIN_ROLE"
_BY_GOVERNOR = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")


def check(chain: Chain) -> str:
    """Ask the three contracts, and the timelock's events.

    Raises:
        DeploymentError: one of them is, or lets somebody do, something else.
    """
    voters = _check_votes(chain)
    for contract, view, wanted in _expected(chain):
        found = chain.read(contract, view)
        if found != wanted:
            raise DeploymentError(f"{contract}.{view} is {found}, not {wanted}")
    _check_timelock(chain)
    delay = chain.deployment.parameters["timelockDelay"]
    return f"votes of {voters} holders decide, none of them alone, and wait {delay} s"


def _expected(chain: Chain) -> Iterator[tuple[str, str, Any]]:
    values = chain.deployment.parameters
    yield _TIMELOCK, "getMinDelay", values["timelockDelay"]
    yield _GOVERNOR, "timelock", chain.address(_TIMELOCK)
    yield _GOVERNOR, "token", chain.address(_TOKEN)
    yield _GOVERNOR, "votingDelay", values["votingDelay"]
    yield _GOVERNOR, "votingPeriod", values["votingPeriod"]
    yield _GOVERNOR, "proposalThreshold", values["proposalThreshold"] * TOKEN
    yield _GOVERNOR, "quorumNumerator()", values["quorumPercent"]
    yield _GOVERNOR, "CLOCK_MODE", "mode=timestamp"
    yield _TOKEN, "cap", values["governanceCap"] * TOKEN


def _check_timelock(chain: Chain) -> None:
    """Only the governor proposes, cancels and executes; only the timelock administers itself."""
    held: defaultdict[bytes, set[str]] = defaultdict(set)
    for _, event, values in chain.history(_TIMELOCK):
        if event == "RoleGranted":
            held[values["role"]].add(values["account"])
        elif event == "RoleRevoked":
            held[values["role"]].discard(values["account"])
    for name, wanted in ((_ADMIN, _TIMELOCK), *((name, _GOVERNOR) for name in _BY_GOVERNOR)):
        holders = held[chain.read(_TIMELOCK, name)]
        holder = chain.address(wanted)
        for other in sorted(holders - {holder}):
            raise DeploymentError(f"{other} holds {name} of the timelock, and must not")
        if holder not in holders:
            raise DeploymentError(f"{holder} does not hold {name} of the timelock")


def _check_votes(chain: Chain) -> int:
    """There are only the tokens that the constructor gave out, and nobody alone has the quorum."""
    _authority, _cap, holders, amounts = chain.deployment.contracts[_TOKEN].arguments
    supply = chain.read(_TOKEN, "totalSupply")
    if supply != (given := sum(amounts)):
        raise DeploymentError(f"there are {supply} base units of votes, not {given}")
    quorum = supply * chain.deployment.parameters["quorumPercent"] // 100
    for holder, votes in zip(holders, amounts, strict=True):
        if votes >= quorum:
            raise DeploymentError(f"{holder} alone has the quorum of {quorum} base units of votes")
    return len(holders)
