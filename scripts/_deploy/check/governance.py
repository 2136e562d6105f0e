"""The vote decides and nothing else: token, governor and timelock are as asked for, and alone.

And it can decide: enough votes are delegated to reach the quorum, and somebody can propose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from energy_grid.chain.roles import Role
from energy_grid.domain.units import format_decimal
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.role_assignments import TOKEN

__all__ = ["check"]

_TIMELOCK, _GOVERNOR, _TOKEN = "TimelockController", "GridGovernor", "GovernanceToken"
_DECIMALS = 18
_ADMIN = "DEFAULT_ADMIN_ROLE"
_BY_GOVERNOR = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")


def check(chain: Chain) -> str:
    """Ask the three contracts, and the timelock's events.

    Raises:
        DeploymentError: one of them is, or lets somebody do, something else.
    """
    votes = _check_votes(chain)
    for contract, view, wanted in _expected(chain):
        found = chain.read(contract, view)
        if found != wanted:
            raise DeploymentError(f"{contract}.{view} is {found}, not {wanted}")
    _check_timelock(chain)
    values, guardians = chain.deployment.parameters, chain.deployment.roles[Role.GUARDIAN]
    return (
        f"{votes}; a vote lasts {values['votingPeriod']} s, and {values['voteExtension']} s from"
        f" its quorum on; a decision waits {values['timelockDelay']} s, in which"
        f" {' or '.join(guardians)} can cancel it"
    )


def _expected(chain: Chain) -> Iterator[tuple[str, str, Any]]:
    values = chain.deployment.parameters
    yield _TIMELOCK, "getMinDelay", values["timelockDelay"]
    yield _GOVERNOR, "timelock", chain.address(_TIMELOCK)
    yield _GOVERNOR, "token", chain.address(_TOKEN)
    yield _GOVERNOR, "votingDelay", values["votingDelay"]
    yield _GOVERNOR, "votingPeriod", values["votingPeriod"]
    yield _GOVERNOR, "lateQuorumVoteExtension", values["voteExtension"]
    yield _GOVERNOR, "ACCESS", chain.address("AccessManager")
    yield _GOVERNOR, "GUARDIAN_ROLE", Role.GUARDIAN
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


def _check_votes(chain: Chain) -> str:
    """There are only the tokens that the constructor gave out. Nobody alone has the quorum, and
    those who have votes can reach it and propose."""
    _authority, _cap, holders, amounts = chain.deployment.contracts[_TOKEN].arguments
    values = chain.deployment.parameters
    supply = chain.read(_TOKEN, "totalSupply")
    if supply != (given := sum(amounts)):
        raise DeploymentError(f"there are {supply} base units of votes, not {given}")
    quorum = supply * values["quorumPercent"] // 100
    for holder, votes in zip(holders, amounts, strict=True):
        if votes >= quorum:
            raise DeploymentError(f"{holder} alone has the quorum of {quorum} base units of votes")
    delegated = _delegated(chain)
    if sum(delegated) < quorum:
        raise DeploymentError(
            f"{_tokens(sum(delegated))} of {_tokens(supply)} tokens are delegated, and the quorum"
            f" is {_tokens(quorum)}: no vote can reach it; holders delegate with energy-grid"
            " govern delegate"
        )
    if max(delegated) < values["proposalThreshold"] * TOKEN:
        raise DeploymentError(
            f"nobody can propose: that takes {values['proposalThreshold']} votes, and"
            f" {_tokens(max(delegated))} are the most that an account has"
        )
    return (
        f"{len(holders)} holders decide, none of them alone: {_tokens(sum(delegated))} of"
        f" {_tokens(supply)} tokens are delegated, and the quorum is {_tokens(quorum)}"
    )


def _delegated(chain: Chain) -> list[int]:
    """The votes of each account that anybody ever delegated to, in base units."""
    log = chain.history(_TOKEN)
    delegates = {values["to_delegate"] for _, event, values in log if event == "DelegateChanged"}
    return [chain.read(_TOKEN, "getVotes", delegate) for delegate in sorted(delegates)] or [0]


def _tokens(units: int) -> str:
    return format_decimal(units, _DECIMALS)
